Feature: Label expressions

  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (:A {v: 1}), (:B {v: 2}), (:A:B {v: 3}), (:C {v: 4}), ({v: 5})
      CREATE (x:X)-[:R]->(y:Y), (x)-[:S]->(y), (x)-[:T]->(y)
      """

  Scenario Outline: [1] Nodes by a label expression in the pattern
    When executing query:
      """
      MATCH (n<labels>) WHERE n.v IS NOT NULL
      WITH n ORDER BY n.v
      RETURN collect(n.v) AS found
      """
    Then the result should be, in any order:
      | found   |
      | <found> |
    And no side effects

    Examples:
      | labels          | found           |
      | :A              | [1, 3]          |
      | :A&B            | [3]             |
      | :A:B            | [3]             |
      | :A\|B           | [1, 2, 3]       |
      | :A\|C           | [1, 3, 4]       |
      | :!A             | [2, 4, 5]       |
      | :!!A            | [1, 3]          |
      | :%              | [1, 2, 3, 4]    |
      | :!%             | [5]             |
      | :A&!B           | [1]             |
      | :!A&!B          | [4, 5]          |
      | :(A\|B)&!(A&B)  | [1, 2]          |
      | :!(A\|B\|C)     | [5]             |
      | :A\|B&!A        | [1, 2, 3]       |
      | :(A\|B)&!A      | [2]             |
      | :Z              | []              |
      | :!Z             | [1, 2, 3, 4, 5] |
      | :A&Z            | []              |
      | :A\|Z           | [1, 3]          |
      | :A&%            | [1, 3]          |

  Scenario Outline: [2] Label expressions as conditions
    When executing query:
      """
      MATCH (n) WHERE n.v IS NOT NULL AND n<labels>
      WITH n ORDER BY n.v
      RETURN collect(n.v) AS found
      """
    Then the result should be, in any order:
      | found   |
      | <found> |
    And no side effects

    Examples:
      | labels         | found     |
      | :A\|B          | [1, 2, 3] |
      | :A&B           | [3]       |
      | :!A            | [2, 4, 5] |
      | :(A\|C)&!B     | [1, 4]    |
      | :%             | [1, 2, 3, 4] |

  Scenario Outline: [3] Relationships by an expression of types
    When executing query:
      """
      MATCH (:X)-[r<types>]->(:Y)
      WITH r ORDER BY type(r)
      RETURN collect(type(r)) AS found
      """
    Then the result should be, in any order:
      | found   |
      | <found> |
    And no side effects

    Examples:
      | types        | found           |
      | :R\|S        | ['R', 'S']      |
      | :R\|:S       | ['R', 'S']      |
      | :!R          | ['S', 'T']      |
      | :!(R\|S)     | ['T']           |
      | :!R&!S       | ['T']           |
      | :R&S         | []              |
      | :%           | ['R', 'S', 'T'] |
      | :Q           | []              |
      | :!Q          | ['R', 'S', 'T'] |

  Scenario: [4] The type of a relationship as a condition
    When executing query:
      """
      MATCH (:X)-[r]->(:Y) WHERE r:R|T
      RETURN type(r) AS type, r:R AS is
      """
    Then the result should be, in any order:
      | type | is    |
      | 'R'  | true  |
      | 'T'  | false |
    And no side effects

  Scenario: [5] Labels of null are unknown
    When executing query:
      """
      OPTIONAL MATCH (n:Nothing)
      RETURN n:A AS a, n:!A AS b, n:A|B AS c
      """
    Then the result should be, in any order:
      | a    | b    | c    |
      | null | null | null |
    And no side effects

  Scenario: [6] A variable length over several types
    When executing query:
      """
      MATCH (:X)-[r:R|S*1..2]-(n)
      RETURN size(r) AS length, labels(n) AS labels
      """
    Then the result should be, in any order:
      | length | labels |
      | 1      | ['Y']  |
      | 1      | ['Y']  |
      | 2      | ['X']  |
      | 2      | ['X']  |
    And no side effects

  Scenario Outline: [7] Wrong label expressions are refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                      | detail              |
      | MATCH (n:) RETURN n                        | UnexpectedSyntax    |
      | MATCH (n:A&) RETURN n                      | UnexpectedSyntax    |
      | MATCH (n:(A\|B) RETURN n                   | UnexpectedSyntax    |
      | WITH 1 AS n RETURN n:A                     | InvalidArgumentType |
      | MATCH p = (n) WHERE p:A RETURN n           | InvalidArgumentType |
