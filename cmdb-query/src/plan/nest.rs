//! Patterns and queries inside expressions: planned like any other, run for one row at a time.

use super::Plan;
use super::planner::Planner;
use super::wish::Wish;
use crate::error::Result;
use crate::evaluate::{Flow, Nested, Nester, Scope};
use crate::execute::batch::Source;
use crate::execute::{Run, build};
use crate::scene::Scene;
use crate::syntax::tree::{Expression, Identifier, PathPattern, PatternPart, Query, Selector};
use crate::value::{SmolStr, Value};
use std::sync::{Mutex, PoisonError};

struct NestedPlan {
    plan: Plan,
    /// Values of the outer row it begins with.
    base: usize,
    /// The first value of each row that is handed on.
    from: usize,
    /// Operators built before and free to be used again.
    idle: Mutex<Vec<Source>>,
}

impl NestedPlan {
    fn boxed(plan: Plan, base: usize, from: usize) -> Box<dyn Nested> {
        Box::new(NestedPlan { plan, base, from, idle: Mutex::default() })
    }
}

impl Nested for NestedPlan {
    fn rows(
        &self,
        scene: &Scene<'_>,
        row: &[Value],
        each: &mut dyn FnMut(&[Value]) -> Result<Flow>,
    ) -> Result<()> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut source = idle.unwrap_or_else(|| Source::new(build(&self.plan, false), self.plan.width));
        let mut run = Run::within(scene);
        source.reset(&mut run, &row[..self.base])?;
        while source.advance(&mut run)? {
            if each(&source.row()[self.from..])? == Flow::Enough {
                break;
            }
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(source);
        Ok(())
    }
}

impl Nester for Planner<'_> {
    fn pattern(
        &self,
        variable: Option<&SmolStr>,
        path: &PathPattern,
        condition: Option<&Expression>,
        scope: &Scope,
    ) -> Result<(Box<dyn Nested>, Scope)> {
        let pieces = self.pieces(&[part(variable, Selector::All, path)], condition);
        let argument = self.argument(scope.len());
        let (plan, inner) = self.matched(argument, scope.clone(), pieces, Wish::everything())?;
        Ok((NestedPlan::boxed(plan, scope.len(), 0), inner))
    }

    fn shortest(&self, all: bool, path: &PathPattern, scope: &Scope) -> Result<Box<dyn Nested>> {
        let selector = if all { Selector::AllShortestPaths } else { Selector::ShortestPath };
        let pieces = self.pieces(&[part(Some(&self.hidden()), selector, path)], None);
        let argument = self.argument(scope.len());
        let (plan, _) = self.matched(argument, scope.clone(), pieces, Wish::everything())?;
        Ok(NestedPlan::boxed(plan, scope.len(), 0))
    }

    fn query(&self, query: &Query, scope: &Scope) -> Result<Box<dyn Nested>> {
        let planned = self.plan_query(query, scope, false)?;
        Ok(NestedPlan::boxed(planned.plan, scope.len(), scope.len()))
    }
}

fn part(variable: Option<&SmolStr>, selector: Selector, path: &PathPattern) -> PatternPart {
    let variable = variable.map(|name| Identifier { name: name.clone(), span: path.span });
    PatternPart { variable, selector, path: path.clone(), span: path.span }
}
