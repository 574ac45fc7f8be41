//! Matching by enumeration: every element of a pattern is tried with every node and relationship of the graph, in the
//! order written. Only when all is bound are properties and conditions looked at.

use super::{Literally, beyond};
use cmdb_query::error::Result;
use cmdb_query::evaluate::{Compiled, Scope, compile, label_test};
use cmdb_query::graph::Ends;
use cmdb_query::scene::Scene;
use cmdb_query::syntax::tree::{
    Direction, Element, Expression, ExpressionKind, GroupPattern, NodePattern, PathPattern, Pattern,
    Quantifier, RelationshipPattern, Selector,
};
use cmdb_query::value::compare::equals;
use cmdb_query::value::{Edge, Entity, Node, Path, SmolStr, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The variables of `before` and those the pattern adds, in the order written.
pub fn scope(pattern: &Pattern, before: &Scope) -> Scope {
    let mut scope = before.clone();
    for part in &pattern.parts {
        add_path(&part.path, &mut scope);
        add(part.variable.as_ref().map(|it| &it.name), &mut scope);
    }
    scope
}

fn add(name: Option<&SmolStr>, scope: &mut Scope) {
    if let Some(name) = name.filter(|name| scope.slot(name).is_none()) {
        scope.push(name.clone());
    }
}

fn add_path(path: &PathPattern, scope: &mut Scope) {
    for element in &path.elements {
        let variable = match element {
            Element::Node(node) => &node.variable,
            Element::Relationship(relationship) => &relationship.variable,
            Element::Group(group) => {
                add_path(&group.path, scope);
                &group.variable
            }
        };
        add(variable.as_ref().map(|it| &it.name), scope);
    }
}

/// What is bound so far, and which relationships the pattern has passed.
#[derive(Clone)]
struct State {
    values: Vec<Option<Value>>,
    used: Vec<Edge>,
    /// Of the path at hand.
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// Which property maps and conditions are still to be looked at, and of what.
    open: Vec<(usize, Entity)>,
}

/// What an element asks besides its place in the path.
struct Demand {
    /// Key and wanted value.
    properties: Vec<(SmolStr, Compiled)>,
    condition: Option<Compiled>,
    /// Where the condition finds the element itself: of a repeated relationship it is one of them.
    own_slot: Option<usize>,
}

pub struct Matcher<'a> {
    scene: &'a Scene<'a>,
    before: &'a Scope,
    scope: &'a Scope,
    nodes: Vec<Node>,
    edges: Vec<(Edge, Ends)>,
}

impl<'a> Matcher<'a> {
    pub fn new(scene: &'a Scene<'a>, before: &'a Scope, scope: &'a Scope) -> Matcher<'a> {
        let (mut nodes, mut edges, mut hops) = (Vec::new(), Vec::new(), Vec::new());
        let mut from = Some(0);
        while let Some(cursor) = from {
            from = scene.graph.scan(None, cursor, 1_000, &mut nodes);
        }
        for node in &nodes {
            scene.graph.expand(*node, Direction::Right, None, &mut hops);
        }
        edges.extend(hops.iter().map(|hop| (hop.edge, scene.graph.ends(hop.edge))));
        Matcher { scene, before, scope, nodes, edges }
    }

    /// Every way the pattern fits, as rows of the whole scope.
    pub fn matches(&self, pattern: &Pattern, row: &[Value]) -> Result<Vec<Vec<Value>>> {
        let mut values: Vec<Option<Value>> = row.iter().take(self.before.len()).cloned().map(Some).collect();
        values.resize(self.scope.len(), None);
        let (nodes, edges, used, open) = Default::default();
        let mut states = vec![State { values, used, nodes, edges, open }];
        let mut demands = Vec::new();
        let alone = pattern.parts.len() == 1;
        for part in &pattern.parts {
            states = self.path(&part.path, self.begun(states), &mut demands, self.scope)?;
            let name = part.variable.as_ref().map(|it| &it.name);
            states = states.into_iter().filter_map(|state| self.name_path(name, state)).collect();
            if !alone && part.selector != Selector::All {
                return Err(beyond("a selector beside other parts"));
            }
        }
        let mut fitting = Vec::new();
        for state in states {
            let row: Vec<Value> = state.values.iter().map(|it| it.clone().unwrap_or_default()).collect();
            if self.demands_hold(&demands, &state, &row)? {
                fitting.push((state, row));
            }
        }
        let selector = pattern.parts.first().map_or(Selector::All, |part| part.selector);
        Ok(selected(selector, fitting))
    }

    fn name_path(&self, name: Option<&SmolStr>, mut state: State) -> Option<State> {
        let (nodes, edges) = (state.nodes.clone(), state.edges.clone());
        let value = Value::Path(Arc::new(Path { nodes, edges }));
        self.bind(&mut state, self.scope, name, value).then_some(state)
    }

    /// Binds a variable, or compares with what it is bound to.
    fn bind(&self, state: &mut State, scope: &Scope, name: Option<&SmolStr>, value: Value) -> bool {
        let Some(slot) = name.and_then(|name| scope.slot(name)) else { return true };
        match &state.values[slot] {
            Some(bound) => equals(bound, &value) == Some(true),
            None => {
                state.values[slot] = Some(value);
                true
            }
        }
    }

    /// Each state at every node: a path may begin at any.
    fn begun(&self, states: Vec<State>) -> Vec<State> {
        let at =
            |state: &State, node: &Node| State { nodes: vec![*node], edges: Vec::new(), ..state.clone() };
        states.iter().flat_map(|state| self.nodes.iter().map(move |node| at(state, node))).collect()
    }

    /// Extends each state by the whole path, from the node it has come to.
    fn path(
        &self,
        path: &PathPattern,
        mut states: Vec<State>,
        demands: &mut Vec<Demand>,
        scope: &Scope,
    ) -> Result<Vec<State>> {
        for element in &path.elements {
            self.scene.budget.step(states.len() as u64)?;
            states = match element {
                Element::Node(node) => self.node(node, states, demands, scope)?,
                Element::Relationship(it) => self.relationship(it, states, demands, scope)?,
                Element::Group(group) => self.group(group, states, scope)?,
            };
        }
        Ok(states)
    }

    fn demand(
        &self,
        demands: &mut Vec<Demand>,
        properties: Option<&Expression>,
        condition: Option<&Expression>,
        scope: &Scope,
        own: Option<&SmolStr>,
    ) -> Result<usize> {
        let properties = match properties.map(|it| &it.kind) {
            None => Vec::new(),
            Some(ExpressionKind::Map(entries)) => entries
                .iter()
                .map(|(key, value)| Ok((key.name.clone(), compile(value, scope, &Literally)?)))
                .collect::<Result<_>>()?,
            Some(_) => return Err(beyond("properties that are no map")),
        };
        let condition = condition.map(|it| compile(it, scope, &Literally)).transpose()?;
        demands.push(Demand { properties, condition, own_slot: own.and_then(|name| scope.slot(name)) });
        Ok(demands.len() - 1)
    }

    fn node(
        &self,
        it: &NodePattern,
        states: Vec<State>,
        demands: &mut Vec<Demand>,
        scope: &Scope,
    ) -> Result<Vec<State>> {
        let name = it.variable.as_ref().map(|it| &it.name);
        let demand = self.demand(demands, it.properties.as_ref(), it.condition.as_ref(), scope, name)?;
        let labels = it.labels.as_ref().map(label_test);
        let mut out = Vec::new();
        for mut state in states {
            let Some(node) = state.nodes.last().copied() else { continue };
            if labels.as_ref().is_none_or(|test| test.fits_node(self.scene, node))
                && self.bind(&mut state, scope, name, Value::Node(node))
            {
                state.open.push((demand, Entity::Node(node)));
                out.push(state);
            }
        }
        Ok(out)
    }

    fn relationship(
        &self,
        it: &RelationshipPattern,
        states: Vec<State>,
        demands: &mut Vec<Demand>,
        scope: &Scope,
    ) -> Result<Vec<State>> {
        let name = it.variable.as_ref().map(|it| &it.name);
        let demand = self.demand(demands, it.properties.as_ref(), it.condition.as_ref(), scope, name)?;
        let Some(Quantifier { min, max }) = it.length.or(it.quantifier) else {
            let mut out = Vec::new();
            for (edge, mut state) in self.hops(it, states, demand)? {
                if self.bind(&mut state, scope, name, Value::Edge(edge)) {
                    out.push(state);
                }
            }
            return Ok(out);
        };
        let (min, max) = (min.unwrap_or(1), max.unwrap_or(u64::MAX));
        let (mut out, mut round, mut current) = (Vec::new(), 0, Vec::new());
        current.extend(states.into_iter().map(|state| (Vec::new(), state)));
        while !current.is_empty() && round <= max {
            if round >= min {
                for (list, state) in &current {
                    let mut state: State = state.clone();
                    if self.bind(&mut state, scope, name, Value::list(list.clone())) {
                        out.push(state);
                    }
                }
            }
            let mut next = Vec::new();
            for (list, state) in current {
                for (edge, state) in self.hops(it, vec![state], demand)? {
                    next.push((list.iter().cloned().chain([Value::Edge(edge)]).collect(), state));
                }
            }
            current = next;
            round += 1;
        }
        Ok(out)
    }

    /// One relationship further, over any that fits and was not passed yet.
    fn hops(
        &self,
        it: &RelationshipPattern,
        states: Vec<State>,
        demand: usize,
    ) -> Result<Vec<(Edge, State)>> {
        let types = it.types.as_ref().map(label_test);
        let mut out = Vec::new();
        for state in states {
            let Some(at) = state.nodes.last().copied() else { continue };
            for (edge, ends) in &self.edges {
                self.scene.budget.step(1)?;
                let fits = types.as_ref().is_none_or(|test| test.fits_kind(self.scene, ends.kind));
                if !fits || state.used.contains(edge) {
                    continue;
                }
                let along = (ends.source == at && it.direction != Direction::Left).then_some(ends.target);
                let against = (ends.target == at && it.direction != Direction::Right).then_some(ends.source);
                let against = against.filter(|_| along.is_none() || ends.source != ends.target);
                for next in [along, against].into_iter().flatten() {
                    let mut state = state.clone();
                    state.used.push(*edge);
                    state.edges.push(*edge);
                    state.nodes.push(next);
                    state.open.push((demand, Entity::Edge(*edge)));
                    out.push((*edge, state));
                }
            }
        }
        Ok(out)
    }

    /// Round after round from where the path has come to; inside, variables stand for one round.
    fn group(&self, it: &GroupPattern, states: Vec<State>, scope: &Scope) -> Result<Vec<State>> {
        let Some(Quantifier { min, max }) = it.quantifier else {
            return Err(beyond("a group without quantifier"));
        };
        let (min, max) = (min.unwrap_or(1), max.unwrap_or(u64::MAX));
        let mut inner = self.before.clone();
        add_path(&it.path, &mut inner);
        let names: Vec<SmolStr> = inner.names()[self.before.len()..].to_vec();
        let condition = it.condition.as_ref().map(|it| compile(it, &inner, &Literally)).transpose()?;
        let (mut out, mut round, mut current) = (Vec::new(), 0, Vec::new());
        current.extend(states.into_iter().map(|state| (vec![Vec::new(); names.len()], state)));
        while !current.is_empty() && round <= max {
            if round >= min {
                for (lists, state) in &current {
                    let mut state: State = state.clone();
                    let mut pairs = names.iter().zip(lists.iter());
                    if pairs.all(|(name, list): (_, &Vec<Value>)| {
                        self.bind(&mut state, scope, Some(name), Value::list(list.clone()))
                    }) {
                        out.push(state);
                    }
                }
            }
            let mut next = Vec::new();
            for (lists, state) in current {
                for (values, state) in self.round(it, &inner, condition.as_ref(), &state)? {
                    let longer = lists.iter().zip(values);
                    next.push((
                        longer.map(|(list, value)| list.iter().cloned().chain([value]).collect()).collect(),
                        state,
                    ));
                }
            }
            current = next;
            round += 1;
        }
        Ok(out)
    }

    /// One round: the values of the group's variables and the state after it.
    fn round(
        &self,
        it: &GroupPattern,
        inner: &Scope,
        condition: Option<&Compiled>,
        state: &State,
    ) -> Result<Vec<(Vec<Value>, State)>> {
        let mut values = state.values[..self.before.len()].to_vec();
        values.resize(inner.len(), None);
        let begun = State { values, open: Vec::new(), ..state.clone() };
        let mut demands = Vec::new();
        let mut out = Vec::new();
        for found in self.path(&it.path, vec![begun], &mut demands, inner)? {
            let row: Vec<Value> = found.values.iter().map(|it| it.clone().unwrap_or_default()).collect();
            if self.demands_hold(&demands, &found, &row)?
                && condition.map_or(Ok(true), |it| it.holds(self.scene, &row))?
            {
                let own = row[self.before.len()..].to_vec();
                out.push((own, State { values: state.values.clone(), open: state.open.clone(), ..found }));
            }
        }
        Ok(out)
    }

    fn demands_hold(&self, demands: &[Demand], state: &State, row: &[Value]) -> Result<bool> {
        for (demand, entity) in &state.open {
            let Demand { properties, condition, own_slot } = &demands[*demand];
            for (key, wanted) in properties {
                let graph = self.scene.graph;
                let found = graph.key(key).map_or(Value::Null, |key| graph.property(*entity, key));
                if equals(&found, &wanted.eval(self.scene, row)?) != Some(true) {
                    return Ok(false);
                }
            }
            if let Some(condition) = condition {
                let mut row = row.to_vec();
                if let (Some(slot), Entity::Edge(edge)) = (own_slot, entity) {
                    row[*slot] = Value::Edge(*edge);
                }
                if !condition.holds(self.scene, &row)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// What a selector leaves of the matches, for each pair of end nodes.
fn selected(selector: Selector, fitting: Vec<(State, Vec<Value>)>) -> Vec<Vec<Value>> {
    let (paths, groups) = match selector {
        Selector::All => return fitting.into_iter().map(|(_, row)| row).collect(),
        Selector::Any(count) | Selector::Shortest(count) => (count, u64::MAX),
        Selector::ShortestPath => (1, u64::MAX),
        Selector::AllShortest | Selector::AllShortestPaths => (u64::MAX, 1),
        Selector::ShortestGroups(count) => (u64::MAX, count),
    };
    /// Its length and its row.
    type Found = (usize, Vec<Value>);
    let mut pairs: BTreeMap<(Node, Node), Vec<Found>> = BTreeMap::new();
    for (state, row) in fitting {
        let (Some(first), Some(last)) = (state.nodes.first(), state.nodes.last()) else { continue };
        pairs.entry((*first, *last)).or_default().push((state.edges.len(), row));
    }
    let mut out = Vec::new();
    for mut found in pairs.into_values() {
        found.sort_by_key(|(length, _)| *length);
        let (mut taken, mut lengths, mut last) = (0, 0, None);
        for (length, row) in found {
            lengths += u64::from(last != Some(length));
            last = Some(length);
            if taken >= paths || lengths > groups {
                break;
            }
            taken += 1;
            out.push(row);
        }
    }
    out
}
