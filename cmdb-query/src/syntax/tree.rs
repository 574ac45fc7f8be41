//! The tree of a query, as written: names unresolved, every part with its place in the text.

pub use smol_str::SmolStr;

/// A byte range of the query text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// A name as written, without backticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Identifier {
    pub name: SmolStr,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub mode: Mode,
    pub body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Run,
    Explain,
    Profile,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Query(Query),
    Index(IndexCommand),
    Show(Box<Show>),
}

/// `CREATE INDEX`, `DROP INDEX`, `CREATE CONSTRAINT …`, `DROP CONSTRAINT`.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexCommand {
    pub action: IndexAction,
    pub name: Option<Identifier>,
    /// `IF NOT EXISTS` on create, `IF EXISTS` on drop.
    pub tolerant: bool,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum IndexAction {
    Create { on_relationships: bool, labels: Vec<Identifier>, properties: Vec<Identifier>, unique: bool },
    Drop { constraint: bool },
}

/// `SHOW PROCEDURES|FUNCTIONS|INDEXES|CONSTRAINTS|DATABASES [YIELD …] [WHERE …] [RETURN …]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    pub what: SmolStr,
    pub yields: Yields,
    pub condition: Option<Expression>,
    pub returns: Option<Projection>,
    pub span: Span,
}

/// Single queries joined by UNION; `SingleQuery.all` of the first is meaningless.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub first: SingleQuery,
    pub unions: Vec<Union>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    pub all: bool,
    pub query: SingleQuery,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SingleQuery {
    pub clauses: Vec<Clause>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    pub kind: ClauseKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    Match {
        optional: bool,
        pattern: Pattern,
        condition: Option<Expression>,
    },
    Unwind {
        list: Expression,
        variable: Identifier,
    },
    With(Projection),
    Return(Projection),
    /// `FINISH`: run for its effects, return nothing.
    Finish,
    Create {
        pattern: Pattern,
    },
    Merge {
        part: PatternPart,
        on_create: Vec<SetItem>,
        on_match: Vec<SetItem>,
    },
    Set(Vec<SetItem>),
    Remove(Vec<RemoveItem>),
    Delete {
        detach: bool,
        targets: Vec<Expression>,
    },
    Foreach {
        variable: Identifier,
        list: Expression,
        clauses: Vec<Clause>,
    },
    Call(ProcedureCall),
    Subquery(Subquery),
}

/// The body of WITH or RETURN.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    pub distinct: bool,
    /// `*` was written (before further items, if any).
    pub star: bool,
    pub items: Vec<ProjectionItem>,
    pub order: Vec<SortItem>,
    pub skip: Option<Expression>,
    pub limit: Option<Expression>,
    /// WHERE after WITH.
    pub condition: Option<Expression>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ProjectionItem {
    pub expression: Expression,
    pub alias: Option<Identifier>,
    /// The expression as written in the query: the column's name where there is no alias.
    pub text: SmolStr,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SortItem {
    pub expression: Expression,
    pub descending: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SetItem {
    /// `n.key = value`, `(expression).key = value`.
    Property { target: Expression, key: Identifier, value: Expression },
    /// `n = map`.
    Replace { variable: Identifier, value: Expression },
    /// `n += map`.
    Extend { variable: Identifier, value: Expression },
    /// `n:A:B`.
    Labels { variable: Identifier, labels: Vec<Identifier> },
}

#[derive(Clone, Debug, PartialEq)]
pub enum RemoveItem {
    Property { target: Expression, key: Identifier },
    Labels { variable: Identifier, labels: Vec<Identifier> },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ProcedureCall {
    pub optional: bool,
    /// Dotted, as written.
    pub name: SmolStr,
    pub name_span: Span,
    /// None: called without parentheses, arguments come from parameters of the same names.
    pub arguments: Option<Vec<Expression>>,
    pub yields: Yields,
    pub condition: Option<Expression>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Yields {
    /// No YIELD was written.
    None,
    /// `YIELD *`, or `YIELD -` as an empty list of items.
    Star,
    Items(Vec<YieldItem>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct YieldItem {
    pub field: Identifier,
    pub alias: Option<Identifier>,
}

/// `CALL { … }`, `CALL (x, y) { … }`, with `OPTIONAL` before it or `IN TRANSACTIONS` after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    pub optional: bool,
    pub imports: Imports,
    pub query: Query,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Imports {
    /// `CALL { WITH a … }`: what the leading WITH names, nothing else.
    Leading,
    /// `CALL (*)`.
    All,
    /// `CALL (a, b)` or `CALL ()`.
    Listed(Vec<Identifier>),
}

/// Comma-separated paths, matched together.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub parts: Vec<PatternPart>,
}

/// `p = …` with how many of the matching paths are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternPart {
    pub variable: Option<Identifier>,
    pub selector: Selector,
    pub path: PathPattern,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector {
    All,
    /// `ANY`, `ANY k`.
    Any(u64),
    /// `ANY SHORTEST`, `SHORTEST k`; per pair of end nodes.
    Shortest(u64),
    /// `ALL SHORTEST`.
    AllShortest,
    /// `SHORTEST k GROUPS`.
    ShortestGroups(u64),
    /// `shortestPath(…)`.
    ShortestPath,
    /// `allShortestPaths(…)`.
    AllShortestPaths,
}

/// Nodes, relationships and groups in the order written. Between two nodes there is exactly one relationship;
/// a group may stand beside a node or another group without one.
#[derive(Clone, Debug, PartialEq)]
pub struct PathPattern {
    pub elements: Vec<Element>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    Node(NodePattern),
    Relationship(RelationshipPattern),
    Group(GroupPattern),
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodePattern {
    pub variable: Option<Identifier>,
    pub labels: Option<LabelExpression>,
    /// A map or a parameter.
    pub properties: Option<Expression>,
    /// WHERE inside the parentheses.
    pub condition: Option<Expression>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RelationshipPattern {
    pub variable: Option<Identifier>,
    pub direction: Direction,
    pub types: Option<LabelExpression>,
    pub properties: Option<Expression>,
    pub condition: Option<Expression>,
    /// `*`, `*2`, `*1..3`: a list of relationships is bound.
    pub length: Option<Quantifier>,
    /// `{1,5}`, `+`, `*` after the arrow: a quantified relationship.
    pub quantifier: Option<Quantifier>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `-->`
    Right,
    /// `<--`
    Left,
    /// `--` and `<-->`
    Both,
}

/// How often; both ends inclusive, `max: None` is without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quantifier {
    /// As written; None where the text left it out (then 1).
    pub min: Option<u64>,
    pub max: Option<u64>,
}

/// `((a)-[:R]->(b) WHERE …){1,5}`; without quantifier a plain parenthesised path.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPattern {
    pub variable: Option<Identifier>,
    pub path: PathPattern,
    pub condition: Option<Expression>,
    pub quantifier: Option<Quantifier>,
    pub span: Span,
}

/// `:A`, `:A:B` and `:A&B` (both), `:A|B` (either), `:!A`, `:%` (any).
#[derive(Clone, Debug, PartialEq)]
pub enum LabelExpression {
    Name(Identifier),
    And(Vec<LabelExpression>),
    Or(Vec<LabelExpression>),
    Not(Box<LabelExpression>),
    Any(Span),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    pub kind: ExpressionKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    Null,
    Boolean(bool),
    /// Signed: the parser folds a leading minus into the literal.
    Integer(i64),
    Float(f64),
    Text(SmolStr),
    Parameter(SmolStr),
    Variable(SmolStr),
    List(Vec<Expression>),
    Map(Vec<(Identifier, Expression)>),
    MapProjection {
        variable: Identifier,
        items: Vec<MapProjectionItem>,
    },
    Property {
        subject: Box<Expression>,
        key: Identifier,
    },
    /// `list[index]`, `map["key"]`.
    Index {
        subject: Box<Expression>,
        index: Box<Expression>,
    },
    Slice {
        subject: Box<Expression>,
        from: Option<Box<Expression>>,
        to: Option<Box<Expression>>,
    },
    Not(Box<Expression>),
    Negate(Box<Expression>),
    /// Unary plus: checks that its operand is a number.
    Plus(Box<Expression>),
    Binary {
        operator: Operator,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `a < b <= c`: all neighbouring comparisons hold. At least one.
    Comparison {
        first: Box<Expression>,
        rest: Vec<(Comparator, Expression)>,
    },
    IsNull(Box<Expression>),
    IsNotNull(Box<Expression>),
    /// `n:A`, `r:T`, `n:A|B`.
    HasLabels {
        subject: Box<Expression>,
        labels: LabelExpression,
    },
    /// `name` dotted as written; also aggregates (which of them the function registry knows).
    Call {
        name: SmolStr,
        name_span: Span,
        distinct: bool,
        arguments: Vec<Expression>,
    },
    CountStar,
    Case {
        operand: Option<Box<Expression>>,
        branches: Vec<(Expression, Expression)>,
        otherwise: Option<Box<Expression>>,
    },
    ListComprehension {
        variable: Identifier,
        list: Box<Expression>,
        condition: Option<Box<Expression>>,
        projection: Option<Box<Expression>>,
    },
    PatternComprehension {
        variable: Option<Identifier>,
        path: Box<PathPattern>,
        condition: Option<Box<Expression>>,
        projection: Box<Expression>,
    },
    /// `all|any|none|single(x IN list WHERE condition)`.
    ListPredicate {
        kind: ListPredicate,
        variable: Identifier,
        list: Box<Expression>,
        condition: Option<Box<Expression>>,
    },
    Reduce {
        accumulator: Identifier,
        start: Box<Expression>,
        variable: Identifier,
        list: Box<Expression>,
        step: Box<Expression>,
    },
    /// A path where a truth value is wanted: there is at least one such path.
    PatternPredicate(Box<PathPattern>),
    /// `shortestPath(…)` or `allShortestPaths(…)` as a value.
    ShortestPath {
        all: bool,
        path: Box<PathPattern>,
    },
    /// `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`. A bare pattern is a query of one MATCH without RETURN.
    Subquery {
        kind: SubqueryKind,
        query: Box<Query>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum MapProjectionItem {
    /// `.key`
    Property(Identifier),
    /// `.*`
    All(Span),
    /// `key: expression`
    Entry(Identifier, Expression),
    /// `variable`
    Variable(Identifier),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Or,
    Xor,
    And,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    In,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    /// `||`
    Concatenate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListPredicate {
    All,
    Any,
    None,
    Single,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubqueryKind {
    Exists,
    Count,
    Collect,
}
