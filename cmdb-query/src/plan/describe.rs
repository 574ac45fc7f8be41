//! A plan for people.

use super::{Description, Each, Plan, Step, To};
use crate::execute::Counted;
use crate::value::SmolStr;

/// Describes a plan, with what was counted of its steps if it was run.
pub fn describe(plan: &Plan, counted: Option<&[Counted]>) -> Description {
    let (name, inputs) = parts(&plan.step);
    let own = counted.and_then(|counted| counted.get(plan.number)).copied();
    let below: u64 = inputs
        .iter()
        .filter_map(|input| Some(counted?.get(input.number)?.steps))
        .fold(0, u64::saturating_add);
    Description {
        operator: SmolStr::new_static(name),
        details: plan.details.clone(),
        estimated_rows: plan.rows,
        rows: own.map(|own| own.rows),
        steps: own.map(|own| own.steps.saturating_sub(below)),
        inputs: inputs.into_iter().map(|input| describe(input, counted)).collect(),
    }
}

fn one<'p>(name: &'static str, input: &'p Plan) -> (&'static str, Vec<&'p Plan>) {
    (name, vec![input])
}

fn parts(step: &Step) -> (&'static str, Vec<&Plan>) {
    match step {
        Step::Argument => ("Argument", Vec::new()),
        Step::Scan(input, None) => one("AllNodesScan", input),
        Step::Scan(input, Some(_)) => one("LabelScan", input),
        Step::Seek(input, _) => one("IndexSeek", input),
        Step::IdSeek(input, _) => one("IdSeek", input),
        Step::Expand(input, expand) if expand.to == To::New => one("Expand", input),
        Step::Expand(input, _) => one("ExpandInto", input),
        Step::Ends(input, _) => one("RelationshipEnds", input),
        Step::Trail(input, _) => one("VariableLengthExpand", input),
        Step::Follow(input, _) => one("FollowList", input),
        Step::Reach(input, _) => one("DistinctReach", input),
        Step::Group(input, inner, _) => ("QuantifiedGroup", vec![input, inner]),
        Step::Shortest(input, _) => one("ShortestPath", input),
        Step::Select(input, inner, _) => ("SelectPaths", vec![input, inner]),
        Step::Paths(input, _) => one("Paths", input),
        Step::Filter(input, _) => one("Filter", input),
        Step::Project(input, _) => one("Project", input),
        Step::Aggregate(input, _) => one("Aggregate", input),
        Step::Distinct(input, _) => one("Distinct", input),
        Step::Sort(input, sorting) if sorting.limit.is_some() => one("Top", input),
        Step::Sort(input, _) => one("Sort", input),
        Step::Skip(input, _) => one("Skip", input),
        Step::Limit(input, _) => one("Limit", input),
        Step::Unwind(input, _) => one("Unwind", input),
        Step::Apply(input, inner, Each::Row) => ("Apply", vec![input, inner]),
        Step::Apply(input, inner, Each::Optional) => ("OptionalApply", vec![input, inner]),
        Step::Apply(input, inner, Each::Unit) => ("UnitApply", vec![input, inner]),
        Step::Join(left, right, join) => {
            (if join.left.is_empty() { "CartesianProduct" } else { "HashJoin" }, vec![left, right])
        }
        Step::Union(branches) => ("Union", branches.iter().collect()),
        Step::Call(input, _) => one("ProcedureCall", input),
        Step::Foreach(input, inner, _) => ("Foreach", vec![input, inner]),
        Step::Eager(input) => one("Eager", input),
        Step::Create(input, _) => one("Create", input),
        Step::Merge(input, inner, _) => ("Merge", vec![input, inner]),
        Step::Set(input, _) => one("Set", input),
        Step::Delete(input, delete) => one(if delete.detach { "DetachDelete" } else { "Delete" }, input),
        Step::Finish(input) => one("Finish", input),
    }
}
