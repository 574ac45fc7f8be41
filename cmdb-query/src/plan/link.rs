//! Following one link of a pattern from an end that is bound.

use super::condition::Condition;
use super::matching::Matcher;
use super::parts::{Form, Link, turned};
use super::planner::{Planner, is_hidden};
use super::wish::Wish;
use super::{Ends, Expand, Group, Reach, Shortest, Step, To, Trail};
use crate::error::Result;
use crate::evaluate::{Compiled, Scope};
use crate::graph::Symbol;
use crate::syntax::tree::{
    Direction, Element, GroupPattern, PathPattern, PatternPart, RelationshipPattern, Selector, SmolStr,
};

impl Planner<'_> {
    /// Variables inside a group, which are lists outside of it.
    pub(super) fn lists_of(&self, link: &Link) -> Vec<SmolStr> {
        let mut names = Vec::new();
        if let Form::Group { group, .. } = &link.form {
            inner_names(&group.path, &mut names);
        }
        names
    }
    /// Whether two sets of types may have one in common.
    fn overlap(&self, left: &Option<Vec<SmolStr>>, right: &Option<Vec<SmolStr>>) -> bool {
        let (Some(left), Some(right)) = (left, right) else { return true };
        let symbol = |name: &SmolStr| -> Option<Symbol> { self.graph.kind(name) };
        left.iter().any(|a| {
            right.iter().any(|b| match (symbol(a), symbol(b)) {
                (Some(a), Some(b)) => a == b,
                // A type the graph does not know yet may turn out to be another one's second name.
                _ => true,
            })
        })
    }
}

fn inner_names(path: &PathPattern, names: &mut Vec<SmolStr>) {
    for element in &path.elements {
        let variable = match element {
            Element::Node(node) => &node.variable,
            Element::Relationship(edge) => &edge.variable,
            Element::Group(group) => {
                inner_names(&group.path, names);
                &group.variable
            }
        };
        let new = variable.iter().map(|variable| &variable.name).filter(|name| !names.contains(name));
        let new: Vec<SmolStr> = new.cloned().collect();
        names.extend(new);
    }
}

/// A link seen from the end it is followed from.
struct Course {
    from: usize,
    to: To,
    to_name: SmolStr,
    direction: Direction,
    turned: bool,
    different: Vec<usize>,
}

impl Matcher<'_, '_> {
    pub(super) fn link(&mut self, mut link: Link) -> Result<()> {
        let bound = !self.is_missing(&link.edge) && self.scope.slot(&link.edge).is_some();
        if bound && matches!(link.form, Form::One) {
            return self.ends(link);
        }
        let turn = self.is_missing(&link.from);
        if turn {
            std::mem::swap(&mut link.from, &mut link.to);
            link.direction = turned(link.direction);
        }
        let to = if self.is_missing(&link.to) { To::New } else { To::Slot(self.slot(&link.to)) };
        let course = Course {
            from: self.slot(&link.from),
            to,
            to_name: link.to.clone(),
            direction: link.direction,
            turned: turn,
            different: self.different(&link),
        };
        match link.form.clone() {
            Form::One => self.one(link, course),
            Form::Trail { min, max } if !bound && self.only_ends_count(&link, min) => {
                self.reach(link, course, min, max)
            }
            Form::Trail { min, max } => self.trail(link, course, min, max, bound),
            Form::Shortest { selector, min, max } => self.shortest(link, course, selector, min, max),
            Form::Group { group, min, max } => self.group(link, course, &group, min, max),
        }
    }

    /// Relationships of this pattern that a link must not take again.
    fn different(&self, link: &Link) -> Vec<usize> {
        let taken = self.taken.iter().filter(|(_, kinds)| self.planner.overlap(kinds, &link.kinds));
        taken.map(|(slot, _)| *slot).collect()
    }

    /// Whether another link of the pattern could take the same relationship.
    pub(super) fn shares(&self, link: &Link) -> bool {
        let later = self.links.iter().any(|other| {
            matches!(other.form, Form::Group { .. }) || self.planner.overlap(&other.kinds, &link.kinds)
        });
        later || !self.different(link).is_empty()
    }

    fn is_asked(&self, name: &str) -> bool {
        self.conditions.iter().any(|condition| condition.needs.contains(name))
    }

    fn name(&mut self, edge: Option<&SmolStr>, course: &Course) {
        if let Some(edge) = edge {
            self.scope.push(edge.clone());
        }
        if course.to == To::New {
            self.scope.push(course.to_name.clone());
        }
    }

    fn finish(&mut self, make: impl FnOnce(super::Input) -> Step, rows: f64, details: String) {
        let plan = self.take();
        let width = self.scope.len();
        let rows = plan.rows * rows;
        self.put(self.planner.step(make(Box::new(plan)), rows, width, || details));
    }

    fn details(&self, link: &Link, length: &str) -> String {
        if !self.planner.shown {
            return String::new();
        }
        let name = |name: &SmolStr| if is_hidden(name) { "".into() } else { name.clone() };
        let kinds = link.kinds.as_ref().map(|kinds| format!(":{}", kinds.join("|"))).unwrap_or_default();
        let (left, right) = match link.direction {
            Direction::Right => ("-", "->"),
            Direction::Left => ("<-", "-"),
            Direction::Both => ("-", "-"),
        };
        let edge = format!("{}{kinds}{length}", name(&link.edge));
        format!("({}){left}[{edge}]{right}({})", name(&link.from), name(&link.to))
    }

    fn one(&mut self, link: Link, course: Course) -> Result<()> {
        let keeps_edge =
            !is_hidden(&link.edge) || link.in_path || self.shares(&link) || self.is_asked(&link.edge);
        let mut labels = Vec::new();
        if course.to == To::New {
            let (own, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.conditions)
                .into_iter()
                .partition(|condition| condition.label.as_ref().is_some_and(|(name, _)| *name == link.to));
            self.conditions = rest;
            labels.extend(own.into_iter().filter_map(|condition| condition.label).map(|(_, label)| label));
        }
        let rows = self.degree(&link, &link.from) * if course.to == To::New { 1.0 } else { 0.1 };
        let mut details = self.details(&link, "");
        if !labels.is_empty() {
            details = format!("{details} :{}", labels.join(":"));
        }
        let into = course.to;
        self.name(keeps_edge.then_some(&link.edge), &course);
        if keeps_edge {
            self.taken.push((self.slot(&link.edge), link.kinds.clone()));
        }
        let expand = Expand {
            from: course.from,
            to: into,
            direction: course.direction,
            kinds: link.kinds,
            keeps_edge,
            different: course.different,
            labels,
        };
        self.finish(|input| Step::Expand(input, expand.into()), rows, details);
        Ok(())
    }

    fn ends(&mut self, link: Link) -> Result<()> {
        let to = |matcher: &Self, name: &SmolStr| match matcher.is_missing(name) {
            true => To::New,
            false => To::Slot(matcher.slot(name)),
        };
        let edge = self.slot(&link.edge);
        let details = self.details(&link, "");
        let from = to(self, &link.from);
        if from == To::New {
            self.scope.push(link.from.clone());
        }
        let end = to(self, &link.to);
        if end == To::New {
            self.scope.push(link.to.clone());
        }
        let ends = Ends {
            edge,
            from,
            to: end,
            direction: link.direction,
            kinds: link.kinds.clone(),
            different: self.different(&link),
        };
        self.taken.push((edge, link.kinds));
        self.finish(|input| Step::Ends(input, ends.into()), 1.0, details);
        Ok(())
    }

    /// Conditions on each hop, over the row with the hop's relationship at its end.
    fn hop(&self, link: &Link) -> Result<Vec<Compiled>> {
        let mut scope = self.scope.clone();
        scope.push(link.hop.clone());
        self.compile_all(&link.conditions, &scope)
    }

    fn compile_all(&self, conditions: &[Condition], scope: &Scope) -> Result<Vec<Compiled>> {
        conditions.iter().map(|condition| self.planner.compile(&condition.expression, scope)).collect()
    }

    fn trail(&mut self, link: Link, course: Course, min: u64, max: Option<u64>, bound: bool) -> Result<()> {
        if max.is_none() {
            self.planner
                .notice(format!("{}: a pattern without upper bound follows every trail", length(min, max)));
        }
        let trail = Trail {
            from: course.from,
            to: course.to,
            direction: course.direction,
            kinds: link.kinds.clone(),
            min,
            max,
            hop: self.hop(&link)?,
            different: course.different.clone(),
            turned: course.turned,
            bound: bound.then(|| self.slot(&link.edge)),
        };
        let details = self.details(&link, &length(min, max));
        let rows = self.degree(&link, &link.from).max(1.0) * 5.0;
        self.name((!bound).then_some(&link.edge), &course);
        self.taken.push((self.slot(&link.edge), link.kinds));
        let trail = trail.into();
        self.finish(
            |input| if bound { Step::Follow(input, trail) } else { Step::Trail(input, trail) },
            rows,
            details,
        );
        Ok(())
    }

    /// Whether one visit of each node may stand in for all trails of a link.
    fn only_ends_count(&self, link: &Link, min: u64) -> bool {
        let unseen = !link.in_path
            && !self.is_asked(&link.edge)
            && (is_hidden(&link.edge) || !self.wish.used.has(&link.edge));
        self.wish.once && min <= 1 && unseen && !self.shares(link)
    }

    /// Whether nothing that differs from row to row is looked at beyond the nodes reached.
    fn only_this_end_counts(&self, link: &Link) -> bool {
        let needed = |name: &SmolStr| {
            self.wish.used.has(name)
                || self.is_asked(name)
                || link.conditions.iter().any(|condition| condition.needs.contains(name))
                || self.links.iter().any(|other| other.from == *name || other.to == *name)
                || self.paths.iter().any(|path| path.start == *name || path.edges.contains(name))
        };
        !self.scope.names().iter().skip(self.wish.base).any(needed)
    }

    fn reach(&mut self, link: Link, course: Course, min: u64, max: Option<u64>) -> Result<()> {
        let merged = course.to == To::New
            && self.only_this_end_counts(&link)
            && !(min == 1 && course.direction == Direction::Both);
        let reach = Reach {
            from: course.from,
            to: course.to,
            direction: course.direction,
            kinds: link.kinds.clone(),
            min,
            max,
            hop: self.hop(&link)?,
            merged,
        };
        let visits = if merged { "one visit" } else { "one visit for each row" };
        let details = format!("{}, {visits}", self.details(&link, &length(min, max)));
        let rows = self.degree(&link, &link.from).max(1.0) * 3.0;
        self.name(Some(&link.edge), &course);
        self.finish(|input| Step::Reach(input, reach.into()), rows, details);
        Ok(())
    }

    fn shortest(
        &mut self,
        link: Link,
        course: Course,
        selector: Selector,
        min: u64,
        max: Option<u64>,
    ) -> Result<()> {
        let hop = self.hop(&link)?;
        let path =
            self.paths.iter().find(|path| path.edges.contains(&link.edge)).map(|path| path.name.clone());
        let details = format!("{} {selector:?}", self.details(&link, &length(min, max)));
        self.name(Some(&link.edge), &course);
        let mut accept = Vec::new();
        if matches!(selector, Selector::ShortestPath | Selector::AllShortestPaths) {
            // What WHERE asks of the whole path decides which path is the shortest.
            let mut scope = self.scope.clone();
            scope.push(path.clone().unwrap_or_else(|| self.planner.hidden()));
            let whole = |name: &SmolStr| *name == link.edge || Some(name) == path.as_ref();
            let (own, rest): (Vec<_>, Vec<_>) =
                std::mem::take(&mut self.conditions).into_iter().partition(|condition| {
                    condition.needs.iter().any(whole)
                        && condition.needs.iter().all(|name| whole(name) || !self.is_missing(name))
                });
            self.conditions = rest;
            accept = self.compile_all(&own, &scope)?;
        }
        let shortest = Shortest {
            from: course.from,
            to: course.to,
            direction: course.direction,
            kinds: link.kinds.clone(),
            min,
            max,
            hop,
            selector,
            turned: course.turned,
            accept,
        };
        self.taken.push((self.slot(&link.edge), link.kinds));
        self.finish(|input| Step::Shortest(input, shortest.into()), 1.0, details);
        Ok(())
    }

    fn group(
        &mut self,
        link: Link,
        course: Course,
        group: &GroupPattern,
        min: u64,
        max: Option<u64>,
    ) -> Result<()> {
        let path = if course.turned { turned_path(&group.path) } else { group.path.clone() };
        let part = PatternPart { variable: None, selector: Selector::All, path, span: group.span };
        let mut pieces = self.planner.pieces(std::slice::from_ref(&part), group.condition.as_ref());
        pieces.links.iter_mut().for_each(|link| link.in_path = true);
        let ends = pieces.links.first().zip(pieces.links.last());
        let Some((start, end)) = ends.map(|(first, last)| (first.from.clone(), last.to.clone())) else {
            return Ok(());
        };
        let edges: Vec<SmolStr> = pieces.links.iter().map(|link| link.edge.clone()).collect();
        let mut scope = self.scope.clone();
        scope.push(start);
        let argument = self.planner.argument(scope.len());
        let (inner, scope) = self.planner.matched(argument, scope, pieces, Wish::everything())?;
        let slot = |name: &SmolStr| scope.slot(name).unwrap_or_default();
        let lists = self.planner.lists_of(&link);
        let spec = Group {
            from: course.from,
            to: course.to,
            min,
            max,
            end: slot(&end),
            edges: edges.iter().map(slot).collect(),
            lists: lists.iter().map(slot).collect(),
            different: course.different.clone(),
            turned: course.turned,
        };
        if max.is_none() {
            self.planner
                .notice(format!("{}: a pattern without upper bound follows every trail", length(min, max)));
        }
        let details = self.planner.written(group.span).to_owned();
        self.scope.push(link.edge.clone());
        lists.into_iter().for_each(|name| {
            self.scope.push(name);
        });
        self.name(None, &course);
        self.taken.push((self.slot(&link.edge), None));
        self.finish(|input| Step::Group(input, Box::new(inner), spec.into()), 5.0, details);
        Ok(())
    }
}

fn length(min: u64, max: Option<u64>) -> String {
    format!("*{min}..{}", max.map(|max| max.to_string()).unwrap_or_default())
}

/// The same path from its other end.
fn turned_path(path: &PathPattern) -> PathPattern {
    let elements = path.elements.iter().rev().map(|element| match element {
        Element::Node(node) => Element::Node(node.clone()),
        Element::Relationship(edge) => {
            Element::Relationship(RelationshipPattern { direction: turned(edge.direction), ..edge.clone() })
        }
        Element::Group(group) => {
            Element::Group(GroupPattern { path: turned_path(&group.path), ..group.clone() })
        }
    });
    PathPattern { elements: elements.collect(), span: path.span }
}
