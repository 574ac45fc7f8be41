//! What each route does. A handler extracts, converts, calls, converts and answers.

pub mod ansible;
pub mod baselines;
pub mod changes;
pub mod diff;
pub mod events;
pub mod exports;
pub mod health;
pub mod history;
pub mod impact;
pub mod import_plans;
pub mod imports;
pub mod items;
pub mod jobs;
pub mod log;
pub mod operations;
pub mod path;
pub mod prometheus;
pub mod query;
pub mod ranking;
pub mod reach;
pub mod relationships;
pub mod schema;
pub mod search;
pub mod tokens;
pub mod undo;
pub mod users;
