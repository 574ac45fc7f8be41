//! The aggregates by name; `evaluate/aggregate` computes them.

use super::{Aggregate, Call, Function, Kind};

const fn aggregate(
    name: &'static str,
    signature: &'static str,
    description: &'static str,
    accepts: &'static [&'static [Kind]],
    yields: Kind,
    aggregate: Aggregate,
) -> Function {
    let count = accepts.len();
    let call = Call::Aggregate(aggregate);
    Function {
        name,
        signature,
        description,
        arguments_min: count,
        arguments_max: count,
        accepts,
        yields,
        call,
    }
}

const ANY: &[&[Kind]] = &[&[Kind::Any]];
const NUMBERS: &[&[Kind]] = &[&[Kind::Number]];
const SUMMABLE: &[&[Kind]] = &[&[Kind::Number, Kind::Temporal]];
const PERCENTILE: &[&[Kind]] = &[&[Kind::Number], &[Kind::Number]];

pub const FUNCTIONS: &[Function] = &[
    aggregate(
        "count",
        "count(value :: ANY) :: INTEGER",
        "How many values are not null; count(*): how many rows there are.",
        ANY,
        Kind::Integer,
        Aggregate::Count,
    ),
    aggregate(
        "sum",
        "sum(value :: INTEGER | FLOAT | DURATION) :: INTEGER | FLOAT | DURATION",
        "The sum of the values; 0 without any.",
        SUMMABLE,
        Kind::Any,
        Aggregate::Sum,
    ),
    aggregate(
        "avg",
        "avg(value :: INTEGER | FLOAT | DURATION) :: FLOAT | DURATION",
        "The mean of the values; null without any.",
        SUMMABLE,
        Kind::Any,
        Aggregate::Average,
    ),
    aggregate(
        "min",
        "min(value :: ANY) :: ANY",
        "The value that ORDER BY would put first; null without any.",
        ANY,
        Kind::Any,
        Aggregate::Minimum,
    ),
    aggregate(
        "max",
        "max(value :: ANY) :: ANY",
        "The value that ORDER BY would put last; null without any.",
        ANY,
        Kind::Any,
        Aggregate::Maximum,
    ),
    aggregate(
        "collect",
        "collect(value :: ANY) :: LIST<ANY>",
        "The values that are not null, as a list.",
        ANY,
        Kind::List,
        Aggregate::Collect,
    ),
    aggregate(
        "stDev",
        "stDev(value :: INTEGER | FLOAT) :: FLOAT",
        "The standard deviation of a sample.",
        NUMBERS,
        Kind::Float,
        Aggregate::Deviation,
    ),
    aggregate(
        "stDevP",
        "stDevP(value :: INTEGER | FLOAT) :: FLOAT",
        "The standard deviation of a whole population.",
        NUMBERS,
        Kind::Float,
        Aggregate::DeviationOfPopulation,
    ),
    aggregate(
        "percentileCont",
        "percentileCont(value :: INTEGER | FLOAT, percentile :: FLOAT) :: FLOAT",
        "The percentile (0.0 to 1.0), in proportion between the two values beside it.",
        PERCENTILE,
        Kind::Float,
        Aggregate::PercentileContinuous,
    ),
    aggregate(
        "percentileDisc",
        "percentileDisc(value :: INTEGER | FLOAT, percentile :: FLOAT) :: INTEGER | FLOAT",
        "The value at the percentile (0.0 to 1.0).",
        PERCENTILE,
        Kind::Number,
        Aggregate::PercentileDiscrete,
    ),
];
