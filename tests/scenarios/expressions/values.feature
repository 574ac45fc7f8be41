Feature: Strings, lists, numbers, regular expressions

  Background:
    Given any graph

  Scenario Outline: [1] Functions and operators of strings
    When executing query:
      """
      RETURN <expression> AS value
      """
    Then the result should be, in any order:
      | value   |
      | <value> |
    And no side effects

    Examples:
      | expression                          | value             |
      | toUpper('straße b')                 | 'STRASSE B'       |
      | toLower('ÀB')                       | 'àb'              |
      | upper('a') + lower('B')             | 'Ab'              |
      | trim('  a b ')                      | 'a b'             |
      | ltrim('  a ')                       | 'a '              |
      | rtrim('  a ')                       | '  a'             |
      | replace('banana', 'an', 'o')        | 'booa'            |
      | replace('abc', 'x', 'y')            | 'abc'             |
      | split('a,b,,c', ',')                | ['a', 'b', '', 'c'] |
      | split('abc', 'x')                   | ['abc']           |
      | substring('hello', 1, 3)            | 'ell'             |
      | substring('hello', 2)               | 'llo'             |
      | substring('hello', 9)               | ''                |
      | left('hello', 2)                    | 'he'              |
      | right('hello', 2)                   | 'lo'              |
      | left('he', 9)                       | 'he'              |
      | reverse('añb')                      | 'bña'             |
      | size('añb')                         | 3                 |
      | 'a' \|\| 'b'                        | 'ab'              |
      | 'a' \|\| null                       | null              |
      | 'a' + 1                             | 'a1'              |
      | 'a' \|\| 'b' = 'ab'                 | true              |
      | 'abc' STARTS WITH ''                | true              |
      | 'abc' CONTAINS 'bc' AND 'abc' ENDS WITH 'c' | true      |
      | toUpper(null)                       | null              |
      | replace('a', null, 'b')             | null              |
      | split(null, ',')                    | null              |
      | toString(1.0)                       | '1.0'             |
      | toString(true) + toString(12)       | 'true12'          |
      | toBoolean('FALSE')                  | false             |
      | toBoolean('maybe')                  | null              |
      | toInteger('12.7')                   | 12                |
      | toInteger('x')                      | null              |
      | toFloat('1e2')                      | 100.0             |
      | isEmpty('')                         | true              |
      | isEmpty(null)                       | null              |
      | char_length('añb')                  | 3                 |

  Scenario Outline: [2] Regular expressions are about the whole string
    When executing query:
      """
      RETURN <expression> AS value
      """
    Then the result should be, in any order:
      | value   |
      | <value> |
    And no side effects

    Examples:
      | expression                       | value |
      | 'abc' =~ 'abc'                   | true  |
      | 'abc' =~ 'b'                     | false |
      | 'abc' =~ '.*b.*'                 | true  |
      | 'abc' =~ 'a.c'                   | true  |
      | 'ABC' =~ '(?i)abc'               | true  |
      | 'ABC' =~ 'abc'                   | false |
      | 'a1' =~ '[a-z][0-9]'             | true  |
      | 'a1' =~ '\\\\w\\\\d'                 | true  |
      | 'x.y' =~ 'x\\\\.y'                 | true  |
      | 'xzy' =~ 'x\\\\.y'                 | false |
      | '' =~ ''                         | true  |
      | 'a' =~ 'b\|a'                    | true  |
      | 'ab' =~ 'a\|ab'                  | true  |
      | 'abab' =~ '(ab)+'                | true  |
      | null =~ 'a'                      | null  |
      | 'a' =~ null                      | null  |
      | 1 =~ 'a'                         | null  |
      | NOT 'abc' =~ 'b'                 | true  |

  Scenario: [3] A regular expression from a property
    Given having executed:
      """
      CREATE (:Q {text: 'web-1', pattern: 'web-.*'}), (:Q {text: 'db-1', pattern: 'web-.*'}), (:Q {text: 'x'})
      """
    When executing query:
      """
      MATCH (q:Q) WHERE q.text =~ q.pattern
      RETURN q.text AS text
      """
    Then the result should be, in any order:
      | text    |
      | 'web-1' |
    And no side effects

  Scenario: [4] What is no regular expression
    When executing query:
      """
      RETURN 'a' =~ '(' AS value
      """
    Then a ArgumentError should be raised at runtime: InvalidRegularExpression

  Scenario Outline: [5] Functions and operators of lists
    When executing query:
      """
      WITH [3, 1, 2] AS l
      RETURN <expression> AS value
      """
    Then the result should be, in any order:
      | value   |
      | <value> |
    And no side effects

    Examples:
      | expression                                              | value              |
      | reduce(s = 0, x IN l \| s + x)                          | 6                  |
      | reduce(s = '', x IN l \| s + toString(x))               | '312'              |
      | reduce(s = 10, x IN [] \| s + x)                        | 10                 |
      | reduce(s = 0, x IN [1, null] \| s + x)                  | null               |
      | reduce(s = 0, x IN null \| s + x)                       | null               |
      | reduce(s = [], x IN l \| [x] + s)                       | [2, 1, 3]          |
      | reduce(m = 0, x IN l \| CASE WHEN x > m THEN x ELSE m END) | 3               |
      | reduce(a = 0, x IN l \| a + reduce(b = 0, y IN l \| b + x * y)) | 36         |
      | l \|\| [4]                                              | [3, 1, 2, 4]       |
      | [] \|\| []                                              | []                 |
      | l \|\| null                                             | null               |
      | head(l) + last(l)                                       | 5                  |
      | tail(l)                                                 | [1, 2]             |
      | tail([])                                                | []                 |
      | head([])                                                | null               |
      | reverse(l)                                              | [2, 1, 3]          |
      | size(l)                                                 | 3                  |
      | isEmpty([])                                             | true               |
      | range(1, 5)                                             | [1, 2, 3, 4, 5]    |
      | range(5, 1, -2)                                         | [5, 3, 1]          |
      | range(1, 0)                                             | []                 |
      | l[-1]                                                   | 2                  |
      | l[7]                                                    | null               |
      | l[1..]                                                  | [1, 2]             |
      | l[..-1]                                                 | [3, 1]             |
      | l[5..9]                                                 | []                 |
      | [x IN l WHERE x > 1 \| x * 10]                          | [30, 20]           |
      | [x IN l WHERE x > 1]                                    | [3, 2]             |
      | all(x IN l WHERE x > 0) AND none(x IN l WHERE x > 3)    | true               |
      | any(x IN l WHERE x = 2) AND single(x IN l WHERE x = 2)  | true               |
      | all(x IN [1, null] WHERE x > 0)                         | null               |
      | all(x IN [0, null] WHERE x > 0)                         | false              |
      | any(x IN [1, null] WHERE x > 0)                         | true               |
      | 2 IN l                                                  | true               |
      | 4 IN l                                                  | false              |
      | 4 IN [1, null]                                          | null               |
      | null IN []                                              | false              |
      | toIntegerList(['1', 'x', 2.9])                          | [1, null, 2]       |
      | toStringList([1, true, null])                           | ['1', 'true', null] |
      | toFloatList([1, '2.5'])                                 | [1.0, 2.5]         |
      | toBooleanList(['true', 'x', false])                     | [true, null, false] |
      | coll.sort(l)                                            | [1, 2, 3]          |
      | coll.distinct([1, 1, 2])                                | [1, 2]             |
      | coll.max(l) - coll.min(l)                               | 2                  |
      | coll.indexOf(l, 2)                                      | 2                  |
      | coll.flatten([[1], [2, [3]]])                           | [1, 2, [3]]        |

  Scenario Outline: [6] Numbers and other values
    When executing query:
      """
      RETURN <expression> AS value
      """
    Then the result should be, in any order:
      | value   |
      | <value> |
    And no side effects

    Examples:
      | expression                              | value     |
      | abs(-3) + sign(-2.5)                    | 2         |
      | ceil(1.2) + floor(1.8)                  | 3.0       |
      | round(2.5)                              | 3.0       |
      | round(1.249, 2)                         | 1.25      |
      | round(-1.5)                             | -1.0      |
      | sqrt(16)                                | 4.0       |
      | 7 / 2                                   | 3         |
      | -7 % 3                                  | -1        |
      | 2 ^ 3                                   | 8.0       |
      | log10(1000)                             | 3.0       |
      | exp(0)                                  | 1.0       |
      | degrees(pi())                           | 180.0     |
      | coalesce(null, 2, 3)                    | 2         |
      | nullIf(1, 1)                            | null      |
      | nullIf(1, 2)                            | 1         |
      | toIntegerOrNull(true)                   | null      |
      | toFloatOrNull([1])                      | null      |
      | toStringOrNull({a: 1})                  | null      |
      | toBooleanOrNull(1.5)                    | null      |
      | isNaN(0.0 / 0.0)                        | true      |
      | CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END | 'b'    |
      | CASE WHEN null THEN 1 ELSE 2 END        | 2         |
      | 1 < 2 <= 2 < 3                          | true      |
      | 1 < 2 < null                            | null      |
      | {a: 1, b: {c: 2}}.b.c                   | 2         |
      | {a: 1}['a']                             | 1         |
      | keys({b: 1})                            | ['b']     |
      | 0x1F + 0o17                             | 46        |
      | timestamp() > 0                         | true      |

  Scenario: [7] Elements have ids, each its own
    Given having executed:
      """
      CREATE (:E {v: 1})-[:R]->(:E {v: 2})
      """
    When executing query:
      """
      MATCH (a:E {v: 1})-[r]->(b:E)
      MATCH (x) WHERE elementId(x) = elementId(b)
      RETURN x.v AS v, elementId(a) = elementId(b) AS same, elementId(r) = elementId(r) AS self,
             elementId(null) AS nothing, size(elementId(a)) > 0 AS text
      """
    Then the result should be, in any order:
      | v | same  | self | nothing | text |
      | 2 | false | true | null    | true |
    And no side effects

  Scenario Outline: [8] What can be known to be wrong is refused
    When executing query:
      """
      RETURN <expression> AS value
      """
    Then a SyntaxError should be raised at compile time: <detail>

    Examples:
      | expression                             | detail                   |
      | elementId(1)                           | InvalidArgumentType      |
      | toUpper(1)                             | InvalidArgumentType      |
      | 1 \|\| 'a'                             | InvalidArgumentType      |
      | reduce(s = 0, x IN 5 \| s + x)         | InvalidArgumentType      |
      | reduce(s = 0, x IN [1] \| s + y)       | UndefinedVariable        |
      | [x IN [1] WHERE count(x) > 1]          | InvalidAggregation       |
      | substring('a')                         | InvalidNumberOfArguments |
      | toUppper('a')                          | UnknownFunction          |
      | [1, 2][1..'a']                         | InvalidArgumentType      |
      | x                                      | UndefinedVariable        |
      | toUpper(DISTINCT 'a')                  | UnexpectedSyntax         |

  Scenario Outline: [9] What only running shows to be wrong
    When executing query:
      """
      WITH [1, 'a', {}, true] AS l
      RETURN <expression> AS value
      """
    Then a <class> should be raised at runtime: <detail>

    Examples:
      | expression             | class           | detail               |
      | toUpper(l[0])          | TypeError       | InvalidArgumentValue |
      | 1 % (l[0] - 1)         | ArithmeticError | *                    |
      | range(1, 9, l[0] - 1)  | ArgumentError   | NumberOutOfRange     |
      | left('abc', -l[0])     | ArgumentError   | *                    |
      | l[1] AND true          | TypeError       | *                    |
      | l[l[1]]                | TypeError       | ListElementAccessByNonInteger |
      | localtime({hour: 9223372036854775807 * l[0]}) | ArgumentError | InvalidArgumentValue |
