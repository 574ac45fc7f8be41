//! Trees in short form, for tests to be read.

use crate::syntax::tree::*;

fn list<T>(items: &[T], each: impl Fn(&T) -> String, between: &str) -> String {
    items.iter().map(each).collect::<Vec<_>>().join(between)
}

fn maybe<T>(before: &str, it: &Option<T>, each: impl Fn(&T) -> String) -> String {
    it.as_ref().map_or(String::new(), |it| format!("{before}{}", each(it)))
}

fn name(it: &Identifier) -> String {
    it.name.to_string()
}

fn boxed(it: &Option<Box<Expression>>, before: &str) -> String {
    maybe(before, it, |e| expression(e))
}

pub fn statement(it: &Statement) -> String {
    let body = match &it.body {
        Body::Query(it) => query(it),
        Body::Index(it) => index(it),
        Body::Show(it) => {
            let returns = maybe(" return ", &it.returns, projection);
            let condition = maybe(" where ", &it.condition, expression);
            format!("show {}{}{condition}{returns}", it.what, yields(&it.yields))
        }
    };
    match it.mode {
        Mode::Run => body,
        mode => format!("{mode:?} {body}"),
    }
}

fn index(it: &IndexCommand) -> String {
    let tolerant = if it.tolerant { " tolerant" } else { "" };
    let named = maybe(" ", &it.name, name);
    match &it.action {
        IndexAction::Drop { constraint } => format!("drop constraint={constraint}{named}{tolerant}"),
        IndexAction::Create { on_relationships, labels, properties, unique } => format!(
            "create{named}{tolerant} relationships={on_relationships} unique={unique} {}({})",
            list(labels, name, "|"),
            list(properties, name, ", ")
        ),
    }
}

pub fn query(it: &Query) -> String {
    let mut text = list(&it.first.clauses, clause, "; ");
    for union in &it.unions {
        let all = if union.all { "all " } else { "" };
        text += &format!(" union {all}{}", list(&union.query.clauses, clause, "; "));
    }
    text
}

fn clause(it: &Clause) -> String {
    let sets = |items: &Vec<SetItem>| list(items, set, ", ");
    match &it.kind {
        ClauseKind::Match { optional, pattern: it, condition } => {
            let optional = if *optional { "optional " } else { "" };
            format!("{optional}match {}{}", pattern(it), maybe(" where ", condition, expression))
        }
        ClauseKind::Unwind { list, variable } => format!("unwind {} as {}", expression(list), name(variable)),
        ClauseKind::With(it) => format!("with {}", projection(it)),
        ClauseKind::Return(it) => format!("return {}", projection(it)),
        ClauseKind::Finish => "finish".into(),
        ClauseKind::Create { pattern: it } => format!("create {}", pattern(it)),
        ClauseKind::Merge { part: it, on_create, on_match } => {
            format!("merge {} create[{}] match[{}]", part(it), sets(on_create), sets(on_match))
        }
        ClauseKind::Set(items) => format!("set {}", sets(items)),
        ClauseKind::Remove(items) => format!("remove {}", list(items, remove, ", ")),
        ClauseKind::Delete { detach, targets } => {
            format!("{}delete {}", if *detach { "detach " } else { "" }, list(targets, expression, ", "))
        }
        ClauseKind::Foreach { variable, list: over, clauses } => {
            format!("foreach({} in {} | {})", name(variable), expression(over), list(clauses, clause, "; "))
        }
        ClauseKind::Call(it) => {
            let optional = if it.optional { "optional " } else { "" };
            let arguments = maybe("", &it.arguments, |it| format!("({})", list(it, expression, ", ")));
            let condition = maybe(" where ", &it.condition, expression);
            format!("{optional}call {}{arguments}{}{condition}", it.name, yields(&it.yields))
        }
        ClauseKind::Subquery(it) => {
            let optional = if it.optional { "optional " } else { "" };
            let imports = match &it.imports {
                Imports::Leading => String::new(),
                Imports::All => "(*)".into(),
                Imports::Listed(names) => format!("({})", list(names, name, ", ")),
            };
            format!("{optional}call{imports}{{{}}}", query(&it.query))
        }
    }
}

fn yields(it: &Yields) -> String {
    let item = |it: &YieldItem| format!("{}{}", name(&it.field), maybe(" as ", &it.alias, name));
    match it {
        Yields::None => String::new(),
        Yields::Star => " yield *".into(),
        Yields::Items(items) => format!(" yield {}", list(items, item, ", ")),
    }
}

fn projection(it: &Projection) -> String {
    let item = |it: &ProjectionItem| match &it.alias {
        Some(alias) => format!("{} as {}", expression(&it.expression), alias.name),
        None => format!("{} «{}»", expression(&it.expression), it.text),
    };
    let sort =
        |it: &SortItem| format!("{}{}", expression(&it.expression), if it.descending { " desc" } else { "" });
    let mut items = Vec::new();
    if it.star {
        items.push("*".to_string());
    }
    items.extend(it.items.iter().map(item));
    let mut text = if it.distinct { "distinct " } else { "" }.to_string() + &items.join(", ");
    if !it.order.is_empty() {
        text += &format!(" order {}", list(&it.order, sort, ", "));
    }
    text += &maybe(" skip ", &it.skip, expression);
    text += &maybe(" limit ", &it.limit, expression);
    text + &maybe(" where ", &it.condition, expression)
}

fn set(it: &SetItem) -> String {
    match it {
        SetItem::Property { target, key, value } => {
            format!("{}.{} = {}", expression(target), key.name, expression(value))
        }
        SetItem::Replace { variable, value } => format!("{} = {}", variable.name, expression(value)),
        SetItem::Extend { variable, value } => format!("{} += {}", variable.name, expression(value)),
        SetItem::Labels { variable, labels } => format!("{}:{}", variable.name, list(labels, name, ":")),
    }
}

fn remove(it: &RemoveItem) -> String {
    match it {
        RemoveItem::Property { target, key } => format!("{}.{}", expression(target), key.name),
        RemoveItem::Labels { variable, labels } => format!("{}:{}", variable.name, list(labels, name, ":")),
    }
}

fn pattern(it: &Pattern) -> String {
    list(&it.parts, part, ", ")
}

fn part(it: &PatternPart) -> String {
    let variable = maybe("", &it.variable, |it| format!("{} = ", it.name));
    let selector = match it.selector {
        Selector::All => String::new(),
        selector => format!("{selector:?} "),
    };
    format!("{variable}{selector}{}", path(&it.path))
}

pub fn path(it: &PathPattern) -> String {
    list(&it.elements, element, "")
}

fn quantifier(it: &Quantifier) -> String {
    let bound = |it: Option<u64>| it.map_or(String::new(), |n| n.to_string());
    format!("{{{},{}}}", bound(it.min), bound(it.max))
}

fn element(it: &Element) -> String {
    match it {
        Element::Node(it) => {
            let properties = maybe(" ", &it.properties, expression);
            let condition = maybe(" where ", &it.condition, expression);
            format!(
                "({}{}{properties}{condition})",
                maybe("", &it.variable, name),
                maybe(":", &it.labels, labels)
            )
        }
        Element::Relationship(it) => {
            let inner = format!(
                "{}{}{}{}{}",
                maybe("", &it.variable, name),
                maybe(":", &it.types, labels),
                maybe("*", &it.length, quantifier),
                maybe(" ", &it.properties, expression),
                maybe(" where ", &it.condition, expression)
            );
            let (left, right) = match it.direction {
                Direction::Left => ("<-", "-"),
                Direction::Right => ("-", "->"),
                Direction::Both => ("-", "-"),
            };
            format!("{left}[{inner}]{right}{}", maybe("", &it.quantifier, quantifier))
        }
        Element::Group(it) => {
            let variable = maybe("", &it.variable, |it| format!("{} = ", it.name));
            let condition = maybe(" where ", &it.condition, expression);
            format!("<{variable}{}{condition}>{}", path(&it.path), maybe("", &it.quantifier, quantifier))
        }
    }
}

fn labels(it: &LabelExpression) -> String {
    match it {
        LabelExpression::Name(it) => name(it),
        LabelExpression::And(all) => format!("({})", list(all, labels, "&")),
        LabelExpression::Or(all) => format!("({})", list(all, labels, "|")),
        LabelExpression::Not(it) => format!("!{}", labels(it)),
        LabelExpression::Any(_) => "%".into(),
    }
}

pub fn expression(it: &Expression) -> String {
    use ExpressionKind as E;
    match &it.kind {
        E::Null => "null".into(),
        E::Boolean(it) => it.to_string(),
        E::Integer(it) => it.to_string(),
        E::Float(it) => format!("{it:?}"),
        E::Text(it) => format!("{it:?}"),
        E::Parameter(it) => format!("${it}"),
        E::Variable(it) => it.to_string(),
        E::List(items) => format!("[{}]", list(items, expression, ", ")),
        E::Map(items) => {
            format!("{{{}}}", list(items, |(k, v)| format!("{}: {}", k.name, expression(v)), ", "))
        }
        E::MapProjection { variable, items } => {
            format!("{}{{{}}}", variable.name, list(items, projected, ", "))
        }
        E::Property { subject, key } => format!("{}.{}", expression(subject), key.name),
        E::Index { subject, index } => format!("{}[{}]", expression(subject), expression(index)),
        E::Slice { subject, from, to } => {
            format!("{}[{}..{}]", expression(subject), boxed(from, ""), boxed(to, ""))
        }
        E::Not(it) => format!("(not {})", expression(it)),
        E::Negate(it) => format!("(-{})", expression(it)),
        E::Plus(it) => format!("(+{})", expression(it)),
        E::Binary { operator, left, right } => {
            format!("({} {operator:?} {})", expression(left), expression(right))
        }
        E::Comparison { first, rest } => {
            format!("({}{})", expression(first), list(rest, |(c, e)| format!(" {c:?} {}", expression(e)), ""))
        }
        E::IsNull(it) => format!("({} is null)", expression(it)),
        E::IsNotNull(it) => format!("({} is not null)", expression(it)),
        E::HasLabels { subject, labels: it } => format!("({}:{})", expression(subject), labels(it)),
        E::Call { name, distinct, arguments, .. } => {
            format!(
                "{name}({}{})",
                if *distinct { "distinct " } else { "" },
                list(arguments, expression, ", ")
            )
        }
        E::CountStar => "count(*)".into(),
        E::Case { operand, branches, otherwise } => {
            let branch = |(when, then): &(Expression, Expression)| {
                format!(" when {} then {}", expression(when), expression(then))
            };
            format!(
                "case{}{}{} end",
                boxed(operand, " "),
                list(branches, branch, ""),
                boxed(otherwise, " else ")
            )
        }
        E::ListComprehension { variable, list, condition, projection } => format!(
            "[{} in {}{}{}]",
            variable.name,
            expression(list),
            boxed(condition, " where "),
            boxed(projection, " | ")
        ),
        E::PatternComprehension { variable, path: it, condition, projection } => format!(
            "[{}{}{} | {}]",
            maybe("", variable, |it| format!("{} = ", it.name)),
            path(it),
            boxed(condition, " where "),
            expression(projection)
        ),
        E::ListPredicate { kind, variable, list, condition } => {
            format!("{kind:?}({} in {}{})", variable.name, expression(list), boxed(condition, " where "))
        }
        E::Reduce { accumulator, start, variable, list, step } => format!(
            "reduce({} = {}, {} in {} | {})",
            accumulator.name,
            expression(start),
            variable.name,
            expression(list),
            expression(step)
        ),
        E::PatternPredicate(it) => format!("path {}", path(it)),
        E::ShortestPath { all, path: it } => format!("shortest all={all} {}", path(it)),
        E::Subquery { kind, query: it } => format!("{kind:?}{{{}}}", query(it)),
    }
}

fn projected(it: &MapProjectionItem) -> String {
    match it {
        MapProjectionItem::Property(key) => format!(".{}", key.name),
        MapProjectionItem::All(_) => ".*".into(),
        MapProjectionItem::Entry(key, value) => format!("{}: {}", key.name, expression(value)),
        MapProjectionItem::Variable(it) => name(it),
    }
}
