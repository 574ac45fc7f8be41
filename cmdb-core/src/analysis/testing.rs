//! Small estates for the tests of analyses, built through the real [`Draft`] so that order, gates and groups are
//! those of production.
//!
//! ```text
//! let graph = Estate::new()
//!     .item("shop", "BusinessService")
//!     .edge("shop", "web-1").group("web").needs("2")
//!     .edge("shop", "web-2").group("web")
//!     .edge("web-1", "log").soft()
//!     .hidden("web-2")
//!     .build();
//! let shop = graph.dense("shop");
//! ```
//! Items come into being when first named, of class `Server`; the type of an edge is `depends_on`, which its source
//! suffers. [`Estate::parse`] reads the same from lines of text.

mod bulk;
mod plain;

pub use bulk::{BulkLink, bulk};
pub use plain::{FAR, Plain};

use crate::fact::{Fact, NewItem, NewRelationship};
use crate::graph::{Draft, Records, Snapshot, View};
use crate::model::{IdKey, ItemNumber, RelationshipNumber, SmolStr, Value};
use crate::schema::{SchemaEdit, catalogue, symbols};
use std::collections::HashMap;
use std::sync::OnceLock;

/// An estate being described.
#[derive(Debug, Default)]
pub struct Estate {
    items: Vec<TestItem>,
    numbers: HashMap<SmolStr, u32>,
    edges: Vec<TestEdge>,
}

#[derive(Debug)]
struct TestItem {
    name: SmolStr,
    class: SmolStr,
    status: Option<SmolStr>,
    attributes: Vec<(SmolStr, Value)>,
}

#[derive(Debug)]
struct TestEdge {
    source: u32,
    target: u32,
    kind: SmolStr,
    group: Option<SmolStr>,
    attributes: Vec<(SmolStr, Value)>,
}

/// An estate built. The snapshot is public: analyses take `View::full(&graph.snapshot)`.
#[derive(Clone, Debug)]
pub struct TestGraph {
    pub snapshot: Snapshot,
}

impl Estate {
    pub fn new() -> Estate {
        Estate::default()
    }
    /// `nodes` items named `n0`, `n1`, … and an edge for each pair (dependent, dependency).
    pub fn numbered(nodes: u32, edges: impl IntoIterator<Item = (u32, u32)>) -> Estate {
        let mut estate = Estate::new();
        for n in 0..nodes {
            estate.number(&format!("n{n}"));
        }
        for (source, target) in edges {
            estate.edges.push(TestEdge { source, target, ..TestEdge::plain() });
        }
        estate
    }
    /// Reads lines `a -> b`, `a ~> b` (soft), `a -> b group=g needs=2 weight=3 standby lag=5 confidence=0.4
    /// type=runs_on`, and `name: Class [status]`. `#` begins a comment.
    pub fn parse(text: &str) -> Estate {
        let mut estate = Estate::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or("").trim();
            if !line.is_empty() {
                estate = estate.line(line);
            }
        }
        estate
    }
    fn line(mut self, line: &str) -> Estate {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(name) = words[0].strip_suffix(':') {
            self = self.item(name, words.get(1).unwrap_or(&"Server"));
            return match words.get(2) {
                Some(status) => self.status(name, status),
                None => self,
            };
        }
        self = match words[1] {
            "->" => self.edge(words[0], words[2]),
            "~>" => self.edge(words[0], words[2]).soft(),
            other => panic!("`{other}` in `{line}` is neither -> nor ~>"),
        };
        for word in &words[3..] {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            self = match key {
                "group" => self.group(value),
                "needs" => self.needs(value),
                "weight" => self.weight(value.parse().unwrap()),
                "standby" => self.standby(),
                "lag" => self.lag(value.parse().unwrap()),
                "confidence" => self.confidence(value.parse().unwrap()),
                "type" => self.kind(value),
                other => panic!("`{other}` in `{line}` is not known"),
            };
        }
        self
    }

    /// The item of that name gets this class.
    pub fn item(mut self, name: &str, class: &str) -> Estate {
        let at = self.number(name) as usize;
        self.items[at].class = class.into();
        self
    }
    pub fn status(mut self, name: &str, status: &str) -> Estate {
        let at = self.number(name) as usize;
        self.items[at].status = Some(status.into());
        self
    }
    /// Retired, hence hidden from every analysis.
    pub fn hidden(self, name: &str) -> Estate {
        self.status(name, "retired")
    }
    /// An attribute of the item of that name.
    pub fn item_attribute(mut self, name: &str, key: &str, value: Value) -> Estate {
        let at = self.number(name) as usize;
        self.items[at].attributes.push((key.into(), value));
        self
    }
    /// `source` depends on `target`. The methods below change the edge added last.
    pub fn edge(mut self, source: &str, target: &str) -> Estate {
        let (source, target) = (self.number(source), self.number(target));
        self.edges.push(TestEdge { source, target, ..TestEdge::plain() });
        self
    }
    /// A relationship of any type; which end depends on which is for the type to say.
    pub fn typed(self, source: &str, kind: &str, target: &str) -> Estate {
        self.edge(source, target).kind(kind)
    }
    pub fn kind(mut self, kind: &str) -> Estate {
        self.last().kind = kind.into();
        self
    }
    pub fn group(mut self, group: &str) -> Estate {
        self.last().group = Some(group.into());
        self
    }
    pub fn needs(self, needs: &str) -> Estate {
        self.attribute("needs", Value::text(needs))
    }
    pub fn weight(self, weight: f64) -> Estate {
        self.attribute("weight", Value::Decimal(weight))
    }
    pub fn standby(self) -> Estate {
        self.attribute("standby", Value::Boolean(true))
    }
    pub fn soft(self) -> Estate {
        self.attribute("effect", Value::text("soft"))
    }
    pub fn lag(self, minutes: i64) -> Estate {
        self.attribute("lag_minutes", Value::Integer(minutes))
    }
    pub fn confidence(self, confidence: f64) -> Estate {
        self.attribute("confidence", Value::Decimal(confidence))
    }
    pub fn attribute(mut self, key: &str, value: Value) -> Estate {
        self.last().attributes.push((key.into(), value));
        self
    }

    /// Built whole, as at open: dense ids are in dependency order.
    pub fn build(self) -> TestGraph {
        let mut draft = Draft::on(founded());
        draft.begin_entry(2);
        // An edit of the schema, even an empty one, lays the graph anew.
        draft.apply(Fact::SchemaEdited(SchemaEdit::default())).unwrap();
        self.record(&mut draft);
        TestGraph::finish(draft)
    }
    /// Built as by a commit: pages are edited one by one, dense ids are item numbers.
    pub fn build_by_edits(self) -> TestGraph {
        let mut draft = Draft::on(founded());
        draft.begin_entry(2);
        self.record(&mut draft);
        TestGraph::finish(draft)
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let number = self.items.len() as u32;
        self.numbers.insert(name.into(), number);
        self.items.push(TestItem {
            name: name.into(),
            class: SmolStr::new_static("Server"),
            status: None,
            attributes: Vec::new(),
        });
        number
    }
    fn last(&mut self) -> &mut TestEdge {
        self.edges.last_mut().expect("an edge was added before")
    }
    fn record(self, draft: &mut Draft) {
        let keys = self
            .items
            .iter()
            .flat_map(|i| &i.attributes)
            .chain(self.edges.iter().flat_map(|e| &e.attributes));
        let words = self.items.iter().flat_map(|i| i.status.iter().chain([&i.class]));
        let mut names: Vec<SmolStr> = keys.map(|(key, _)| key).chain(words).cloned().collect();
        names.extend(self.edges.iter().map(|e| e.kind.clone()));
        names.sort();
        names.dedup();
        let first = draft.names().len() as u32;
        names.retain(|name| draft.names().get(name).is_none());
        draft.apply(Fact::NamesAdded { first, names }).unwrap();
        for (number, item) in self.items.into_iter().enumerate() {
            draft.apply(item.fact(number as u32, draft)).unwrap();
        }
        for (number, edge) in self.edges.into_iter().enumerate() {
            draft.apply(edge.fact(number as u32, draft)).unwrap();
        }
    }
}

/// A new graph with the built-in catalogue and nothing in it.
fn founded() -> &'static Snapshot {
    static FOUNDED: OnceLock<Snapshot> = OnceLock::new();
    FOUNDED.get_or_init(|| {
        let mut draft = Draft::on(&Snapshot::empty());
        draft.begin_entry(1);
        draft.apply(Fact::Founded { id_key: IdKey([7; 16]), open_schema: false }).unwrap();
        let edit = catalogue::built_in().unwrap();
        let first = draft.names().len() as u32;
        let names = edit.names().into_iter().map(SmolStr::new).collect();
        draft.apply(Fact::NamesAdded { first, names }).unwrap();
        draft.apply(Fact::SchemaEdited(edit)).unwrap();
        draft.finish().unwrap().snapshot
    })
}

impl TestItem {
    fn fact(self, number: u32, draft: &Draft) -> Fact {
        let symbol = |text: &SmolStr| draft.names().get(text).expect("named before");
        assert!(draft.schema().class(symbol(&self.class)).is_some(), "there is no class {}", self.class);
        Fact::ItemCreated(NewItem {
            item: ItemNumber(number),
            labels: [symbol(&self.class)].into_iter().collect(),
            status: self.status.as_ref().map(symbol),
            attributes: self.attributes.iter().map(|(key, value)| (symbol(key), value.clone())).collect(),
            name: Some(self.name),
            key: None,
            source: symbols::MANUAL,
        })
    }
}

impl TestEdge {
    fn plain() -> TestEdge {
        let kind = SmolStr::new_static("depends_on");
        TestEdge { source: 0, target: 0, kind, group: None, attributes: Vec::new() }
    }
    fn fact(self, number: u32, draft: &Draft) -> Fact {
        let symbol = |text: &SmolStr| draft.names().get(text).expect("named before");
        assert!(
            draft.schema().relationship_type(symbol(&self.kind)).is_some(),
            "there is no type {}",
            self.kind
        );
        Fact::Related(NewRelationship {
            relationship: RelationshipNumber(number),
            kind: symbol(&self.kind),
            source: ItemNumber(self.source),
            target: ItemNumber(self.target),
            attributes: self.attributes.iter().map(|(key, value)| (symbol(key), value.clone())).collect(),
            group: self.group,
            origin: symbols::MANUAL,
        })
    }
}

impl TestGraph {
    fn finish(draft: Draft) -> TestGraph {
        TestGraph { snapshot: draft.finish().unwrap().snapshot }
    }
    pub fn view(&self) -> View<'_> {
        View::full(&self.snapshot)
    }
    /// Dense id of the item of that name.
    pub fn dense(&self, name: &str) -> u32 {
        let found = self.snapshot.named(name, 2);
        assert_eq!(found.len(), 1, "items named {name}");
        self.snapshot.dense(found[0])
    }
    /// Dense id of the item that [`Estate::numbered`] calls `n<number>`.
    pub fn nth(&self, number: u32) -> u32 {
        self.snapshot.dense(ItemNumber(number))
    }
    pub fn name(&self, dense: u32) -> &str {
        self.snapshot.name_of(dense)
    }
    /// Names of items, in the order given.
    pub fn names(&self, dense: &[u32]) -> Vec<&str> {
        dense.iter().map(|d| self.name(*d)).collect()
    }
}

/// A small generator of pseudo-random numbers (linear congruential, Knuth's MMIX constants): same seed, same graph.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number below `n`.
    pub fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32) % n
    }
    /// True once in `n` times.
    pub fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::adjacency::Gate;

    #[test]
    fn an_estate_reads_as_it_was_written() {
        let graph = Estate::parse(
            "shop: BusinessService
             shop -> web-1 group=web needs=2   # two of three
             shop -> web-2 group=web weight=3
             shop ~> mail
             host -> web-1 type=hosts
             old: Server retired",
        );
        let graph = graph.build();
        let (shop, web) = (graph.dense("shop"), graph.dense("web-1"));
        assert_eq!(graph.snapshot.class_name(shop), "BusinessService");
        let gates: Vec<Gate> = graph.snapshot.dependencies().row(shop).entries().map(|e| e.gate()).collect();
        assert_eq!(gates, [Gate::Soft, Gate::Group, Gate::Group]);
        let host: Vec<u32> = graph.snapshot.dependencies().row(web).entries().map(|e| e.other()).collect();
        assert_eq!(graph.names(&host), ["host"]);
        assert!(graph.view().is_hidden(graph.dense("old")));
    }

    #[test]
    fn both_ways_of_building_give_the_same_graph() {
        let edges = [(0, 1), (1, 2), (2, 0), (3, 2)];
        let (whole, edited) =
            (Estate::numbered(4, edges).build(), Estate::numbered(4, edges).build_by_edits());
        for n in 0..4 {
            let row = |graph: &TestGraph| -> Vec<String> {
                let row = graph.snapshot.dependencies().row(graph.nth(n));
                row.entries().map(|e| graph.name(e.other()).to_owned()).collect()
            };
            assert_eq!(row(&whole), row(&edited));
        }
        assert_eq!(whole.snapshot.state_hash(), edited.snapshot.state_hash());
    }
}
