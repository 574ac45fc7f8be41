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
    /// Whether the item of this number passes; its record is read only where that decides.
    fn passes(&self, snapshot: &Snapshot, number: u32) -> Result<bool> {
        if !self.admits_class(snapshot, number) {
            return Ok(false);
        }
        if self.status.is_none() && self.condition.is_none() {
            return Ok(true);
        }
        Ok(snapshot.item(ItemNumber(number))?.is_none_or(|item| self.admits(snapshot, &item)))
    }
    /// Takes the items that pass into values of `T`, one for each of the parallel tasks, and joins neighbours in order
    /// of creation.
    pub fn fold<T: Send>(
        &self,
        snapshot: &Snapshot,
        start: impl Fn() -> T + Sync + Send,
        take: impl Fn(T, u32) -> T + Sync + Send,
        join: impl Fn(T, T) -> T + Sync + Send,
    ) -> Result<T> {
        let end = if self.nothing { 0 } else { snapshot.counts().item_numbers };
        let run = |first: u32| -> Result<T> {
            let mut taken = start();
            for number in first..end.min(first.saturating_add(RUN)) {
                if self.passes(snapshot, number)? {
                    taken = take(taken, number);
                }
            }
            Ok(taken)
        };
        let starts: Vec<u32> = (0..end).step_by(RUN as usize).collect();
        starts.into_par_iter().map(run).try_reduce(&start, |a, b| Ok(join(a, b)))
    }
    /// Numbers of the items that pass, in order of creation.
    pub fn numbers(&self, snapshot: &Snapshot) -> Result<Vec<u32>> {
        let take = |mut numbers: Vec<u32>, number| {
            numbers.push(number);
            numbers
        };
        let join = |mut a: Vec<u32>, mut b: Vec<u32>| {
            a.append(&mut b);
            a
        };
        self.fold(snapshot, Vec::new, take, join)
    }
}
