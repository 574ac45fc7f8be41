//! Rows that describe items.

use super::{Import, ImportOptions, Rejection, Seen};
use crate::command::decider::Decider;
use crate::command::item::{NAME_BYTES_MAX, complete, status_of, status_text};
use crate::command::precedence::may_show;
use crate::error::{Error, Kind, Result};
use crate::fact::kinds::ItemEdit;
use crate::fact::{Fact, NewItem, Stated};
use crate::graph::Records;
use crate::model::intake::{Batch, Cell, Table};
use crate::model::{Item, ItemNumber, SmolStr, Symbol, Value};
use crate::schema::{AttributeDefinition, Class, read, symbols};
use rustc_hash::{FxHashMap, FxHashSet};
use side_by_side::Worked;
use std::sync::Arc;

mod identify;
mod side_by_side;

use identify::{Key, Known, identify};

/// Where the columns with a meaning of their own stand.
struct Columns {
    class: Option<usize>,
    name: Option<usize>,
    id: Option<usize>,
    status: Option<usize>,
}

/// The columns of a table read for one class: (column, symbol, definition).
struct Plan {
    class: Arc<Class>,
    /// What tells which item a row is about, in the order in which it is tried.
    keys: Vec<Key>,
    attributes: Vec<(usize, Symbol, AttributeDefinition)>,
    /// Columns that are no attribute of this class.
    foreign: Vec<usize>,
    /// A process has a say in such items, so a row may be refused.
    guarded: bool,
}

/// A row read against its class.
struct Row {
    name: Option<SmolStr>,
    key: Option<SmolStr>,
    status: Option<SmolStr>,
    attributes: Vec<Stated>,
}

/// What is wrong with a row: column, code, sentence.
type Wrong = (Option<SmolStr>, &'static str, String);

/// The item that a row made or changed, if any, or what is wrong with the row.
type Taken = std::result::Result<Option<ItemNumber>, Vec<Wrong>>;

pub(super) fn batch(
    import: &mut Import,
    decider: &mut Decider<'_>,
    source: Symbol,
    batch: &Batch,
) -> Result<()> {
    let table = &batch.table;
    let find = |name: &str| table.columns.iter().position(|c| c == name);
    let columns =
        Columns { class: find("class"), name: find("name"), id: find("id"), status: find("status") };
    let mut plans: FxHashMap<SmolStr, Arc<Plan>> = FxHashMap::default();
    for (_, cells) in batch.iter() {
        // A class that is not known is told of where its row is taken.
        let _ = plan_of(decider, table, &columns, cells, &mut plans);
    }
    identify::note_placeholders(&mut import.report, batch, &columns, &plans);
    let (options, seen) = (import.options.clone(), Seen::default());
    let draft = decider.draft();
    let worked_out = side_by_side::worked_out(batch, |cells| {
        let class = columns.class.and_then(|c| cells.get(c)).and_then(text)?;
        let plan = plans.get(&class).filter(|plan| !plan.guarded)?;
        let row = read_row(&options, table, &columns, plan, cells).ok()?;
        side_by_side::work_out(draft, source, plan, row, &seen)
    });
    let mut waiting = side_by_side::Waiting::default();
    // Items of the batch that are no longer what they were when its rows were worked out.
    let mut changed = FxHashSet::default();
    for ((number, cells), worked) in batch.iter().zip(worked_out) {
        match worked {
            Some(Worked::New(made)) if waiting.is_new(decider.draft(), &made) => {
                let item = waiting.push(import, decider, made)?;
                import.notes.item(item, &table.file, number);
                continue;
            }
            Some(Worked::Same(item)) if !changed.contains(&item) => {
                import.items_seen.mark(item.0);
                import.report.items.unchanged += 1;
                continue;
            }
            _ => {}
        }
        waiting.accept(decider)?;
        let taken = match plan_of(decider, table, &columns, cells, &mut plans) {
            Ok(plan) => take(import, decider, source, table, &columns, &plan, cells)?,
            Err(wrong) => Err(vec![wrong]),
        };
        match taken {
            Ok(Some(item)) => {
                changed.insert(item);
                import.notes.item(item, &table.file, number);
            }
            Ok(None) => {}
            Err(wrong) => {
                match wrong.iter().any(|(_, code, _)| identify::is_conflict(code)) {
                    true => import.report.items.conflicting += 1,
                    false => import.report.items.rejected += 1,
                }
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

fn text(cell: &Cell) -> Option<SmolStr> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) => Some(text.clone()),
        Cell::Typed(value) => Some(value.to_string().into()),
    }
}

fn plan_of(
    decider: &Decider<'_>,
    table: &Table,
    columns: &Columns,
    cells: &[Cell],
    plans: &mut FxHashMap<SmolStr, Arc<Plan>>,
) -> std::result::Result<Arc<Plan>, Wrong> {
    let class_column = Some(SmolStr::new_static("class"));
    let Some(name) = columns.class.and_then(|c| cells.get(c)).and_then(text) else {
        let message = "the row states no class; add a class column or --set class=NAME".to_owned();
        return Err((class_column, "import.no-class", message));
    };
    if let Some(plan) = plans.get(&name) {
        return Ok(plan.clone());
    }
    let draft = decider.draft();
    let class = draft
        .schema()
        .class_named(draft.names(), &name)
        .map_err(|e| (class_column, "class.unknown", with_hint(&e)))?
        .clone();
    let special = [columns.class, columns.name, columns.id, columns.status];
    let keys = identify::keys_of(draft, &class);
    let guarded = decider.guards(class.symbol);
    let mut plan = Plan { class, keys, attributes: Vec::new(), foreign: Vec::new(), guarded };
    for (at, column) in table.columns.iter().enumerate().filter(|(at, _)| !special.contains(&Some(*at))) {
        let symbol = draft.names().get(column);
        match symbol.and_then(|s| Some((s, plan.class.attributes.get(&s)?.clone()))) {
            Some((symbol, definition)) => plan.attributes.push((at, symbol, definition)),
            None => plan.foreign.push(at),
        }
    }
    let plan = Arc::new(plan);
    plans.insert(name, plan.clone());
    Ok(plan)
}

pub(super) fn with_hint(e: &Error) -> String {
    match e.hint_text() {
        Some(hint) => format!("{}; {hint}", e.message()),
        None => e.message().to_owned(),
    }
}

/// Takes one row: the item that it made or changed. The outer error stops the import, the inner one rejects the row.
fn take(
    import: &mut Import,
    decider: &mut Decider<'_>,
    source: Symbol,
    table: &Table,
    columns: &Columns,
    plan: &Plan,
    cells: &[Cell],
) -> Result<Taken> {
    let row = match read_row(&import.options, table, columns, plan, cells) {
        Ok(row) => row,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let known = match identify(decider.draft(), source, plan, &row, &import.items_seen)? {
        Ok(known) => known,
        Err(wrong) => return Ok(Err(vec![wrong])),
    };
    match known {
        Known::No => create(import, decider, source, plan, row),
        Known::ById(number) | Known::ByKey(number) => update(import, decider, source, plan, row, number),
        Known::Shared(key) => {
            import.report.shared_key(identify::shared_key_text(plan, key, &row));
            create(import, decider, source, plan, row)
        }
    }
}

fn read_row(
    options: &ImportOptions,
    table: &Table,
    columns: &Columns,
    plan: &Plan,
    cells: &[Cell],
) -> std::result::Result<Row, Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let cell = |column: Option<usize>| column.and_then(|c| cells.get(c)).and_then(text);
    let name = cell(columns.name);
    if name.as_ref().is_some_and(|n| n.len() > NAME_BYTES_MAX || n.contains('\0')) {
        wrong.push((
            Some("name".into()),
            "item.name",
            format!("a name has 1 to {NAME_BYTES_MAX} bytes and no NUL"),
        ));
    }
    for &at in &plan.foreign {
        if !matches!(cells.get(at), None | Some(Cell::Empty)) {
            let message =
                format!("{} has no attribute \"{}\"", plan.class.definition.name, table.columns[at]);
            wrong.push((Some(table.columns[at].clone()), "attribute.unknown", message));
        }
    }
    let mut attributes = Vec::with_capacity(plan.attributes.len());
    for (at, symbol, definition) in &plan.attributes {
        let value = match cells.get(*at) {
            None | Some(Cell::Empty) if options.empty_clears => Ok(None),
            None | Some(Cell::Empty) => continue,
            Some(Cell::Text(text)) => read::from_text(definition, text).map(Some),
            Some(Cell::Typed(value)) => read::from_value(definition, value.clone()).map(Some),
        };
        match value {
            Ok(value) => attributes.push((*symbol, value)),
            Err(message) => wrong.push((Some(definition.name.clone()), "attribute.invalid", message)),
        }
    }
    let row = Row { name, key: cell(columns.id), status: cell(columns.status), attributes };
    if wrong.is_empty() { Ok(row) } else { Err(wrong) }
}

fn create(
    import: &mut Import,
    decider: &mut Decider<'_>,
    source: Symbol,
    plan: &Plan,
    row: Row,
) -> Result<Taken> {
    let item = decider.draft().next_item()?;
    let status = match status_of(decider, &plan.class, row.status.as_deref()) {
        Ok(status) => status,
        Err(e) => return Ok(Err(vec![(Some("status".into()), "item.status", with_hint(&e))])),
    };
    let new = new_item(plan, row, status, source);
    match complete(decider.draft(), &plan.class, NewItem { item, ..new }) {
        Ok(new) => {
            if let Err(e) = decider.accept(Fact::ItemCreated(new)) {
                return of_row(e);
            }
            import.items_seen.mark(item.0);
            import.report.items.created += 1;
            Ok(Ok(Some(item)))
        }
        Err(e) if e.details().is_empty() => Ok(Err(vec![(None, "item.invalid", with_hint(&e))])),
        Err(e) => Ok(Err(e
            .details()
            .iter()
            .map(|d| (d.pointer.rsplit('/').next().map(SmolStr::new), "item.invalid", d.message.clone()))
            .collect())),
    }
}

/// The item of a row that is about no known one; its number is still to come.
fn new_item(plan: &Plan, row: Row, status: Option<Symbol>, source: Symbol) -> NewItem {
    NewItem {
        item: ItemNumber::default(),
        labels: [plan.class.symbol].into_iter().collect(),
        // A row that has a key but no name is called by its key.
        name: row.name.or_else(|| row.key.clone()),
        status,
        key: row.key.filter(|k| k.len() <= NAME_BYTES_MAX),
        attributes: row.attributes.into_iter().filter_map(|(k, v)| Some((k, v?))).collect(),
        source,
    }
}

fn update(
    import: &mut Import,
    decider: &mut Decider<'_>,
    source: Symbol,
    plan: &Plan,
    row: Row,
    number: ItemNumber,
) -> Result<Taken> {
    let Some(item) = decider.draft().item(number)? else {
        return Ok(Err(vec![(Some("id".into()), "item.unknown", "the item was removed".to_owned())]));
    };
    let edit = match difference(decider, source, plan, row, &item)? {
        Ok(edit) => edit,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let (edit, claims) = outranked(decider, source, plan, &item, edit);
    let again = import.items_seen.mark(number.0);
    if edit.is_empty() && claims.is_empty() {
        import.report.items.unchanged += 1;
        return Ok(Ok(None));
    }
    if again {
        let message = "another row of this import already describes this item differently".to_owned();
        return Ok(Err(vec![(None, "item.duplicate-key", message)]));
    }
    let claimed =
        (!claims.is_empty()).then(|| Fact::ItemClaimed { item: number, attributes: claims, source });
    let edited = (!edit.is_empty()).then(|| Fact::ItemEdited { item: number, edit, source });
    let mut facts = [edited, claimed].into_iter().flatten();
    if let Err(e) = facts.try_for_each(|fact| decider.accept(fact)) {
        return of_row(e);
    }
    import.report.items.updated += 1;
    Ok(Ok(Some(number)))
}

/// What is refused of a row is the row's; anything else ends the import.
fn of_row(e: Error) -> Result<Taken> {
    match e.kind() {
        Kind::Refused | Kind::Denied => Ok(Err(vec![(None, e.code(), with_hint(&e))])),
        _ => Err(e),
    }
}

/// Takes out of an edit what a higher source shows otherwise: that is only noted, where it is news.
fn outranked(
    decider: &Decider<'_>,
    source: Symbol,
    plan: &Plan,
    item: &Item,
    mut edit: ItemEdit,
) -> (ItemEdit, Vec<Stated>) {
    let draft = decider.draft();
    if draft.settings().precedence.is_empty() || edit.attributes.is_empty() {
        return (edit, Vec::new());
    }
    let may_show = |(key, _): &Stated| {
        let shown =
            item.attributes.binary_search_by_key(key, |a| a.key).ok().map(|at| item.attributes[at].source);
        shown.is_none_or(|shown| may_show(draft, &plan.class, *key, source, shown))
    };
    let (shown, mut claims): (Vec<_>, Vec<_>) = edit.attributes.into_iter().partition(may_show);
    edit.attributes = shown;
    claims.retain(|(key, value)| item.said_by(*key, source) != value.as_ref());
    (edit, claims)
}

/// What a row changes about a known item.
fn difference(
    decider: &mut Decider<'_>,
    source: Symbol,
    plan: &Plan,
    row: Row,
    item: &Item,
) -> Result<std::result::Result<ItemEdit, Vec<Wrong>>> {
    let mut edit = ItemEdit::default();
    // A row of a more general class does not take away what a source knows better.
    let is_of_class = item.class().is_some_and(|c| decider.draft().schema().is_a(c, plan.class.symbol));
    if !is_of_class || (item.class() != Some(plan.class.symbol) && item.class() == Some(symbols::PLACEHOLDER))
    {
        if let Some(wrong) = misfit(decider, &plan.class, item) {
            return Ok(Err(vec![wrong]));
        }
        edit.labels = Some([plan.class.symbol].into_iter().collect());
    }
    if row.name.is_some() && row.name != item.name {
        edit.name = Some(row.name);
    }
    if let Some(status) = &row.status {
        match status_of(decider, &plan.class, Some(status)) {
            Ok(status) if status != item.status => edit.status = Some(status),
            Ok(_) => {}
            Err(e) => return Ok(Err(vec![(Some("status".into()), "item.status", with_hint(&e))])),
        }
    }
    if let Some(key) = row.key
        && key.len() <= NAME_BYTES_MAX
        && key.parse::<uuid::Uuid>().is_err()
        && !item.keys.iter().any(|(s, k)| *s == source && *k == key)
    {
        edit.key = Some(key);
    }
    edit.attributes = row.attributes.into_iter().filter(|(k, v)| item.attribute(*k) != v.as_ref()).collect();
    Ok(Ok(edit))
}

/// Why an item cannot become of `class`: an attribute that the class does not admit.
fn misfit(decider: &Decider<'_>, class: &Class, item: &Item) -> Option<Wrong> {
    if class.definition.is_abstract {
        return Some((
            Some("class".into()),
            "class.abstract",
            format!("{} is abstract", class.definition.name),
        ));
    }
    let unfit = |key: Symbol, value: &Value| match class.attributes.get(&key) {
        None => true,
        Some(definition) => read::from_value(definition, value.clone()).is_err(),
    };
    let attribute = item.attributes.iter().find(|a| unfit(a.key, &a.value))?;
    let name = decider.draft().names().text(attribute.key);
    let message = format!("the known item's \"{name}\" does not fit class {}", class.definition.name);
    Some((Some("class".into()), "class.misfit", message))
}
