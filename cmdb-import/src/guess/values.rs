//! What stands in a column: addresses, dates, numbers and the units behind them.

use super::Column;
use crate::mapping::Date;
use cmdb_core::schema::unit;
use std::net::IpAddr;

/// Formats of dates, the surest first.
const DATES: [&str; 10] = [
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%d.%m.%y",
    "%Y%m%d",
];

pub(super) fn is_ip(text: &str) -> bool {
    let bare = text.split_once('/').map_or(text, |(address, _)| address);
    bare.parse::<IpAddr>().is_ok()
}

pub(super) fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    parts.len() == 6
        && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

pub(super) fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

pub(super) fn is_fqdn(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let plain =
        |label: &&str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    labels.len() > 2
        && labels.iter().all(plain)
        && labels.last().is_some_and(|l| l.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// How the dates of a column are written, where that is not as the inventory reads them; and whether another way of
/// reading them fits as well.
pub(super) fn date(column: &Column) -> Option<(&'static str, bool)> {
    if column.all(|text| Date::new("%Y-%m-%d").is_ok_and(|date| date.read(text).is_some())) {
        return None;
    }
    let fits = DATES
        .iter()
        .filter(|format| Date::new(format).is_ok_and(|date| column.all(|text| date.read(text).is_some())));
    let fits: Vec<&&str> = fits.collect();
    let first = fits.first()?;
    Some((first, fits.len() > 1 && first.contains('/')))
}

/// Whether the numbers of a column are written with a comma before the fraction.
pub(super) fn has_decimal_commas(column: &Column) -> bool {
    let is_number = |text: &str| {
        text.split_once(',').is_some_and(|(whole, fraction)| {
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            digits(&whole.replace('.', ""))
                && digits(fraction.split(' ').next().unwrap_or(fraction))
                && fraction.len() != 3
        })
    };
    column.texts().any(is_number)
        && column.all(|text| is_number(text) || unit::split(text).0.parse::<f64>().is_ok())
}

/// The unit in a header, such as `RAM (GB)` or `Memory [MiB]`, and the header without it.
pub(super) fn unit_of(header: &str) -> (String, Option<&str>) {
    let Some(end) = header.strip_suffix([')', ']']) else {
        let last = header.rsplit([' ', '_']).next().unwrap_or(header);
        let bare = header[..header.len() - last.len()].trim_end_matches([' ', '_']);
        // Only spelt-out units of sizes: a lone `m`, `A` or `s` at the end of a name is hardly one.
        let is_unit = matches!(last, "MB" | "GB" | "TB" | "MiB" | "GiB" | "TiB" | "GHz" | "MHz");
        return if is_unit && !bare.is_empty() {
            (bare.to_owned(), Some(last))
        } else {
            (header.to_owned(), None)
        };
    };
    match end.rsplit_once(['(', '[']) {
        Some((bare, stated)) if unit::known(stated.trim()) => (bare.trim().to_owned(), Some(stated.trim())),
        _ => (header.to_owned(), None),
    }
}

/// The sign between several values, where most texts of a column have several.
pub(super) fn separator(column: &Column) -> Option<&'static str> {
    [";", ",", "|", "\n"].into_iter().find(|sign| column.share(|text| text.contains(sign)) >= 0.3)
}
