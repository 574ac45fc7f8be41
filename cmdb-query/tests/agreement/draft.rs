//! Random queries of a fragment, in parts that can be turned around before they are written out.

use crate::chance::Chance;
use crate::small_graph::{KINDS, LABELS};

#[derive(Clone, Debug, Default)]
pub struct NodeDraft {
    pub variable: Option<String>,
    pub labels: Vec<String>,
    /// Other than a conjunction of names; stands in the place of `labels`.
    pub expression: Option<String>,
    /// Map and WHERE, as written.
    pub rest: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Right,
    Left,
    Both,
}

#[derive(Clone, Debug)]
pub struct EdgeDraft {
    pub variable: Option<String>,
    pub kinds: Vec<String>,
    pub way: Way,
    /// `*…` inside the brackets.
    pub length: String,
    /// `{…}`, `+` or `*` behind the arrow.
    pub quantifier: String,
    pub rest: String,
}

/// One path: a node more than relationships.
#[derive(Clone, Debug, Default)]
pub struct PathDraft {
    pub variable: Option<String>,
    pub nodes: Vec<NodeDraft>,
    pub edges: Vec<EdgeDraft>,
}

impl NodeDraft {
    fn written(&self) -> String {
        let variable = self.variable.as_deref().unwrap_or("");
        let labels: String = match &self.expression {
            Some(expression) => format!(":{expression}"),
            None => self.labels.iter().map(|label| format!(":{label}")).collect(),
        };
        format!("({variable}{labels}{})", self.rest)
    }
}

impl EdgeDraft {
    fn written(&self) -> String {
        let variable = self.variable.as_deref().unwrap_or("");
        let kinds = if self.kinds.is_empty() { String::new() } else { format!(":{}", self.kinds.join("|")) };
        let inner = format!("{variable}{kinds}{}{}", self.length, self.rest);
        let inner = if inner.is_empty() { inner } else { format!("[{inner}]") };
        let (left, right) = match self.way {
            Way::Right => ("-", "->"),
            Way::Left => ("<-", "-"),
            Way::Both => ("-", "-"),
        };
        format!("{left}{inner}{right}{}", self.quantifier)
    }
    pub fn is_many(&self) -> bool {
        !self.length.is_empty() || !self.quantifier.is_empty()
    }
}

impl PathDraft {
    pub fn written(&self) -> String {
        let variable = self.variable.as_ref().map_or(String::new(), |name| format!("{name} = "));
        let mut text = variable + &self.nodes[0].written();
        for (edge, node) in self.edges.iter().zip(&self.nodes[1..]) {
            text += &edge.written();
            text += &node.written();
        }
        text
    }
    /// The same path from its other end; its name and lists of relationships would run the other way.
    pub fn reversed(&self) -> Option<PathDraft> {
        let ordered = self.edges.iter().any(|edge| edge.is_many() && edge.variable.is_some());
        if self.variable.is_some() || ordered {
            return None;
        }
        let mut path = self.clone();
        path.nodes.reverse();
        path.edges.reverse();
        for edge in &mut path.edges {
            edge.way = match edge.way {
                Way::Right => Way::Left,
                Way::Left => Way::Right,
                Way::Both => Way::Both,
            };
        }
        Some(path)
    }
}

pub fn paths_written(paths: &[PathDraft]) -> String {
    paths.iter().map(PathDraft::written).collect::<Vec<_>>().join(", ")
}

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Node,
    Edge,
    Edges,
    Path,
    Number,
    /// Anything without properties.
    Value,
}

/// The variables at hand and the next fresh name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub known: Vec<(String, Kind)>,
    pub next: usize,
    /// Whether unbounded lengths are affordable.
    pub is_sparse: bool,
}

impl Names {
    pub fn fresh(&mut self, kind: Kind) -> String {
        let prefix = match kind {
            Kind::Node => "n",
            Kind::Edge => "r",
            Kind::Edges => "l",
            Kind::Path => "p",
            Kind::Number | Kind::Value => "v",
        };
        self.next += 1;
        let name = format!("{prefix}{}", self.next);
        self.known.push((name.clone(), kind));
        name
    }
    pub fn of(&self, kinds: &[Kind]) -> Vec<&str> {
        self.known.iter().filter(|(_, kind)| kinds.contains(kind)).map(|(name, _)| name.as_str()).collect()
    }
}

/// Generates parts of queries over the variables known so far.
pub struct Drafter<'a> {
    pub chance: &'a mut Chance,
    pub names: Names,
    /// How many further levels of nested queries there may be.
    pub depth: usize,
}

impl Drafter<'_> {
    pub fn pattern(&mut self, paths_max: usize) -> Vec<PathDraft> {
        let count = if self.chance.one_in(2) { 1 + self.chance.below(paths_max) } else { 1 };
        let mut used = Vec::new();
        (0..count).map(|_| self.path(&mut used)).collect()
    }

    fn path(&mut self, used: &mut Vec<String>) -> PathDraft {
        let length = [0, 1, 1, 1, 2, 2][self.chance.below(6)];
        let mut path = PathDraft { nodes: vec![self.node()], ..PathDraft::default() };
        for _ in 0..length {
            let edge = self.edge(used);
            path.edges.push(edge);
            let node = self.node();
            path.nodes.push(node);
        }
        if self.chance.one_in(6) {
            path.variable = Some(self.names.fresh(Kind::Path));
        }
        path
    }

    fn node(&mut self) -> NodeDraft {
        let mut node = NodeDraft::default();
        let known = self.names.of(&[Kind::Node]);
        let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
        node.variable = match self.chance.below(5) {
            0 => None,
            1 | 2 if !known.is_empty() => Some(known[self.chance.below(known.len())].clone()),
            _ => Some(self.names.fresh(Kind::Node)),
        };
        match self.chance.below(10) {
            0..=2 => node.labels.push(self.chance.pick(LABELS).to_owned()),
            3 => node.labels = vec!["A".to_owned(), self.chance.pick(&["B", "C"]).to_owned()],
            4 => {
                let expressions = &["A|B", "!A", "!(A|B)", "A&!C", "%", "!%", "(A|B)&!(A&B)"];
                node.expression = Some(self.chance.pick(expressions).to_owned());
            }
            _ => {}
        }
        if self.chance.one_in(9) {
            node.rest = format!(" {{x: {}}}", self.chance.below(4));
        } else if self.chance.one_in(10) {
            let variable = node.variable.clone().unwrap_or_else(|| {
                let name = self.names.fresh(Kind::Node);
                node.variable = Some(name.clone());
                name
            });
            node.rest = format!(" WHERE {variable}.x {} {}", self.comparator(), self.chance.below(4));
        }
        node
    }

    fn edge(&mut self, used: &mut Vec<String>) -> EdgeDraft {
        let way = [Way::Right, Way::Right, Way::Left, Way::Both][self.chance.below(4)];
        let kinds = match self.chance.below(4) {
            0 | 1 => vec![self.chance.pick(KINDS).to_owned()],
            2 => KINDS.iter().map(|kind| (*kind).to_owned()).collect(),
            _ => Vec::new(),
        };
        let (variable, rest) = (None, String::new());
        let mut edge =
            EdgeDraft { variable, kinds, way, length: String::new(), quantifier: String::new(), rest };
        match self.chance.below(8) {
            0 => {
                let all = ["*1..2", "*2", "*0..1", "*0..2", "*..3", "*2..3", "*1..1", "*0"];
                edge.length = self.chance.pick(&all).to_owned();
            }
            1 => {
                let all = ["{1,2}", "{2}", "{0,1}", "{,2}", "{1,3}", "{2,3}", "{1}"];
                edge.quantifier = self.chance.pick(&all).to_owned();
            }
            2 if self.names.is_sparse => {
                edge.length = self.chance.pick(&["*", "*2..", "*0.."]).to_owned();
            }
            3 if self.names.is_sparse => {
                edge.quantifier = self.chance.pick(&["+", "*", "{2,}"]).to_owned();
            }
            _ => {}
        }
        let known: Vec<String> = self.names.of(&[Kind::Edge]).into_iter().map(str::to_owned).collect();
        let known: Vec<String> = known.into_iter().filter(|name| !used.contains(name)).collect();
        if !self.chance.one_in(3) {
            let name = match edge.is_many() {
                true => self.names.fresh(Kind::Edges),
                false if !known.is_empty() && self.chance.one_in(4) => {
                    known[self.chance.below(known.len())].clone()
                }
                false => self.names.fresh(Kind::Edge),
            };
            used.push(name.clone());
            edge.variable = Some(name);
        }
        if self.chance.one_in(8) {
            edge.rest = format!(" {{x: {}}}", self.chance.below(4));
        } else if let (Some(variable), true) = (&edge.variable, edge.length.is_empty())
            && self.chance.one_in(10)
        {
            edge.rest = format!(" WHERE {variable}.x > {}", self.chance.below(3));
        }
        edge
    }

    pub fn comparator(&mut self) -> &'static str {
        self.chance.pick(&["=", "<>", "<", "<=", ">", ">="])
    }

    /// Something that may be compared and returned; never fails.
    pub fn value(&mut self) -> String {
        let elements: Vec<String> =
            self.names.of(&[Kind::Node, Kind::Edge]).into_iter().map(str::to_owned).collect();
        let others: Vec<(String, Kind)> =
            self.names.known.iter().filter(|(name, _)| !elements.contains(name)).cloned().collect();
        if !others.is_empty() && self.chance.one_in(3) {
            let (name, kind) = others[self.chance.below(others.len())].clone();
            return match kind {
                Kind::Edges => format!("size({name})"),
                Kind::Path => format!("length({name})"),
                _ => name,
            };
        }
        if elements.is_empty() || self.chance.one_in(8) {
            return self.chance.pick(&["0", "1", "2", "null", "'p'", "'q'"]).to_owned();
        }
        let name = &elements[self.chance.below(elements.len())];
        format!("{name}.{}", self.chance.pick(&["x", "x", "y", "missing"]))
    }

    /// Something that fails for some values, in one way only.
    fn risky(&mut self) -> String {
        let elements = self.names.of(&[Kind::Node, Kind::Edge]);
        if elements.is_empty() {
            return "1".to_owned();
        }
        let name = elements[self.chance.below(elements.len())];
        let form = self.chance.pick(&[
            "10 / #.x",
            "10 % #.x",
            "#.y - 1",
            "-#.y",
            "[1, 2][#.y]",
            "#.y.x",
            "toUpper(#.y)",
        ]);
        form.replace('#', name)
    }

    /// A condition; never fails.
    pub fn condition(&mut self, height: usize) -> String {
        if height > 0 && self.chance.one_in(2) {
            let (left, right) = (self.condition(height - 1), self.condition(height - 1));
            return match self.chance.below(4) {
                0 => format!("({left} AND {right})"),
                1 => format!("({left} OR {right})"),
                2 => format!("({left} XOR {right})"),
                _ => format!("NOT ({left})"),
            };
        }
        let nodes: Vec<String> = self.names.of(&[Kind::Node]).into_iter().map(str::to_owned).collect();
        match self.chance.below(12) {
            0 => format!("{} IS NULL", self.value()),
            1 => format!("{} IS NOT NULL", self.value()),
            2 => format!("{} IN [1, 2, null]", self.value()),
            3 => format!("{} IN [0, 3, 'p']", self.value()),
            4 if !nodes.is_empty() => {
                let node = &nodes[self.chance.below(nodes.len())];
                format!("{node}:{}", self.chance.pick(&["A", "B", "A|B", "!C", "A&B", "Z"]))
            }
            5 if nodes.len() > 1 => {
                let (a, b) = (self.chance.below(nodes.len()), self.chance.below(nodes.len()));
                format!("{} {} {}", nodes[a], self.chance.pick(&["=", "<>"]), nodes[b])
            }
            6 if !nodes.is_empty() => {
                let node = &nodes[self.chance.below(nodes.len())];
                format!("({node}){}", self.chance.pick(&["-->()", "<-[:R]-(:A)", "-[:S]-()", "-[:R*2]->()"]))
            }
            7 | 8 if self.depth > 0 => self.nested(),
            _ => format!("{} {} {}", self.value(), self.comparator(), self.value()),
        }
    }

    /// EXISTS, COUNT and their kin over a pattern with variables of its own.
    fn nested(&mut self) -> String {
        let names = self.names.clone();
        self.depth -= 1;
        let paths = paths_written(&self.pattern(1));
        let condition =
            if self.chance.one_in(2) { format!(" WHERE {}", self.condition(0)) } else { String::new() };
        let value = self.value();
        self.depth += 1;
        let next = self.names.next;
        self.names = Names { next, ..names };
        let (comparator, count) = (self.comparator(), self.chance.below(3));
        match self.chance.below(7) {
            0 => format!("COUNT {{ {paths}{condition} }} {comparator} {count}"),
            1 => format!("EXISTS {{ MATCH {paths}{condition} }}"),
            2 => format!(
                "EXISTS {{ MATCH {paths}{condition} WITH {value} AS g, count(*) AS c \
                 WHERE c {comparator} {count} RETURN g }}"
            ),
            3 => format!(
                "COUNT {{ MATCH {paths}{condition} RETURN DISTINCT {value} AS g }} {comparator} {count}"
            ),
            4 => format!(
                "size(COLLECT {{ MATCH {paths}{condition} RETURN {value} AS g }}) {comparator} {count}"
            ),
            5 => format!(
                "COUNT {{ MATCH {paths}{condition} RETURN {value} AS g \
                 UNION MATCH {paths} RETURN {value} AS g }} {comparator} {count}"
            ),
            _ => format!("EXISTS {{ {paths}{condition} }}"),
        }
    }

    /// A subquery that sees some of the variables.
    fn call(&mut self) -> String {
        let outer = self.names.known.clone();
        self.names.known.retain(|_| !self.chance.one_in(3));
        let imports: Vec<String> = self.names.known.iter().map(|(name, _)| name.clone()).collect();
        let paths = paths_written(&self.pattern(1));
        let condition = self.optional_condition();
        let grouped = self.chance.one_in(2);
        let value = if grouped { self.aggregate() } else { self.value() };
        self.names.known = outer;
        let name = self.names.fresh(Kind::Value);
        let distinct = if self.chance.one_in(3) { "DISTINCT " } else { "" };
        let optional = if self.chance.one_in(3) { "OPTIONAL " } else { "" };
        let imports = imports.join(", ");
        format!(
            "{optional}CALL ({imports}) {{ MATCH {paths}{condition} RETURN {distinct}{value} AS {name} }}"
        )
    }

    pub fn optional_condition(&mut self) -> String {
        if self.chance.one_in(3) { format!(" WHERE {}", self.condition(1)) } else { String::new() }
    }

    /// Reading clauses that bind variables.
    pub fn reading(&mut self, clauses: usize) -> Vec<String> {
        let mut out = Vec::new();
        for at in 0..clauses {
            let optional =
                if at > 0 && self.chance.one_in(2) || self.chance.one_in(8) { "OPTIONAL " } else { "" };
            match self.chance.below(8) {
                0 => {
                    let list =
                        self.chance.pick(&["[1, 2]", "[0, null, 1]", "[]", "[2, 2]", "[3]", "range(0, 2)"]);
                    let list = list.to_owned();
                    out.push(format!("UNWIND {list} AS {}", self.names.fresh(Kind::Number)));
                }
                1 if !self.names.known.is_empty() => out.push(self.with()),
                2 if !self.names.known.is_empty() => out.push(self.call()),
                _ => {
                    let paths = paths_written(&self.pattern(2));
                    out.push(format!("{optional}MATCH {paths}{}", self.optional_condition()));
                }
            }
        }
        out
    }

    /// A WITH that keeps some variables, and adds some.
    pub fn with(&mut self) -> String {
        let grouped = self.chance.one_in(3);
        let mut kept = self.names.known.clone();
        kept.retain(|_| !self.chance.one_in(3));
        let mut items: Vec<String> = kept.iter().map(|(name, _)| name.clone()).collect();
        let aggregate = if grouped { Some(self.aggregate()) } else { None };
        let plain = (!grouped && self.chance.one_in(3)).then(|| self.value());
        self.names.known = kept;
        if let Some(text) = aggregate.or(plain) {
            items.push(format!("{text} AS {}", self.names.fresh(Kind::Value)));
        }
        if items.is_empty() {
            items.push(format!("1 AS {}", self.names.fresh(Kind::Number)));
        }
        let distinct = if self.chance.one_in(4) { "DISTINCT " } else { "" };
        let names: Vec<String> = self.names.known.iter().map(|(name, _)| name.clone()).collect();
        let window = if self.chance.one_in(5) { self.window(&names) } else { String::new() };
        let condition =
            if self.chance.one_in(4) { format!(" WHERE {}", self.condition(0)) } else { String::new() };
        format!("WITH {distinct}{}{window}{condition}", items.join(", "))
    }

    /// An aggregate whose value does not depend on the order of rows.
    pub fn aggregate(&mut self) -> String {
        let distinct = if self.chance.one_in(3) { "DISTINCT " } else { "" };
        let elements: Vec<String> =
            self.names.of(&[Kind::Node, Kind::Edge]).into_iter().map(str::to_owned).collect();
        let number = match elements.is_empty() {
            true => "1".to_owned(),
            false => format!("{}.x", elements[self.chance.below(elements.len())]),
        };
        match self.chance.below(8) {
            0 => "count(*)".to_owned(),
            1 => format!("count({distinct}{})", self.value()),
            2 if !elements.is_empty() => {
                format!("count({distinct}{})", elements[self.chance.below(elements.len())])
            }
            3 => format!("sum({distinct}{number})"),
            4 => format!("min({})", self.value()),
            5 => format!("max({})", self.value()),
            6 => format!("size(collect({distinct}{}))", self.value()),
            _ => format!("coll.sort(collect({distinct}{}))", self.value()),
        }
    }

    /// ORDER BY over all columns, so that the order is total, and SKIP and LIMIT after it.
    pub fn window(&mut self, columns: &[String]) -> String {
        let mut keys: Vec<String> = columns
            .iter()
            .map(|name| if self.chance.one_in(3) { format!("{name} DESC") } else { name.clone() })
            .collect();
        self.chance.shuffle(&mut keys);
        let mut text = format!(" ORDER BY {}", keys.join(", "));
        if self.chance.one_in(3) {
            text += &format!(" SKIP {}", self.chance.below(4));
        }
        if self.chance.one_in(2) {
            text += &format!(" LIMIT {}", self.chance.below(6));
        }
        text
    }

    /// RETURN with at least one column; yields it and whether its order is total.
    pub fn returning(&mut self, columns: Option<usize>) -> (String, bool) {
        let grouped = self.chance.one_in(3);
        let count = columns.unwrap_or(1 + self.chance.below(3));
        let names: Vec<String> = self.names.known.iter().map(|(name, _)| name.clone()).collect();
        let mut items = Vec::new();
        for at in 0..count {
            let text = if grouped && (at + 1 == count) {
                self.aggregate()
            } else if !names.is_empty() && self.chance.one_in(2) {
                names[self.chance.below(names.len())].clone()
            } else {
                self.value()
            };
            items.push(format!("{text} AS c{at}"));
        }
        if self.chance.one_in(15) {
            items[0] = format!("{} AS c0", self.risky());
        }
        let distinct = if self.chance.one_in(4) { "DISTINCT " } else { "" };
        let columns: Vec<String> = (0..count).map(|at| format!("c{at}")).collect();
        let ordered = self.chance.one_in(3);
        let window = if ordered { self.window(&columns) } else { String::new() };
        (format!("RETURN {distinct}{}{window}", items.join(", ")), ordered)
    }
}

/// A whole query and whether the order of its rows is total.
pub fn query(chance: &mut Chance, is_sparse: bool) -> (String, bool) {
    if chance.one_in(8) {
        let all = if chance.one_in(2) { " ALL" } else { "" };
        let columns = 1 + chance.below(2);
        let mut branches = Vec::new();
        for _ in 0..2 {
            let mut drafter = Drafter { chance, names: Names { is_sparse, ..Names::default() }, depth: 1 };
            let mut clauses = drafter.reading(1);
            let text = loop {
                let (text, ordered) = drafter.returning(Some(columns));
                if !ordered {
                    break text;
                }
            };
            clauses.push(text);
            branches.push(clauses.join(" "));
        }
        return (branches.join(&format!(" UNION{all} ")), false);
    }
    let mut drafter = Drafter { names: Names { is_sparse, ..Names::default() }, depth: 1, chance };
    let count = [1, 1, 2, 2, 3][drafter.chance.below(5)];
    let mut clauses = drafter.reading(count);
    let (text, ordered) = drafter.returning(None);
    clauses.push(text);
    (clauses.join(" "), ordered)
}
