Feature: Conditions within patterns

  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (a:N {v: 1}), (b:N {v: 2}), (c:N {v: 3}), (d:N),
             (a)-[:R {w: 1}]->(b), (b)-[:R {w: 2}]->(c), (a)-[:R {w: 3}]->(c), (c)-[:R]->(d)
      """

  Scenario Outline: [1] Rows that a condition within a pattern lets through
    When executing query:
      """
      MATCH <pattern>
      RETURN count(*) AS rows
      """
    Then the result should be, in any order:
      | rows   |
      | <rows> |
    And no side effects

    Examples:
      | pattern                                                        | rows |
      | (n:N WHERE n.v > 1)                                            | 2    |
      | (n WHERE n.v IS NULL)                                          | 1    |
      | (n:N WHERE n.v > 1 AND n.v < 3)                                | 1    |
      | (n {v: 2} WHERE n:N)                                           | 1    |
      | ()-[r:R WHERE r.w > 1]->()                                     | 2    |
      | ()-[r WHERE NOT r.w > 1]->()                                   | 1    |
      | (x WHERE x.v = 1)-->(y WHERE y.v > x.v + 1)                    | 1    |
      | (x)-[r WHERE r.w = x.v]->(y)                                   | 2    |
      | (x WHERE EXISTS { (x)-->(:N {v: 3}) })                         | 2    |
      | (x WHERE x.v = 1), (y WHERE y.v = x.v + 1)                     | 1    |
      | (x WHERE null)                                                 | 0    |

  Scenario: [2] Within an optional pattern
    When executing query:
      """
      MATCH (x:N)
      OPTIONAL MATCH (x)-[r WHERE r.w > 1]->(y WHERE y.v = 3)
      RETURN x.v AS x, r.w AS w
      """
    Then the result should be, in any order:
      | x    | w    |
      | 1    | 3    |
      | 2    | 2    |
      | 3    | null |
      | null | null |
    And no side effects

  Scenario: [3] Within a pattern comprehension and a subquery
    When executing query:
      """
      MATCH (x:N {v: 1})
      RETURN [(x)-->(y WHERE y.v > 2) | y.v] AS list, COUNT { (x)-[r WHERE r.w < 3]->() } AS count
      """
    Then the result should be, in any order:
      | list | count |
      | [3]  | 1     |
    And no side effects

  Scenario Outline: [4] Conditions that are none are refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                       | detail              |
      | MATCH (n WHERE m.v = 1) RETURN n            | UndefinedVariable   |
      | MATCH (n WHERE 1) RETURN n                  | InvalidArgumentType |
      | MATCH (n WHERE count(n) > 1) RETURN n       | InvalidAggregation  |
      | CREATE (n WHERE n.v = 1)                    | UnexpectedSyntax    |
