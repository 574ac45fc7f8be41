//! Values as the scenario files write them, and the same shape for what a query yielded: expected and actual are
//! compared as cells.

use cmdb_query::graph::Graph;
use cmdb_query::value::{Edge, Entity, Node, Path, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A value that stands alone, without the graph it came from.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    /// Temporal values, too: the files write them as strings.
    Text(String),
    List(Vec<Cell>),
    Map(BTreeMap<String, Cell>),
    Node(NodeCell),
    Edge(EdgeCell),
    /// The first node, then each hop: whether it was walked along its direction, the relationship, the next node.
    Path(NodeCell, Vec<(bool, EdgeCell, NodeCell)>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodeCell {
    pub labels: BTreeSet<String>,
    pub properties: BTreeMap<String, Cell>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EdgeCell {
    pub kind: String,
    pub properties: BTreeMap<String, Cell>,
}

impl Cell {
    /// What a query yielded, read from the graph now.
    pub fn of(graph: &dyn Graph, value: &Value) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Boolean(b) => Cell::Boolean(*b),
            Value::Integer(n) => Cell::Integer(*n),
            Value::Float(n) => Cell::Float(*n),
            Value::Text(text) => Cell::Text(text.to_string()),
            Value::List(values) => Cell::List(values.iter().map(|v| Cell::of(graph, v)).collect()),
            Value::Map(entries) => {
                Cell::Map(entries.iter().map(|(k, v)| (k.to_string(), Cell::of(graph, v))).collect())
            }
            Value::Node(node) => Cell::Node(node_cell(graph, *node)),
            Value::Edge(edge) => Cell::Edge(edge_cell(graph, *edge)),
            Value::Path(path) => path_cell(graph, path),
            Value::Temporal(temporal) => Cell::Text(temporal.to_string()),
        }
    }
    /// As an argument or a parameter.
    pub fn to_value(&self) -> Result<Value, String> {
        Ok(match self {
            Cell::Null => Value::Null,
            Cell::Boolean(b) => Value::Boolean(*b),
            Cell::Integer(n) => Value::Integer(*n),
            Cell::Float(n) => Value::Float(*n),
            Cell::Text(text) => Value::text(text),
            Cell::List(cells) => Value::list(cells.iter().map(Cell::to_value).collect::<Result<_, _>>()?),
            Cell::Map(entries) => {
                let entries = entries.iter().map(|(k, v)| Ok((k.as_str().into(), v.to_value()?)));
                Value::map(entries.collect::<Result<Vec<_>, String>>()?)
            }
            Cell::Node(_) | Cell::Edge(_) | Cell::Path(..) => {
                return Err("an element of a graph is no parameter".to_owned());
            }
        })
    }
    /// Lists inside sorted, for comparisons that leave their order out.
    pub fn without_order(&self) -> Cell {
        match self {
            Cell::List(cells) => {
                let mut cells: Vec<Cell> = cells.iter().map(Cell::without_order).collect();
                cells.sort_by_cached_key(|cell| format!("{cell:?}"));
                Cell::List(cells)
            }
            Cell::Map(entries) => {
                Cell::Map(entries.iter().map(|(k, v)| (k.clone(), v.without_order())).collect())
            }
            other => other.clone(),
        }
    }
}

pub(super) fn properties(graph: &dyn Graph, entity: Entity) -> BTreeMap<String, Cell> {
    let all = graph.properties(entity).into_iter();
    all.map(|(key, value)| (key.to_string(), Cell::of(graph, &value))).collect()
}

fn node_cell(graph: &dyn Graph, node: Node) -> NodeCell {
    let labels = graph.labels_of(node).into_iter().map(|l| graph.text(l).to_owned()).collect();
    NodeCell { labels, properties: properties(graph, Entity::Node(node)) }
}

fn edge_cell(graph: &dyn Graph, edge: Edge) -> EdgeCell {
    let kind = graph.text(graph.ends(edge).kind).to_owned();
    EdgeCell { kind, properties: properties(graph, Entity::Edge(edge)) }
}

fn path_cell(graph: &dyn Graph, path: &Path) -> Cell {
    let hops = path.edges.iter().zip(path.nodes.windows(2)).map(|(edge, pair)| {
        let forward = graph.ends(*edge).source == pair[0];
        (forward, edge_cell(graph, *edge), node_cell(graph, pair[1]))
    });
    Cell::Path(node_cell(graph, path.nodes[0]), hops.collect())
}

/// Reads an expected value.
///
/// # Errors
/// What is not understood.
pub fn parse(text: &str) -> Result<Cell, String> {
    let chars: Vec<char> = text.trim().chars().collect();
    let mut reader = Reader { chars: &chars, at: 0 };
    let cell = reader.value()?;
    reader.space();
    if reader.at < reader.chars.len() {
        return Err(format!("not a value: {text}"));
    }
    Ok(cell)
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    /// Takes `wanted` if it comes next, blanks aside.
    fn take(&mut self, wanted: &str) -> bool {
        self.space();
        let fits = wanted.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c));
        if fits {
            self.at += wanted.chars().count();
        }
        fits
    }
    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        if self.take(wanted) { Ok(()) } else { Err(format!("expected {wanted} at {}", self.rest())) }
    }
    fn rest(&self) -> String {
        self.chars[self.at.min(self.chars.len())..].iter().collect()
    }
    fn value(&mut self) -> Result<Cell, String> {
        self.space();
        match self.peek() {
            Some('\'') => Ok(Cell::Text(self.text()?)),
            Some('{') => Ok(Cell::Map(self.map()?)),
            Some('(') => Ok(Cell::Node(self.node()?)),
            Some('<') => self.path(),
            Some('[') if self.is_edge() => Ok(Cell::Edge(self.edge()?)),
            Some('[') => self.list(),
            Some(_) => self.word(),
            None => Err("an empty cell".to_owned()),
        }
    }
    fn is_edge(&self) -> bool {
        self.chars.get(self.at + 1) == Some(&':')
    }
    fn word(&mut self) -> Result<Cell, String> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        match word.as_str() {
            "null" => Ok(Cell::Null),
            "true" => Ok(Cell::Boolean(true)),
            "false" => Ok(Cell::Boolean(false)),
            "NaN" => Ok(Cell::Float(f64::NAN)),
            "Inf" | "Infinity" | "+Inf" => Ok(Cell::Float(f64::INFINITY)),
            "-Inf" | "-Infinity" => Ok(Cell::Float(f64::NEG_INFINITY)),
            _ => match word.parse::<i64>() {
                Ok(number) => Ok(Cell::Integer(number)),
                Err(_) => word.parse().map(Cell::Float).map_err(|_| format!("not a value: {word}")),
            },
        }
    }
    fn text(&mut self) -> Result<String, String> {
        self.expect("'")?;
        let mut out = String::new();
        loop {
            let c = self.peek().ok_or("a string without an end")?;
            self.at += 1;
            match c {
                '\'' => return Ok(out),
                '\\' => {
                    let escaped = self.peek().ok_or("a string without an end")?;
                    self.at += 1;
                    match escaped {
                        'n' => out.push('\n'),
                        't' => out.push('\t'),
                        'r' => out.push('\r'),
                        other => out.push(other),
                    }
                }
                c => out.push(c),
            }
        }
    }
    fn list(&mut self) -> Result<Cell, String> {
        self.expect("[")?;
        let mut cells = Vec::new();
        if self.take("]") {
            return Ok(Cell::List(cells));
        }
        loop {
            cells.push(self.value()?);
            if self.take("]") {
                return Ok(Cell::List(cells));
            }
            self.expect(",")?;
        }
    }
    fn name(&mut self) -> Result<String, String> {
        self.space();
        if self.take("`") {
            let start = self.at;
            while self.peek().is_some_and(|c| c != '`') {
                self.at += 1;
            }
            let name = self.chars[start..self.at].iter().collect();
            self.expect("`")?;
            return Ok(name);
        }
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.at += 1;
        }
        if start == self.at {
            Err(format!("expected a name at {}", self.rest()))
        } else {
            Ok(self.chars[start..self.at].iter().collect())
        }
    }
    fn map(&mut self) -> Result<BTreeMap<String, Cell>, String> {
        self.expect("{")?;
        let mut out = BTreeMap::new();
        if self.take("}") {
            return Ok(out);
        }
        loop {
            let key = self.name()?;
            self.expect(":")?;
            out.insert(key, self.value()?);
            if self.take("}") {
                return Ok(out);
            }
            self.expect(",")?;
        }
    }
    fn node(&mut self) -> Result<NodeCell, String> {
        self.expect("(")?;
        let mut node = NodeCell { labels: BTreeSet::new(), properties: BTreeMap::new() };
        while self.take(":") {
            node.labels.insert(self.name()?);
        }
        self.space();
        if self.peek() == Some('{') {
            node.properties = self.map()?;
        }
        self.expect(")")?;
        Ok(node)
    }
    fn edge(&mut self) -> Result<EdgeCell, String> {
        self.expect("[:")?;
        let mut edge = EdgeCell { kind: self.name()?, properties: BTreeMap::new() };
        self.space();
        if self.peek() == Some('{') {
            edge.properties = self.map()?;
        }
        self.expect("]")?;
        Ok(edge)
    }
    fn path(&mut self) -> Result<Cell, String> {
        self.expect("<")?;
        let first = self.node()?;
        let mut hops = Vec::new();
        while !self.take(">") {
            let backward = self.take("<-");
            if !backward {
                self.expect("-")?;
            }
            let edge = self.edge()?;
            self.expect(if backward { "-" } else { "->" })?;
            hops.push((!backward, edge, self.node()?));
        }
        Ok(Cell::Path(first, hops))
    }
}
