//! Units of measure: an attribute with a unit takes `16`, `16 GiB`, and `16384 MiB` where that converts exactly.

/// Unit, the dimension it measures, and its size in that dimension's base unit.
const UNITS: &[(&str, &str, f64)] = &[
    ("B", "bytes", 1.0),
    ("kB", "bytes", 1e3),
    ("MB", "bytes", 1e6),
    ("GB", "bytes", 1e9),
    ("TB", "bytes", 1e12),
    ("PB", "bytes", 1e15),
    ("KiB", "bytes", 1024.0),
    ("MiB", "bytes", 1_048_576.0),
    ("GiB", "bytes", 1_073_741_824.0),
    ("TiB", "bytes", 1_099_511_627_776.0),
    ("ms", "time", 0.001),
    ("s", "time", 1.0),
    ("min", "time", 60.0),
    ("h", "time", 3600.0),
    ("d", "time", 86_400.0),
    ("Hz", "frequency", 1.0),
    ("kHz", "frequency", 1e3),
    ("MHz", "frequency", 1e6),
    ("GHz", "frequency", 1e9),
    ("bit/s", "rate", 1.0),
    ("kbit/s", "rate", 1e3),
    ("Mbit/s", "rate", 1e6),
    ("Gbit/s", "rate", 1e9),
    ("W", "power", 1.0),
    ("kW", "power", 1e3),
    ("VA", "apparent power", 1.0),
    ("kVA", "apparent power", 1e3),
    ("A", "current", 1.0),
    ("V", "voltage", 1.0),
    ("%", "share", 1.0),
    ("EUR", "euro", 1.0),
    ("USD", "dollar", 1.0),
    ("GBP", "pound", 1.0),
    ("CHF", "franc", 1.0),
    ("U", "rack units", 1.0),
    ("K", "kelvin", 1.0),
    ("degC", "degree Celsius", 1.0),
    ("m", "length", 1.0),
    ("kg", "mass", 1.0),
];

fn find(name: &str) -> Option<&'static (&'static str, &'static str, f64)> {
    UNITS.iter().find(|(unit, _, _)| *unit == name)
}

/// Whether `name` is a unit at all.
pub fn known(name: &str) -> bool {
    find(name).is_some()
}

/// Every unit's name, for "did you mean".
pub fn names() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|(unit, _, _)| *unit)
}

/// How many `to` one `from` is; none if they measure different things.
pub fn factor(from: &str, to: &str) -> Option<f64> {
    let (from, to) = (find(from)?, find(to)?);
    (from.1 == to.1).then_some(from.2 / to.2)
}

/// Splits `16 GiB` or `16GiB` into number and unit; the unit may be missing.
pub fn split(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E' | '_')));
    match end {
        Some(0) | None => (text, None),
        Some(at) => {
            let (number, unit) = text.split_at(at);
            (number.trim(), Some(unit.trim()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_convert_within_their_dimension_only() {
        assert_eq!(factor("GiB", "MiB"), Some(1024.0));
        assert_eq!(factor("h", "min"), Some(60.0));
        assert_eq!(factor("GiB", "min"), None);
        assert_eq!(split("16 GiB"), ("16", Some("GiB")));
        assert_eq!(split("-1.5kW"), ("-1.5", Some("kW")));
        assert_eq!(split("12"), ("12", None));
    }
}
