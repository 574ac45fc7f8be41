Feature: FOREACH

  Background:
    Given an empty graph
    And having executed:
      """
      CREATE (:N {v: 1})-[:R]->(:N {v: 2})-[:R]->(:N {v: 3})
      """

  Scenario: [1] Something is created for each element
    When executing query:
      """
      FOREACH (x IN [10, 20, 30] | CREATE (:M {v: x}))
      """
    Then the result should be empty
    And the side effects should be:
      | +nodes      | 3 |
      | +labels     | 1 |
      | +properties | 3 |
    When executing control query:
      """
      MATCH (m:M) RETURN m.v AS v
      """
    Then the result should be, in any order:
      | v  |
      | 10 |
      | 20 |
      | 30 |

  Scenario: [2] The nodes of a path are marked
    When executing query:
      """
      MATCH p = (:N {v: 1})-[:R*]->(:N {v: 3})
      FOREACH (n IN nodes(p) | SET n.seen = true)
      RETURN length(p) AS length
      """
    Then the result should be, in any order:
      | length |
      | 2      |
    And the side effects should be:
      | +properties | 3 |

  Scenario: [3] Done only where a condition holds
    When executing query:
      """
      MATCH (n:N)
      FOREACH (ignored IN CASE WHEN n.v > 1 THEN [1] ELSE [] END | SET n:Big)
      RETURN n.v AS v, n:Big AS big
      """
    Then the result should be, in any order:
      | v | big   |
      | 1 | false |
      | 2 | true  |
      | 3 | true  |
    And the side effects should be:
      | +labels | 1 |

  Scenario Outline: [4] Nothing to go through, nothing done
    When executing query:
      """
      FOREACH (x IN <list> | CREATE (:M))
      """
    Then the result should be empty
    And no side effects

    Examples:
      | list |
      | []   |
      | null |
      | range(1, 0) |

  Scenario: [5] One within another
    When executing query:
      """
      FOREACH (x IN [1, 2] | FOREACH (y IN [1, 2, 3] | CREATE (:M {v: x * y})))
      """
    Then the result should be empty
    And the side effects should be:
      | +nodes      | 6 |
      | +labels     | 1 |
      | +properties | 6 |

  Scenario: [6] Several clauses for each element, the later see what the earlier bind
    When executing query:
      """
      MATCH (n:N {v: 1})
      FOREACH (x IN [1, 2] |
        CREATE (m:M {v: x})
        CREATE (n)-[:HAS]->(m)
        SET m.done = true)
      """
    Then the result should be empty
    And the side effects should be:
      | +nodes         | 2 |
      | +labels        | 1 |
      | +relationships | 2 |
      | +properties    | 4 |

  Scenario: [7] Merged once however often it comes
    When executing query:
      """
      FOREACH (x IN [1, 1, 2, 1] | MERGE (:M {v: x}))
      """
    Then the result should be empty
    And the side effects should be:
      | +nodes      | 2 |
      | +labels     | 1 |
      | +properties | 2 |

  Scenario: [8] Elements of the graph are deleted
    When executing query:
      """
      MATCH (n:N)-[r:R]->()
      WITH collect(r) AS all
      FOREACH (r IN all | DELETE r)
      RETURN size(all) AS size
      """
    Then the result should be, in any order:
      | size |
      | 2    |
    And the side effects should be:
      | -relationships | 2 |

  Scenario: [9] A property is counted up and removed
    When executing query:
      """
      MATCH (n:N {v: 1})
      SET n.sum = 0
      FOREACH (x IN [1, 2, 3] | SET n.sum = n.sum + x REMOVE n.v)
      RETURN n.sum AS sum, n.v AS v
      """
    Then the result should be, in any order:
      | sum | v    |
      | 6   | null |
    And the side effects should be:
      | +properties | 1 |
      | -properties | 1 |

  Scenario Outline: [10] Wrong loops are refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                                             | detail                   |
      | FOREACH (x IN [1] \| CREATE (:M {v: x})) WITH x RETURN x          | UndefinedVariable        |
      | FOREACH (x IN [1] \| MATCH (n) SET n.v = x)                       | UnexpectedSyntax         |
      | FOREACH (x IN 1 \| CREATE (:M {v: x}))                            | InvalidArgumentType      |
      | FOREACH (x IN [1] \| SET y.v = x)                                 | UndefinedVariable        |
      | FOREACH (x IN [1] CREATE (:M {v: x}))                             | UnexpectedSyntax         |
      | FOREACH (x IN [1] \| CREATE (m:M)) SET m.v = 1                    | UndefinedVariable        |
      | MATCH (n) FOREACH (x IN [1] \| RETURN n)                          | UnexpectedSyntax         |
