//! The temporal operations the language needs of `value/temporal`.

use super::Value;
use super::temporal::Temporal;
use smol_str::{SmolStr, format_smolstr};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

pub fn equals(left: &Temporal, right: &Temporal) -> bool {
    left == right
}
pub fn compare(left: &Temporal, right: &Temporal) -> Option<Ordering> {
    match (left, right) {
        (Temporal::Date(a), Temporal::Date(b)) => Some(a.cmp(b)),
        (Temporal::LocalTime(a), Temporal::LocalTime(b)) => Some(a.cmp(b)),
        (Temporal::LocalDateTime(a), Temporal::LocalDateTime(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
pub fn order(left: &Temporal, right: &Temporal) -> Ordering {
    compare(left, right).unwrap_or_else(|| format!("{left:?}").cmp(&format!("{right:?}")))
}
pub fn hash<H: Hasher>(temporal: &Temporal, state: &mut H) {
    temporal.hash(state);
}
pub fn text(temporal: &Temporal) -> SmolStr {
    format_smolstr!("{temporal:?}")
}
pub fn component(_: &Temporal, _: &str) -> Option<Value> {
    None
}
pub fn add(_: &Temporal, _: &Temporal) -> Option<crate::Result<Value>> {
    None
}
pub fn subtract(_: &Temporal, _: &Temporal) -> Option<crate::Result<Value>> {
    None
}
pub fn multiply(_: &Temporal, _: f64) -> Option<crate::Result<Value>> {
    None
}
pub fn divide(_: &Temporal, _: f64) -> Option<crate::Result<Value>> {
    None
}
