//! The order of a list, and the first of its rows without putting all the others in order.

use crate::call::parameter;
use crate::filter::Filter;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, ItemNumber, Symbol, Value};
use cmdb_core::{Result, error};
use rayon::prelude::*;
use std::borrow::Cow;
use std::cmp::Ordering;

/// What items are sorted by.
pub struct Order {
    by: By,
    reversed: bool,
}

enum By {
    Class,
    Name,
    Status,
    Created,
    Updated,
    Attribute(Symbol),
}

/// What one item is sorted by; items without it come last. Names stay where they are in the graph.
#[derive(Debug)]
enum Key<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Missing,
}

/// The beginning of a list, and how long the list is.
pub struct First {
    pub numbers: Vec<u32>,
    pub count: u64,
}

impl First {
    pub fn all(numbers: Vec<u32>) -> First {
        First { count: numbers.len() as u64, numbers }
    }
}

impl Order {
    pub fn read(snapshot: &Snapshot, sort: &str) -> Result<Order> {
        let (reversed, name) = sort.strip_prefix('-').map_or((false, sort), |name| (true, name));
        let by = match name {
            "class" => By::Class,
            "name" => By::Name,
            "status" => By::Status,
            "created_at" => By::Created,
            "updated_at" => By::Updated,
            attribute => By::Attribute(snapshot.names().get(attribute).ok_or_else(|| {
                let known = snapshot.schema().classes().flat_map(|c| c.attributes.values());
                let error = parameter("sort", format!("\"{attribute}\" is no attribute to sort by"));
                match error::did_you_mean(attribute, known.map(|a| a.name.as_str())) {
                    Some(hint) => error.hint(hint),
                    None => error,
                }
            })?),
        };
        Ok(Order { by, reversed })
    }
    /// The first `wanted` of the items that pass, in order, those with equal keys as created.
    pub fn first(&self, snapshot: &Snapshot, filter: &Filter, wanted: usize) -> Result<First> {
        let kept = filter.fold(
            snapshot,
            || Ok(Kept::new(self, wanted)),
            |kept: Result<Kept<'_, '_>>, number| {
                let mut kept = kept?;
                kept.take((self.key(snapshot, number)?, number));
                Ok(kept)
            },
            |a, b| Ok(a?.with(b?)),
        )??;
        Ok(kept.finish())
    }
    /// Reads no more of the record than it needs.
    fn key<'a>(&self, snapshot: &'a Snapshot, number: u32) -> Result<Key<'a>> {
        let text = |symbol: Option<Symbol>| {
            symbol.map_or(Key::Missing, |s| Key::Text(Cow::Borrowed(snapshot.names().text(s))))
        };
        let Some(bytes) = snapshot.item_bytes(number) else { return Ok(Key::Missing) };
        Ok(match &self.by {
            By::Class => text(snapshot.class(ItemNumber(number))),
            By::Name => Item::decode_name(bytes)?.map_or(Key::Missing, |n| Key::Text(Cow::Borrowed(n))),
            By::Status => text(Item::decode_labels(bytes)?.1),
            By::Created => Key::Number(Item::decode_moments(bytes)?.0.0 as f64),
            By::Updated => Key::Number(Item::decode_moments(bytes)?.1.0 as f64),
            By::Attribute(key) => Item::find_attribute(bytes, *key)?.map_or(Key::Missing, |v| key_of(&v)),
        })
    }
    fn compare(&self, a: &Key<'_>, b: &Key<'_>) -> Ordering {
        let ordered = match (a, b) {
            (Key::Missing, Key::Missing) => Ordering::Equal,
            (Key::Missing, _) => return Ordering::Greater,
            (_, Key::Missing) => return Ordering::Less,
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        };
        if self.reversed { ordered.reverse() } else { ordered }
    }
}

fn key_of(value: &Value) -> Key<'static> {
    value.as_number().map_or_else(|| Key::Text(Cow::Owned(value.to_string())), Key::Number)
}

type Row<'a> = (Key<'a>, u32);

/// The first `wanted` of the rows taken so far, among up to as many again that may be none of them.
struct Kept<'o, 'a> {
    order: &'o Order,
    wanted: usize,
    rows: Vec<Row<'a>>,
    /// Whether `rows[wanted - 1]` is the last of the first `wanted`: what comes after it is not kept.
    cut: bool,
    count: u64,
}

impl<'o, 'a> Kept<'o, 'a> {
    fn new(order: &'o Order, wanted: usize) -> Self {
        Kept { order, wanted, rows: Vec::new(), cut: false, count: 0 }
    }
    fn compare(&self, a: &Row<'a>, b: &Row<'a>) -> Ordering {
        self.order.compare(&a.0, &b.0).then(a.1.cmp(&b.1))
    }
    fn take(&mut self, row: Row<'a>) {
        self.count += 1;
        self.keep(row);
    }
    fn keep(&mut self, row: Row<'a>) {
        let last = self.wanted.checked_sub(1);
        let comes_after =
            last.is_none_or(|last| self.cut && self.compare(&row, &self.rows[last]) == Ordering::Greater);
        if comes_after {
            return;
        }
        self.rows.push(row);
        if self.rows.len() >= self.wanted.saturating_mul(2) {
            self.cut();
        }
    }
    fn cut(&mut self) {
        let Some(last) = self.wanted.checked_sub(1).filter(|last| *last < self.rows.len()) else { return };
        let order = self.order;
        self.rows.select_nth_unstable_by(last, |a, b| order.compare(&a.0, &b.0).then(a.1.cmp(&b.1)));
        self.rows.truncate(self.wanted);
        self.cut = true;
    }
    fn with(mut self, other: Self) -> Self {
        self.count += other.count;
        other.rows.into_iter().for_each(|row| self.keep(row));
        self
    }
    fn finish(mut self) -> First {
        self.cut();
        let order = self.order;
        self.rows.par_sort_unstable_by(|a, b| order.compare(&a.0, &b.0).then(a.1.cmp(&b.1)));
        First { numbers: self.rows.into_iter().map(|(_, number)| number).collect(), count: self.count }
    }
}
