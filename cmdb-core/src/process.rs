//! Service management: one process a file, each with its record, its legal moves and its computations.
//!
//! Records are items and their relationships are relationships, so storage, history, permissions and queries exist
//! once. A process decides like a command, as a [`Program`](crate::command::program::Program) on the writer's draft,
//! and asks the analyses; what it alone may write is guarded in [`owned`](crate::command::owned).

pub mod calendar;
pub mod change;
pub mod fields;
pub mod outage;
pub mod proposal;
pub mod queries;
pub mod record;
pub mod schedule;
pub mod service_level;
