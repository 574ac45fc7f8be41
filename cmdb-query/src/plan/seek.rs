//! How a node can be found that is not bound yet, and what that costs.

use super::condition::{Condition, Equal, equal_for};
use super::matching::Matcher;
use super::planner::is_hidden;
use super::{IdSeek, Seek, Step};
use crate::error::Result;
use crate::graph::Word;
use crate::syntax::tree::{Expression, SmolStr};

/// One way to find a node.
pub(super) struct Anchor {
    pub node: SmolStr,
    pub how: How,
    /// Nodes looked at for each row.
    pub cost: f64,
    /// Nodes left after the conditions that can be asked at once.
    pub rows: f64,
}

pub(super) enum How {
    Id { value: Expression, many: bool },
    Index { label: Option<SmolStr>, key: SmolStr, value: Expression, many: bool },
    Label(SmolStr),
    All,
}

/// Values expected in a list whose length is not known.
const LIST_LENGTH: f64 = 5.0;

const MERGE_COST_WITH_INDEX: f64 = 0.5;
const MERGE_COST_WITHOUT: f64 = 0.9;

impl Matcher<'_, '_> {
    fn labels_of<'c>(&'c self, node: &'c str) -> impl Iterator<Item = &'c SmolStr> {
        let labels = self.conditions.iter().filter_map(|condition| condition.label.as_ref());
        labels.filter(move |(name, _)| name == node).map(|(_, label)| label)
    }

    /// How many nodes have the rarest of the labels asked of a node, and that label.
    pub(super) fn count(&self, node: &str) -> (f64, Option<SmolStr>) {
        let graph = self.planner.graph;
        let count = |label: &SmolStr| match graph.label(label) {
            Some(symbol) => self.planner.count_nodes(Some(symbol)),
            None => {
                self.planner.notice_name(Word::Label, label);
                0
            }
        };
        let rarest = self.labels_of(node).map(|label| (count(label), label)).min_by_key(|(count, _)| *count);
        match rarest {
            Some((count, label)) => (count as f64, Some(label.clone())),
            None => (self.planner.count_nodes(None) as f64, None),
        }
    }

    /// The share of nodes that pass the conditions which only this node is missing for.
    pub(super) fn share(&self, node: &str) -> f64 {
        let asked = self.conditions.iter().filter(|condition| condition.label.is_none());
        asked.filter(|condition| self.lacks_only(condition, node)).map(Condition::share).product()
    }

    pub(super) fn lacks_only(&self, condition: &Condition, node: &str) -> bool {
        condition.needs.contains(node)
            && condition.needs.iter().all(|name| name == node || !self.is_missing(name))
    }

    pub(super) fn best_anchor(&self, node: &SmolStr) -> Anchor {
        let (count, label) = self.count(node);
        let rows = (count * self.share(node)).max(0.01);
        let how = label.map_or(How::All, How::Label);
        let mut best = Anchor { node: node.clone(), how, cost: count + 1.0, rows };
        for condition in &self.conditions {
            if !self.lacks_only(condition, node) {
                continue;
            }
            if let Some(found) = self.seek(node, condition)
                && found.cost < best.cost
            {
                best = found;
            }
        }
        best
    }

    fn seek(&self, node: &SmolStr, condition: &Condition) -> Option<Anchor> {
        let mentions = |value: &Expression| super::visible::in_expression(value).has(node);
        match equal_for(&condition.expression, node)? {
            Equal::Id { value, many } if !mentions(value) => {
                let cost = if many { LIST_LENGTH } else { 0.5 };
                let how = How::Id { value: value.clone(), many };
                Some(Anchor { node: node.clone(), how, cost, rows: cost })
            }
            Equal::Property { key, value, many } if !mentions(value) => {
                let (cost, label) = self.index_cost(node, key)?;
                let cost = if many { cost * LIST_LENGTH } else { cost };
                let how = How::Index { label, key: key.clone(), value: value.clone(), many };
                Some(Anchor { node: node.clone(), how, cost, rows: (cost - 1.0).max(0.01) })
            }
            _ => None,
        }
    }

    /// What one look into an index costs, and the label it is asked for.
    fn index_cost(&self, node: &str, key: &str) -> Option<(f64, Option<SmolStr>)> {
        let graph = self.planner.graph;
        let labels = self.labels_of(node).map(|label| Some(label.clone()));
        let found = labels.chain([None]).filter_map(|label| {
            let symbol = match &label {
                Some(name) => Some(graph.label(name)?),
                None => None,
            };
            Some((graph.lookup_estimate(symbol, graph.key(key)?)?, label))
        });
        let best = found.min_by(|a, b| a.0.total_cmp(&b.0));
        match (best, self.planner.merging.get()) {
            (Some((estimate, label)), false) => Some((estimate + 1.0, label)),
            // What is empty now fills up while it runs, so the index goes before every scan; and where there is none,
            // the seek scans, which costs no more than a scan would.
            (Some((_, label)), true) => Some((MERGE_COST_WITH_INDEX, label)),
            (None, true) => Some((MERGE_COST_WITHOUT, self.count(node).1)),
            (None, false) => None,
        }
    }

    /// Binds a node the way its anchor says.
    pub(super) fn place(&mut self, anchor: Anchor) -> Result<()> {
        let node = anchor.node;
        let shown = if is_hidden(&node) { String::new() } else { node.to_string() };
        let width = self.scope.len() + 1;
        let rows = self.plan().rows * anchor.rows;
        let input = Box::new(self.take());
        let (step, details) = match anchor.how {
            How::All => (Step::Scan(input, None), format!("({shown})")),
            How::Label(label) => {
                self.conditions.retain(|it| it.label.as_ref() != Some(&(node.clone(), label.clone())));
                (Step::Scan(input, Some(label.clone())), format!("({shown}:{label})"))
            }
            How::Id { value, many } => {
                let details = format!("({shown}) by id {}", self.planner.written(value.span));
                let value = self.planner.compile(&value, &self.scope)?;
                (Step::IdSeek(input, IdSeek { value, many }.into()), details)
            }
            How::Index { label, key, value, many } => {
                let by = self.planner.written(value.span);
                let details = match &label {
                    Some(label) => format!("({shown}:{label}) by {key} = {by}"),
                    None => format!("({shown}) by {key} = {by}"),
                };
                let value = self.planner.compile(&value, &self.scope)?;
                (Step::Seek(input, Seek { label, key, value, many }.into()), details)
            }
        };
        self.put(self.planner.step(step, rows, width, || details));
        self.scope.push(node);
        self.ask_conditions()
    }
}
