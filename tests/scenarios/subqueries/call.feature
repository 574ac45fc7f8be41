Feature: CALL with a subquery

  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (ann:P {name: 'ann'}), (bob:P {name: 'bob'}), (:P {name: 'cid'}),
             (ann)-[:OWNS]->(:Dog {name: 'rex', age: 3}), (ann)-[:OWNS]->(:Cat {name: 'tom', age: 5}),
             (bob)-[:OWNS]->(:Dog {name: 'ace', age: 7})
      """

  Scenario: [1] An aggregate for each row
    When executing query:
      """
      MATCH (p:P)
      CALL (p) { MATCH (p)-[:OWNS]->(d) RETURN count(d) AS pets }
      RETURN p.name AS name, pets
      """
    Then the result should be, in any order:
      | name  | pets |
      | 'ann' | 2    |
      | 'bob' | 1    |
      | 'cid' | 0    |
    And no side effects

  Scenario: [2] A row for which the subquery yields nothing is gone
    When executing query:
      """
      MATCH (p:P)
      CALL (p) { MATCH (p)-[:OWNS]->(d) RETURN d.name AS pet }
      RETURN p.name AS name, pet
      """
    Then the result should be, in any order:
      | name  | pet   |
      | 'ann' | 'rex' |
      | 'ann' | 'tom' |
      | 'bob' | 'ace' |
    And no side effects

  Scenario: [3] An optional subquery keeps the row
    When executing query:
      """
      MATCH (p:P)
      OPTIONAL CALL (p) { MATCH (p)-[:OWNS]->(d:Dog) RETURN d.name AS pet }
      RETURN p.name AS name, pet
      """
    Then the result should be, in any order:
      | name  | pet   |
      | 'ann' | 'rex' |
      | 'bob' | 'ace' |
      | 'cid' | null  |
    And no side effects

  Scenario: [4] Imported by WITH
    When executing query:
      """
      MATCH (p:P)
      CALL { WITH p MATCH (p)-[:OWNS]->(d) RETURN max(d.age) AS oldest }
      RETURN p.name AS name, oldest
      """
    Then the result should be, in any order:
      | name  | oldest |
      | 'ann' | 5      |
      | 'bob' | 7      |
      | 'cid' | null   |
    And no side effects

  Scenario: [5] A subquery of its own is joined with every row
    When executing query:
      """
      MATCH (p:P)
      CALL { MATCH (d:Dog) RETURN count(*) AS dogs }
      RETURN p.name AS name, dogs
      """
    Then the result should be, in any order:
      | name  | dogs |
      | 'ann' | 2    |
      | 'bob' | 2    |
      | 'cid' | 2    |
    And no side effects

  Scenario: [6] Importing nothing and importing everything
    When executing query:
      """
      UNWIND [1, 2] AS x
      CALL () { UNWIND [10, 20] AS y RETURN y }
      WITH x, y
      CALL (*) { RETURN x + y AS sum }
      RETURN sum
      """
    Then the result should be, in any order:
      | sum |
      | 11  |
      | 21  |
      | 12  |
      | 22  |
    And no side effects

  Scenario Outline: [7] A union within
    When executing query:
      """
      UNWIND [1, 2] AS x
      CALL (x) { RETURN x AS y UNION <all> RETURN 1 AS y }
      RETURN x, y
      """
    Then the result should be, in any order:
      | x | y |
      | 1 | 1 |
      | 2 | 2 |
      | 2 | 1 |
    And no side effects

    Examples:
      | all      |
      | DISTINCT |
      |          |

  Scenario: [8] A union of all rows within
    When executing query:
      """
      MATCH (p:P {name: 'ann'})
      CALL { WITH p MATCH (p)-->(d:Dog) RETURN d.name AS pet UNION ALL WITH p MATCH (p)-->(d) RETURN d.name AS pet }
      RETURN pet
      """
    Then the result should be, in any order:
      | pet   |
      | 'rex' |
      | 'rex' |
      | 'tom' |
    And no side effects

  Scenario: [9] The first of each
    When executing query:
      """
      MATCH (p:P)
      CALL (p) { MATCH (p)-[:OWNS]->(d) RETURN d.name AS pet ORDER BY d.age DESC LIMIT 1 }
      RETURN p.name AS name, pet ORDER BY name
      """
    Then the result should be, in order:
      | name  | pet   |
      | 'ann' | 'tom' |
      | 'bob' | 'ace' |
    And no side effects

  Scenario: [10] A subquery in a subquery
    When executing query:
      """
      UNWIND [1, 2] AS x
      CALL (x) {
        UNWIND [10, 20] AS y
        CALL (x, y) { RETURN x * y AS z }
        RETURN sum(z) AS total
      }
      RETURN x, total
      """
    Then the result should be, in any order:
      | x | total |
      | 1 | 30    |
      | 2 | 60    |
    And no side effects

  Scenario: [11] Names within do not clash with names outside that are not imported
    When executing query:
      """
      WITH 1 AS x, 2 AS hidden
      CALL (x) { WITH x + 1 AS hidden RETURN hidden * 10 AS y }
      RETURN x, hidden, y
      """
    Then the result should be, in any order:
      | x | hidden | y  |
      | 1 | 2      | 20 |
    And no side effects

  Scenario: [12] A subquery that only writes leaves the rows as they are
    When executing query:
      """
      MATCH (p:P)
      CALL (p) { MATCH (p)-[:OWNS]->(d) SET d.seen = true }
      RETURN p.name AS name
      """
    Then the result should be, in any order:
      | name  |
      | 'ann' |
      | 'bob' |
      | 'cid' |
    And the side effects should be:
      | +properties | 3 |

  Scenario: [13] A subquery that creates
    When executing query:
      """
      UNWIND [1, 2] AS i
      CALL (i) { CREATE (t:T {i: i}) RETURN t }
      RETURN i, t.i AS same
      """
    Then the result should be, in any order:
      | i | same |
      | 1 | 1    |
      | 2 | 2    |
    And the side effects should be:
      | +nodes      | 2 |
      | +labels     | 1 |
      | +properties | 2 |

  Scenario: [14] Each call sees what the calls before have written
    Given having executed:
      """
      CREATE (:C {n: 0})
      """
    When executing query:
      """
      UNWIND [1, 2, 3] AS i
      CALL (i) { MATCH (c:C) SET c.n = c.n + i RETURN c.n AS n }
      RETURN i, n
      """
    Then the result should be, in any order:
      | i | n |
      | 1 | 1 |
      | 2 | 3 |
      | 3 | 6 |
    And the side effects should be:
      | +properties | 1 |
      | -properties | 1 |

  Scenario: [15] Branches that write, each where its condition holds
    When executing query:
      """
      UNWIND [{id: 1, up: 'ann'}, {id: 2, down: 'bob'}] AS item
      MERGE (n:I {id: item.id})
      WITH n, item
      CALL (n, item) {
        OPTIONAL MATCH (p:P) WHERE p.name = item.up
        WITH n, p WHERE p IS NOT NULL
        MERGE (n)<-[:HAS]-(p)
        UNION
        OPTIONAL MATCH (q:P) WHERE q.name = item.down
        WITH n, q WHERE q IS NOT NULL
        MERGE (n)-[:HAS]->(q)
      }
      RETURN count(*) AS rows
      """
    Then the result should be, in any order:
      | rows |
      | 2    |
    And the side effects should be:
      | +nodes         | 2 |
      | +labels        | 1 |
      | +properties    | 2 |
      | +relationships | 2 |

  Scenario: [16] In transactions: the rows come all the same
    When executing query:
      """
      UNWIND range(1, 5) AS i
      CALL (i) { CREATE (:T {i: i}) } IN TRANSACTIONS OF 2 ROWS
      RETURN count(*) AS rows
      """
    Then the result should be, in any order:
      | rows |
      | 5    |
    And the side effects should be:
      | +nodes      | 5 |
      | +labels     | 1 |
      | +properties | 5 |

  Scenario Outline: [17] Wrong subqueries are refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                                                       | detail                   |
      | MATCH (a), (c) CALL (a) { MATCH (b {v: c.v}) RETURN b } RETURN b             | UndefinedVariable        |
      | MATCH (a) CALL { MATCH (b {v: a.v}) RETURN b } RETURN b                      | UndefinedVariable        |
      | CALL (a) { RETURN 1 AS x } RETURN x                                          | UndefinedVariable        |
      | MATCH (a) CALL (a) { MATCH (b) RETURN b AS a } RETURN a                      | VariableAlreadyBound     |
      | MATCH (a) CALL (a) { WITH 1 AS a RETURN a AS x } RETURN x                    | VariableAlreadyBound     |
      | MATCH (a), (b) CALL (a) { RETURN 1 AS b } RETURN b                           | VariableAlreadyBound     |
      | MATCH (a) CALL (a) { RETURN a.name } RETURN 1                                | NoExpressionAlias        |
      | MATCH (a) CALL (a) { MATCH (b) } RETURN a                                    | InvalidClauseComposition |
      | MATCH (a) CALL (a) { RETURN 1 AS x UNION RETURN 2 AS y } RETURN x            | DifferentColumnsInUnion  |
      | MATCH (a) CALL (a) { RETURN 1 AS x }                                         | InvalidClauseComposition |
      | MATCH (a) CALL (a) { MATCH (a)-->(b) RETURN b RETURN a                       | UnexpectedSyntax         |
