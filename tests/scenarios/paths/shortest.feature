Feature: Shortest paths

  # a -R-> b -R-> d -R-> e,  a -R-> c -R-> d,  a -S-> e,  f alone
  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (a:N {name: 'a'}), (b:N {name: 'b'}), (c:N {name: 'c'}),
             (d:N {name: 'd'}), (e:N {name: 'e'}), (f:N {name: 'f'}),
             (a)-[:R {w: 1}]->(b), (b)-[:R {w: 2}]->(d), (a)-[:R {w: 3}]->(c),
             (c)-[:R {w: 4}]->(d), (d)-[:R {w: 5}]->(e), (a)-[:S {w: 6}]->(e)
      """

  Scenario Outline: [1] The length of a shortest path between two known nodes
    When executing query:
      """
      MATCH (x:N {name: '<from>'}), (y:N {name: '<to>'})
      MATCH p = shortestPath((x)<pattern>(y))
      RETURN length(p) AS length
      """
    Then the result should be, in any order:
      | length   |
      | <length> |
    And no side effects

    Examples:
      | from | to | pattern      | length |
      | a    | d  | -[:R*]->     | 2      |
      | a    | e  | -[*]->       | 1      |
      | a    | e  | -[:R*]->     | 3      |
      | a    | e  | -[:R*..3]->  | 3      |
      | a    | e  | -[:R\|S*]->  | 1      |
      | b    | c  | -[*]-        | 2      |
      | d    | a  | <-[:R*]-     | 2      |
      | a    | b  | -->          | 1      |
      | e    | a  | -[:R*0..]-   | 3      |

  Scenario Outline: [2] No shortest path, no row
    When executing query:
      """
      MATCH (x:N {name: '<from>'}), (y:N {name: '<to>'})
      MATCH p = shortestPath((x)<pattern>(y))
      RETURN p
      """
    Then the result should be, in any order:
      | p |
    And no side effects

    Examples:
      | from | to | pattern     |
      | a    | f  | -[*]-       |
      | d    | a  | -[*]->      |
      | a    | e  | -[:R*..2]-> |
      | a    | e  | -[:T*]->    |
      | a    | d  | -->         |

  Scenario: [3] All shortest paths are those of the least length
    When executing query:
      """
      MATCH (x:N {name: 'a'}), (y:N {name: 'd'})
      MATCH p = allShortestPaths((x)-[*]->(y))
      RETURN [n IN nodes(p) | n.name] AS names
      """
    Then the result should be, in any order:
      | names           |
      | ['a', 'b', 'd'] |
      | ['a', 'c', 'd'] |
    And no side effects

  Scenario: [4] The nodes of a path that is walked against its relationships
    When executing query:
      """
      MATCH p = allShortestPaths((x:N {name: 'd'})<-[:R*]-(y:N {name: 'a'}))
      RETURN [n IN nodes(p) | n.name] AS names, [r IN relationships(p) | r.w] AS weights
      """
    Then the result should be, in any order:
      | names           | weights |
      | ['d', 'b', 'a'] | [2, 1]  |
      | ['d', 'c', 'a'] | [4, 3]  |
    And no side effects

  Scenario: [5] A shortest path that is wanted but not there is null
    When executing query:
      """
      MATCH (x:N {name: 'a'}), (y:N {name: 'f'})
      OPTIONAL MATCH p = shortestPath((x)-[*]-(y))
      RETURN p, length(p) AS length, shortestPath((x)-[*]-(y)) AS q, allShortestPaths((x)-[*]-(y)) AS r
      """
    Then the result should be, in any order:
      | p    | length | q    | r  |
      | null | null   | null | [] |
    And no side effects

  Scenario: [6] Shortest paths as values
    When executing query:
      """
      MATCH (x:N {name: 'a'}), (y:N)
      WHERE y.name IN ['d', 'e']
      RETURN y.name AS name, length(shortestPath((x)-[*]->(y))) AS length,
             size(allShortestPaths((x)-[:R*]->(y))) AS count
      """
    Then the result should be, in any order:
      | name | length | count |
      | 'd'  | 2      | 2     |
      | 'e'  | 1      | 2     |
    And no side effects

  Scenario: [7] A shortest path binds its relationships as a list
    When executing query:
      """
      MATCH shortestPath((x:N {name: 'a'})-[r*]->(y:N {name: 'e'}))
      RETURN [i IN r | i.w] AS weights
      """
    Then the result should be, in any order:
      | weights |
      | [6]     |
    And no side effects

  Scenario: [8] To every node that can be reached, one path each
    When executing query:
      """
      MATCH p = shortestPath((x:N {name: 'a'})-[:R*]->(y:N))
      WHERE x <> y
      RETURN y.name AS name, length(p) AS length
      """
    Then the result should be, in any order:
      | name | length |
      | 'b'  | 1      |
      | 'c'  | 1      |
      | 'd'  | 2      |
      | 'e'  | 3      |
    And no side effects

  Scenario: [9] A path as it is written
    When executing query:
      """
      MATCH p = shortestPath((x:N {name: 'e'})-[:R*]-(y:N {name: 'd'}))
      RETURN p
      """
    Then the result should be, in any order:
      | p                                                    |
      | <(:N {name: 'e'})<-[:R {w: 5}]-(:N {name: 'd'})>     |
    And no side effects

  Scenario Outline: [10] Selected paths between two nodes
    When executing query:
      """
      MATCH p = <selector> (x:N {name: 'a'})<pattern>(y:N {name: '<to>'})
      WITH length(p) AS length ORDER BY length
      RETURN collect(length) AS lengths
      """
    Then the result should be, in any order:
      | lengths   |
      | <lengths> |
    And no side effects

    Examples:
      | selector          | pattern      | to | lengths   |
      | ANY SHORTEST      | -[:R]->+     | d  | [2]       |
      | ALL SHORTEST      | -[:R]->+     | d  | [2, 2]    |
      | ANY SHORTEST      | -->+         | e  | [1]       |
      | ALL SHORTEST      | -->+         | e  | [1]       |
      | SHORTEST 1        | -->+         | e  | [1]       |
      | SHORTEST 2        | -->+         | e  | [1, 3]    |
      | SHORTEST 3        | -->+         | e  | [1, 3, 3] |
      | SHORTEST 9        | -->+         | e  | [1, 3, 3] |
      | SHORTEST 2 PATHS  | -->+         | d  | [2, 2]    |
      | SHORTEST 1 GROUPS | -->+         | e  | [1]       |
      | SHORTEST 1 GROUP  | -->+         | d  | [2, 2]    |
      | SHORTEST 2 GROUPS | -->+         | e  | [1, 3, 3] |
      | ANY SHORTEST      | -[:R]->{3}   | e  | [3]       |
      | ALL SHORTEST      | -->{2,}      | e  | [3, 3]    |
      | ANY SHORTEST      | -->+         | f  | []        |
      | ALL SHORTEST      | -[:R]->*     | a  | [0]       |
      | ANY 2             | -->+         | d  | [2, 2]    |
      | ALL               | -->+         | e  | [1, 3, 3] |

  Scenario: [11] A selector works on each pair of end nodes
    When executing query:
      """
      MATCH p = ANY SHORTEST (x)-[:R]->+(y)
      RETURN x.name AS x, y.name AS y, length(p) AS length
      """
    Then the result should be, in any order:
      | x   | y   | length |
      | 'a' | 'b' | 1      |
      | 'a' | 'c' | 1      |
      | 'a' | 'd' | 2      |
      | 'a' | 'e' | 3      |
      | 'b' | 'd' | 1      |
      | 'b' | 'e' | 2      |
      | 'c' | 'd' | 1      |
      | 'c' | 'e' | 2      |
      | 'd' | 'e' | 1      |
    And no side effects

  Scenario: [12] ANY yields one path for each pair
    When executing query:
      """
      MATCH ANY (x:N {name: 'a'})-->+(y)
      RETURN y.name AS name
      """
    Then the result should be, in any order:
      | name |
      | 'b'  |
      | 'c'  |
      | 'd'  |
      | 'e'  |
    And no side effects

  Scenario: [13] The WHERE of the clause looks at selected paths
    When executing query:
      """
      MATCH p = ANY SHORTEST (x:N {name: 'a'})-->+(y:N {name: 'e'})
      WHERE length(p) > 1
      RETURN p
      """
    Then the result should be, in any order:
      | p |
    And no side effects

  Scenario: [14] A WHERE within the path is about what may be selected
    When executing query:
      """
      MATCH p = ANY SHORTEST ((x:N {name: 'a'})-[r]->+(y:N {name: 'e'}) WHERE all(i IN r WHERE type(i) = 'R'))
      RETURN length(p) AS length
      """
    Then the result should be, in any order:
      | length |
      | 3      |
    And no side effects

  Scenario: [15] The shortest path over some of the nodes
    When executing query:
      """
      MATCH p = ANY SHORTEST (x:N {name: 'a'}) (()-[:R]->(m WHERE m.name <> 'b')){1,} (y:N {name: 'e'})
      RETURN [n IN nodes(p) | n.name] AS names
      """
    Then the result should be, in any order:
      | names                |
      | ['a', 'c', 'd', 'e'] |
    And no side effects

  Scenario: [16] The shortest way back to the start
    Given having executed:
      """
      MATCH (e:N {name: 'e'}), (a:N {name: 'a'})
      CREATE (e)-[:R {w: 7}]->(a)
      """
    When executing query:
      """
      MATCH p = ANY SHORTEST (x:N {name: 'a'})-[:R]->+(x)
      RETURN length(p) AS length
      """
    Then the result should be, in any order:
      | length |
      | 4      |
    And no side effects

  Scenario: [17] Parallel relationships make paths of their own
    Given having executed:
      """
      MATCH (a:N {name: 'a'}), (b:N {name: 'b'})
      CREATE (a)-[:R {w: 8}]->(b)
      """
    When executing query:
      """
      MATCH ALL SHORTEST (x:N {name: 'a'})-[r:R]->+(y:N {name: 'b'})
      RETURN r[0].w AS w
      """
    Then the result should be, in any order:
      | w |
      | 1 |
      | 8 |
    And no side effects

  Scenario Outline: [18] What is no shortest path is refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                                           | detail              |
      | MATCH p = shortestPath((a)-[*]->(b)-[*]->(c)) RETURN p          | UnexpectedSyntax    |
      | MATCH p = shortestPath((a)-[*2..]->(b)) RETURN p                | InvalidShortestPath |
      | MATCH (a) RETURN shortestPath((a)-[*]->(b)) AS p                | UndefinedVariable   |
      | MATCH (a) RETURN shortestPath((a)-[*]->()) AS p                 | InvalidShortestPath |
      | MATCH p = SHORTEST 0 (a)-->+(b) RETURN p                        | UnexpectedSyntax    |
      | MATCH p = shortestPath((a)-[*]->(b)) RETURN p.name              | InvalidArgumentType |
