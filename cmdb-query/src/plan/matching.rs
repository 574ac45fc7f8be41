//! The order in which the pieces of a pattern are found: the cheapest node first, then along its links.

use super::condition::Condition;
use super::parts::{Form, Link, NamedPath, Pieces};
use super::planner::{Part, Planner, is_hidden};
use super::wish::Wish;
use super::{Each, Join, PathSlots, Plan, Select, Step};
use crate::error::Result;
use crate::evaluate::{Compiled, Scope};
use crate::syntax::tree::{Comparator, Expression, ExpressionKind, PatternPart, Selector, SmolStr};
use std::sync::Arc;

pub(super) struct Matcher<'p, 'a> {
    pub planner: &'p Planner<'a>,
    plan: Option<Plan>,
    pub scope: Scope,
    /// Variables of the pattern that are bound by it and not yet.
    missing: Vec<SmolStr>,
    pub links: Vec<Link>,
    pub conditions: Vec<Condition>,
    /// Relationships bound by this very pattern, with their types.
    pub taken: Vec<(usize, Option<Vec<SmolStr>>)>,
    pub wish: Wish,
    nodes: Vec<SmolStr>,
    pub paths: Vec<NamedPath>,
}

impl Planner<'_> {
    /// Adds what a pattern binds to the rows of a part.
    pub(super) fn matching(
        &self,
        part: Part,
        parts: &[PatternPart],
        condition: Option<&Expression>,
        wish: Wish,
    ) -> Result<Part> {
        let Part { plan, scope, base, writes, wrote, .. } = part.reading(self);
        let (plan, scope) = self.matched(plan, scope, self.pieces(parts, condition), wish)?;
        Ok(Part { plan, scope, base, reads: true, writes, wrote })
    }

    pub(super) fn matched(
        &self,
        plan: Plan,
        scope: Scope,
        pieces: Pieces,
        wish: Wish,
    ) -> Result<(Plan, Scope)> {
        let Pieces { nodes, links, conditions, paths, selects } = pieces;
        self.room(nodes.len() + links.len())?;
        let new = |name: &&SmolStr| scope.slot(name).is_none();
        let mut missing: Vec<SmolStr> = nodes.iter().filter(new).cloned().collect();
        for link in &links {
            let lists = self.lists_of(link);
            missing.extend(std::iter::once(&link.edge).chain(&lists).filter(new).cloned());
        }
        missing.extend(paths.iter().map(|path| path.name.clone()));
        for part in &selects {
            missing.extend(self.names_of(part).iter().filter(new).cloned());
        }
        let alone =
            nodes.iter().filter(|node| !links.iter().any(|link| link.from == **node || link.to == **node));
        let given: Vec<SmolStr> = alone.filter(|node| scope.slot(node).is_some()).cloned().collect();
        let (plan, taken) = (Some(plan), Vec::new());
        let mut matcher =
            Matcher { planner: self, plan, scope, missing, links, conditions, taken, wish, nodes, paths };
        matcher.not_null(given);
        matcher.ask_conditions()?;
        matcher.bind_all()?;
        matcher.bind_paths()?;
        for part in selects {
            matcher.select(&part)?;
        }
        matcher.missing.clear();
        matcher.ask_conditions()?;
        Ok((matcher.take(), matcher.scope))
    }

    /// The variables a part binds.
    fn names_of(&self, part: &PatternPart) -> Vec<SmolStr> {
        let mut mentioned = super::visible::Mentioned::default();
        mentioned.path(&part.path);
        mentioned.names.extend(part.variable.iter().map(|variable| variable.name.clone()));
        mentioned.names.into_iter().collect()
    }
}

impl<'p> Matcher<'p, '_> {
    pub fn plan(&self) -> &Plan {
        self.plan.as_ref().expect("put back after every step")
    }
    pub fn take(&mut self) -> Plan {
        self.plan.take().expect("put back after every step")
    }
    pub fn put(&mut self, plan: Plan) {
        self.plan = Some(plan);
    }
    pub fn is_missing(&self, name: &str) -> bool {
        self.missing.iter().any(|it| it == name) && self.scope.slot(name).is_none()
    }
    pub fn slot(&self, name: &str) -> usize {
        self.scope.slot(name).unwrap_or_default()
    }

    /// A node that stands alone in a pattern and is bound before: a row where it is null does not match.
    fn not_null(&mut self, nodes: Vec<SmolStr>) {
        for node in nodes {
            let span = Default::default();
            let kind = ExpressionKind::IsNotNull(Box::new(super::condition::variable(&node, span)));
            self.conditions.push(Condition::new(Expression { kind, span }));
        }
    }

    /// Asks every condition whose variables are all bound.
    pub fn ask_conditions(&mut self) -> Result<()> {
        let all = std::mem::take(&mut self.conditions);
        let (mut ready, waiting): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|condition| !condition.needs.iter().any(|name| self.is_missing(name)));
        self.conditions = waiting;
        ready.sort_by_key(Condition::cost);
        if ready.is_empty() {
            return Ok(());
        }
        let share = ready.iter().map(Condition::share).product();
        let compiled: Vec<Compiled> = ready
            .iter()
            .map(|condition| self.planner.compile(&condition.expression, &self.scope))
            .collect::<Result<_>>()?;
        let plan = self.take();
        let written = || {
            let texts = ready.iter().map(|condition| self.planner.described(condition));
            texts.collect::<Vec<_>>().join(" AND ")
        };
        let plan = self.planner.over(plan, share, |input| Step::Filter(input, Arc::new(compiled)), written);
        self.put(plan);
        Ok(())
    }

    fn bind_all(&mut self) -> Result<()> {
        loop {
            if let Some(at) = self.best_link() {
                let link = self.links.remove(at);
                self.link(link)?;
                self.ask_conditions()?;
                continue;
            }
            let nodes: Vec<SmolStr> =
                self.missing.iter().filter(|name| self.is_node(name)).cloned().collect();
            let open = nodes.iter().filter(|name| self.is_missing(name));
            let anchors = open.map(|name| self.best_anchor(name));
            let Some(best) = anchors.min_by(|a, b| (a.cost + a.rows).total_cmp(&(b.cost + b.rows))) else {
                return Ok(());
            };
            self.bind_anchor(best)?;
        }
    }

    fn is_node(&self, name: &str) -> bool {
        !self.paths.iter().any(|path| path.name == name) && self.nodes.iter().any(|node| node == name)
    }

    /// The link to follow next: one that starts at what is bound, and makes the fewest rows.
    fn best_link(&self) -> Option<usize> {
        let costs = self.links.iter().enumerate().filter_map(|(at, link)| Some((at, self.link_cost(link)?)));
        costs.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
    }

    /// Rows made of one; None if the link cannot be followed yet.
    fn link_cost(&self, link: &Link) -> Option<f64> {
        let (from, to) = (!self.is_missing(&link.from), !self.is_missing(&link.to));
        let bound = !self.is_missing(&link.edge);
        if bound && matches!(link.form, Form::One) {
            return Some(0.0);
        }
        if !from && !to {
            return None;
        }
        let (near, far) = if from { (&link.from, &link.to) } else { (&link.to, &link.from) };
        if matches!(link.form, Form::Shortest { .. }) && !(from && to) {
            // Both ends first, if the other one is easily found.
            let far = self.best_anchor(far);
            if far.rows <= EASY_ROWS {
                return None;
            }
        }
        let hop = self.degree(link, near);
        let share = if from && to { 0.01 } else { self.share_of_end(far) };
        Some(match &link.form {
            Form::One => hop * share,
            Form::Shortest { .. } => 10.0 * hop,
            Form::Trail { max, .. } | Form::Group { max, .. } => {
                hop.max(1.1).powf(max.map_or(6.0, |max| max as f64).min(6.0)) * share + 1.0
            }
        })
    }

    fn share_of_end(&self, node: &str) -> f64 {
        let all = self.planner.count_nodes(None).max(1) as f64;
        (self.count(node).0 / all).min(1.0) * self.share(node)
    }

    /// Relationships of a link at one of its ends, on average.
    pub fn degree(&self, link: &Link, near: &str) -> f64 {
        let graph = self.planner.graph;
        let edges: u64 = match &link.kinds {
            None => graph.count_edges(None),
            Some(names) => {
                let symbols = names.iter().filter_map(|name| graph.kind(name));
                symbols.map(|symbol| graph.count_edges(Some(symbol))).sum()
            }
        };
        let _ = near;
        let ways = if link.direction == crate::syntax::tree::Direction::Both { 2.0 } else { 1.0 };
        ways * edges as f64 / self.planner.count_nodes(None).max(1) as f64
    }

    /// Binds a node that no link leads to: for each row, or beside the rows in a plan of its own.
    fn bind_anchor(&mut self, anchor: super::seek::Anchor) -> Result<()> {
        let first = matches!(self.plan().step, Step::Argument)
            || (self.plan().rows <= 1.0 && !self.is_joined(&anchor.node));
        let depends = matches!(anchor.how, super::seek::How::Id { .. } | super::seek::How::Index { .. });
        // A search for shortest paths waits for this end, and its other one is bound here.
        let awaited = self.connected(&anchor.node).iter().any(|name| !self.is_missing(name));
        if first || depends || awaited {
            return self.place(anchor);
        }
        self.beside(anchor)
    }

    /// Whether an equality holds between the part around a node and what is bound.
    fn is_joined(&self, node: &SmolStr) -> bool {
        let names = self.connected(node);
        self.conditions.iter().any(|condition| {
            matches!(&condition.expression.kind, ExpressionKind::Comparison { rest, .. }
                if matches!(rest.as_slice(), [(Comparator::Equal, _)]))
                && condition.needs.iter().any(|name| names.contains(name))
                && condition.needs.iter().any(|name| self.scope.slot(name).is_some())
        })
    }

    /// Plans the connected part around an anchor apart from the rest and pairs the rows.
    fn beside(&mut self, anchor: super::seek::Anchor) -> Result<()> {
        let names = self.connected(&anchor.node);
        let inside = |name: &SmolStr| names.contains(name);
        let (mut links, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.links).into_iter().partition(|link| inside(&link.from));
        self.links = rest;
        for link in &mut links {
            // What is planned apart does not see who may not take the same relationship.
            link.in_path |= self.shares(link);
        }
        if !links.is_empty()
            && (!self.taken.is_empty() || links.iter().any(|link| !self.is_missing(&link.edge)))
        {
            // Relationships must differ across both: then one row at a time.
            self.links.extend(links);
            return self.place(anchor);
        }
        let mut missing: Vec<SmolStr> = names.clone();
        for link in &links {
            missing.push(link.edge.clone());
            missing.extend(self.planner.lists_of(link));
        }
        let all = std::mem::take(&mut self.conditions);
        let (conditions, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|condition| {
            let own = condition.needs.iter().any(|name| missing.contains(name));
            own && condition.needs.iter().all(|name| missing.contains(name) || !self.knows(name))
        });
        self.conditions = rest;
        let plan = Some(self.planner.argument(0));
        let (scope, taken, paths) = (Scope::default(), Vec::new(), Vec::new());
        let (wish, nodes) = (Wish::everything(), self.nodes.clone());
        let mut other = Matcher {
            planner: self.planner,
            plan,
            scope,
            missing,
            links,
            conditions,
            taken,
            wish,
            nodes,
            paths,
        };
        other.place(anchor)?;
        other.bind_all()?;
        let (right, right_scope) = (other.take(), other.scope);
        let offset = self.scope.len();
        self.taken.extend(other.taken.into_iter().map(|(slot, kinds)| (slot + offset, kinds)));
        self.conditions.append(&mut other.conditions);
        self.join(right, right_scope)
    }

    /// Whether a name is a variable here at all.
    fn knows(&self, name: &str) -> bool {
        self.scope.slot(name).is_some() || self.missing.iter().any(|it| it == name)
    }

    /// The node and those that links join to it.
    fn connected(&self, node: &SmolStr) -> Vec<SmolStr> {
        let mut names = vec![node.clone()];
        let mut at = 0;
        while let Some(name) = names.get(at).cloned() {
            at += 1;
            for link in &self.links {
                let far = if link.from == name {
                    &link.to
                } else if link.to == name {
                    &link.from
                } else {
                    continue;
                };
                if !names.contains(far) {
                    names.push(far.clone());
                }
            }
        }
        names
    }

    fn join(&mut self, right: Plan, right_scope: Scope) -> Result<()> {
        let mut join = Join { left: Vec::new(), right: Vec::new() };
        let mut texts = Vec::new();
        for condition in &self.conditions {
            let Some((left, right)) = self.sides(condition, &right_scope) else { continue };
            join.left.push(self.planner.compile(left, &self.scope)?);
            join.right.push(self.planner.compile(right, &right_scope)?);
            texts.push(self.planner.described(condition));
        }
        let share = 0.1_f64.powi(join.left.len() as i32);
        // One row on either side makes no product.
        if join.left.is_empty() && right.rows > 1.0 && self.plan().rows > 1.0 {
            self.planner
                .notice("the pattern has parts that nothing connects: every pair of rows is made".into());
        }
        let left = self.take();
        let (rows, width) = (left.rows * right.rows * share, left.width + right.width);
        let step = Step::Join(Box::new(left), Box::new(right), Arc::new(join));
        self.put(self.planner.step(step, rows, width, || texts.join(" AND ")));
        right_scope.names().iter().for_each(|name| {
            self.scope.push(name.clone());
        });
        self.ask_conditions()
    }

    /// The two sides of an equality, if one needs only what is bound and the other only the right side.
    fn sides<'c>(&self, condition: &'c Condition, right: &Scope) -> Option<(&'c Expression, &'c Expression)> {
        let ExpressionKind::Comparison { first, rest } = &condition.expression.kind else { return None };
        let [(Comparator::Equal, second)] = rest.as_slice() else { return None };
        let needs = |it: &Expression| super::visible::in_expression(it).names;
        let of_left = |it: &Expression| needs(it).iter().all(|name| self.scope.slot(name).is_some());
        let of_right = |it: &Expression| {
            let needs = needs(it);
            !needs.is_empty() && needs.iter().all(|name| right.slot(name).is_some())
        };
        if of_left(first) && of_right(second) {
            return Some((first, second));
        }
        (of_left(second) && of_right(first)).then_some((second, first))
    }

    /// Adds the named paths.
    fn bind_paths(&mut self) -> Result<()> {
        let paths = std::mem::take(&mut self.paths);
        if paths.is_empty() {
            return Ok(());
        }
        let slots = paths.iter().map(|path| PathSlots {
            start: self.slot(&path.start),
            edges: path.edges.iter().map(|edge| self.slot(edge)).collect(),
        });
        let slots: Vec<PathSlots> = slots.collect();
        let plan = self.take();
        let (rows, width) = (plan.rows, plan.width + paths.len());
        let step = Step::Paths(Box::new(plan), Arc::new(slots));
        let names = || paths.iter().map(|path| path.name.to_string()).collect::<Vec<_>>().join(", ");
        self.put(self.planner.step(step, rows, width, names));
        for path in &paths {
            self.scope.push(path.name.clone());
        }
        self.ask_conditions()
    }

    /// A part with a selector of which all ways are found and some are kept.
    fn select(&mut self, part: &PatternPart) -> Result<()> {
        let plain = PatternPart { selector: Selector::All, ..part.clone() };
        let mut pieces = self.planner.pieces(std::slice::from_ref(&plain), None);
        let (Some(start), Some(end)) = (pieces.start(), pieces.end()) else { return Ok(()) };
        let edges: Vec<SmolStr> = pieces.links.iter().map(|link| link.edge.clone()).collect();
        // What is asked of the ends alone may be asked before.
        let all = std::mem::take(&mut self.conditions);
        let (early, late): (Vec<_>, Vec<_>) = all.into_iter().partition(|condition| {
            condition.needs.iter().all(|name| *name == start || *name == end || !self.is_missing(name))
        });
        self.conditions = late;
        pieces.conditions.extend(early);
        // The lists of relationships are needed for their length.
        pieces.links.iter_mut().for_each(|link| link.in_path = true);
        let argument = self.planner.argument(self.scope.len());
        let (inner, scope) =
            self.planner.matched(argument, self.scope.clone(), pieces, Wish::everything())?;
        let slot = |name: &SmolStr| scope.slot(name).unwrap_or_default();
        let select = Select {
            start: slot(&start),
            end: slot(&end),
            edges: edges.iter().map(slot).collect(),
            selector: part.selector,
        };
        let plan = self.take();
        let (rows, width) = (plan.rows * inner.rows.max(1.0), inner.width);
        let step = Step::Select(Box::new(plan), Box::new(inner), Arc::new(select));
        self.put(self.planner.step(step, rows, width, || format!("{:?}", part.selector)));
        self.scope = scope;
        self.ask_conditions()
    }
}

/// An end with no more candidates than this is bound before a search for shortest paths.
const EASY_ROWS: f64 = 1_000.0;

impl Pieces {
    fn start(&self) -> Option<SmolStr> {
        self.links.first().map(|link| link.from.clone()).or_else(|| self.nodes.first().cloned())
    }
    fn end(&self) -> Option<SmolStr> {
        self.links.last().map(|link| link.to.clone()).or_else(|| self.nodes.last().cloned())
    }
}

impl Planner<'_> {
    /// A condition for people.
    pub(super) fn described(&self, condition: &Condition) -> String {
        match &condition.label {
            Some((name, label)) => format!("{}:{label}", if is_hidden(name) { "" } else { name }),
            None => self.written(condition.expression.span).to_owned(),
        }
    }
    /// Runs a plan below each row.
    pub(super) fn apply(&self, outer: Plan, inner: Plan, each: Each) -> Plan {
        let width = if each == Each::Unit { outer.width } else { inner.width };
        let rows = if each == Each::Row { outer.rows * inner.rows } else { outer.rows * inner.rows.max(1.0) };
        self.step(Step::Apply(Box::new(outer), Box::new(inner), each), rows, width, String::new)
    }
}
