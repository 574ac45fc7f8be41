//! What has been accepted: few, generic, versioned facts, and what each of them does to the state.
//!
//! Facts are what the log holds. [`apply()`] is pure and total: the same fact on the same state gives the same
//! writes on every machine, and a fact that was accepted once never fails, short of damaged bytes.

pub mod apply;
pub mod kinds;
pub mod setting;
pub mod sighting;
pub mod trust;

pub use apply::{Moment, State, Write, apply};
pub use kinds::{Fact, NewItem, NewRelationship, Stated};
pub use setting::{
    Absent, AbsentItem, Alias, Baseline, ImportRun, ImportTrail, Policy, Precedence, Sequence, Setting,
};
pub use sighting::{Sighting, Sightings};
pub use trust::{Belief, StaleAfter, StaleRule, Trust};
