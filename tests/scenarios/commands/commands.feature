Feature: EXPLAIN, PROFILE, SHOW and indexes

  Background:
    Given an empty graph

  Scenario: [1] What is explained is not run
    When executing query:
      """
      EXPLAIN CREATE (n:A {v: 1}) RETURN n
      """
    Then the result should be empty
    And no side effects

  Scenario: [2] What is explained needs no parameters
    When executing query:
      """
      EXPLAIN MATCH (n {v: $v}) RETURN n
      """
    Then the result should be empty
    And no side effects

  Scenario: [3] What is profiled is run
    When executing query:
      """
      PROFILE UNWIND [1, 2] AS x CREATE (n:A {v: x}) RETURN n.v AS v
      """
    Then the result should be, in any order:
      | v |
      | 1 |
      | 2 |
    And the side effects should be:
      | +nodes      | 2 |
      | +labels     | 1 |
      | +properties | 2 |

  Scenario Outline: [4] A wrong query is refused however it is asked
    When executing query:
      """
      <mode> MATCH (n) RETURN m
      """
    Then a SyntaxError should be raised at compile time: UndefinedVariable

    Examples:
      | mode    |
      | EXPLAIN |
      | PROFILE |

  Scenario: [5] Functions are shown by name
    When executing query:
      """
      SHOW FUNCTIONS YIELD name, aggregating WHERE name IN ['count', 'toUpper'] RETURN name, aggregating
      """
    Then the result should be, in any order:
      | name      | aggregating |
      | 'count'   | true        |
      | 'toUpper' | false       |
    And no side effects

  Scenario: [6] Procedures are shown by name
    Given there exists a procedure test.my.proc(in :: INTEGER?) :: (out :: STRING?):
      | in | out |
      | 1  | 'a' |
    When executing query:
      """
      SHOW PROCEDURES YIELD name WHERE name STARTS WITH 'test.'
      """
    Then the result should be, in any order:
      | name           |
      | 'test.my.proc' |
    And no side effects

  Scenario: [7] What is shown can be counted, renamed and sorted
    When executing query:
      """
      SHOW FUNCTIONS YIELD name AS function WHERE function IN ['left', 'right', 'split'] RETURN function ORDER BY function DESC LIMIT 2
      """
    Then the result should be, in order:
      | function |
      | 'split'  |
      | 'right'  |
    And no side effects

  Scenario: [8] One database
    When executing query:
      """
      SHOW DATABASES YIELD name, currentStatus RETURN count(name) AS count, collect(currentStatus) AS status
      """
    Then the result should be, in any order:
      | count | status     |
      | 1     | ['online'] |
    And no side effects

  Scenario Outline: [9] Commands on indexes and constraints are understood
    When executing query:
      """
      <command>
      """
    Then the result should be empty
    And no side effects

    Examples:
      | command                                                                    |
      | CREATE INDEX IF NOT EXISTS FOR (n:A) ON (n.v)                              |
      | CREATE INDEX by_name IF NOT EXISTS FOR (n:A) ON (n.v, n.w);                |
      | CREATE INDEX IF NOT EXISTS FOR ()-[r:R]-() ON (r.w)                        |
      | CREATE CONSTRAINT one IF NOT EXISTS FOR (n:A) REQUIRE n.v IS UNIQUE        |
      | DROP INDEX nothing IF EXISTS                                               |
      | DROP CONSTRAINT nothing IF EXISTS                                          |

  Scenario Outline: [10] Wrong commands are refused
    When executing query:
      """
      <query>
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | query                                             | detail            |
      | SHOW NONSENSE                                     | UnexpectedSyntax  |
      | SHOW PROCEDURES YIELD nam                         | UndefinedVariable |
      | SHOW INDEXES YIELD name WHERE state = 'ONLINE'    | UndefinedVariable |
      | EXPLAIN                                           | UnexpectedSyntax  |
      | CREATE INDEX FOR (n:A) ON (n.v) RETURN 1          | UnexpectedSyntax  |
