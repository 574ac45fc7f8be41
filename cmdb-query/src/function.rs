//! The functions of the language. A family of functions is one file and one line in [`families`].

mod aggregate;
mod argument;
mod conversion;
mod graph;
mod list;
mod number;
mod predicate;
mod scalar;
mod string;
pub mod temporal;
mod trigonometry;

pub use graph::properties_of;

use crate::error::Result;
use crate::scene::Scene;
use crate::value::{SmolStr, Value};
use rustc_hash::FxHashMap;
use smol_str::StrExt;
use std::sync::OnceLock;

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
    &[
        aggregate::FUNCTIONS,
        conversion::FUNCTIONS,
        graph::FUNCTIONS,
        list::FUNCTIONS,
        number::FUNCTIONS,
        predicate::FUNCTIONS,
        scalar::FUNCTIONS,
        string::FUNCTIONS,
        trigonometry::FUNCTIONS,
        temporal::DATE,
        temporal::LOCAL_TIME,
        temporal::TIME,
        temporal::LOCAL_DATE_TIME,
        temporal::DATE_TIME,
        temporal::EPOCH,
        temporal::DURATION,
    ]
}

/// Finds a function by name, in any case.
pub fn find(name: &str) -> Option<&'static Function> {
    static TABLE: OnceLock<FxHashMap<SmolStr, &'static Function>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let all = families().iter().flat_map(|family| family.iter());
        all.map(|function| (function.name.to_ascii_lowercase_smolstr(), function)).collect()
    });
    table.get(&name.to_ascii_lowercase_smolstr()).copied()
}

/// A function of values. `arguments` is the least and the greatest number of them.
const fn plain(
    name: &'static str,
    signature: &'static str,
    description: &'static str,
    arguments: (usize, usize),
    accepts: &'static [&'static [Kind]],
    yields: Kind,
    compute: Compute,
) -> Function {
    let (arguments_min, arguments_max) = arguments;
    let call = Call::Plain(compute);
    Function { name, signature, description, arguments_min, arguments_max, accepts, yields, call }
}
