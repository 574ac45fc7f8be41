//! The inventory as one principal sees it, published or being edited, behind the language's read trait.

use super::names::{self, Key, Own, inner, outer};
use super::reach::{self, Course};
use super::stored;
use crate::graph::{Ends, Graph, Hop, Index, Reach, Symbol, Word};
use crate::syntax::tree::Direction;
use crate::value::{Edge, Entity, Node, SmolStr, Value};
use cmdb_core::analysis::reach::TypeFilter;
use cmdb_core::graph::adjacency::{Adjacency, flag};
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::{self, Item, ItemNumber, Relationship, RelationshipNumber};
use cmdb_core::schema::Class;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// What a query has related and ended so far, which the adjacency underneath does not show yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Overlay {
    /// By node: relationship, and whether the node is its source.
    pub related: FxHashMap<u32, Vec<(Edge, bool)>>,
    pub ended: FxHashSet<u32>,
}

/// Nodes looked at in one piece of a scan, so that the search for a rare class can be stopped.
const LOOKED_AT_MAX: u32 = 8_192;

/// One state of the inventory. `records` answers for items and relationships, `base` for the adjacency below them.
#[derive(Clone, Copy)]
pub struct Seen<'a, R> {
    records: &'a R,
    base: &'a Snapshot,
    overlay: Option<&'a Overlay>,
}

impl<'a> Seen<'a, Snapshot> {
    /// What the view shows.
    pub fn of(view: View<'a>) -> Seen<'a, Snapshot> {
        Seen { records: view.snapshot(), base: view.snapshot(), overlay: None }
    }
}

/// Which rows hold relationships in the direction wanted.
#[derive(Clone, Copy)]
struct Rows {
    dependencies: bool,
    dependents: bool,
    plain: bool,
}

impl<'a, R: Records> Seen<'a, R> {
    pub(super) fn edited(records: &'a R, base: &'a Snapshot, overlay: &'a Overlay) -> Seen<'a, R> {
        Seen { records, base, overlay: Some(overlay) }
    }
    pub(super) fn number(&self, node: Node) -> ItemNumber {
        self.base.number(node.0)
    }
    fn item_bytes(&self, node: Node) -> Option<&'a [u8]> {
        self.records.item_bytes(self.number(node).0)
    }
    fn is_open(&self) -> bool {
        self.records.schema().open
    }
    fn is_gone(&self, node: Node) -> bool {
        node.0 >= self.base.nodes() || self.base.is_gone(node.0)
    }
    fn class_of(&self, node: Node) -> Option<model::Symbol> {
        self.base.class_of(node.0)
    }
    fn open_labels(&self, node: Node) -> model::Labels {
        let decoded = self.item_bytes(node).and_then(|bytes| Item::decode_labels(bytes).ok());
        decoded.map(|(labels, _)| labels).unwrap_or_default()
    }
    fn item_property(&self, node: Node, key: Symbol) -> Option<Value> {
        let bytes = self.item_bytes(node)?;
        match names::key_of(key) {
            Key::Attribute(key) => Item::find_attribute(bytes, key).ok()?.map(stored::read),
            Key::Own(Own::Name) => match Item::decode_name(bytes).ok()? {
                Some(name) => Some(Value::text(name)),
                // With an open schema a name that is no text is an attribute.
                None => {
                    let key = self.records.names().get("name").filter(|_| self.is_open())?;
                    Item::find_attribute(bytes, key).ok()?.map(stored::read)
                }
            },
            Key::Own(Own::Status) => {
                let (_, status) = Item::decode_labels(bytes).ok()?;
                status.map(|s| Value::text(self.records.names().text(s)))
            }
            Key::Own(Own::Id) => Some(Value::Text(self.element_id(Entity::Node(node)))),
            Key::Own(Own::Class) => self.class_of(node).map(|c| Value::text(self.records.names().text(c))),
            Key::Own(Own::Group) => None,
        }
    }
    fn edge_property(&self, edge: Edge, key: Symbol) -> Option<Value> {
        let bytes = self.records.relationship_bytes(edge.0)?;
        match names::key_of(key) {
            Key::Attribute(key) => Relationship::find_attribute(bytes, key).ok()?.map(stored::read),
            Key::Own(Own::Name) if self.is_open() => {
                let key = self.records.names().get("name")?;
                Relationship::find_attribute(bytes, key).ok()?.map(stored::read)
            }
            Key::Own(Own::Group) => Relationship::decode(bytes).ok()?.identity.group.map(Value::Text),
            Key::Own(Own::Id) => Some(Value::Text(self.element_id(Entity::Edge(edge)))),
            Key::Own(_) => None,
        }
    }
    fn item_properties(&self, node: Node) -> Vec<(SmolStr, Value)> {
        let Some(Ok(item)) = self.item_bytes(node).map(Item::decode) else { return Vec::new() };
        let names = self.records.names();
        let status = item.status.map(|s| names.text(s)).filter(|_| !self.is_open());
        let own = [("name", item.name.as_deref()), ("status", status)];
        let own = own.into_iter().filter_map(|(key, text)| Some((SmolStr::new(key), Value::text(text?))));
        let attributes = item.attributes.into_iter();
        let mut all: Vec<(SmolStr, Value)> =
            own.chain(attributes.map(|a| (names.text(a.key).into(), stored::read(a.value)))).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
    fn edge_properties(&self, edge: Edge) -> Vec<(SmolStr, Value)> {
        let decoded = self.records.relationship_bytes(edge.0).map(Relationship::decode);
        let Some(Ok(record)) = decoded else { return Vec::new() };
        let names = self.records.names();
        let group = record.identity.group.map(|group| (SmolStr::new_static("group"), Value::Text(group)));
        let attributes = record.attributes.into_iter();
        let mut all: Vec<(SmolStr, Value)> = group
            .into_iter()
            .chain(attributes.map(|a| (names.text(a.key).into(), stored::read(a.value))))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
    /// Of each symbol, whether it is a class that is `label` or inherits from it.
    fn below(&self, label: model::Symbol) -> Vec<bool> {
        let mut below = vec![false; self.records.names().len()];
        let classes = self.records.schema().classes().filter(|class| class.lineage.contains(&label));
        classes.for_each(|class| below[class.symbol.0 as usize] = true);
        below
    }
    /// The rows in which relationships of these types, leaving (`out`) or entering a node, can lie.
    fn rows(&self, kinds: Option<&[Symbol]>, out: bool) -> Rows {
        let Some(kinds) = kinds else { return Rows { dependencies: true, dependents: true, plain: true } };
        let mut rows = Rows { dependencies: false, dependents: false, plain: false };
        for kind in kinds {
            match self.records.schema().relationship_type(inner(*kind)) {
                Some(t) if t.carries_impact() && t.source_suffers() == out => rows.dependencies = true,
                Some(t) if t.carries_impact() => rows.dependents = true,
                _ => rows.plain = true,
            }
        }
        rows
    }
    fn hops(&self, node: Node, out: bool, kinds: Option<&[Symbol]>, hops: &mut Vec<Hop>) {
        let rows = self.rows(kinds, out);
        let mut walk = |adjacency: &Adjacency, reversed: Option<bool>| {
            for part in adjacency.row(node.0).parts() {
                let (heads, types, numbers) = (part.heads(), part.kinds(), part.numbers());
                for at in 0..heads.len() {
                    let fits = reversed.is_none_or(|wanted| (types[at] & flag::REVERSED != 0) == wanted);
                    if fits && kinds.is_none_or(|k| k.contains(&Symbol(types[at] >> flag::BITS))) {
                        let node = Node(heads[at] & cmdb_core::graph::adjacency::OTHER_MASK);
                        hops.push(Hop { edge: Edge(numbers[at]), node });
                    }
                }
            }
        };
        if rows.dependencies {
            walk(self.base.dependencies(), Some(!out));
        }
        if rows.dependents {
            walk(self.base.dependents(), Some(out));
        }
        if rows.plain {
            walk(if out { self.base.outgoing() } else { self.base.incoming() }, None);
        }
    }
    /// The rows a walk over these types follows, leaving (`out`) or entering its nodes.
    fn courses(&self, kinds: Option<&[Symbol]>, out: bool) -> Vec<Course<'a>> {
        let rows = self.rows(kinds, out);
        let types = || kinds.map(|kinds| TypeFilter::of(kinds.iter().copied().map(inner)));
        let course = |wanted: bool, adjacency, reversed| {
            wanted.then(|| Course { adjacency, reversed, types: types() })
        };
        let plain = if out { self.base.outgoing() } else { self.base.incoming() };
        [
            course(rows.dependencies, self.base.dependencies(), Some(!out)),
            course(rows.dependents, self.base.dependents(), Some(out)),
            course(rows.plain, plain, None),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
    fn overlaid(&self, node: Node, out: bool, kinds: Option<&[Symbol]>, from: usize, hops: &mut Vec<Hop>) {
        let Some(overlay) = self.overlay else { return };
        if !overlay.ended.is_empty() {
            keep_from(hops, from, |hop| !overlay.ended.contains(&hop.edge.0));
        }
        for (edge, is_source) in overlay.related.get(&node.0).into_iter().flatten() {
            let ends = self.ends(*edge);
            let fits = *is_source == out && !overlay.ended.contains(&edge.0);
            if fits && kinds.is_none_or(|k| k.contains(&ends.kind)) {
                hops.push(Hop { edge: *edge, node: if out { ends.target } else { ends.source } });
            }
        }
    }
}

/// Keeps of the hops from `from` on those that fit, in one pass.
fn keep_from(hops: &mut Vec<Hop>, from: usize, mut fits: impl FnMut(&Hop) -> bool) {
    let mut kept = from;
    for at in from..hops.len() {
        if fits(&hops[at]) {
            hops.swap(kept, at);
            kept += 1;
        }
    }
    hops.truncate(kept);
}

impl<R: Records> Graph for Seen<'_, R> {
    fn text(&self, symbol: Symbol) -> &str {
        names::text(self.records, symbol)
    }
    fn label(&self, name: &str) -> Option<Symbol> {
        names::label(self.records, name)
    }
    fn kind(&self, name: &str) -> Option<Symbol> {
        names::kind(self.records, name)
    }
    fn key(&self, name: &str) -> Option<Symbol> {
        names::key(self.records, name)
    }
    fn labels(&self) -> Vec<SmolStr> {
        let names = self.records.names();
        let used: BTreeSet<SmolStr> = if self.is_open() {
            let nodes = (0..self.base.nodes()).map(Node).filter(|n| !self.is_gone(*n));
            let labels: FxHashSet<model::Symbol> = nodes.flat_map(|n| self.open_labels(n)).collect();
            labels.into_iter().map(|l| names.text(l).into()).collect()
        } else {
            self.records.schema().classes().map(|c| c.definition.name.clone()).collect()
        };
        used.into_iter().collect()
    }
    fn kinds(&self) -> Vec<SmolStr> {
        let names = self.records.names();
        let used: BTreeSet<SmolStr> = if self.is_open() {
            let statistics = self.base.count_now();
            let mut types: BTreeSet<SmolStr> =
                statistics.types.keys().map(|t| names.text(*t).into()).collect();
            let new = self.overlay.into_iter().flat_map(|o| o.related.values().flatten());
            types.extend(new.map(|(edge, _)| SmolStr::new(self.text(self.ends(*edge).kind))));
            types
        } else {
            self.records.schema().relationship_types().map(|t| t.definition.name.clone()).collect()
        };
        used.into_iter().collect()
    }
    fn keys(&self) -> Vec<SmolStr> {
        let schema = self.records.schema();
        let mut used: BTreeSet<SmolStr> = BTreeSet::new();
        if self.is_open() {
            let nodes = (0..self.base.nodes()).map(Node).filter(|n| !self.is_gone(*n));
            used.extend(nodes.flat_map(|n| self.item_properties(n)).map(|(key, _)| key));
            let numbers = (0..self.base.counts().relationship_numbers).map(Edge);
            let edges = numbers.filter(|e| self.exists(Entity::Edge(*e)));
            used.extend(edges.flat_map(|e| self.edge_properties(e)).map(|(key, _)| key));
        } else {
            used.extend(["name", "status"].map(SmolStr::new));
            used.extend(schema.classes().flat_map(|c| c.attributes.values()).map(|a| a.name.clone()));
            used.extend(
                schema.relationship_types().flat_map(|t| t.attributes.values()).map(|a| a.name.clone()),
            );
        }
        used.into_iter().collect()
    }
    fn exists(&self, entity: Entity) -> bool {
        match entity {
            Entity::Node(node) => !self.is_gone(node),
            Entity::Edge(edge) => {
                matches!(self.records.relationship(RelationshipNumber(edge.0)), Ok(Some(_)))
            }
        }
    }
    fn labels_of(&self, node: Node) -> Vec<Symbol> {
        if self.is_open() {
            return self.open_labels(node).into_iter().map(outer).collect();
        }
        let schema = self.records.schema();
        let Some(class) = self.class_of(node).and_then(|c| schema.class(c)) else { return Vec::new() };
        // The root of the tree says nothing about the item.
        let below_root = class.lineage.len().saturating_sub(1).max(1);
        class.lineage[..below_root].iter().copied().map(outer).collect()
    }
    fn has_label(&self, node: Node, label: Symbol) -> bool {
        if self.is_open() {
            return self.open_labels(node).contains(&inner(label));
        }
        self.class_of(node).is_some_and(|class| self.records.schema().is_a(class, inner(label)))
    }
    fn ends(&self, edge: Edge) -> Ends {
        let decoded = self.records.relationship_bytes(edge.0).map(Relationship::decode_ends);
        let Some(Ok((kind, source, target))) = decoded else {
            return Ends { kind: Symbol(u32::MAX), source: Node(u32::MAX), target: Node(u32::MAX) };
        };
        let node = |number| Node(self.base.dense(number));
        Ends { kind: outer(kind), source: node(source), target: node(target) }
    }
    fn property(&self, entity: Entity, key: Symbol) -> Value {
        // Whoever finds nothing asks whether the element still exists.
        if self.overlay.is_some() && !self.exists(entity) {
            return Value::Null;
        }
        let found = match entity {
            Entity::Node(node) => self.item_property(node, key),
            Entity::Edge(edge) => self.edge_property(edge, key),
        };
        found.unwrap_or_default()
    }
    fn properties(&self, entity: Entity) -> Vec<(SmolStr, Value)> {
        match entity {
            Entity::Node(node) => self.item_properties(node),
            Entity::Edge(edge) => self.edge_properties(edge),
        }
    }
    fn undefined(&self, word: Word, name: &str) -> Option<String> {
        let (known, what) = match word {
            Word::Label => (self.label(name), "class"),
            Word::Kind => (self.kind(name), "relationship type"),
            Word::Key => (self.key(name), "attribute"),
        };
        if known.is_some() || self.is_open() {
            return None;
        }
        let all = match word {
            Word::Label => self.labels(),
            Word::Kind => self.kinds(),
            Word::Key => self.keys(),
        };
        let near = crate::check::nearest(name, all.iter().map(SmolStr::as_str));
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        Some(format!("no {what} is called {name}{near}"))
    }
    fn element_id(&self, entity: Entity) -> SmolStr {
        let key = self.records.id_key();
        match entity {
            Entity::Node(node) => smol_str::format_smolstr!("{}", key.item_id(self.number(node))),
            Entity::Edge(edge) => {
                smol_str::format_smolstr!("{}", key.relationship_id(RelationshipNumber(edge.0)))
            }
        }
    }
    fn node_by_element_id(&self, id: &str) -> Option<Node> {
        let number = self.records.item_by_id(model::ItemId(id.parse().ok()?))?;
        Some(Node(self.base.dense(number)))
    }
    fn scan(&self, label: Option<Symbol>, from: u32, limit: usize, out: &mut Vec<Node>) -> Option<u32> {
        let goal = out.len().saturating_add(limit.max(1));
        let open = self.is_open();
        let subclasses = label.filter(|_| !open).map(|label| self.below(inner(label)));
        let look_until = from.saturating_add(LOOKED_AT_MAX);
        for dense in from..self.base.nodes() {
            if out.len() >= goal || dense >= look_until {
                return Some(dense);
            }
            let node = Node(dense);
            let fits = match (&subclasses, label) {
                (Some(classes), _) => self.class_of(node).is_some_and(|c| classes[c.0 as usize]),
                (None, Some(label)) => self.open_labels(node).contains(&inner(label)),
                (None, None) => true,
            };
            if fits && !self.is_gone(node) {
                out.push(node);
            }
        }
        None
    }
    fn expand(&self, node: Node, direction: Direction, kinds: Option<&[Symbol]>, out: &mut Vec<Hop>) {
        let from = out.len();
        if direction != Direction::Left {
            self.hops(node, true, kinds, out);
            self.overlaid(node, true, kinds, from, out);
        }
        if direction != Direction::Right {
            let from = out.len();
            self.hops(node, false, kinds, out);
            self.overlaid(node, false, kinds, from, out);
            if direction == Direction::Both {
                keep_from(out, from, |hop| hop.node != node);
            }
        }
    }
    fn lookup(&self, label: Option<Symbol>, key: Symbol, value: &Value, out: &mut Vec<Node>) -> bool {
        if self.lookup_estimate(label, key).is_none() {
            return false;
        }
        let found = match (names::key_of(key), value) {
            (Key::Own(Own::Name), Value::Text(name)) => self.records.named(name, usize::MAX),
            (Key::Own(Own::Id), Value::Text(id)) => {
                out.extend(self.node_by_element_id(id));
                return true;
            }
            // No name, id or unique attribute is anything else, with an open schema apart.
            (Key::Own(_), _) => return !self.is_open(),
            (Key::Attribute(key), value) => match stored::write("", value) {
                Ok(Some(value)) => self.records.with_attribute(key, &value),
                _ => return matches!(value, Value::Null),
            },
        };
        out.extend(found.into_iter().map(|n| Node(self.base.dense(n))));
        true
    }
    fn lookup_estimate(&self, label: Option<Symbol>, key: Symbol) -> Option<f64> {
        match names::key_of(key) {
            Key::Own(Own::Name | Own::Id) => Some(1.0),
            Key::Own(_) => None,
            Key::Attribute(key) => {
                let schema = self.records.schema();
                let label = inner(label.filter(|_| !schema.open)?);
                let mut below =
                    schema.classes().filter(|c| schema.is_a(c.symbol, label) && !c.definition.is_abstract);
                below.all(|class| class.indexed(key)).then_some(1.0)
            }
        }
    }
    fn reach(&self, question: &Reach<'_>, out: &mut Vec<Node>) -> bool {
        // What the query has written shows in no adjacency yet; both directions at once need care at the start.
        if self.overlay.is_some() || question.min > 1 || question.direction == Direction::Both {
            return false;
        }
        let courses = self.courses(question.kinds, question.direction == Direction::Right);
        reach::reach(&courses, self.base.nodes(), question.starts, question.min == 0, question.max, out);
        true
    }
    fn indexes(&self) -> Vec<Index> {
        let schema = self.records.schema();
        let found_by = |class: &std::sync::Arc<Class>| {
            let indexed = class.attributes.iter().filter(|(key, _)| class.indexed(**key));
            let index = |name: &SmolStr, unique| Index {
                name: smol_str::format_smolstr!("{}_{name}", class.definition.name),
                on_relationships: false,
                labels: vec![class.definition.name.clone()],
                properties: vec![name.clone()],
                unique,
            };
            let attributes: Vec<Index> = indexed.map(|(_, a)| index(&a.name, a.unique)).collect();
            std::iter::once(index(&SmolStr::new_static("name"), false)).chain(attributes).collect::<Vec<_>>()
        };
        schema.classes().filter(|c| !c.definition.is_abstract).flat_map(found_by).collect()
    }
    fn count_nodes(&self, label: Option<Symbol>) -> u64 {
        let Some(label) = label else { return u64::from(self.base.counts().items) };
        let statistics = self.base.statistics();
        let schema = self.records.schema();
        let fits = |class: &model::Symbol| {
            *class == inner(label) || !schema.open && schema.is_a(*class, inner(label))
        };
        statistics.classes.iter().filter(|(class, _)| fits(class)).map(|(_, n)| n).sum()
    }
    fn count_edges(&self, kind: Option<Symbol>) -> u64 {
        match kind {
            Some(kind) => self.base.statistics().types.get(&inner(kind)).copied().unwrap_or(0),
            None => u64::from(self.base.counts().relationships),
        }
    }
}
