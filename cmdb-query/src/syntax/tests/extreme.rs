//! Calls and operators on values at and beyond the ends of what they take: an answer or a refusal, never a panic.

use super::endure::Ground;
use super::fuzz::Chance;

/// Texts of the ordinary run.
const TEXTS: usize = 20_000;

const VALUES: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "4",
    "13",
    "31",
    "53",
    "60",
    "366",
    "999999999",
    "-999999999",
    "1000000000",
    "9223372036854775807",
    "-9223372036854775808",
    "4611686018427387904",
    "null",
    "1.5",
    "-0.0",
    "1e308",
    "5e-324",
    "0.0/0.0",
    "1.0/0.0",
    "'x'",
    "''",
    "'é'",
    "true",
    "[]",
    "[1, null]",
    "{}",
];

/// Where `#` stands for a value.
const FORMS: &[&str] = &[
    "date({year: #, month: #, day: #})",
    "date({year: #, week: #, dayOfWeek: #})",
    "date({year: #, quarter: #, dayOfQuarter: #})",
    "date({year: #, ordinalDay: #})",
    "date({date: date('2020-02-29'), year: #, month: #})",
    "date({date: date('2020-12-31'), week: #})",
    "localtime({hour: #, minute: #, second: #, nanosecond: #})",
    "localtime({hour: 1, minute: 1, second: 1, millisecond: #, microsecond: #, nanosecond: #})",
    "time({hour: #, minute: #, timezone: '+14:00'})",
    "datetime({year: #, month: #, day: #, hour: #, timezone: 'Europe/Stockholm'})",
    "datetime({epochSeconds: #, nanosecond: #})",
    "datetime({epochMillis: #})",
    "datetime.fromepoch(#, #)",
    "datetime.fromepochmillis(#)",
    "localdatetime({year: #, week: #, hour: #})",
    "duration({years: #, months: #, days: #, nanoseconds: #})",
    "duration({weeks: #, hours: #, minutes: #, seconds: #})",
    "duration({months: #, milliseconds: #, microseconds: #}) + duration({months: #, days: #, seconds: #})",
    "duration({months: #, days: #, seconds: #}) * #",
    "duration({months: #, days: #, seconds: #}) / #",
    "-duration({months: #, days: #, seconds: #})",
    "date({year: #}) + duration({months: #, days: #, seconds: #})",
    "datetime({year: #}) - duration({months: #, days: #, nanoseconds: #})",
    "localtime() + duration({days: #, nanoseconds: #})",
    "duration.between(date({year: #}), datetime({year: #}))",
    "duration.inMonths(date({year: #}), localdatetime({year: #}))",
    "duration.inSeconds(datetime({year: #}), localdatetime({year: #}))",
    "date.truncate('millennium', date({year: #}), {day: #})",
    "datetime.truncate('weekYear', datetime({year: #}), {day: #, nanosecond: #})",
    "localtime.truncate('hour', localtime(), {minute: #, nanosecond: #})",
    "datetime({year: #}).epochMillis + date({year: #}).week",
    "duration({months: #, days: #, seconds: #}).nanoseconds",
    "duration('P' + toString(#) + 'Y' + toString(#) + 'D')",
    "toString(duration({months: #, seconds: #, nanoseconds: #}))",
    "# + #",
    "# - #",
    "# * #",
    "# / #",
    "# % #",
    "# ^ #",
    "-(#)",
    "# < #",
    "# = #",
    "# IN #",
    "# || #",
    "[1, 2, 3][#]",
    "[1, 2, 3][#..#]",
    "'é' STARTS WITH #",
    "{a: 1}[#]",
    "abs(#)",
    "sign(#)",
    "round(#, #)",
    "sqrt(#)",
    "log(#)",
    "ceil(#)",
    "toInteger(#)",
    "toFloat(#)",
    "toInteger('9223372036854775808')",
    "toBoolean(#)",
    "toString(#)",
    "size(#)",
    "head(#)",
    "range(#, #, #)",
    "substring('hé', #, #)",
    "left('hé', #)",
    "right('hé', #)",
    "replace('hé', #, #)",
    "split(#, #)",
    "lpad('é', #, #)",
    "rpad('é', #, #)",
    "trim(#, #)",
    "reverse(#)",
    "coalesce(#, #)",
    "nullIf(#, #)",
    "'a' =~ toString(#)",
    "coll.sort([#, #, #])",
    "coll.indexOf([#], #)",
    "coll.max([#, #])",
    "isEmpty(#)",
    "isNaN(#)",
    "atan2(#, #)",
    "reduce(s = #, x IN [#, #] | s + x)",
    "reduce(s = #, x IN [#, #] | s * x)",
    "properties(#)",
    "keys(#)",
    "valueType(#)",
    "# AND #",
    "NOT #",
    "CASE # WHEN # THEN # ELSE # END",
    "sum(#)",
    "avg(#)",
    "stDev(#)",
    "percentileCont(#, #)",
    "percentileDisc(#, #)",
    "min(#)",
    "count(DISTINCT #)",
];

/// A query of one such call, with its values written out or out of a list, where they are looked at only while running.
pub(super) fn extreme(chance: &mut Chance) -> String {
    let hidden = chance.below(2) == 0;
    let mut values = Vec::new();
    let mut text = String::new();
    for (at, piece) in chance.pick(FORMS).split('#').enumerate() {
        if at > 0 && hidden {
            text += &format!("(v[{}])", values.len());
            values.push(chance.pick(VALUES));
        } else if at > 0 {
            text += &format!("({})", chance.pick(VALUES));
        }
        text += piece;
    }
    match chance.below(4) {
        0 => format!("WITH [{}] AS v RETURN {text} AS it LIMIT 3", values.join(", ")),
        1 => format!(
            "WITH [{}] AS v UNWIND [1, 2] AS row WITH v, row, {text} AS it RETURN collect(it) AS all, max(it) AS most",
            values.join(", ")
        ),
        2 => format!(
            "WITH [{}] AS v MATCH (n) RETURN {text} AS it, count(*) AS c ORDER BY it",
            values.join(", ")
        ),
        _ => format!("WITH [{}] AS v CREATE (n {{k: {text}}}) RETURN n.k AS k", values.join(", ")),
    }
}

#[test]
fn extreme_values_never_panic() {
    let (ground, mut chance) = (Ground::new(), Chance(6));
    for _ in 0..TEXTS {
        ground.run(&extreme(&mut chance));
    }
    assert!(ground.ran() * 10 > TEXTS, "only {} texts could run", ground.ran());
}
