//! When changes may happen: freezes and maintenance windows, once or again and again, and what an exception lets through.

mod check;
pub mod exception;
pub mod period;
pub mod recurrence;
pub mod saved;

pub use check::{catches, check_freezes};
pub use exception::ExceptionRecord;
pub use period::CalendarPeriod;
pub use recurrence::Recurrence;
pub use saved::SavedQuery;
