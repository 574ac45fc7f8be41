//! The functions of the language. A family of functions is one file and one line in [`families`].

use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;

/// A function of values; it never sees rows. Aggregates are described here too, and computed by the executor.
pub struct Function {
    /// As the language writes it (`toUpper`, `duration.between`); found without regard to case.
    pub name: &'static str,
    /// For people: `toUpper(text :: STRING) :: STRING`.
    pub signature: &'static str,
    pub description: &'static str,
    pub arguments_min: usize,
    /// `usize::MAX` for any number.
    pub arguments_max: usize,
    /// Whether the checker may refuse literals of these kinds, one list per argument; empty: no check.
    pub accepts: &'static [&'static [Kind]],
    pub yields: Kind,
    pub call: Call,
}

pub type Compute = for<'a> fn(&Scene<'a>, &[Value]) -> Result<Value>;

#[derive(Clone, Copy)]
pub enum Call {
    Plain(Compute),
    Aggregate(Aggregate),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Count,
    Sum,
    Average,
    Minimum,
    Maximum,
    Collect,
    Deviation,
    DeviationOfPopulation,
    PercentileContinuous,
    PercentileDiscrete,
}

/// Static kinds, as far as the checker knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Any,
    Boolean,
    Integer,
    Float,
    /// Integer or float.
    Number,
    Text,
    List,
    Map,
    Node,
    Relationship,
    Path,
    Temporal,
}

/// Every family of functions.
pub fn families() -> &'static [&'static [Function]] {
    &[]
}

/// Finds a function by name, in any case.
pub fn find(name: &str) -> Option<&'static Function> {
    families().iter().flat_map(|family| family.iter()).find(|f| f.name.eq_ignore_ascii_case(name))
}

/// All properties of an element or the entries of a map; null for null.
pub fn properties_of(scene: &Scene<'_>, subject: &Value) -> Result<Value> {
    let _ = (scene, subject);
    Ok(Value::Null)
}
