//! Reading records and finding them by text: the same for a published snapshot and for a draft.

use super::index::{self, Candidates, Kind};
use crate::error::Result;
use crate::fact::setting::Settings;
use crate::model::relationship::Identity;
use crate::model::{IdKey, Item, ItemId, ItemNumber, Relationship, RelationshipNumber, Symbol, Value};
use crate::schema::{Names, Schema};

/// Records of one state of the graph. Implementers answer for one fixed state, removed records included.
pub trait Records {
    fn item_bytes(&self, number: u32) -> Option<&[u8]>;
    fn relationship_bytes(&self, number: u32) -> Option<&[u8]>;
    fn names(&self) -> &Names;
    fn schema(&self) -> &Schema;
    fn settings(&self) -> &Settings;
    fn id_key(&self) -> IdKey;
    /// Numbers that may be filed under `hash`, ascending; a superset.
    fn candidates(&self, hash: u32) -> Candidates;
    /// Numbers of the relationships of `kind` from `source` to `target`, whatever their group.
    fn linked(&self, kind: Symbol, source: ItemNumber, target: ItemNumber) -> Vec<u32>;

    /// The item, or what a removal left of it.
    fn item_or_tombstone(&self, number: ItemNumber) -> Result<Option<Item>> {
        self.item_bytes(number.0).map(Item::decode).transpose()
    }
    /// The item, unless it does not exist or was removed.
    fn item(&self, number: ItemNumber) -> Result<Option<Item>> {
        Ok(self.item_or_tombstone(number)?.filter(|item| !item.removed))
    }
    fn exists(&self, number: ItemNumber) -> bool {
        self.item_bytes(number.0).is_some_and(|bytes| !Item::is_removed(bytes))
    }
    /// The class of an item, of a removed one, too.
    fn class(&self, number: ItemNumber) -> Option<Symbol>;
    fn item_by_id(&self, id: ItemId) -> Option<ItemNumber> {
        let number = self.id_key().item_number(id)?;
        if self.exists(number) { Some(number) } else { self.merged_into(number).filter(|n| self.exists(*n)) }
    }
    /// What a removed item was merged into, through as many merges as there were.
    fn merged_into(&self, number: ItemNumber) -> Option<ItemNumber> {
        let aliases = &self.settings().aliases;
        let next = |n: &ItemNumber| aliases.get(&n.0).filter(|a| !a.is_over).map(|a| a.winner);
        // A chain of merges never returns to where it was: what is merged away is gone.
        std::iter::successors(next(&number), next).take(aliases.len()).last()
    }
    fn relationship_or_tombstone(&self, number: RelationshipNumber) -> Result<Option<Relationship>> {
        self.relationship_bytes(number.0).map(Relationship::decode).transpose()
    }
    fn relationship(&self, number: RelationshipNumber) -> Result<Option<Relationship>> {
        Ok(self.relationship_or_tombstone(number)?.filter(|r| !r.removed))
    }
    /// The relationship with this identity, if there is one.
    fn related(&self, identity: &Identity) -> Result<Option<(RelationshipNumber, Relationship)>> {
        for number in self.linked(identity.kind, identity.source, identity.target) {
            let number = RelationshipNumber(number);
            if let Some(found) = self.relationship(number)?
                && found.identity == *identity
            {
                return Ok(Some((number, found)));
            }
        }
        Ok(None)
    }
    /// Items with exactly this name, ascending by number, at most `max`.
    fn named(&self, name: &str, max: usize) -> Vec<ItemNumber> {
        let is_it = |n: &u32| {
            self.item_bytes(*n).is_some_and(|bytes| {
                matches!(Item::decode_name(bytes), Ok(Some(known)) if known == name)
                    && !Item::is_removed(bytes)
            })
        };
        let candidates = self.candidates(index::hash(Kind::Name, name));
        candidates.into_iter().filter(is_it).take(max).map(ItemNumber).collect()
    }
    /// Items that had this name before, ascending by number.
    fn formerly_named(&self, name: &str) -> Vec<ItemNumber> {
        self.checked(index::hash(Kind::FormerName, name), &|item| item.former_names.iter().any(|n| n == name))
    }
    /// The item that `source` knows by `key`.
    fn keyed(&self, source: Symbol, key: &str) -> Option<ItemNumber> {
        let is_it = |n: &u32| {
            self.item_bytes(*n)
                .is_some_and(|bytes| Item::has_key(bytes, source, key) && !Item::is_removed(bytes))
        };
        self.candidates(index::hash(Kind::Key(source), key)).into_iter().find(is_it).map(ItemNumber)
    }
    /// Items whose identifying or unique attribute has this value.
    fn with_attribute(&self, attribute: Symbol, value: &Value) -> Vec<ItemNumber> {
        self.checked(index::value_hash(attribute, value), &|item| item.attribute(attribute) == Some(value))
    }
    /// Candidates that turn out to be what was looked for.
    fn checked(&self, hash: u32, is_it: &dyn Fn(&Item) -> bool) -> Vec<ItemNumber> {
        let found = |n: &u32| matches!(self.item(ItemNumber(*n)), Ok(Some(item)) if is_it(&item));
        self.candidates(hash).into_iter().filter(found).map(ItemNumber).collect()
    }
}
