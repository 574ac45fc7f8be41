//! Rows that describe relationships.

use super::items::with_hint;
use super::{Import, Rejection};
use crate::command::decider::Decider;
use crate::command::reference;
use crate::command::relationship::{check_ends, check_group, unmet, unmet_groups};
use crate::command::rule::mark;
use crate::error::{Kind, Result};
use crate::fact::{Fact, NewItem, NewRelationship, Stated};
use crate::graph::link::Needs;
use crate::graph::{Draft, Records};
use crate::model::intake::{Batch, Cell, Table};
use crate::model::relationship::Identity;
use crate::model::{ItemNumber, Relationship, RelationshipNumber, SmolStr, Symbol, Value};
use crate::schema::{AttributeDefinition, RelationshipType, read, symbols};
use rustc_hash::FxHashMap;
use std::sync::Arc;

mod side_by_side;

use side_by_side::Made;

struct Columns {
    source: usize,
    kind: usize,
    target: usize,
    group: Option<usize>,
    /// The rule that made it, where the row comes from an export.
    rule: Option<usize>,
}

struct Plan {
    kind: Arc<RelationshipType>,
    attributes: Vec<(usize, Symbol, AttributeDefinition)>,
    foreign: Vec<usize>,
}

type Wrong = (Option<SmolStr>, &'static str, String);

/// Rejects a row, or stops the import.
enum Stop {
    Row(Vec<Wrong>),
    Import(crate::Error),
}

impl From<crate::Error> for Stop {
    /// What is refused of a row is the row's; anything else ends the import.
    fn from(e: crate::Error) -> Stop {
        match e.kind() {
            Kind::Refused | Kind::Denied => Stop::Row(vec![(None, e.code(), with_hint(&e))]),
            _ => Stop::Import(e),
        }
    }
}

fn row(column: &str, code: &'static str, message: impl Into<String>) -> Stop {
    Stop::Row(vec![(Some(SmolStr::new(column)), code, message.into())])
}

pub(super) fn batch(
    import: &mut Import,
    decider: &mut Decider<'_>,
    source: Symbol,
    batch: &Batch,
) -> Result<()> {
    let table = &batch.table;
    let find = |name: &str| table.columns.iter().position(|c| c == name);
    let (Some(from), Some(kind), Some(to)) = (find("source"), find("type"), find("target")) else {
        let message = "a table of relationships has the columns source, type and target";
        return Err(crate::Error::invalid("import.columns", format!("{}: {message}", table.file)));
    };
    let columns =
        Columns { source: from, kind, target: to, group: find("group"), rule: find(mark::ATTRIBUTE) };
    let plans = plans(decider.draft(), table, &columns, batch);
    let reading = Reading { table, columns: &columns, plans: &plans, origin: source };
    let made = side_by_side::made(decider.draft(), &reading, batch, import.options.empty_clears);
    let mut waiting = side_by_side::Waiting::default();
    for ((number, cells), (known, made)) in batch.iter().zip(made) {
        let mut taken = Taking { import, decider, reading: &reading, number, known };
        let alone = |made: &Made<'_>| waiting.is_new(made) && !taken.decider.guards_link(made.identity());
        let done = match made.filter(alone) {
            Some(made) => waiting.push(&mut taken, number, made),
            None => {
                waiting.accept(taken.decider)?;
                taken.row(number, cells).map(|identity| waiting.taken(&identity))
            }
        };
        match done {
            Ok(()) => {}
            Err(Stop::Import(e)) => return Err(e),
            Err(Stop::Row(wrong)) => {
                import.report.relationships.rejected += 1;
                for (column, code, message) in wrong {
                    import.report.reject(Rejection {
                        file: table.file.clone(),
                        row: number,
                        column,
                        code,
                        message,
                    });
                }
            }
        }
    }
    waiting.accept(decider)
}

/// How the rows of a batch are read.
struct Reading<'a> {
    table: &'a Table,
    columns: &'a Columns,
    /// By the name of each type that the batch states and the schema knows.
    plans: &'a Plans,
    origin: Symbol,
}

type Plans = FxHashMap<SmolStr, Plan>;

fn plans(draft: &Draft, table: &Table, columns: &Columns, batch: &Batch) -> Plans {
    let mut plans = Plans::default();
    for (_, cells) in batch.iter() {
        if let Some(Cell::Text(name)) = cells.get(columns.kind)
            && !plans.contains_key(name)
            && let Ok(kind) = draft.schema().type_named(draft.names(), name)
        {
            plans.insert(name.clone(), plan(draft, table, columns, kind.clone()));
        }
    }
    plans
}

fn plan(draft: &Draft, table: &Table, columns: &Columns, kind: Arc<RelationshipType>) -> Plan {
    let mut plan = Plan { kind, attributes: Vec::new(), foreign: Vec::new() };
    let special = [Some(columns.source), Some(columns.kind), Some(columns.target), columns.group];
    for (at, column) in table.columns.iter().enumerate().filter(|(at, _)| !special.contains(&Some(*at))) {
        // An export's own id and ends' names are not attributes.
        let symbol = draft.names().get(column);
        match symbol.and_then(|s| Some((s, plan.kind.attributes.get(&s)?.clone()))) {
            Some((symbol, definition)) => plan.attributes.push((at, symbol, definition)),
            None if columns.rule == Some(at) => {}
            None => plan.foreign.push(at),
        }
    }
    plan
}

impl<'a> Reading<'a> {
    fn plan(&self, draft: &Draft, cells: &[Cell]) -> std::result::Result<&'a Plan, Stop> {
        let Some(name) = cells.get(self.columns.kind).and_then(text) else {
            return Err(row("type", "import.no-type", "the row states no relationship type"));
        };
        self.plans.get(&name).ok_or_else(|| {
            let unknown = draft.schema().type_named(draft.names(), &name).err();
            let message = unknown.map_or_else(
                || format!("\"{name}\" is not a text"),
                |e| format!("{}; {}", e.message(), e.hint_text().unwrap_or("")),
            );
            row("type", "relationship-type.unknown", message)
        })
    }
}

impl Reading<'_> {
    /// The rule that made the row's relationship where it was exported.
    fn rule(&self, plan: &Plan, cells: &[Cell]) -> Option<SmolStr> {
        let is_own = |name: &str| plan.attributes.iter().any(|(_, _, a)| a.name == name);
        let rule = self.columns.rule.and_then(|at| cells.get(at)).and_then(text)?;
        (!is_own(mark::ATTRIBUTE)).then_some(rule)
    }
}

struct Taking<'a, 'd, 'i> {
    import: &'i mut Import,
    decider: &'a mut Decider<'d>,
    reading: &'a Reading<'a>,
    /// The row at hand.
    number: u64,
    /// What was looked up beforehand: source and target.
    known: side_by_side::Known,
}

impl Taking<'_, '_, '_> {
    fn row(&mut self, number: u64, cells: &[Cell]) -> std::result::Result<Identity, Stop> {
        let (table, columns) = (self.reading.table, self.reading.columns);
        let plan = self.reading.plan(self.decider.draft(), cells)?;
        let group = columns.group.and_then(|c| cells.get(c)).and_then(text);
        check_group(&plan.kind, group.as_deref()).map_err(|e| row("group", e.code(), e.message()))?;
        let attributes =
            read_attributes(table, plan, cells, self.import.options.empty_clears).map_err(Stop::Row)?;
        let source = self.known[0].map_or_else(|| self.end(cells, columns.source, "source"), Ok)?;
        let target = self.known[1].map_or_else(|| self.end(cells, columns.target, "target"), Ok)?;
        check_ends(self.decider.draft(), &plan.kind, source, target)
            .map_err(|e| row("type", "relationship.end-not-allowed", e.message()))?;
        let identity = Identity { kind: plan.kind.symbol, source, target, group };
        self.note_ends(&identity);
        if self.is_made_here(plan, cells, &identity)? {
            self.import.report.relationships.unchanged += 1;
            return Ok(identity);
        }
        self.check_needs(number, plan, &identity, &attributes)?;
        let relationship = self.put(&identity, attributes)?;
        self.note_group(number, plan, &identity, relationship);
        Ok(identity)
    }
    fn note_ends(&mut self, identity: &Identity) {
        self.import.ends_seen.mark(identity.source.0);
        self.import.ends_seen.mark(identity.target.0);
    }
    /// Whether the row tells of a relationship that a rule makes here, too: it is left to the rule. Where the rule is
    /// not in force such a row states a relationship like any other.
    fn is_made_here(
        &self,
        plan: &Plan,
        cells: &[Cell],
        identity: &Identity,
    ) -> std::result::Result<bool, Stop> {
        let Some(rule) = self.reading.rule(plan, cells) else { return Ok(false) };
        let draft = self.decider.draft();
        Ok(match draft.related(identity)? {
            Some((_, known)) => mark::made_by(draft.names(), &known).is_some(),
            None => draft.settings().rules.contains_key(&rule),
        })
    }
    fn note_group(
        &mut self,
        number: u64,
        plan: &Plan,
        identity: &Identity,
        relationship: RelationshipNumber,
    ) {
        if identity.group.is_some() {
            let dependent = if plan.kind.source_suffers() { identity.source } else { identity.target };
            let rows = self.import.groups.entry(dependent).or_default();
            rows.push((relationship, self.reading.table.file.clone(), number));
        }
    }
    /// An end: a key within the same source, else a REF, else a placeholder.
    fn end(&mut self, cells: &[Cell], at: usize, column: &str) -> std::result::Result<ItemNumber, Stop> {
        let Some(reference) = cells.get(at).and_then(text) else {
            return Err(row(column, "import.no-end", format!("the row states no {column}")));
        };
        if let Some(number) = self.decider.draft().keyed(self.reading.origin, &reference) {
            return Ok(number);
        }
        let found = reference::find(self.decider.draft(), &reference)
            .map_err(|e| row(column, e.code(), e.message()))?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => self.placeholder(reference, column),
            many => {
                let e = reference::ambiguous(self.decider.draft(), &reference, many);
                Err(row(column, "reference.ambiguous", e.message()))
            }
        }
    }
    fn placeholder(&mut self, reference: SmolStr, column: &str) -> std::result::Result<ItemNumber, Stop> {
        if reference.len() > crate::command::item::NAME_BYTES_MAX || reference.contains('\0') {
            return Err(row(column, "item.name", "the reference is too long or holds a NUL"));
        }
        let item = self.decider.draft().next_item()?;
        self.import.notes.item(item, &self.reading.table.file, self.number);
        self.import.report.unresolved(&reference);
        self.import.report.items.created += 1;
        self.decider.accept(Fact::ItemCreated(NewItem {
            item,
            labels: [symbols::PLACEHOLDER].into_iter().collect(),
            name: Some(reference.clone()),
            key: Some(reference),
            source: self.reading.origin,
            ..NewItem::default()
        }))?;
        Ok(item)
    }
    /// Two different `needs` for one group in one import are an error.
    fn check_needs(
        &mut self,
        number: u64,
        plan: &Plan,
        identity: &Identity,
        attributes: &[Stated],
    ) -> std::result::Result<(), Stop> {
        let stated =
            attributes.iter().find(|(key, _)| *key == symbols::NEEDS).and_then(|(_, value)| value.as_ref());
        let Some(stated) = stated.and_then(Value::as_text) else { return Ok(()) };
        let needs = Needs::parse(stated).ok_or_else(|| {
            row(
                "needs",
                "relationship.needs",
                format!("\"{stated}\" is not a count, a percentage or a weight like weight>=120"),
            )
        })?;
        let Some(group) = &identity.group else {
            return Err(row(
                "needs",
                "relationship.needs",
                "needs belongs to a group, and the row states none",
            ));
        };
        let dependent = if plan.kind.source_suffers() { identity.source } else { identity.target };
        let (first, at) = *self.import.needs.entry((dependent, group.clone())).or_insert((needs, number));
        if first != needs {
            let message = format!("group \"{group}\" was given another needs in row {at}");
            return Err(row("needs", "group.needs-conflict", message));
        }
        Ok(())
    }
    fn put(
        &mut self,
        identity: &Identity,
        attributes: Vec<Stated>,
    ) -> std::result::Result<RelationshipNumber, Stop> {
        let Some((relationship, known)) = self.decider.draft().related(identity)? else {
            let relationship = self.decider.draft().next_relationship()?;
            self.decider.accept(related(relationship, identity, attributes, self.reading.origin))?;
            self.import.relationships_seen.mark(relationship.0);
            self.import.notes.relationship(relationship, &self.reading.table.file, self.number);
            self.import.report.relationships.created += 1;
            return Ok(relationship);
        };
        let as_many = attributes.len() == known.attributes.len();
        let attributes = news(self.decider.draft(), &known, attributes);
        if attributes.is_empty() {
            self.take_unchanged(relationship, as_many)?;
            return Ok(relationship);
        }
        if self.import.relationships_seen.mark(relationship.0) {
            return Err(Stop::Row(vec![(None, "relationship.duplicate", duplicate_message())]));
        }
        let source = self.reading.origin;
        self.decider.accept(Fact::RelationshipEdited { relationship, attributes, source })?;
        self.import.notes.relationship(relationship, &self.reading.table.file, self.number);
        self.import.report.relationships.updated += 1;
        Ok(relationship)
    }

    /// A relationship of which the row says nothing new.
    fn take_unchanged(
        &mut self,
        relationship: RelationshipNumber,
        as_many: bool,
    ) -> std::result::Result<(), Stop> {
        let again = self.import.relationships_seen.mark(relationship.0);
        if again && !as_many {
            return Err(Stop::Row(vec![(None, "relationship.duplicate", duplicate_message())]));
        }
        self.import.report.relationships.unchanged += 1;
        Ok(())
    }
}

/// What of a row is not known of its relationship.
fn news(draft: &Draft, known: &Relationship, stated: Vec<Stated>) -> Vec<Stated> {
    let declaring = mark::declaring(draft.names(), known, &stated);
    let changed = stated.into_iter().filter(|(key, value)| known.attribute(*key) != value.as_ref());
    declaring.into_iter().chain(changed).collect()
}

fn related(
    relationship: RelationshipNumber,
    identity: &Identity,
    attributes: Vec<Stated>,
    origin: Symbol,
) -> Fact {
    let attributes = attributes.into_iter().filter_map(|(k, v)| Some((k, v?))).collect();
    Fact::Related(NewRelationship::new(relationship, identity, attributes, origin))
}

fn duplicate_message() -> String {
    "another row of this import states the same type, source, target and group with other attributes"
        .to_owned()
}

fn text(cell: &Cell) -> Option<SmolStr> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) => Some(text.clone()),
        Cell::Typed(value) => Some(value.to_string().into()),
    }
}

fn read_attributes(
    table: &Table,
    plan: &Plan,
    cells: &[Cell],
    empty_clears: bool,
) -> std::result::Result<Vec<Stated>, Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    for &at in &plan.foreign {
        if !matches!(cells.get(at), None | Some(Cell::Empty)) {
            let message = format!("{} has no attribute \"{}\"", plan.kind.definition.name, table.columns[at]);
            wrong.push((Some(table.columns[at].clone()), "attribute.unknown", message));
        }
    }
    let mut out = Vec::new();
    for (at, symbol, definition) in &plan.attributes {
        let value = match cells.get(*at) {
            None | Some(Cell::Empty) if empty_clears => Ok(None),
            None | Some(Cell::Empty) => continue,
            Some(Cell::Text(text)) => read::from_text(definition, text).map(Some),
            Some(Cell::Typed(value)) => read::from_value(definition, value.clone()).map(Some),
        };
        match value {
            Ok(value) => out.push((*symbol, value)),
            Err(message) => wrong.push((Some(definition.name.clone()), "attribute.invalid", message)),
        }
    }
    if wrong.is_empty() { Ok(out) } else { Err(wrong) }
}

/// At rest everything is up: rows of this run whose group its members could not meet are taken back and rejected.
pub(super) fn check_groups(import: &mut Import, decider: &mut Decider<'_>) -> Result<()> {
    let mut dependents: Vec<ItemNumber> = import.groups.keys().copied().collect();
    dependents.sort_unstable();
    for dependent in dependents {
        for (group, wanted, given) in unmet_groups(decider.draft(), dependent)? {
            let message = unmet(decider.draft(), dependent, &group, wanted, given).message().to_owned();
            let rows = import.groups.get(&dependent).cloned().unwrap_or_default();
            for (relationship, file, number) in rows {
                let record = decider.draft().relationship(relationship)?;
                if record.is_none_or(|r| r.identity.group.as_ref() != Some(&group)) {
                    continue;
                }
                decider.accept(Fact::Unrelated { relationship })?;
                import.report.relationships.rejected += 1;
                import.report.relationships.created = import.report.relationships.created.saturating_sub(1);
                let column = Some(SmolStr::new_static("needs"));
                import.report.reject(Rejection {
                    file,
                    row: number,
                    column,
                    code: "group.unmet",
                    message: message.clone(),
                });
            }
        }
    }
    Ok(())
}
