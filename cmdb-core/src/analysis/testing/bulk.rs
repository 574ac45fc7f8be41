//! Estates of a million items in about a second: records are laid straight into blocks, past the draft.

use super::{TestGraph, founded};
use crate::graph::block::{Block, ITEMS_PER_BLOCK, RELATIONSHIPS_PER_BLOCK};
use crate::graph::cow::CowTable;
use crate::graph::{Records, build};
use crate::model::item::Attribute;
use crate::model::relationship::Identity;
use crate::model::{Item, ItemNumber, Position, Relationship, SmolStr, Symbol, Value};
use crate::schema::symbols;

/// A `depends_on` between items `n<dependent>` and `n<dependency>`, hard unless it has a group.
#[derive(Clone, Copy, Debug, Default)]
pub struct BulkLink {
    pub dependent: u32,
    pub dependency: u32,
    pub group: Option<u32>,
    pub weight: Option<u32>,
    /// What the group needs, of its weight; state it on one row.
    pub needs: Option<u32>,
}

/// `items` items named `n0`, `n1`, … of class `Server`.
pub fn bulk(items: u32, links: impl IntoIterator<Item = BulkLink>) -> TestGraph {
    let mut snapshot = founded().clone();
    let at = Position(snapshot.position.0 + 1);
    let class = snapshot.names().get("Server").expect("the catalogue has servers");
    let kind = snapshot.names().get("depends_on").expect("the catalogue has depends_on");
    snapshot.position = at;
    snapshot.index = Default::default();
    let (count, blocks) = lay((0..items).map(|n| item(n, class, at)), ITEMS_PER_BLOCK);
    (snapshot.counts.item_numbers, snapshot.items) = (count, blocks);
    let links = links.into_iter().map(|link| relationship(link, kind, at));
    let (count, blocks) = lay(links, RELATIONSHIPS_PER_BLOCK);
    (snapshot.counts.relationship_numbers, snapshot.relationships) = (count, blocks);
    TestGraph { snapshot: build::rebuild(snapshot).unwrap() }
}

fn item(number: u32, class: Symbol, at: Position) -> Vec<u8> {
    let item = Item {
        name: Some(SmolStr::new(format!("n{number}"))),
        labels: [class].into_iter().collect(),
        status: None,
        keys: Vec::new(),
        attributes: Vec::new(),
        version: 1,
        created: at,
        updated: at,
        former_names: Vec::new(),
        removed: false,
        claims: Vec::new(),
    };
    item.encode()
}

fn relationship(link: BulkLink, kind: Symbol, at: Position) -> Vec<u8> {
    let identity = Identity {
        kind,
        source: ItemNumber(link.dependent),
        target: ItemNumber(link.dependency),
        group: link.group.map(|g| SmolStr::new(format!("g{g}"))),
    };
    let mut relationship = Relationship {
        identity,
        attributes: Vec::new(),
        version: 1,
        created: at,
        updated: at,
        removed: false,
    };
    let weight = link.weight.map(|w| (symbols::WEIGHT, Value::Decimal(f64::from(w))));
    let needs = link.needs.map(|n| (symbols::NEEDS, Value::text(&format!("weight>={n}"))));
    for (key, value) in weight.into_iter().chain(needs) {
        relationship.set(Attribute { key, value, source: symbols::MANUAL, at });
    }
    relationship.encode()
}

/// Records in blocks, with how many there are.
fn lay(records: impl Iterator<Item = Vec<u8>>, per_block: usize) -> (u32, CowTable<Block, 256>) {
    let mut records = records.peekable();
    let (mut count, mut blocks) = (0, Vec::new());
    while records.peek().is_some() {
        let block: Vec<Vec<u8>> = records.by_ref().take(per_block).collect();
        count += block.len() as u32;
        blocks.push(Block::build(block.iter().map(|record| Some(record.as_slice()))));
    }
    (count, CowTable::from_rows(blocks))
}
