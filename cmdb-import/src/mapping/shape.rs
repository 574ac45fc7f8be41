//! What a profile does to the texts of a column, and the relationships it makes of one.

use jiff::civil::{Date as Day, DateTime};
use jiff::tz::TimeZone;
use regex::Regex;
use smol_str::SmolStr;

/// The longest text that a replacement may leave.
const TEXT_BYTES_MAX: usize = 65_536;

/// What is done to the texts of one column, in this order.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub trim: bool,
    pub split: Option<SmolStr>,
    /// Which of the parts is taken, from 1; all of them where none is named, as a list.
    pub part: Option<usize>,
    pub replace: Vec<(Regex, String)>,
    pub case: Option<Case>,
    /// Whether numbers are written as `1.234,5` rather than `1,234.5`.
    pub decimal_comma: Option<bool>,
    pub date: Option<Date>,
    /// What a bare number is a number of.
    pub unit: Option<SmolStr>,
    /// Taken where nothing is left.
    pub default: Option<SmolStr>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Case {
    Lower,
    Upper,
}

impl Shape {
    /// The texts that a cell stands for: one, or several where it is split; the error is a sentence.
    pub fn apply(&self, written: &str) -> Result<Vec<String>, String> {
        let mut parts: Vec<&str> = match &self.split {
            None => vec![written],
            Some(sign) => {
                written.split(sign.as_str()).map(str::trim).filter(|part| !part.is_empty()).collect()
            }
        };
        if let Some(number) = self.part {
            parts = parts.get(number - 1).copied().into_iter().collect();
        }
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            let text = self.one(part)?;
            if !text.is_empty() {
                out.push(text);
            }
        }
        if out.is_empty() {
            out.extend(self.default.as_ref().map(ToString::to_string));
        }
        Ok(out)
    }

    /// Whether a cell becomes a list.
    pub fn is_list(&self) -> bool {
        self.split.is_some() && self.part.is_none()
    }

    fn one(&self, written: &str) -> Result<String, String> {
        let mut text = if self.trim { written.trim().to_owned() } else { written.to_owned() };
        for (pattern, replacement) in &self.replace {
            text = pattern.replace_all(&text, replacement.as_str()).into_owned();
            if text.len() > TEXT_BYTES_MAX {
                return Err(format!("the replacement makes a text of more than {TEXT_BYTES_MAX} bytes"));
            }
        }
        match self.case {
            Some(Case::Lower) => text = text.to_lowercase(),
            Some(Case::Upper) => text = text.to_uppercase(),
            None => {}
        }
        if text.trim().is_empty() {
            return Ok(String::new());
        }
        if let Some(comma) = self.decimal_comma {
            text = number(&text, comma).ok_or_else(|| format!("\"{text}\" is no number"))?;
        }
        if let Some(date) = &self.date {
            text = date
                .read(text.trim())
                .ok_or_else(|| format!("\"{text}\" is no date such as {}", date.shown()))?;
        }
        if let Some(unit) = &self.unit
            && text.trim().parse::<f64>().is_ok_and(f64::is_finite)
        {
            text = format!("{} {unit}", text.trim());
        }
        Ok(text)
    }
}

/// A number written with grouping and a decimal sign, as `1234.5`; a unit behind it stays.
fn number(text: &str, comma: bool) -> Option<String> {
    let (decimal, group) = if comma { (',', '.') } else { ('.', ',') };
    let text = text.trim();
    let end = text.find(|c: char| {
        !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | '\'' | '\u{a0}' | '\u{202f}' | ' '))
    });
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    let plain: String =
        digits.chars().filter(|c| !matches!(c, '\'' | '\u{a0}' | '\u{202f}' | ' ') && *c != group).collect();
    let plain = plain.replace(decimal, ".");
    plain.parse::<f64>().ok()?;
    Some(format!("{plain} {rest}").trim_end().to_owned())
}

/// How dates are written.
#[derive(Debug)]
pub(crate) enum Date {
    /// Days since the end of 1899, as spreadsheets count them.
    Serial,
    /// As `strftime` writes them; with a time of day or without.
    Written { format: String, timed: bool },
}

impl Date {
    /// `excel`, or a format of `strptime`.
    pub fn new(format: &str) -> Result<Date, String> {
        if format == "excel" {
            return Ok(Date::Serial);
        }
        let timed = ["%H", "%I", "%T", "%R", "%s"].iter().any(|part| format.contains(part));
        let sample = DateTime::constant(2026, 11, 22, 10, 30, 0, 0).to_zoned(TimeZone::UTC);
        let sample = sample.map_err(|e| e.to_string())?;
        let written = jiff::fmt::strtime::format(format, &sample).map_err(|e| e.to_string())?;
        let date = Date::Written { format: format.to_owned(), timed };
        match date.read(&written) {
            Some(_) => Ok(date),
            None => Err("it does not say day, month and year".to_owned()),
        }
    }

    /// The date as `2026-11-22`; with a time of day as UTC, unless the format states an offset.
    pub fn read(&self, text: &str) -> Option<String> {
        match self {
            Date::Serial => {
                let days: f64 = text.parse().ok().filter(|days| (1.0..2_958_466.0).contains(days))?;
                // Spreadsheets count a 29th of February 1900 that never was.
                let days = days.trunc() as i64 - i64::from(days >= 60.0);
                let start = Day::constant(1899, 12, 31);
                start.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(|day| day.to_string())
            }
            Date::Written { format, timed: false } => {
                Day::strptime(format, text).ok().map(|day| day.to_string())
            }
            Date::Written { format, timed: true } => {
                let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
                match parsed.to_timestamp() {
                    Ok(instant) => Some(instant.to_string()),
                    Err(_) => parsed.to_datetime().ok().map(|time| format!("{time}Z")),
                }
            }
        }
    }

    fn shown(&self) -> &str {
        match self {
            Date::Serial => "45000, a day as spreadsheets count them",
            Date::Written { format, .. } => format,
        }
    }
}

/// A column that names other items.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// As written in the file.
    pub column: SmolStr,
    pub kind: SmolStr,
    /// Of the other end, which is then named; without it the text is a key or any other reference.
    pub class: Option<SmolStr>,
    pub split: Option<SmolStr>,
    /// Whether the relationship runs from the other end to the item.
    pub reverse: bool,
    pub set: Vec<(SmolStr, SmolStr)>,
}

impl Link {
    /// References to the other ends that a text names.
    pub fn ends<'l>(&'l self, text: &'l str) -> impl Iterator<Item = SmolStr> + 'l {
        let parts: Vec<&str> = match &self.split {
            Some(sign) => text.split(sign.as_str()).collect(),
            None => vec![text],
        };
        parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(|part| match &self.class {
            Some(class) => SmolStr::from(format!("{class}:{part}")),
            None => SmolStr::new(part),
        })
    }
}
