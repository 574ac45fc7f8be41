//! An estate as a real snapshot, made through the same facts, drafts and builders as any import.

use crate::estate::{ENVIRONMENTS, Estate, Gate, kind};
use cmdb_core::fact::{Fact, NewItem, NewRelationship};
use cmdb_core::graph::{Draft, Records, Snapshot, build};
use cmdb_core::model::{IdKey, ItemNumber, RelationshipNumber, SmolStr, Symbol, Value};
use cmdb_core::schema::{
    ClassDefinition, RelationshipTypeDefinition, SchemaEdit, Suffers, catalogue, symbols,
};
use cmdb_core::{Error, Result};

/// An estate in the inventory.
pub struct Inventory {
    pub snapshot: Snapshot,
}

impl Inventory {
    /// Items get the estate's ids as numbers; `with_gates` turns some relationships into groups and soft links.
    pub fn new(estate: &Estate, with_gates: bool) -> Result<Inventory> {
        Inventory::filled(estate, with_gates, Extra::Texts(0))
    }
    /// Every item has so many short texts besides its criticality, up to `attributes` in all.
    pub fn with_attributes(estate: &Estate, attributes: usize) -> Result<Inventory> {
        Inventory::filled(estate, false, Extra::Texts(attributes.saturating_sub(1)))
    }
    /// Every item has its environment, owner and site besides its criticality: what questions filter by.
    pub fn described(estate: &Estate) -> Result<Inventory> {
        Inventory::filled(estate, false, Extra::Places)
    }
    fn filled(estate: &Estate, with_gates: bool, extra: Extra) -> Result<Inventory> {
        let mut draft = Draft::on(&Snapshot::empty());
        draft.begin_entry(0);
        draft.apply(Fact::Founded { id_key: IdKey([7; 16]), open_schema: false })?;
        let schema = schema(estate)?;
        let mut names: Vec<SmolStr> = schema.names().into_iter().map(SmolStr::new).collect();
        names.extend(["name", "team", "s", "operational"].map(SmolStr::new));
        names.extend(extra.names());
        names.sort();
        names.dedup();
        names.retain(|n| draft.names().get(n).is_none());
        draft.apply(Fact::NamesAdded { first: draft.names().len() as u32, names })?;
        draft.apply(Fact::SchemaEdited(schema))?;
        add_items(&mut draft, estate, extra)?;
        add_relationships(&mut draft, estate, with_gates)?;
        // The order of a store that was opened, not of one that is still being filled.
        let snapshot = build::rebuild(draft.finish()?.snapshot)?;
        Ok(Inventory { snapshot })
    }
    /// The dense id of an estate's item.
    pub fn dense(&self, id: u32) -> u32 {
        self.snapshot.dense(ItemNumber(id))
    }
}

/// Attributes of the items besides their criticality.
#[derive(Clone, Copy)]
enum Extra {
    Texts(usize),
    Places,
}

impl Extra {
    fn names(self) -> Vec<SmolStr> {
        match self {
            Extra::Texts(texts) => (0..texts).map(text_name).collect(),
            Extra::Places => ["environment", "owner", "site"].map(SmolStr::new).into(),
        }
    }
    /// In the order of the names.
    fn values(self, estate: &Estate, id: u32, keys: &[Symbol]) -> Vec<(Symbol, Value)> {
        let i = id as usize;
        match self {
            Extra::Texts(_) => {
                keys.iter().map(|key| (*key, Value::text(&format!("value {}", id ^ key.0)))).collect()
            }
            Extra::Places => {
                let environment = ENVIRONMENTS[usize::from(estate.environment_of[i])].to_owned();
                let owner = format!("team-{:04}", estate.owner_of[i]);
                let texts = [environment, owner, format!("s{:03}", estate.site_of[i])];
                keys.iter().zip(texts).map(|(key, text)| (*key, Value::text(&text))).collect()
            }
        }
    }
}

fn symbol(draft: &Draft, name: &str) -> Result<Symbol> {
    draft.names().get(name).ok_or_else(|| Error::invalid("bench.name", format!("{name} is not defined")))
}

/// The built-in catalogue and what the estate has beyond it.
fn schema(estate: &Estate) -> Result<SchemaEdit> {
    let mut all = catalogue::built_in()?;
    for class in estate.classes {
        all.classes.push(ClassDefinition {
            name: SmolStr::new(class),
            parent: Some("ConfigurationItem".into()),
            ..ClassDefinition::default()
        });
    }
    for name in estate.types {
        let suffers = match *name {
            "hosts" => Suffers::Target,
            "relates_to" => Suffers::None,
            _ => Suffers::Source,
        };
        all.relationship_types.retain(|t| t.name != *name);
        all.relationship_types.push(RelationshipTypeDefinition {
            name: SmolStr::new(name),
            suffers,
            ..RelationshipTypeDefinition::default()
        });
    }
    Ok(all)
}

fn text_name(n: usize) -> SmolStr {
    format!("text_{n}").into()
}

fn add_items(draft: &mut Draft, estate: &Estate, extra: Extra) -> Result<()> {
    let keys: Vec<Symbol> = extra.names().iter().map(|name| symbol(draft, name)).collect::<Result<_>>()?;
    let classes: Vec<Symbol> = estate.classes.iter().map(|c| symbol(draft, c)).collect::<Result<_>>()?;
    let criticality = symbol(draft, "criticality")?;
    for id in 0..estate.nodes() {
        draft.apply(Fact::ItemCreated(NewItem {
            item: ItemNumber(id),
            labels: [classes[usize::from(estate.class_of[id as usize])]].into_iter().collect(),
            name: Some(estate.name(id).into()),
            attributes: std::iter::once((
                criticality,
                Value::Integer(i64::from(estate.criticality_of[id as usize])),
            ))
            .chain(extra.values(estate, id, &keys))
            .collect(),
            source: symbols::MANUAL,
            ..NewItem::default()
        }))?;
    }
    Ok(())
}

fn add_relationships(draft: &mut Draft, estate: &Estate, with_gates: bool) -> Result<()> {
    let types: Vec<Symbol> = estate.types.iter().map(|t| symbol(draft, t)).collect::<Result<_>>()?;
    let gates = if with_gates { estate.gates(42) } else { Vec::new() };
    for (i, edge) in estate.edges.iter().enumerate() {
        let gate = gates.get(i).copied().unwrap_or(Gate::Hard);
        let (group, attributes) = match gate {
            _ if edge.kind == kind::RELATES_TO => (None, Vec::new()),
            Gate::Hard => (None, Vec::new()),
            Gate::Soft => (None, vec![(symbols::EFFECT, Value::text("soft"))]),
            Gate::Group { number, needs } => {
                let needs = Value::text(&needs.to_string());
                (Some(SmolStr::from(format!("g{number}"))), vec![(symbols::NEEDS, needs)])
            }
        };
        draft.apply(Fact::Related(NewRelationship {
            relationship: RelationshipNumber(i as u32),
            kind: types[usize::from(edge.kind)],
            source: ItemNumber(edge.source),
            target: ItemNumber(edge.target),
            group,
            attributes,
            origin: symbols::MANUAL,
        }))?;
    }
    Ok(())
}
