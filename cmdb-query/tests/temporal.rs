//! The temporal conformance scenarios on expressions alone: a created node is a map of its properties, and a match
//! finds it. Says what the language means even where planner and executor are at fault.

#![allow(clippy::print_stdout, reason = "the figure is what this test is read for")]
#![allow(clippy::unwrap_used)]

use cmdb_query::evaluate::{Nested, Nester, Scope, compile};
use cmdb_query::memory::MemoryGraph;
use cmdb_query::scene::{Budget, Clock, Limits, Parameters, Scene};
use cmdb_query::syntax::tree::{
    Body, ClauseKind, Element, Expression, PathPattern, Pattern, Projection, Query,
};
use cmdb_query::value::{SmolStr, Value};
use cmdb_query::{Error, Result};
use cmdb_tck::cell::{self, Cell};
use cmdb_tck::scenario::{self, Instance};
use std::cell::Cell as StdCell;
use std::path::{Path, PathBuf};

struct Nothing;

fn unsupported<T>() -> Result<T> {
    Err(Error::kind("Unsupported", "not an expression alone"))
}

impl Nester for Nothing {
    fn pattern(
        &self,
        _: Option<&SmolStr>,
        _: &PathPattern,
        _: Option<&Expression>,
        _: &Scope,
    ) -> Result<(Box<dyn Nested>, Scope)> {
        unsupported()
    }
    fn shortest(&self, _: bool, _: &PathPattern, _: &Scope) -> Result<Box<dyn Nested>> {
        unsupported()
    }
    fn query(&self, _: &Query, _: &Scope) -> Result<Box<dyn Nested>> {
        unsupported()
    }
}

/// One row and the created node's properties.
#[derive(Default)]
struct Run {
    scope: Scope,
    row: Vec<Value>,
    node: Value,
}

impl Run {
    fn query(&mut self, text: &str) -> Result<Vec<Value>> {
        let Body::Query(query) = cmdb_query::syntax::parse(text)?.body else { return unsupported() };
        (self.scope, self.row) = (Scope::default(), Vec::new());
        for clause in &query.first.clauses {
            match &clause.kind {
                ClauseKind::With(projection) => self.project(projection)?,
                ClauseKind::Return(projection) => {
                    self.project(projection)?;
                    return Ok(self.row.clone());
                }
                ClauseKind::Create { pattern } => self.node = self.properties(pattern)?,
                ClauseKind::Match { pattern, .. } => {
                    let Element::Node(node) = &pattern.parts[0].path.elements[0] else {
                        return unsupported();
                    };
                    self.scope.push(node.variable.as_ref().unwrap().name.clone());
                    self.row.push(self.node.clone());
                }
                _ => return unsupported(),
            }
        }
        Ok(Vec::new())
    }
    fn properties(&self, pattern: &Pattern) -> Result<Value> {
        let Element::Node(node) = &pattern.parts[0].path.elements[0] else { return unsupported() };
        self.eval(node.properties.as_ref().unwrap())
    }
    fn project(&mut self, projection: &Projection) -> Result<()> {
        let mut next = Run::default();
        for item in &projection.items {
            next.row.push(self.eval(&item.expression)?);
            next.scope.push(item.alias.as_ref().map_or(item.text.clone(), |alias| alias.name.clone()));
        }
        (self.scope, self.row) = (next.scope, next.row);
        Ok(())
    }
    fn eval(&self, expression: &Expression) -> Result<Value> {
        let graph = MemoryGraph::default();
        let (parameters, chance) = (Parameters::new(), StdCell::new(1));
        let budget = Budget::new(Limits::default(), None);
        let clock = Clock { seconds: 1_795_000_000, nanoseconds: 123_456_789 };
        let scene = Scene { graph: &graph, parameters: &parameters, clock, chance: &chance, budget: &budget };
        compile(expression, &self.scope, &Nothing)?.eval(&scene, &self.row)
    }
}

fn play(instance: &Instance) -> std::result::Result<(), String> {
    let mut run = Run::default();
    let mut row = Vec::new();
    for step in &instance.steps {
        if let Some(query) = &step.doc {
            row = run.query(query).map_err(|e| format!("{}: {e}", e.detail()))?;
        }
        let expected = match &step.table {
            Some(table) if step.text.starts_with("the result should be") => &table[1],
            _ => continue,
        };
        let graph = MemoryGraph::default();
        let actual: Vec<Cell> = row.iter().map(|value| Cell::of(&graph, value)).collect();
        let expected: Vec<Cell> = expected.iter().map(|text| cell::parse(text).unwrap()).collect();
        if actual != expected {
            return Err(format!("expected {expected:?}, got {actual:?}"));
        }
    }
    Ok(())
}

#[test]
fn temporal_scenarios_on_expressions_alone() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/opencypher-tck/features");
    let folder = std::env::var_os("CMDB_TCK_DIR").map_or(beside, PathBuf::from).join("expressions/temporal");
    if !folder.exists() {
        println!("SKIPPED: no scenarios at {}", folder.display());
        return;
    }
    let instances = scenario::load(&folder).unwrap();
    let failures: Vec<_> =
        instances.iter().filter_map(|instance| Some((&instance.name, play(instance).err()?))).collect();
    for (name, failure) in &failures {
        println!("{name}\n    {failure}");
    }
    println!("{} of {} pass", instances.len() - failures.len(), instances.len());
    assert!(instances.len() >= 100 && failures.is_empty());
}

/// The text of an expression's value, or the detail of its error.
fn text(expression: &str) -> String {
    let row = Run::default().query(&format!("RETURN toString({expression}) AS x"));
    match row.as_deref() {
        Ok([Value::Text(text)]) => text.to_string(),
        Ok(other) => format!("{other:?}"),
        Err(error) => format!("{:?}: {}", error.class(), error.detail()),
    }
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(expression, expected)| (expression, text(expression), expected))
        .filter(|(_, actual, expected)| actual != *expected)
        .collect();
    assert!(wrong.is_empty(), "expression, actual, expected: {wrong:#?}");
}

const INVALID: &str = "ArgumentError: InvalidArgumentValue";
const WRONG_KIND: &str = "TypeError: InvalidArgumentType";
const OUT_OF_RANGE: &str = "ArithmeticError: NumberOutOfRange";

#[test]
fn text_is_read_in_every_form_of_the_standard() {
    check(&[
        ("date('2015-Q2-60')", "2015-05-30"),
        ("date('2015Q260')", "2015-05-30"),
        ("date('2015-Q2')", "2015-04-01"),
        ("date('2015Q2')", "2015-04-01"),
        ("date('+999999999-12-31')", "+999999999-12-31"),
        ("date('-0001-W01-1')", "-0001-01-04"),
        ("date('2016-02-29')", "2016-02-29"),
        ("date('2015-02-29')", INVALID),
        ("date('2017-W53')", INVALID),
        ("date('2015-366')", INVALID),
        ("date('+1000000000-01-01')", INVALID),
        ("date('15-01-01')", INVALID),
        ("date('2015-7-1')", INVALID),
        ("date('')", INVALID),
        ("localtime('21:40:32.142')", "21:40:32.142"),
        ("localtime('214032,142')", "21:40:32.142"),
        ("localtime('2140')", "21:40"),
        ("localtime('21')", "21:00"),
        ("localtime('24:00')", INVALID),
        ("localtime('21:60')", INVALID),
        ("time('21:40:32.142+0100')", "21:40:32.142+01:00"),
        ("time('214032.142Z')", "21:40:32.142Z"),
        ("time('21:40:32+01:00')", "21:40:32+01:00"),
        ("time('214032-0100')", "21:40:32-01:00"),
        ("time('21:40-01:30')", "21:40-01:30"),
        ("time('2140-00:00')", "21:40Z"),
        ("time('2140-02')", "21:40-02:00"),
        ("time('22+18:00')", "22:00+18:00"),
        ("time('22+18:01')", INVALID),
        ("time('21:40[Europe/London]')", INVALID),
        ("datetime('2015-07-21T21:40:32.142+0100')", "2015-07-21T21:40:32.142+01:00"),
        ("datetime('2015-W30-2T214032.142Z')", "2015-07-21T21:40:32.142Z"),
        ("datetime('2015-202T21:40:32+01:00')", "2015-07-21T21:40:32+01:00"),
        ("datetime('2015T214032-0100')", "2015-01-01T21:40:32-01:00"),
        ("datetime('20150721T21:40-01:30')", "2015-07-21T21:40-01:30"),
        ("datetime('2015-W30T2140-02')", "2015-07-20T21:40-02:00"),
        ("datetime('2015202T21+18:00')", "2015-07-21T21:00+18:00"),
        ("datetime('2015-07-21')", "2015-07-21T00:00Z"),
        ("datetime('2015-07-21T21:40+03:00[Europe/Stockholm]')", INVALID),
        ("datetime('2015-07-21T21:40[Europe/Nowhere]')", INVALID),
        ("datetime('2017-10-29T02:30+01:00[Europe/Stockholm]')", "2017-10-29T02:30+01:00[Europe/Stockholm]"),
        ("datetime('2017-03-26T02:30[Europe/Stockholm]')", "2017-03-26T03:30+02:00[Europe/Stockholm]"),
        ("duration('P1Y2M3W4DT5H6M7.000000008S')", "P1Y2M25DT5H6M7.000000008S"),
        ("duration('-P1Y-2M')", "P-10M"),
        ("duration('PT-0.5S')", "PT-0.5S"),
        ("duration('P20120202T143721.545')", "P2012Y2M2DT14H37M21.545S"),
        ("duration('P1.5Y')", "P1Y6M"),
        ("duration('PT0,25H')", "PT15M"),
        ("duration('P')", INVALID),
        ("duration('P1DT')", INVALID),
        ("duration('P1.5YT1S')", INVALID),
        ("duration('PT1M1H')", INVALID),
        ("duration('P99999999999999999999Y')", INVALID),
    ]);
}

#[test]
fn maps_and_other_values_make_points_in_time() {
    check(&[
        ("date({year: 2015, day: 1})", INVALID),
        ("date({month: 1})", INVALID),
        ("date({})", INVALID),
        ("date({year: 2015, month: 1, week: 2})", INVALID),
        ("date({year: 2015, month: 13})", INVALID),
        ("date({year: 2015, hour: 1})", INVALID),
        ("date({year: 2015, moth: 1})", INVALID),
        ("date({year: '2015'})", WRONG_KIND),
        ("date({year: 1000000000})", INVALID),
        ("date({date: date('2016-02-29'), year: 2015})", "2015-02-28"),
        ("date({date: date('2015-03-31'), month: 2})", "2015-02-28"),
        ("date({date: date('2015-03-31'), month: 2, day: 30})", INVALID),
        ("localdatetime({year: 2015, hour: 1})", INVALID),
        ("localdatetime({year: 2015, week: 1, hour: 1})", INVALID),
        ("localtime({minute: 1})", INVALID),
        ("localtime({hour: 1, second: 1})", INVALID),
        ("localtime({hour: 1, minute: 2, second: 3, millisecond: 4, nanosecond: 1000000})", INVALID),
        (
            "localtime({hour: 1, minute: 2, second: 3, millisecond: 4, nanosecond: 999999})",
            "01:02:03.004999999",
        ),
        ("time({time: time('12:31:14+01:00'), timezone: '+05:00'})", "16:31:14+05:00"),
        ("time({time: localtime('12:31:14'), timezone: '+05:00'})", "12:31:14+05:00"),
        ("time({time: time('12:31:14+01:00'), second: 42, timezone: '+05:00'})", "16:31:42+05:00"),
        (
            "time(datetime({year: 1984, month: 10, day: 11, hour: 12, timezone: 'Europe/Stockholm'}))",
            "12:00+01:00",
        ),
        ("time({hour: 12, timezone: 'Europe/Stockholm'})", "12:00+01:00"),
        (
            "datetime({date: date('1984-10-11'), time: time('12:31+01:00'), timezone: '+05:00'})",
            "1984-10-11T16:31+05:00",
        ),
        (
            "datetime({date: date('1984-10-11'), time: time('23:31+01:00'), timezone: '+05:00'})",
            "1984-10-12T03:31+05:00",
        ),
        (
            "datetime({year: 2000, timezone: 'America/Los Angeles'})",
            "2000-01-01T00:00-08:00[America/Los_Angeles]",
        ),
        ("datetime({year: 2000, timezone: 'Z'})", "2000-01-01T00:00Z"),
        ("datetime({year: 2000, timezone: 'Mars/Olympus'})", INVALID),
        ("datetime({datetime: duration('P1D')})", WRONG_KIND),
        ("datetime({epochSeconds: 416779, nanosecond: 999999999})", "1970-01-05T19:46:19.999999999Z"),
        ("datetime({epochMillis: 237821673987, timezone: '+01:00'})", "1977-07-15T14:34:33.987+01:00"),
        ("datetime({epochMillis: 1, year: 2000})", INVALID),
        ("datetime.fromepoch(416779, 999999999)", "1970-01-05T19:46:19.999999999Z"),
        ("datetime.fromepochmillis(237821673987)", "1977-07-15T13:34:33.987Z"),
        ("datetime.fromEpochMillis(-1)", "1969-12-31T23:59:59.999Z"),
        ("datetime.fromepoch(9223372036854775807, 0)", OUT_OF_RANGE),
        ("date(1)", WRONG_KIND),
        ("date(localtime('12:00'))", INVALID),
        ("date(duration('P1D'))", WRONG_KIND),
        ("duration({})", INVALID),
        ("duration({year: 1})", INVALID),
        ("duration({days: 'a'})", WRONG_KIND),
        ("duration({months: 0.75})", "P22DT19H51M49.5S"),
        ("duration({seconds: 0.1})", "PT0.1S"),
        ("duration({milliseconds: 1795000000123})", "PT498611H6M40.123S"),
        ("duration({years: 9223372036854775807})", OUT_OF_RANGE),
    ]);
}

#[test]
fn the_clock_is_the_one_given() {
    check(&[
        ("datetime()", "2026-11-18T11:06:40.123456789Z"),
        ("date()", "2026-11-18"),
        ("localtime()", "11:06:40.123456789"),
        ("time.transaction('+01:00')", "12:06:40.123456789+01:00"),
        ("datetime.statement('Europe/Stockholm')", "2026-11-18T12:06:40.123456789+01:00[Europe/Stockholm]"),
        ("date.realtime('Pacific/Kiritimati')", "2026-11-19"),
        ("localdatetime({timezone: 'America/New_York'})", "2026-11-18T06:06:40.123456789"),
        ("date.transaction(1)", WRONG_KIND),
        ("date.truncate('month')", "2026-11-01"),
        ("duration.inSeconds(time(), time.realtime())", "PT0S"),
    ]);
}

#[test]
fn truncation_keeps_the_zone_and_the_unit() {
    check(&[
        (
            "datetime.truncate('weekYear', datetime('1984-01-01T12:00+01:00'), {day: 5})",
            "1983-01-05T00:00+01:00",
        ),
        (
            "datetime.truncate('millennium', date('2017-10-11'), {day: 2, timezone: 'Europe/Stockholm'})",
            "2000-01-02T00:00+01:00[Europe/Stockholm]",
        ),
        (
            "datetime.truncate('hour', datetime('2017-10-11T12:31-01:00'), {timezone: 'Europe/Stockholm'})",
            "2017-10-11T12:00+02:00[Europe/Stockholm]",
        ),
        (
            "datetime.truncate('day', datetime('2017-10-29T12:31[Europe/Stockholm]'))",
            "2017-10-29T00:00+02:00[Europe/Stockholm]",
        ),
        (
            "datetime.truncate('hour', datetime('2017-10-29T02:31+01:00[Europe/Stockholm]'))",
            "2017-10-29T02:00+01:00[Europe/Stockholm]",
        ),
        (
            "localdatetime.truncate('MILLISECOND', localdatetime('2017-10-29T02:31:14.645876123'), {nanosecond: 2})",
            "2017-10-29T02:31:14.645000002",
        ),
        ("localtime.truncate('day', localtime('02:31'))", "00:00"),
        ("localtime.truncate('month', localtime('02:31'))", INVALID),
        ("date.truncate('hour', datetime('2017-10-11T12:31-01:00'))", INVALID),
        ("localdatetime.truncate('hour', date('2017-10-11'))", INVALID),
        ("time.truncate('hour', date('2017-10-11'))", INVALID),
        ("date.truncate('fortnight', date('2017-10-11'))", INVALID),
        ("date.truncate(1, date('2017-10-11'))", WRONG_KIND),
        ("date.truncate('decade', date('-0005-10-11'))", "-0010-01-01"),
        ("date.truncate('week', date('-999999999-01-01'))", "-999999999-01-01"),
    ]);
}

#[test]
fn arithmetic_moves_points_and_scales_durations() {
    check(&[
        ("date('2015-01-31') + duration('P1M')", "2015-02-28"),
        ("duration('P1M') + date('2015-01-31')", "2015-02-28"),
        ("localtime('12:31:14') + duration({days: 3, hours: 16, seconds: -1})", "04:31:13"),
        (
            "datetime('2017-10-28T12:00[Europe/Stockholm]') + duration('P1D')",
            "2017-10-29T12:00+01:00[Europe/Stockholm]",
        ),
        (
            "datetime('2017-10-28T12:00[Europe/Stockholm]') + duration('PT24H')",
            "2017-10-29T11:00+01:00[Europe/Stockholm]",
        ),
        (
            "duration('P12Y5M14DT16H13M10.000000001S') + duration({years: 12.5, months: 5.5, days: 14.5, hours: 16.5, minutes: 12.5, seconds: 70.5, nanoseconds: 3})",
            "P25Y4M43DT50H11M23.500000004S",
        ),
        ("duration('P1M-14D') - duration('P1MT1S')", "P-14DT-1S"),
        ("2 * duration('P1DT1S')", "P2DT2S"),
        ("-duration('P1DT1S')", "P-1DT-1S"),
        ("duration('P1M') / 4", "P7DT14H37M16.5S"),
        ("duration('PT1S') / 3", "PT0.333333333S"),
        ("duration('P1D') / 0", INVALID),
        ("duration('P1D') * 1e300", OUT_OF_RANGE),
        ("date('+999999999-12-31') + duration('P1D')", OUT_OF_RANGE),
        ("duration.between(date('2018-03-31'), date('2018-02-28'))", "P-1M"),
        ("duration.between(date('2018-01-31'), date('2018-02-28'))", "P28D"),
        ("duration.inMonths(date('2018-07-21'), datetime('2016-07-21T21:40:32.142+0100'))", "P-1Y-11M"),
        ("duration.inMonths(localtime('14:30'), date('2015-06-24'))", "PT0S"),
        ("duration.between(date('-999999999-01-01'), date('+999999999-12-31'))", "P1999999998Y11M30D"),
        ("duration.between(date('2018-01-31'), duration('P1D'))", WRONG_KIND),
        ("duration.between(1, date('2018-01-31'))", WRONG_KIND),
    ]);
}

#[test]
fn comparison_is_by_instant_then_by_zone() {
    check(&[
        ("datetime('2015-06-24T12:00+01:00') = datetime('2015-06-24T11:00Z')", "false"),
        ("datetime('2015-06-24T12:00+01:00') > datetime('2015-06-24T11:00Z')", "true"),
        ("datetime('2015-06-24T12:00+01:00') < datetime('2015-06-24T11:30Z')", "true"),
        ("time('10:35-08:00') > time('12:35:15+05:00')", "true"),
        ("date('2015-06-24') < date('+12345-01-01')", "true"),
        ("duration('P1M') = duration('P30D')", "false"),
        ("date('2015-06-24') = localdatetime('2015-06-24')", "false"),
        ("coalesce(duration('P1M') < duration('P2M'), 'unknown')", "unknown"),
        ("coalesce(date('2015-06-24') < localdatetime('2016-06-24'), 'unknown')", "unknown"),
        ("date('2015-06-24').nonsense", "TypeError: InvalidArgumentValue"),
    ]);
}
