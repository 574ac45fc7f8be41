//! Times and states as a board reads them.

use cmdb_core::Result;
use cmdb_core::model::spelling::is_unseen;
use cmdb_core::process::calendar::period::zone;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Shows times by the clock of one zone.
pub struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// # Errors
    /// No such zone.
    pub fn of(name: &str) -> Result<Clock> {
        Ok(Clock { zone: zone(name)? })
    }
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
    pub fn at(&self, time: &str) -> Option<Zoned> {
        time.parse::<Timestamp>().ok().map(|t| t.to_zoned(self.zone.clone()))
    }
    /// "Sat 28 Nov 2026".
    pub fn day(&self, time: &str) -> String {
        self.at(time).map_or_else(|| time.to_owned(), |t| t.strftime("%a %-d %b %Y").to_string())
    }
    /// "Sat 28 Nov 22:00".
    pub fn moment(&self, time: &str) -> String {
        self.at(time).map_or_else(|| time.to_owned(), |t| t.strftime("%a %-d %b %H:%M").to_string())
    }
    /// "Sat 28 Nov 22:00–23:00".
    pub fn stretch(&self, start: Option<&str>, end: Option<&str>) -> String {
        match (start, end) {
            (None, None) => "at any time".to_owned(),
            (Some(start), None) => format!("from {}", self.moment(start)),
            (None, Some(end)) => format!("until {}", self.moment(end)),
            (Some(start), Some(end)) => {
                let same_day = self.at(start).zip(self.at(end)).is_some_and(|(a, b)| a.date() == b.date());
                let until = match self.at(end).filter(|_| same_day) {
                    Some(end) => end.strftime("%H:%M").to_string(),
                    None => self.moment(end),
                };
                format!("{}–{until}", self.moment(start))
            }
        }
    }
}

/// Letters of a text that a pack shows.
const LETTERS_MAX: usize = 600;

/// A text of a record as it may stand in a pack: nothing that is not seen or turns the line around, and not endless.
pub fn shown(text: &str) -> String {
    let mut seen = text.chars().filter(|c| !is_unseen(*c));
    let mut out: String = seen.by_ref().take(LETTERS_MAX).collect();
    if seen.next().is_some() {
        out.push('…');
    }
    out
}

pub fn state_word(state: &str) -> String {
    state.replace('_', " ")
}

pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
