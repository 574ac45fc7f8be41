//! A cell as the text that it stands for; its type is decided by the schema.

use calamine::{DataRef, ExcelDateTime};

/// Numbers of a magnitude from which Excel no longer keeps every digit.
const EXACT_MAX: f64 = 1e15;
/// The day after Excel's last, 9999-12-31.
const DAYS_MAX: f64 = 2_958_466.0;

/// What a cell holds.
pub(super) enum Held {
    Nothing,
    Text(String),
    /// A number with more digits than Excel keeps.
    Inexact(String),
    /// A time of no zone; it is taken as UTC.
    Zoneless(String),
    /// Code and reason.
    Fault(&'static str, String),
}

/// Reads a cell; `computed` is whether it holds a formula.
pub(super) fn read(value: &DataRef<'_>, computed: bool) -> Held {
    match value {
        DataRef::Empty if computed => {
            let reason = "the formula was never computed; open the workbook in a spreadsheet and save it";
            Held::Fault("xlsx.not-computed", reason.to_owned())
        }
        DataRef::Empty => Held::Nothing,
        DataRef::String(text) => text_of(text),
        DataRef::SharedString(text) => text_of(text),
        DataRef::Bool(b) => Held::Text(b.to_string()),
        DataRef::Int(n) => Held::Text(n.to_string()),
        DataRef::Float(n) => number(*n),
        DataRef::DateTime(time) => moment(time),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text_of(text),
        DataRef::Error(error) => Held::Fault("xlsx.error-value", format!("the cell holds the error {error}")),
    }
}

fn text_of(text: &str) -> Held {
    if text.is_empty() { Held::Nothing } else { Held::Text(text.to_owned()) }
}

fn number(n: f64) -> Held {
    if !n.is_finite() {
        return Held::Fault("xlsx.number", format!("{n} is no number"));
    }
    if n.abs() >= EXACT_MAX {
        return Held::Inexact(n.to_string());
    }
    Held::Text(if n.fract() == 0.0 { (n as i64).to_string() } else { n.to_string() })
}

/// A serial number that is shown as a date, a time or a span.
fn moment(time: &ExcelDateTime) -> Held {
    let days = time.as_f64();
    if !(0.0..DAYS_MAX).contains(&days) {
        return number(days);
    }
    if time.is_duration() {
        return Held::Text(span(days));
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let clock = match milli {
        0 => format!("{hour:02}:{minute:02}:{second:02}"),
        milli => format!("{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    };
    if days < 1.0 {
        Held::Text(clock)
    } else if (hour, minute, second, milli) == (0, 0, 0, 0) {
        Held::Text(date)
    } else {
        Held::Zoneless(format!("{date}T{clock}Z"))
    }
}

/// A span of days as an ISO 8601 duration.
fn span(days: f64) -> String {
    let seconds = (days * 86_400.0).round() as i64;
    format!("PT{}H{}M{}S", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}
