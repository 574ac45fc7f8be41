//! A value as text in a file of another tool: lists and maps as JSON.

use cmdb_core::model::Value;
use std::borrow::Cow;

/// A text as it is, without a copy; everything else as it is written.
pub(super) fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        Value::List(_) | Value::Map(_) => Cow::Owned(crate::json::from_value(value).to_string()),
        Value::Boolean(_)
        | Value::Integer(_)
        | Value::Decimal(_)
        | Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => Cow::Owned(value.to_string()),
    }
}
