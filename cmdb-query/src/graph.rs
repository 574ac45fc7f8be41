//! The graph as a query needs it: one narrow trait to read, one to write.
//!
//! Labels, relationship types and property keys are symbols within one graph; a name that the graph has never seen
//! has none, and then nothing matches it. Element numbers are dense and stable while a query runs.

use crate::error::Result;
use crate::syntax::tree::Direction;
use crate::value::{Edge, Entity, Node, SmolStr, Value};

/// A label, relationship type or property key by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub u32);

/// A relationship without its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    pub kind: Symbol,
    pub source: Node,
    pub target: Node,
}

/// One step from a node: over which relationship to which node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    pub edge: Edge,
    pub node: Node,
}

/// A question for all nodes reached from any of the starts, each once, without the paths.
#[derive(Clone, Debug)]
pub struct Reach<'a> {
    /// No two alike.
    pub starts: &'a [Node],
    pub direction: Direction,
    /// None: any type.
    pub kinds: Option<&'a [Symbol]>,
    /// 0 or 1; more cannot be answered by a visit of each node once.
    pub min: u64,
    pub max: Option<u64>,
}

/// What a name in a query stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Label,
    Kind,
    Key,
}

/// What a query may read. An implementation shows one state and one principal's view of it, and never changes while
/// it is borrowed.
pub trait Graph {
    /// The text of a symbol this graph gave out.
    fn text(&self, symbol: Symbol) -> &str;
    fn label(&self, name: &str) -> Option<Symbol>;
    fn kind(&self, name: &str) -> Option<Symbol>;
    fn key(&self, name: &str) -> Option<Symbol>;
    /// Every label, relationship type and property key in use or defined; sorted by text.
    fn labels(&self) -> Vec<SmolStr>;
    fn kinds(&self) -> Vec<SmolStr>;
    fn keys(&self) -> Vec<SmolStr>;

    fn exists(&self, entity: Entity) -> bool;
    /// A node's labels as `labels(n)` shows them: the class, then its ancestors below the root.
    fn labels_of(&self, node: Node) -> Vec<Symbol>;
    /// Whether the node has the label or inherits it.
    fn has_label(&self, node: Node, label: Symbol) -> bool;
    /// The kind and ends of a relationship; the last known ones if it was deleted by this very query.
    fn ends(&self, edge: Edge) -> Ends;
    /// Null where there is none, and of a deleted element: then whoever asks looks whether it still exists.
    fn property(&self, entity: Entity, key: Symbol) -> Value;
    /// All properties, sorted by key.
    fn properties(&self, entity: Entity) -> Vec<(SmolStr, Value)>;
    /// The public id, as `elementId()` shows it.
    fn element_id(&self, entity: Entity) -> SmolStr;
    fn node_by_element_id(&self, id: &str) -> Option<Node>;

    /// Appends at most about `limit` nodes with the label (None: all), from cursor `from` on; yields the next cursor,
    /// or None at the end. The order is stable within one state. Starts at cursor 0.
    fn scan(&self, label: Option<Symbol>, from: u32, limit: usize, out: &mut Vec<Node>) -> Option<u32>;
    /// Appends the relationships at a node. `Both` yields a loop once.
    fn expand(&self, node: Node, direction: Direction, kinds: Option<&[Symbol]>, out: &mut Vec<Hop>);
    /// Appends the nodes whose property equals `value`, if an index can answer that; false if none can. The caller
    /// checks label and value again.
    fn lookup(&self, label: Option<Symbol>, key: Symbol, value: &Value, out: &mut Vec<Node>) -> bool;
    /// Whether `lookup` would be answered, and how many nodes one value yields on average.
    fn lookup_estimate(&self, label: Option<Symbol>, key: Symbol) -> Option<f64>;
    /// All nodes a walk reaches, each once, if the graph has something better than repeated `expand`; false if not.
    /// With `min` 1 a start itself is among them only if a walk leads to it.
    fn reach(&self, question: &Reach<'_>, out: &mut Vec<Node>) -> bool {
        let _ = (question, out);
        false
    }

    /// How many nodes have the label (None: all); exact or a fair estimate.
    fn count_nodes(&self, label: Option<Symbol>) -> u64;
    fn count_edges(&self, kind: Option<Symbol>) -> u64;
    /// What to tell whoever uses a name that the schema does not define; nothing where names are free.
    fn undefined(&self, word: Word, name: &str) -> Option<String> {
        let _ = (word, name);
        None
    }
    /// The indexes and constraints there are, for SHOW.
    fn indexes(&self) -> Vec<Index> {
        Vec::new()
    }
}

/// An index or constraint as `CREATE INDEX` describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub name: SmolStr,
    pub on_relationships: bool,
    pub labels: Vec<SmolStr>,
    pub properties: Vec<SmolStr>,
    /// A constraint: no two elements may have the same values.
    pub unique: bool,
}

/// What a writing query may do. Every edit is visible to the reads that follow. The inventory's own rules may refuse an
/// edit at once or at [`Sink::finish`]; then the whole query is refused.
pub trait Sink: Graph {
    /// For reads while the sink is borrowed for writing.
    fn as_graph(&self) -> &dyn Graph;
    /// Property values are storable; null ones are left out by the caller.
    fn create_node(&mut self, labels: &[SmolStr], properties: Vec<(SmolStr, Value)>) -> Result<Node>;
    fn create_edge(
        &mut self,
        kind: &str,
        source: Node,
        target: Node,
        properties: Vec<(SmolStr, Value)>,
    ) -> Result<Edge>;
    /// Null removes. Yields whether anything changed.
    fn set_property(&mut self, entity: Entity, key: &str, value: Value) -> Result<bool>;
    fn add_label(&mut self, node: Node, label: &str) -> Result<bool>;
    fn remove_label(&mut self, node: Node, label: &str) -> Result<bool>;
    /// Deleting twice is no error.
    fn delete_edge(&mut self, edge: Edge) -> Result<()>;
    /// The caller deleted the node's relationships before, or has checked at the end that none is left.
    fn delete_node(&mut self, node: Node) -> Result<()>;
    /// Declares an index. Yields whether it is new; one of the same name or over the same properties is not.
    fn create_index(&mut self, index: &Index) -> Result<bool> {
        let _ = index;
        Ok(false)
    }
    /// Yields whether there was one of this name.
    fn drop_index(&mut self, name: &str) -> Result<bool> {
        let _ = name;
        Ok(false)
    }
    /// The end of the query: what could only be judged as a whole is judged now.
    fn finish(&mut self) -> Result<()>;
}
