//! What all records have in common: a number out of a series, a title, and the items they concern.

use super::change::number;
use crate::command::attributes::{Input, Inputs};
use crate::command::item::{CreateItem, EditItem};
use crate::command::relationship::Relate;
use crate::command::{Answer, Decider, Reference, resolve};
use crate::error::{Error, Result};
use crate::graph::{Records, Snapshot};
use crate::model::{ItemNumber, SmolStr};
use crate::process::fields::Related;

/// Type of the relationships that lead to what a record concerns.
pub const AFFECTS: &str = "affects";
/// Type of the relationships between records.
pub const RELATES_TO: &str = "relates_to";

/// A record to be made: class, series of its number, attributes, and REFs of what it affects and relates to.
#[derive(Clone, Debug, Default)]
pub struct NewRecord {
    pub class: &'static str,
    pub series: &'static str,
    pub attributes: Inputs,
    pub affects: Vec<SmolStr>,
    pub relates_to: Vec<SmolStr>,
}

impl NewRecord {
    /// Makes it under the next number of its series, which is also its name.
    pub(super) fn create(self, decider: &mut Decider<'_>) -> Result<ItemNumber> {
        let number = number::next(decider, self.series)?;
        let mut attributes = self.attributes;
        attributes.push(("number".into(), Input::Text(number.clone())));
        let create = CreateItem { class: self.class.into(), name: Some(number), status: None, attributes };
        let Answer::Item(item) = decider.in_process(|decider| create.decide(decider))? else {
            return Err(Error::new(crate::Kind::Internal, "record.create", "no item was created"));
        };
        for (kind, references) in [(AFFECTS, self.affects), (RELATES_TO, self.relates_to)] {
            for reference in references {
                let target = resolve(decider.draft(), &reference)
                    .map_err(|e| e.detail(format!("/{kind}"), format!("\"{reference}\"")))?;
                relate(decider, item, kind, target)?;
            }
        }
        Ok(item)
    }
}

fn relate(decider: &mut Decider<'_>, source: ItemNumber, kind: &str, target: ItemNumber) -> Result<()> {
    let relate = Relate {
        kind: kind.into(),
        source: by_id(decider.draft(), source),
        target: by_id(decider.draft(), target),
        attributes: Vec::new(),
    };
    decider.in_process(|decider| relate.decide(decider)).map(drop)
}

/// Moves a record to a status and writes attributes of it.
pub(super) fn settle(
    decider: &mut Decider<'_>,
    item: ItemNumber,
    status: &'static str,
    attributes: Inputs,
) -> Result<()> {
    let edit = EditItem {
        item: by_id(decider.draft(), item),
        if_version: None,
        name: None,
        class: None,
        status: Some(status.into()),
        attributes,
    };
    decider.in_process(|decider| edit.decide(decider)).map(drop)
}

/// A reference that means exactly this item.
pub(super) fn by_id(records: &dyn Records, number: ItemNumber) -> Reference {
    Reference(records.id_key().item_id(number).to_string().into())
}

/// Whether an item is of a class or a subclass.
pub fn is_a(records: &dyn Records, number: ItemNumber, class: &str) -> bool {
    let class = records.names().get(class);
    class.zip(records.class(number)).is_some_and(|(wanted, class)| records.schema().is_a(class, wanted))
}

/// The record that a reference names, of this class.
///
/// # Errors
/// `record.class` for an item of another class; what a reference cannot name.
pub fn find(records: &impl Records, reference: &str, class: &str, list: &str) -> Result<ItemNumber> {
    let number = resolve(records, reference)?;
    if is_a(records, number, class) {
        return Ok(number);
    }
    let label = crate::command::reference::label(records, number);
    Err(Error::not_found("record.class", format!("{label} is no {class}"))
        .hint(format!("`{list}` lists them")))
}

/// Targets of a record's relationships of one type, ascending.
pub fn targets(state: &impl Related, record: ItemNumber, kind: &str) -> Result<Vec<ItemNumber>> {
    let Some(kind) = state.names().get(kind) else { return Ok(Vec::new()) };
    let outgoing = state.relationships_at(record)?.into_iter().map(|(_, r)| r.identity);
    let mut targets: Vec<ItemNumber> =
        outgoing.filter(|i| i.source == record && i.kind == kind).map(|i| i.target).collect();
    targets.sort_unstable();
    targets.dedup();
    Ok(targets)
}

/// Records of a class that exist and are live, as created.
pub fn open_of(snapshot: &Snapshot, class: &str) -> Result<Vec<ItemNumber>> {
    let all = super::change::record::of_class(snapshot, class)?;
    Ok(all.into_iter().filter(|n| !snapshot.is_hidden(snapshot.dense(*n))).collect())
}

/// `title` and other texts as attributes; what is absent is left out.
pub(super) fn texts<const N: usize>(pairs: [(&'static str, Option<&str>); N]) -> Inputs {
    let stated = pairs.into_iter().filter_map(|(name, text)| Some((name, text?)));
    stated.map(|(name, text)| (SmolStr::new_static(name), Input::Text(text.into()))).collect()
}
