//! What an import would do, read off the draft on which it was tried.
//!
//! A plan is bound to its *fingerprint*: a hash of every record that the import would write, new records under their
//! order instead of their number. Edits of others that it does not rest on therefore leave it as it was, and the
//! smallest one that it does rest on does not. (Names that others added meanwhile move the symbols of names that the
//! import itself adds; such a plan counts as stale though it need not be.)

use crate::error::{Error, Kind, Result};
use crate::graph::{Draft, Records};
use crate::model::item::{Attribute, content_of};
use crate::model::{Item, ItemNumber, Relationship, RelationshipNumber, SmolStr, Symbol, Value};
use rustc_hash::{FxHashMap, FxHashSet};

/// Changes that a plan lists; the count is always whole.
pub const CHANGES_LISTED_MAX: usize = 10_000;
/// Items that would cease to be live which a plan looks at.
pub const ENDING_MAX: usize = 1_000_000;

/// See the module.
pub type Fingerprint = [u8; 32];

/// One record, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    Item(ItemNumber),
    Relationship(RelationshipNumber),
}

/// The row that changes a record; noted while an import is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub what: What,
    pub file: SmolStr,
    /// 0 where no row states it.
    pub row: u64,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Remove,
}

/// One field before and after: `name`, `class`, `status` or an attribute; of a relationship `group` or an attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: SmolStr,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

/// One change of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub noted: Noted,
    pub action: Action,
    pub fields: Vec<Field>,
    /// The item's class and name, or the relationship's type and nothing.
    pub label: (SmolStr, SmolStr),
    /// Source and target of a relationship.
    pub ends: Option<[ItemNumber; 2]>,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportPlan {
    pub fingerprint: Fingerprint,
    /// The first [`CHANGES_LISTED_MAX`], in the order of the rows.
    pub changes: Vec<Change>,
    pub changes_count: u64,
    /// Items that are live and would not be, ascending; at most [`ENDING_MAX`].
    pub ending: Vec<ItemNumber>,
}

/// Reads the plan off `draft`, whose last entry is the import; `noted` are its rows, oldest first.
pub fn plan(draft: &Draft, noted: &[Noted]) -> Result<ImportPlan> {
    let changed = draft.changed();
    let counts = draft.base().counts();
    let created =
        (counts.item_numbers - changed.items) + (counts.relationship_numbers - changed.relationships);
    let edited = changed.item_records.len() + changed.relationship_records.len();
    let before = Before::of(draft, noted);
    let listed = noted.iter().take(CHANGES_LISTED_MAX).map(|noted| change(draft, &before, noted));
    let changes = listed.filter_map(Result::transpose).collect::<Result<_>>()?;
    Ok(ImportPlan {
        fingerprint: fingerprint(draft)?,
        changes,
        changes_count: u64::from(created) + edited as u64,
        ending: ending(draft)?,
    })
}

/// Refuses an import that would not do what its plan says.
pub(super) fn refuse_stale(draft: &Draft, planned: &Fingerprint) -> Result<()> {
    if fingerprint(draft)? == *planned {
        return Ok(());
    }
    Err(stale())
}

/// The refusal of a plan that no longer holds.
pub fn stale() -> Error {
    let message = "what the plan rests on has changed since it was made; nothing was imported";
    Error::new(Kind::Stale, "import.plan-stale", message)
        .hint("make the plan anew: import the same files with --dry-run, look at it, apply it")
}

/// See the module.
pub fn fingerprint(draft: &Draft) -> Result<Fingerprint> {
    let changed = draft.changed();
    let counts = draft.base().counts();
    let mut hasher = blake3::Hasher::new();
    let mut part = |tag: u8, key: u64, bytes: &[u8]| {
        hasher.update(&[tag]).update(&key.to_le_bytes()).update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for number in changed.items..counts.item_numbers {
        let bytes = draft.item_bytes(number).filter(|b| !Item::is_removed(b)).unwrap_or(&[]);
        part(1, u64::from(number - changed.items), content_of(bytes));
    }
    let mut edited: Vec<u32> = changed.item_records.iter().map(|(n, _)| *n).collect();
    edited.sort_unstable();
    for number in edited {
        let bytes = draft.item_bytes(number).filter(|b| !Item::is_removed(b)).unwrap_or(&[]);
        part(2, u64::from(number), content_of(bytes));
    }
    let mut edited: Vec<u32> = changed.relationship_records.iter().map(|(n, _)| *n).collect();
    edited.sort_unstable();
    for number in edited.into_iter().chain(changed.relationships..counts.relationship_numbers) {
        let is_new = number >= changed.relationships;
        let key = u64::from(if is_new { number - changed.relationships } else { number });
        let tag = 3 + u8::from(is_new);
        match draft.relationship(RelationshipNumber(number))? {
            None => part(tag, key, &[]),
            Some(record) => {
                let end = |n: ItemNumber| match n.0.checked_sub(changed.items) {
                    Some(order) => (1u64 << 32) | u64::from(order),
                    None => u64::from(n.0),
                };
                part(tag, end(record.identity.source), &end(record.identity.target).to_le_bytes());
                let relative = Relationship {
                    identity: crate::model::relationship::Identity {
                        source: ItemNumber(0),
                        target: ItemNumber(0),
                        ..record.identity.clone()
                    },
                    ..record
                };
                part(tag, key, content_of(&relative.encode()));
            }
        }
    }
    if changed.schema.is_some() {
        let definitions = postcard::to_stdvec(draft.schema().definitions()).unwrap_or_default();
        part(5, 0, &definitions);
    }
    Ok(hasher.finalize().into())
}

/// Earlier records of what the listed rows change.
struct Before<'a> {
    items: FxHashMap<u32, &'a [u8]>,
    relationships: FxHashMap<u32, &'a [u8]>,
}

impl<'a> Before<'a> {
    fn of(draft: &'a Draft, noted: &[Noted]) -> Before<'a> {
        let mut listed: (FxHashSet<u32>, FxHashSet<u32>) = Default::default();
        for noted in noted.iter().take(CHANGES_LISTED_MAX) {
            match noted.what {
                What::Item(n) => listed.0.insert(n.0),
                What::Relationship(n) => listed.1.insert(n.0),
            };
        }
        let of = |records: &'a [(u32, Vec<u8>)], listed: &FxHashSet<u32>| {
            let wanted = records.iter().filter(|(n, _)| listed.contains(n));
            wanted.map(|(n, record)| (*n, record.as_slice())).collect()
        };
        let changed = draft.changed();
        Before {
            items: of(&changed.item_records, &listed.0),
            relationships: of(&changed.relationship_records, &listed.1),
        }
    }
}

fn change(draft: &Draft, before: &Before<'_>, noted: &Noted) -> Result<Option<Change>> {
    match noted.what {
        What::Item(number) => {
            let old = before.items.get(&number.0).map(|b| Item::decode(b)).transpose()?;
            let new = draft.item(number)?;
            let Some(action) = action(old.is_some(), new.is_some()) else { return Ok(None) };
            let shown = new.as_ref().or(old.as_ref());
            let class = shown.and_then(Item::class).map_or("", |c| draft.names().text(c));
            let name = shown.and_then(|i| i.name.clone()).unwrap_or_default();
            Ok(Some(Change {
                noted: noted.clone(),
                action,
                fields: item_fields(draft, old.as_ref(), new.as_ref()),
                label: (class.into(), name),
                ends: None,
            }))
        }
        What::Relationship(number) => {
            let old = before.relationships.get(&number.0).map(|b| Relationship::decode(b)).transpose()?;
            let new = draft.relationship(number)?;
            let Some(action) = action(old.is_some(), new.is_some()) else { return Ok(None) };
            let none: &[Attribute] = &[];
            let attributes =
                |r: &Option<Relationship>| r.as_ref().map_or(none.to_vec(), |r| r.attributes.clone());
            let shown = new.as_ref().or(old.as_ref());
            let kind = shown.map_or("", |r| draft.names().text(r.identity.kind));
            let group = |r: &Option<Relationship>| r.as_ref()?.identity.group.clone().map(Value::Text);
            let mut fields = Vec::new();
            if group(&old) != group(&new) {
                fields.push(Field { name: SmolStr::new_static("group"), old: group(&old), new: group(&new) });
            }
            attribute_fields(draft, &attributes(&old), &attributes(&new), &mut fields);
            Ok(Some(Change {
                noted: noted.clone(),
                action,
                fields,
                label: (kind.into(), SmolStr::default()),
                ends: shown.map(|r| [r.identity.source, r.identity.target]),
            }))
        }
    }
}

/// None where a record was made and ended by the same import.
fn action(was: bool, is: bool) -> Option<Action> {
    match (was, is) {
        (false, false) => None,
        (true, false) => Some(Action::Remove),
        (true, true) => Some(Action::Update),
        (false, true) => Some(Action::Create),
    }
}

/// What differs between two states of an item, as names and values.
pub fn item_fields(records: &dyn Records, old: Option<&Item>, new: Option<&Item>) -> Vec<Field> {
    let mut out = Vec::new();
    let word = |symbol: Option<Symbol>| symbol.map(|s| Value::text(records.names().text(s)));
    let mut note = |name: &'static str, old: Option<Value>, new: Option<Value>| {
        if old != new {
            out.push(Field { name: SmolStr::new_static(name), old, new });
        }
    };
    let name = |item: Option<&Item>| item.and_then(|i| i.name.clone()).map(Value::Text);
    note("class", word(old.and_then(Item::class)), word(new.and_then(Item::class)));
    note("name", name(old), name(new));
    note("status", word(old.and_then(|i| i.status)), word(new.and_then(|i| i.status)));
    let none: &[Attribute] = &[];
    let attributes = |item: Option<&Item>| item.map_or(none.to_vec(), |i| i.attributes.clone());
    attribute_fields(records, &attributes(old), &attributes(new), &mut out);
    out
}

/// The same for attributes alone, which are sorted by key.
pub fn attribute_fields(records: &dyn Records, old: &[Attribute], new: &[Attribute], out: &mut Vec<Field>) {
    let find = |list: &[Attribute], key: Symbol| {
        list.binary_search_by_key(&key, |a| a.key).ok().map(|at| list[at].value.clone())
    };
    let mut keys: Vec<Symbol> = old.iter().chain(new).map(|a| a.key).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let (old, new) = (find(old, key), find(new, key));
        if old != new {
            out.push(Field { name: records.names().text(key).into(), old, new });
        }
    }
}

/// Items that were live before the entry and are not after it.
fn ending(draft: &Draft) -> Result<Vec<ItemNumber>> {
    let live =
        |item: &Item| !item.removed && draft.schema().is_live_in(item.class(), item.status, draft.names());
    let mut out = Vec::new();
    for (number, record) in &draft.changed().item_records {
        let after = draft.item(ItemNumber(*number))?;
        if !after.as_ref().is_some_and(live) && live(&Item::decode(record)?) && out.len() < ENDING_MAX {
            out.push(ItemNumber(*number));
        }
    }
    out.sort_unstable();
    Ok(out)
}

/// Notes which row changes which record, while an import is tried.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    pub list: Option<Vec<Noted>>,
}

impl Notes {
    pub fn item(&mut self, item: ItemNumber, file: &SmolStr, row: u64) {
        self.push(What::Item(item), file, row);
    }
    pub fn relationship(&mut self, relationship: RelationshipNumber, file: &SmolStr, row: u64) {
        self.push(What::Relationship(relationship), file, row);
    }
    fn push(&mut self, what: What, file: &SmolStr, row: u64) {
        if let Some(list) = self.list.as_mut().filter(|list| list.len() < CHANGES_LISTED_MAX) {
            list.push(Noted { what, file: file.clone(), row });
        }
    }
}
