Feature: One pattern passes no relationship twice

  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (:A {v: 1})-[:R {w: 1}]->(:B {v: 2})-[:S {w: 2}]->(:C {v: 3})
      """

  Scenario Outline: [1] Parts that nothing connects differ in their relationships, whatever clause comes before
    When executing query:
      """
      <before> MATCH <pattern>
      RETURN count(*) AS rows
      """
    Then the result should be, in any order:
      | rows   |
      | <rows> |
    And no side effects

    Examples:
      | before              | pattern                                      | rows |
      |                     | (a)-->(b), (c)-->(d)                         | 2    |
      | UNWIND [1, 2] AS i  | (a)-->(b), (c)-->(d)                         | 4    |
      | UNWIND [1, 2] AS i  | (a)-[:R]->(b), (c)-->(d)                     | 2    |
      | UNWIND [1, 2] AS i  | (a)-[:R]->(b), (c)-[:R]->(d)                 | 0    |
      | UNWIND [1, 2] AS i  | (a)-[r:R]->(b), (c)-[s:R]->(d)               | 0    |
      | MATCH (n)           | (a)-[:R]->(b), (c)-->(d)                     | 3    |
      | MATCH (n)           | (a)-[:R*]->(b), (c)-[:R]->(d)                | 0    |
      | MATCH (n)           | (a)-[:R]->{1}(b), (c)-[:R]->(d)              | 0    |
      | MATCH (n)           | (a) (()-[:R]->()){1} (b), (c)-[:R]->(d)      | 0    |
      | MATCH (n)           | (a) (()-[]->()){2} (b), (c)-->(d)            | 0    |
      | MATCH (n)           | (a)-[:R]-(b), (c)-[:S]-(d)                   | 12   |
      | MATCH (n) WITH n    | (a)-[:S]->(b), (n)-->(c)                     | 1    |
      | MATCH ()-[r]->()    | (a)-[r]->(b), (c)-[:R]->(d)                  | 1    |

  Scenario: [2] Patterns of two clauses may pass the same
    When executing query:
      """
      MATCH (a)-[:R]->(b) MATCH (c)-->(d)
      RETURN count(*) AS rows
      """
    Then the result should be, in any order:
      | rows |
      | 2    |
    And no side effects
