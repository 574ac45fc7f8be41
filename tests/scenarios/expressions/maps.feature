Feature: Map projections

  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (a:N {name: 'a', v: 1})-[:R {w: 5}]->(:N {name: 'b', v: 2}), (a)-[:R {w: 6}]->(:N {name: 'c'})
      """

  Scenario Outline: [1] What is taken from a node
    When executing query:
      """
      MATCH (n:N {name: 'a'})
      WITH n, 7 AS x, 'k' AS key
      RETURN <projection> AS map
      """
    Then the result should be, in any order:
      | map   |
      | <map> |
    And no side effects

    Examples:
      | projection                                 | map                                |
      | n {.name}                                  | {name: 'a'}                        |
      | n {.name, .v}                              | {name: 'a', v: 1}                  |
      | n {.*}                                     | {name: 'a', v: 1}                  |
      | n {.missing}                               | {missing: null}                    |
      | n {.name, x}                               | {name: 'a', x: 7}                  |
      | n {.name, more: x + n.v}                   | {name: 'a', more: 8}               |
      | n {.*, v: 'other'}                         | {name: 'a', v: 'other'}            |
      | n {.*, label: labels(n)[0]}                | {name: 'a', v: 1, label: 'N'}      |
      | n {}                                       | {}                                 |
      | n {.name, inner: n {.v}}                   | {name: 'a', inner: {v: 1}}         |
      | n {.name}.name                             | 'a'                                |
      | n {others: COUNT { (n)-->() }}             | {others: 2}                        |
      | keys(n {.name})                            | ['name']                           |

  Scenario: [2] From a relationship and from a map
    When executing query:
      """
      MATCH (:N {name: 'a'})-[r:R]->(:N {name: 'b'})
      WITH r, {a: 1, b: 2} AS m
      RETURN r {.w, kind: type(r)} AS r, m {.b, c: 3} AS m
      """
    Then the result should be, in any order:
      | r                    | m            |
      | {w: 5, kind: 'R'}    | {b: 2, c: 3} |
    And no side effects

  Scenario: [3] From null comes null
    When executing query:
      """
      OPTIONAL MATCH (n:Nothing)
      RETURN n {.name, x: 1} AS map
      """
    Then the result should be, in any order:
      | map  |
      | null |
    And no side effects

  Scenario: [4] Aggregates in a map
    When executing query:
      """
      MATCH (n:N)-[r:R]->(m)
      WITH n, m ORDER BY m.name
      WITH n, collect(m {.name}) AS others
      RETURN n {.name, others} AS map
      """
    Then the result should be, in any order:
      | map                                                     |
      | {name: 'a', others: [{name: 'b'}, {name: 'c'}]}         |
    And no side effects

  Scenario Outline: [5] Wrong projections are refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                    | detail              |
      | MATCH (n) RETURN n {.name, m}            | UndefinedVariable   |
      | MATCH (n) RETURN m {.name}               | UndefinedVariable   |
      | MATCH p = (n)-->() RETURN p {.name}      | InvalidArgumentType |
      | WITH 1 AS n RETURN n {.name}             | InvalidArgumentType |
      | MATCH (n) RETURN n {name}                | UndefinedVariable   |
      | MATCH (n) RETURN n {.name .v}            | UnexpectedSyntax    |
