Feature: Quantified paths

  # a -R-> b -R-> d -R-> e,  a -R-> c -R-> d,  a -S-> e,  f alone
  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (a:N {name: 'a'}), (b:N:Z {name: 'b'}), (c:N {name: 'c'}),
             (d:N:Z {name: 'd'}), (e:N {name: 'e'}), (f:N {name: 'f'}),
             (a)-[:R {w: 1}]->(b), (b)-[:R {w: 2}]->(d), (a)-[:R {w: 3}]->(c),
             (c)-[:R {w: 4}]->(d), (d)-[:R {w: 5}]->(e), (a)-[:S {w: 6}]->(e)
      """

  Scenario Outline: [1] The ends of every path of so many relationships
    When executing query:
      """
      MATCH (x:N {name: '<from>'})<pattern>(y)
      WITH y.name AS name ORDER BY name
      RETURN collect(name) AS names
      """
    Then the result should be, in any order:
      | names   |
      | <names> |
    And no side effects

    Examples:
      | from | pattern                    | names                               |
      | a    | -[:R]->{1,2}               | ['b', 'c', 'd', 'd']                |
      | a    | -[:R]->{2}                 | ['d', 'd']                          |
      | a    | -[:R]->{,2}                | ['a', 'b', 'c', 'd', 'd']           |
      | a    | -[:R]->{2,}                | ['d', 'd', 'e', 'e']                |
      | a    | -[:R]->+                   | ['b', 'c', 'd', 'd', 'e', 'e']      |
      | a    | -[:R]->*                   | ['a', 'b', 'c', 'd', 'd', 'e', 'e'] |
      | a    | -->{1}                     | ['b', 'c', 'e']                     |
      | a    | -[:R]->{9}                 | []                                  |
      | d    | <-[:R]-{1,2}               | ['a', 'a', 'b', 'c']                |
      | b    | -[:R]-{2}                  | ['c', 'c', 'e']                     |
      | a    | -[:R WHERE true]->{2}      | ['d', 'd']                          |
      | a    | -[r:R WHERE r.w <> 2]->+   | ['b', 'c', 'd', 'e']                |
      | a    | -[:R {w: 1}]->+            | ['b']                               |
      | a    | -[:R\|S]->{3}              | ['e', 'e']                          |
      | f    | -[:R]->{0,3}               | ['f']                               |
      | f    | -[:R]-+                    | []                                  |
      | a    | -[:R*2]->                  | ['d', 'd']                          |
      | a    | -[:R*0..1]->               | ['a', 'b', 'c']                     |

  Scenario Outline: [2] The ends of every path of so many groups
    When executing query:
      """
      MATCH (x:N {name: 'a'}) <group> (y)
      WITH y.name AS name ORDER BY name
      RETURN collect(name) AS names
      """
    Then the result should be, in any order:
      | names   |
      | <names> |
    And no side effects

    Examples:
      | group                                              | names                          |
      | (()-[:R]->()){1,2}                                 | ['b', 'c', 'd', 'd']           |
      | ((m)-[:R]->()-[:R]->(n)){1,2}                      | ['d', 'd']                     |
      | ((m)-[r:R]->(n) WHERE r.w % 2 = 1){1,}             | ['b', 'c']                     |
      | ((m)-[:R]->(n) WHERE n.name <> 'b')+               | ['c', 'd', 'e']                |
      | ((m)-[:R]->(n:Z))*                                 | ['a', 'b', 'd']                |
      | ((m {name: 'a'})-->(n)){1,3}                       | ['b', 'c', 'e']                |
      | (()-[:R]->()){1} (()-[:R]->()){1}                  | ['d', 'd']                     |
      | (()-[:R]->())+ (()-[:S]->())+                      | []                             |
      | ((m)-[:R]->(n) WHERE m.name < n.name AND n:Z){2}   | ['d']                          |
      | ((m)-[:R]->(n))                                    | ['b', 'c']                     |

  Scenario: [3] Variables of a repeated relationship are lists
    When executing query:
      """
      MATCH (x:N {name: 'a'})-[r:R]->{2}(y)
      RETURN [i IN r | i.w] AS weights, y.name AS name
      """
    Then the result should be, in any order:
      | weights | name |
      | [1, 2]  | 'd'  |
      | [3, 4]  | 'd'  |
    And no side effects

  Scenario: [4] Variables of a group are lists with one element for each round
    When executing query:
      """
      MATCH (x:N {name: 'a'}) ((m)-[r:R]->(n)){2} (y)
      RETURN [i IN m | i.name] AS m, [i IN r | i.w] AS r, [i IN n | i.name] AS n
      """
    Then the result should be, in any order:
      | m          | r      | n          |
      | ['a', 'b'] | [1, 2] | ['b', 'd'] |
      | ['a', 'c'] | [3, 4] | ['c', 'd'] |
    And no side effects

  Scenario: [5] A group of two relationships, twice
    Given having executed:
      """
      CREATE (:I {v: 0})-[:T]->(:I {v: 1})-[:T]->(:I {v: 2})-[:T]->(:I {v: 3})-[:T]->(:I {v: 4})
      """
    When executing query:
      """
      MATCH ((m:I)-[:T]->(k)-[:T]->(n)){2}
      RETURN [i IN m | i.v] AS m, [i IN k | i.v] AS k, [i IN n | i.v] AS n
      """
    Then the result should be, in any order:
      | m      | k      | n      |
      | [0, 2] | [1, 3] | [2, 4] |
    And no side effects

  Scenario: [6] No round at all leaves empty lists
    When executing query:
      """
      MATCH (x:N {name: 'f'})-[r:R]->{0,1}(y)
      RETURN r, y.name AS name, x = y AS same
      """
    Then the result should be, in any order:
      | r  | name | same |
      | [] | 'f'  | true |
    And no side effects

  Scenario: [7] A quantified path can be named
    When executing query:
      """
      MATCH p = (x:N {name: 'b'})-[:R]->{2}(y)
      RETURN p, length(p) AS length
      """
    Then the result should be, in any order:
      | p                                                                                         | length |
      | <(:N:Z {name: 'b'})-[:R {w: 2}]->(:N:Z {name: 'd'})-[:R {w: 5}]->(:N {name: 'e'})>        | 2      |
    And no side effects

  Scenario: [8] The condition of a group sees what was bound before
    When executing query:
      """
      MATCH (x:N {name: 'a'}), (no:N {name: 'b'})
      MATCH (x) ((m)-[:R]->(n) WHERE n <> no)+ (y)
      RETURN y.name AS name
      """
    Then the result should be, in any order:
      | name |
      | 'c'  |
      | 'd'  |
      | 'e'  |
    And no side effects

  Scenario: [9] Towards a known end
    When executing query:
      """
      MATCH (y:N {name: 'd'})
      MATCH (x)-[:R]->+(y)
      RETURN x.name AS name
      """
    Then the result should be, in any order:
      | name |
      | 'a'  |
      | 'a'  |
      | 'b'  |
      | 'c'  |
    And no side effects

  Scenario Outline: [10] Each node once
    When executing query:
      """
      MATCH (x:N {name: 'a'})<pattern>(y)
      WITH DISTINCT y ORDER BY y.name
      RETURN collect(y.name) AS names
      """
    Then the result should be, in any order:
      | names   |
      | <names> |
    And no side effects

    Examples:
      | pattern      | names                     |
      | -[:R]->+     | ['b', 'c', 'd', 'e']      |
      | -[:R]->*     | ['a', 'b', 'c', 'd', 'e'] |
      | -[:R*]->     | ['b', 'c', 'd', 'e']      |
      | -[:R*0..]->  | ['a', 'b', 'c', 'd', 'e'] |
      | -[:R*..2]->  | ['b', 'c', 'd']           |
      | -[:R]->{2,}  | ['d', 'e']                |
      | -[:R]-+      | ['a', 'b', 'c', 'd', 'e'] |

  Scenario: [11] Counting each node once
    When executing query:
      """
      MATCH (x:N)-[:R]->+(y)
      RETURN x.name AS name, count(DISTINCT y) AS nodes, count(y) AS paths
      """
    Then the result should be, in any order:
      | name | nodes | paths |
      | 'a'  | 4     | 6     |
      | 'b'  | 2     | 2     |
      | 'c'  | 2     | 2     |
      | 'd'  | 1     | 1     |
    And no side effects

  Scenario: [12] A path on a cycle ends when its relationships are used up
    Given having executed:
      """
      CREATE (a:I {v: 1})-[:T]->(b:I {v: 2}), (b)-[:T]->(a)
      """
    When executing query:
      """
      MATCH (x:I {v: 1})-[r:T]->+(y)
      RETURN size(r) AS length, y.v AS v
      """
    Then the result should be, in any order:
      | length | v |
      | 1      | 2 |
      | 2      | 1 |
    And no side effects

  Scenario: [13] A start is reached again only over a cycle
    Given having executed:
      """
      CREATE (a:I {v: 1})-[:T]->(b:I {v: 2})-[:T]->(:I {v: 3}), (b)-[:T]->(a)
      """
    When executing query:
      """
      MATCH (x:I)-[:T*]->(y)
      WITH DISTINCT x, y ORDER BY y.v
      RETURN x.v AS v, collect(y.v) AS reached
      """
    Then the result should be, in any order:
      | v | reached   |
      | 1 | [1, 2, 3] |
      | 2 | [1, 2, 3] |
    And no side effects

  Scenario: [14] One relationship is not walked to and fro
    Given having executed:
      """
      CREATE (:I {v: 1})-[:T]->(:I {v: 2})
      """
    When executing query:
      """
      MATCH (x:I {v: 1})-[:T]-{2}(y)
      RETURN y
      """
    Then the result should be, in any order:
      | y |
    And no side effects

  Scenario: [15] What a group has walked the rest of the pattern may not
    When executing query:
      """
      MATCH (x:N {name: 'a'})-[:R]->{1,2}(y)-[s]-(z)
      WHERE z.name = 'a'
      RETURN y.name AS y, type(s) AS s
      """
    Then the result should be, in any order:
      | y | s |
    And no side effects

  Scenario: [16] In another clause it may
    When executing query:
      """
      MATCH (x:N {name: 'a'})-[:R]->{1}(y)
      MATCH (y)<-[s]-(z)
      RETURN y.name AS y, z.name AS z
      """
    Then the result should be, in any order:
      | y   | z   |
      | 'b' | 'a' |
      | 'c' | 'a' |
    And no side effects

  Scenario: [17] A quantified path that is not there leaves nulls
    When executing query:
      """
      MATCH (x:N {name: 'f'})
      OPTIONAL MATCH p = (x)-[r:R]->+(y)
      RETURN p, r, y
      """
    Then the result should be, in any order:
      | p    | r    | y    |
      | null | null | null |
    And no side effects

  Scenario: [18] Quantified paths within expressions
    When executing query:
      """
      MATCH (x:N)
      WHERE EXISTS { (x)-[:R]->{2}() }
      RETURN x.name AS name, COUNT { (x)-[:R]->{2}() } AS count, size([(x)-[:R*2]->(y) | y]) AS same
      """
    Then the result should be, in any order:
      | name | count | same |
      | 'a'  | 2     | 2    |
      | 'b'  | 1     | 1    |
      | 'c'  | 1     | 1    |
    And no side effects

  Scenario Outline: [19] What is no quantified path is refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                                               | detail                     |
      | MATCH (a)-[:R]->{3,1}(b) RETURN a                                   | InvalidRelationshipPattern |
      | MATCH (a)-[:R]->{0}(b) RETURN a                                     | InvalidRelationshipPattern |
      | MATCH (a)-[:R*1..2]->{1,2}(b) RETURN a                              | InvalidRelationshipPattern |
      | MATCH (a) ((a)-[:R]->(y)){1,5} (b) RETURN a                         | VariableAlreadyBound       |
      | MATCH (a) ((x)-[:R]->(y)){1,5} (b) MATCH (x) RETURN x               | VariableTypeConflict       |
      | MATCH (a) ((x) ((y)-[:R]->(z)){1,2} (u)){1,2} (b) RETURN a          | InvalidRelationshipPattern |
      | MATCH (a)-[r:R]->+(b)-[r:R]->+(c) RETURN a                          | RelationshipUniquenessViolation |
      | CREATE (a)-[:R]->{2}(b)                                             | CreatingVarLength          |

  Scenario: [20] A list of nodes has no properties
    When executing query:
      """
      MATCH (a) ((x)-[:R]->(y)){1,5} (b) RETURN x.name
      """
    Then a TypeError should be raised at compile time: InvalidArgumentType
