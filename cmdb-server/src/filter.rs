//! Which items a request is about: `class`, `status` and `where`, as every listing takes them.

use crate::call::Call;
use crate::convert::ClassSet;
use crate::expression::{Expression, ItemFields, Vocabulary};
use crate::handlers::items::class_filter;
use cmdb_core::Result;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, ItemNumber, Symbol};
use rayon::prelude::*;

/// Item numbers looked at by one task.
const RUN: u32 = 4096;

/// See the module.
pub struct Filter {
    class: Option<ClassSet>,
    status: Option<Symbol>,
    condition: Option<Expression>,
    /// A status that no item can have.
    nothing: bool,
}

impl Filter {
    /// `class`, `status` and `where` of a request, as far as it states them.
    pub fn read(call: &Call, snapshot: &Snapshot) -> Result<Filter> {
        let status = call.text("status").map(|s| snapshot.names().get(s));
        let class = class_filter(call, snapshot)?;
        let vocabulary = Vocabulary { snapshot, classes: class.as_ref(), affected: false };
        let condition = call.text("where").map(|text| Expression::read(text, &vocabulary)).transpose()?;
        Ok(Filter { class, status: status.flatten(), condition, nothing: status == Some(None) })
    }
    /// Whether every item passes.
    pub fn is_trivial(&self) -> bool {
        self.class.is_none() && self.status.is_none() && self.condition.is_none() && !self.nothing
    }
    fn admits_class(&self, snapshot: &Snapshot, number: u32) -> bool {
        let dense = snapshot.dense(ItemNumber(number));
        !snapshot.is_gone(dense) && self.class.as_ref().is_none_or(|c| c.holds(snapshot.class_of(dense)))
    }
    fn admits(&self, snapshot: &Snapshot, item: &Item) -> bool {
        let fields = ItemFields { snapshot, item };
        self.status.is_none_or(|s| item.status == Some(s))
            && self.condition.as_ref().is_none_or(|c| c.holds(&fields))
    }
    /// Calls `visit` with every item that passes, in parallel runs that come back in order of creation.
    pub fn collect<T: Send>(
        &self,
        snapshot: &Snapshot,
        visit: impl Fn(u32, Option<&Item>) -> T + Sync,
        needs_item: bool,
    ) -> Result<Vec<T>> {
        if self.nothing {
            return Ok(Vec::new());
        }
        let needs_item = needs_item || self.status.is_some() || self.condition.is_some();
        let end = snapshot.counts().item_numbers;
        let run = |first: u32| -> Result<Vec<T>> {
            let mut out = Vec::new();
            for number in
                (first..end.min(first.saturating_add(RUN))).filter(|n| self.admits_class(snapshot, *n))
            {
                let item = if needs_item { snapshot.item(ItemNumber(number))? } else { None };
                if item.as_ref().is_none_or(|item| self.admits(snapshot, item)) {
                    out.push(visit(number, item.as_ref()));
                }
            }
            Ok(out)
        };
        let starts: Vec<u32> = (0..end).step_by(RUN as usize).collect();
        let runs: Vec<Vec<T>> = starts.into_par_iter().map(run).collect::<Result<_>>()?;
        Ok(runs.into_iter().flatten().collect())
    }
    /// Numbers of the items that pass, in order of creation.
    pub fn numbers(&self, snapshot: &Snapshot) -> Result<Vec<u32>> {
        self.collect(snapshot, |number, _| number, false)
    }
}
