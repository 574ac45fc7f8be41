//! Wire types: what goes over HTTP, converted by hand from and to the core's own types.

pub mod answers;
pub mod cab;
pub mod calendar;
pub mod changes;
pub mod drawing;
pub mod freshness;
pub mod gate;
pub mod imports;
pub mod mapping;
pub mod query;
pub mod records;
pub mod rules;
pub mod session;
pub mod settings;
pub mod sources;
pub mod webhooks;

pub use answers::*;
pub use freshness::*;
pub use imports::*;
pub use mapping::*;
pub use records::*;
pub use rules::*;
pub use session::*;
pub use settings::*;
pub use sources::*;
pub use webhooks::*;
