//! Change enablement: what is planned, what it will do, who lets it happen, and what came of it.
//!
//! A change is an item of class `Change`. Its plan is edited like any item as long as it is a draft; from then on it
//! moves by [`moves`], whose verbs are the only ones that write what the process owns.

pub mod approval;
pub mod assessment;
pub mod carry_out;
pub mod create;
pub mod delivery;
pub mod drift;
pub mod edit;
pub(super) mod fresh;
pub mod membership;
pub mod model;
pub mod moves;
pub mod note_drift;
pub mod number;
pub mod outlook;
pub mod policy;
pub mod record;
pub mod review;
pub mod risk;
pub mod status;
pub mod submit;
pub mod unauthorised;
pub mod vote;

pub use record::{Affected, ChangeRecord, ChangeType, Effect, Window};
pub use status::Status;
