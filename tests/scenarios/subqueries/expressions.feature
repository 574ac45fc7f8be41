Feature: EXISTS, COUNT and COLLECT

  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (ann:P {name: 'ann'}), (bob:P {name: 'bob'}), (:P {name: 'cid'}),
             (ann)-[:OWNS]->(:Dog {name: 'rex', age: 3}), (ann)-[:OWNS]->(:Cat {name: 'tom', age: 5}),
             (bob)-[:OWNS]->(:Dog {name: 'ace', age: 7})
      """

  Scenario Outline: [1] Whom a condition with a subquery lets through
    When executing query:
      """
      MATCH (p:P)
      WHERE <condition>
      WITH p.name AS name ORDER BY name
      RETURN collect(name) AS names
      """
    Then the result should be, in any order:
      | names   |
      | <names> |
    And no side effects

    Examples:
      | condition                                                                                 | names                 |
      | EXISTS { (p)-[:OWNS]->(:Dog) }                                                            | ['ann', 'bob']        |
      | NOT EXISTS { (p)-[:OWNS]->(:Dog) }                                                        | ['cid']               |
      | EXISTS { (p)-[:OWNS]->(d) WHERE d.age > 4 }                                               | ['ann', 'bob']        |
      | EXISTS { MATCH (p)-[:OWNS]->(d) WHERE d.age > 5 }                                         | ['bob']               |
      | EXISTS { MATCH (p)-[:OWNS]->(d) RETURN d }                                                | ['ann', 'bob']        |
      | EXISTS { MATCH (p)-->(d) WITH count(d) AS n WHERE n > 1 RETURN n }                        | ['ann']               |
      | EXISTS { MATCH (p)-->(d) WITH count(d) AS n WHERE n = 0 RETURN n }                        | ['cid']               |
      | EXISTS { MATCH (p)-->(:Cat) RETURN 1 AS x UNION MATCH (p {name: 'cid'}) RETURN 2 AS x }   | ['ann', 'cid']        |
      | EXISTS { (p)-->(d:Dog) WHERE EXISTS { (p)-->(c:Cat) WHERE c.age > d.age } }               | ['ann']               |
      | EXISTS { (p)-->(d), (p)-->(e) }                                                           | ['ann']               |
      | EXISTS { (q:P) WHERE q.name > p.name }                                                    | ['ann', 'bob']        |
      | EXISTS { (p) }                                                                            | ['ann', 'bob', 'cid'] |
      | EXISTS { UNWIND [1, 2] AS x WITH x WHERE x > 2 RETURN x }                                 | []                    |
      | COUNT { (p)-[:OWNS]->() } > 1                                                             | ['ann']               |
      | COUNT { (p)-[:OWNS]->() } = 0                                                             | ['cid']               |
      | COUNT { (p)-->(d) WHERE d.age > 4 } = 1                                                   | ['ann', 'bob']        |
      | 'tom' IN COLLECT { MATCH (p)-->(d) RETURN d.name }                                        | ['ann']               |
      | size(COLLECT { MATCH (p)-->(d) RETURN d }) < 2                                            | ['bob', 'cid']        |

  Scenario: [2] Subqueries as values
    When executing query:
      """
      MATCH (p:P)
      RETURN p.name AS name,
             EXISTS { (p)-->(:Cat) } AS cat,
             COUNT { (p)-->() } AS pets,
             COLLECT { MATCH (p)-->(d) RETURN d.name ORDER BY d.name } AS names
      """
    Then the result should be, in any order:
      | name  | cat   | pets | names          |
      | 'ann' | true  | 2    | ['rex', 'tom'] |
      | 'bob' | false | 1    | ['ace']        |
      | 'cid' | false | 0    | []             |
    And no side effects

  Scenario Outline: [3] What is counted and collected
    When executing query:
      """
      RETURN <expression> AS value
      """
    Then the result should be, in any order:
      | value   |
      | <value> |
    And no side effects

    Examples:
      | expression                                                            | value              |
      | COUNT { MATCH (d:Dog) RETURN d }                                      | 2                  |
      | COUNT { MATCH (d) WHERE d:Dog OR d:Cat RETURN DISTINCT labels(d) }    | 2                  |
      | COUNT { (:P) }                                                        | 3                  |
      | COUNT { (:P), (:Dog) }                                                | 6                  |
      | COUNT { MATCH (p:P) RETURN p LIMIT 2 }                                | 2                  |
      | COUNT { RETURN 1 AS x UNION RETURN 1 AS x }                           | 1                  |
      | COUNT { RETURN 1 AS x UNION ALL RETURN 1 AS x }                       | 2                  |
      | COUNT { (p:P)-->(d) WHERE d.age = 100 }                               | 0                  |
      | COLLECT { UNWIND [1, null, 2] AS x RETURN x }                         | [1, null, 2]       |
      | COLLECT { MATCH (d:Dog) RETURN d.age ORDER BY d.age DESC }            | [7, 3]             |
      | COLLECT { MATCH (d:Dog) RETURN d.age ORDER BY d.age LIMIT 1 }         | [3]                |
      | COLLECT { MATCH (d:Horse) RETURN d.age }                              | []                 |
      | COLLECT { UNWIND [1, 2, 1] AS x RETURN DISTINCT x }                   | [1, 2]             |
      | COLLECT { UNWIND [2, 3] AS x RETURN x * x }[1]                        | 9                  |
      | [x IN [1, 2, 3] WHERE EXISTS { (d) WHERE d.age = x }]                 | [3]                |
      | [x IN ['ann', 'cid'] \| COUNT { ({name: x})-->() }]                   | [2, 0]             |
      | CASE WHEN EXISTS { (:Cat) } THEN 'cats' ELSE 'none' END               | 'cats'             |
      | reduce(s = 0, x IN COLLECT { MATCH (d) RETURN d.age } \| s + coalesce(x, 0)) | 15          |
      | EXISTS { (:Cat) } AND NOT EXISTS { (:Horse) }                         | true               |

  Scenario: [4] Rows sorted by what is counted
    When executing query:
      """
      MATCH (p:P)
      RETURN p.name AS name
      ORDER BY COUNT { (p)-->() } DESC, name
      """
    Then the result should be, in order:
      | name  |
      | 'ann' |
      | 'bob' |
      | 'cid' |
    And no side effects

  Scenario: [5] What is counted as a group
    When executing query:
      """
      MATCH (p:P)
      RETURN COUNT { (p)-->() } > 0 AS owner, count(*) AS people
      """
    Then the result should be, in any order:
      | owner | people |
      | true  | 2      |
      | false | 1      |
    And no side effects

  Scenario: [6] A subquery over what is null
    When executing query:
      """
      OPTIONAL MATCH (n:Horse)
      RETURN EXISTS { (n)-->() } AS e, COUNT { (n)-->() } AS c, COLLECT { MATCH (n)-->(m) RETURN m } AS l
      """
    Then the result should be, in any order:
      | e     | c | l  |
      | false | 0 | [] |
    And no side effects

  Scenario: [7] Set from a subquery
    When executing query:
      """
      MATCH (p:P)
      SET p.pets = COUNT { (p)-[:OWNS]->() }
      RETURN p.name AS name, p.pets AS pets
      """
    Then the result should be, in any order:
      | name  | pets |
      | 'ann' | 2    |
      | 'bob' | 1    |
      | 'cid' | 0    |
    And the side effects should be:
      | +properties | 3 |

  Scenario Outline: [8] Wrong subqueries in expressions are refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                                              | detail                   |
      | MATCH (a) WHERE EXISTS { (a)-->(b) } RETURN b                      | UndefinedVariable        |
      | MATCH (a) WHERE EXISTS { WITH 1 AS a RETURN a } RETURN a           | VariableAlreadyBound     |
      | MATCH (a) WHERE EXISTS { UNWIND [1] AS a RETURN a } RETURN a       | VariableAlreadyBound     |
      | MATCH (a) RETURN COLLECT { MATCH (a)-->(b) RETURN a, b } AS x      | InvalidNumberOfColumns   |
      | MATCH (a) RETURN COLLECT { MATCH (a)-->(b) } AS x                  | InvalidClauseComposition |
      | MATCH (a) RETURN COUNT { CREATE (b) RETURN b } AS x                | InvalidClauseComposition |
      | MATCH (a) WHERE EXISTS { MATCH (a) SET a.x = 1 } RETURN a          | InvalidClauseComposition |
      | MATCH (a) RETURN COUNT { (a)-->() } + count(a) AS x                | AmbiguousAggregationExpression |
      | MATCH (a) WHERE EXISTS { (a)-->(b) RETURN a                        | UnexpectedSyntax         |
