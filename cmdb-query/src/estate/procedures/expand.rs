//! `cmdb.path.expand`: paths from a start, filtered by relationship and label, with the uniqueness that is asked for.
//! Names and filters are those that users of the field's best-known procedure library write.

use super::argument::{Options, starts};
use super::{Default, Definition, State};
use crate::error::{Class, Error, Result};
use crate::graph::{Graph, Hop, Symbol};
use crate::scene::Scene;
use crate::syntax::tree::Direction;
use crate::value::{Edge, Node, Path, Value};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::sync::Arc;

pub(super) const ALL: &[Definition] = &[Definition {
    name: "cmdb.path.expand",
    inputs: &[("start", "ANY", Default::Required), ("options", "MAP?", Default::EmptyMap)],
    outputs: &[("path", "PATH")],
    description: "Paths from a node, a REF or a list of them, shortest first. Options: relationshipFilter \
                  ('DEPENDS_ON>|<RUNS_ON|LINKS'), labelFilter ('+Server|-Rack|/Database'), minLevel (1), maxLevel, \
                  uniqueness (RELATIONSHIP_PATH, NODE_PATH, NODE_GLOBAL, RELATIONSHIP_GLOBAL, NONE), limit.",
    answer,
}];

#[derive(Clone, Copy, PartialEq)]
enum Uniqueness {
    None,
    NodePath,
    RelationshipPath,
    NodeGlobal,
    RelationshipGlobal,
}

struct Filters {
    /// Types with a direction; empty: any.
    relationships: Vec<(Option<Symbol>, Direction)>,
    allowed: Vec<Symbol>,
    denied: Vec<Symbol>,
    /// Paths end here; empty: anywhere.
    ends: Vec<Symbol>,
}

fn invalid(message: String) -> Error {
    Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message)
}

fn answer(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let known = ["relationshipFilter", "labelFilter", "minLevel", "maxLevel", "uniqueness", "limit"];
    let options = Options::read(&arguments[1], &known)?;
    let filters = filters(scene.graph, &options)?;
    let uniqueness = uniqueness(options.text("uniqueness")?)?;
    let (min, max) =
        (options.whole("minLevel")?.unwrap_or(1), options.whole("maxLevel")?.unwrap_or(u64::MAX));
    if uniqueness == Uniqueness::None && max == u64::MAX {
        return Err(invalid("uniqueness NONE needs a maxLevel: a cycle has no end".to_owned()));
    }
    let limit = usize::try_from(options.whole("limit")?.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let starts = starts(state, &arguments[0])?;
    let mut walk =
        Walk { scene, filters, uniqueness, nodes: FxHashSet::default(), edges: FxHashSet::default() };
    let mut queue: VecDeque<Path> =
        starts.into_iter().map(|item| Path { nodes: vec![Node(item)], edges: Vec::new() }).collect();
    walk.nodes.extend(queue.iter().map(|path| path.nodes[0]));
    let mut rows = Vec::new();
    while let Some(path) = queue.pop_front() {
        let length = path.edges.len() as u64;
        if length < max {
            walk.extend(&path, &mut queue)?;
        }
        if length >= min && walk.ends(&path) {
            rows.push(vec![Value::Path(Arc::new(path))]);
            if rows.len() >= limit {
                break;
            }
        }
    }
    Ok(rows)
}

fn uniqueness(word: Option<&str>) -> Result<Uniqueness> {
    Ok(match word.unwrap_or("RELATIONSHIP_PATH") {
        "NONE" => Uniqueness::None,
        "NODE_PATH" => Uniqueness::NodePath,
        "RELATIONSHIP_PATH" => Uniqueness::RelationshipPath,
        "NODE_GLOBAL" => Uniqueness::NodeGlobal,
        "RELATIONSHIP_GLOBAL" => Uniqueness::RelationshipGlobal,
        other => return Err(invalid(format!("there is no uniqueness \"{other}\""))),
    })
}

fn filters(graph: &dyn Graph, options: &Options<'_>) -> Result<Filters> {
    let mut filters =
        Filters { relationships: Vec::new(), allowed: Vec::new(), denied: Vec::new(), ends: Vec::new() };
    for part in options.text("relationshipFilter")?.unwrap_or("").split('|').filter(|p| !p.is_empty()) {
        let name = part.trim_start_matches('<').trim_end_matches('>');
        let direction = match (part.starts_with('<'), part.ends_with('>')) {
            (true, false) => Direction::Left,
            (false, true) => Direction::Right,
            _ => Direction::Both,
        };
        let kind = if name.is_empty() {
            None
        } else {
            Some(
                graph
                    .kind(name)
                    .ok_or_else(|| invalid(format!("there is no relationship type \"{name}\"")))?,
            )
        };
        filters.relationships.push((kind, direction));
    }
    for part in options.text("labelFilter")?.unwrap_or("").split('|').filter(|p| !p.is_empty()) {
        let (list, name) = match part.split_at_checked(1) {
            Some(("-", name)) => (&mut filters.denied, name),
            Some(("/", name)) => (&mut filters.ends, name),
            Some(("+", name)) => (&mut filters.allowed, name),
            _ => (&mut filters.allowed, part),
        };
        list.push(graph.label(name).ok_or_else(|| invalid(format!("there is no label \"{name}\"")))?);
    }
    Ok(filters)
}

struct Walk<'a> {
    scene: &'a Scene<'a>,
    filters: Filters,
    uniqueness: Uniqueness,
    nodes: FxHashSet<Node>,
    edges: FxHashSet<Edge>,
}

impl Walk<'_> {
    fn has_any(&self, node: Node, labels: &[Symbol]) -> bool {
        labels.iter().any(|label| self.scene.graph.has_label(node, *label))
    }
    fn ends(&self, path: &Path) -> bool {
        let last = path.nodes[path.nodes.len() - 1];
        self.filters.ends.is_empty() || self.has_any(last, &self.filters.ends)
    }
    fn hops(&self, node: Node) -> Vec<Hop> {
        let mut hops = Vec::new();
        if self.filters.relationships.is_empty() {
            self.scene.graph.expand(node, Direction::Both, None, &mut hops);
        }
        for (kind, direction) in &self.filters.relationships {
            self.scene.graph.expand(node, *direction, kind.as_ref().map(std::slice::from_ref), &mut hops);
        }
        hops
    }
    fn extend(&mut self, path: &Path, queue: &mut VecDeque<Path>) -> Result<()> {
        let last = path.nodes[path.nodes.len() - 1];
        for hop in self.hops(last) {
            self.scene.budget.step(1)?;
            let passes = !self.has_any(hop.node, &self.filters.denied)
                && (self.filters.allowed.is_empty()
                    || self.has_any(hop.node, &self.filters.allowed)
                    || self.has_any(hop.node, &self.filters.ends));
            let fresh = match self.uniqueness {
                Uniqueness::None => true,
                Uniqueness::NodePath => !path.nodes.contains(&hop.node),
                Uniqueness::RelationshipPath => !path.edges.contains(&hop.edge),
                Uniqueness::NodeGlobal => passes && self.nodes.insert(hop.node),
                Uniqueness::RelationshipGlobal => passes && self.edges.insert(hop.edge),
            };
            if passes && fresh {
                let mut next = path.clone();
                next.nodes.push(hop.node);
                next.edges.push(hop.edge);
                self.scene.budget.hold(next.nodes.len() as u64 * 8 + 64)?;
                queue.push_back(next);
            }
        }
        Ok(())
    }
}
