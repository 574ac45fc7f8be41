//! From a plan to operators at work.

use super::aggregate::Aggregate;
use super::apply::{Apply, Foreach, Union};
use super::batch::{Batch, Source};
use super::call::Call;
use super::create::Create;
use super::delete::Delete;
use super::expand::{Ends, Expand};
use super::group::Group;
use super::hold::{Eager, Finish};
use super::join::Join;
use super::leaf::{Argument, IndexSeek, NodeById, Scan};
use super::merge::Merge;
use super::order::{Distinct, Sort};
use super::path::Paths;
use super::reach::Reach;
use super::row::{Filter, Limit, Projecting, Skip, Unwind};
use super::select::Select;
use super::set::Set;
use super::shortest::Shortest;
use super::trail::{Follow, Trail};
use super::{Operator, Run};
use crate::error::Result;
use crate::plan::{Plan, Step};
use crate::value::Value;

/// Makes the operators of a plan. With `counting`, each tells the run how many rows it yielded.
pub fn build(plan: &Plan, counting: bool) -> Box<dyn Operator> {
    let operator = operator(plan, counting);
    if counting { Box::new(Counting { operator, number: plan.number }) } else { operator }
}

fn operator(plan: &Plan, counting: bool) -> Box<dyn Operator> {
    let from = |input: &Plan| Source::new(build(input, counting), input.width);
    match &plan.step {
        Step::Argument => Box::new(Argument::default()),
        Step::Scan(input, label) => Box::new(Scan::new(from(input), label.clone())),
        Step::Seek(input, seek) => Box::new(IndexSeek::new(from(input), seek.clone())),
        Step::IdSeek(input, seek) => Box::new(NodeById::new(from(input), seek.clone())),
        Step::Expand(input, expand) => Box::new(Expand::new(from(input), expand.clone())),
        Step::Ends(input, ends) => Box::new(Ends::new(from(input), ends.clone())),
        Step::Trail(input, trail) => Box::new(Trail::new(from(input), trail.clone())),
        Step::Follow(input, trail) => Box::new(Follow::new(from(input), trail.clone())),
        Step::Reach(input, reach) => Box::new(Reach::new(from(input), reach.clone())),
        Step::Group(input, inner, group) => Box::new(Group::new(from(input), from(inner), group.clone())),
        Step::Shortest(input, shortest) => Box::new(Shortest::new(from(input), shortest.clone())),
        Step::Select(input, inner, select) => Box::new(Select::new(from(input), from(inner), select.clone())),
        Step::Paths(input, paths) => Box::new(Paths { source: from(input), paths: paths.clone() }),
        Step::Filter(input, conditions) => {
            Box::new(Filter { source: from(input), conditions: conditions.clone() })
        }
        Step::Project(input, project) => {
            Box::new(Projecting { source: from(input), project: project.clone() })
        }
        Step::Aggregate(input, how) => Box::new(Aggregate::new(from(input), how.clone(), plan.width)),
        Step::Distinct(input, first) => Box::new(Distinct::new(from(input), *first)),
        Step::Sort(input, sorting) => Box::new(Sort::new(from(input), sorting.clone())),
        Step::Skip(input, amount) => Box::new(Skip::new(from(input), amount.clone())),
        Step::Limit(input, limit) => Box::new(Limit::new(from(input), limit.clone())),
        Step::Unwind(input, list) => Box::new(Unwind::new(from(input), list.clone())),
        Step::Apply(input, inner, each) => Box::new(Apply::new(from(input), from(inner), *each)),
        Step::Join(left, right, join) => Box::new(Join::new(from(left), from(right), join.clone())),
        Step::Union(branches) => Box::new(Union::new(branches.iter().map(from).collect())),
        Step::Call(input, call) => Box::new(Call::new(from(input), call.clone(), plan.width)),
        Step::Foreach(input, inner, list) => {
            Box::new(Foreach { outer: from(input), inner: from(inner), list: list.clone() })
        }
        Step::Eager(input) => Box::new(Eager::new(from(input))),
        Step::Create(input, create) => Box::new(Create { source: from(input), create: create.clone() }),
        Step::Merge(input, inner, merge) => Box::new(Merge::new(from(input), from(inner), merge.clone())),
        Step::Set(input, changes) => Box::new(Set { source: from(input), changes: changes.clone() }),
        Step::Delete(input, delete) => Box::new(Delete::new(from(input), delete.clone())),
        Step::Finish(input) => Box::new(Finish { source: from(input) }),
    }
}

/// An operator whose rows and steps are counted.
struct Counting {
    operator: Box<dyn Operator>,
    number: usize,
}

impl Counting {
    /// `steps`: what was charged before.
    fn note(&self, run: &mut Run<'_>, rows: u64, steps: u64) {
        let steps = run.budget.steps() - steps;
        if let Some(counted) = run.counted.as_mut().and_then(|all| all.get_mut(self.number)) {
            counted.rows += rows;
            counted.steps += steps;
        }
    }
}

impl Operator for Counting {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.operator.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        let (rows, steps) = (out.len(), run.budget.steps());
        let more = self.operator.next(run, out)?;
        self.note(run, (out.len() - rows) as u64, steps);
        Ok(more)
    }
    fn count(&mut self, run: &mut Run<'_>) -> Result<Option<u64>> {
        let steps = run.budget.steps();
        let count = self.operator.count(run)?;
        self.note(run, count.unwrap_or(0), steps);
        Ok(count)
    }
}
