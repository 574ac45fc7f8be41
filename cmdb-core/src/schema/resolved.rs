//! The schema with inheritance resolved, asked by symbol.

use super::definition::*;
use super::names::{Names, symbols};
use super::unit;
use crate::error::{Error, Result, did_you_mean};
use crate::model::{SmolStr, Symbol};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How deep classes may inherit.
pub const INHERITANCE_MAX: usize = 32;

/// A class with everything it inherits.
#[derive(Clone, Debug)]
pub struct Class {
    pub symbol: Symbol,
    pub definition: ClassDefinition,
    /// Itself, its parent, … its root.
    pub lineage: Vec<Symbol>,
    /// Own and inherited; an own definition wins.
    pub attributes: BTreeMap<Symbol, AttributeDefinition>,
    /// Ordered identification keys; `name` stands for the item's name.
    pub identification: Vec<Vec<SmolStr>>,
    pub lifecycle: Option<Arc<LifecycleDefinition>>,
    pub expects_dependencies: bool,
    /// Attributes that must be stated, for a quick check.
    pub required: Vec<Symbol>,
    /// Attributes by whose value items are found: identifying and unique ones.
    indexed: Vec<Symbol>,
}

impl Class {
    pub fn indexed(&self, attribute: Symbol) -> bool {
        self.indexed.contains(&attribute)
    }
}

/// A relationship type with its ends resolved.
#[derive(Clone, Debug)]
pub struct RelationshipType {
    pub symbol: Symbol,
    pub definition: RelationshipTypeDefinition,
    pub sources: Vec<Symbol>,
    pub targets: Vec<Symbol>,
    pub attributes: BTreeMap<Symbol, AttributeDefinition>,
}

impl RelationshipType {
    pub fn carries_impact(&self) -> bool {
        self.definition.suffers != Suffers::None
    }
    /// Whether the source end is the dependent one (else the target is).
    pub fn source_suffers(&self) -> bool {
        self.definition.suffers == Suffers::Source
    }
}

/// Classes, relationship types and lifecycles of one position.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Unknown labels, several labels an item, unknown types and properties are accepted.
    pub open: bool,
    definitions: SchemaEdit,
    classes: BTreeMap<Symbol, Arc<Class>>,
    types: FxHashMap<Symbol, Arc<RelationshipType>>,
    live: FxHashMap<Symbol, bool>,
}

impl Schema {
    /// Resolves `definitions`; every name in them must be in `names`.
    pub fn resolve(definitions: SchemaEdit, open: bool, names: &Names) -> Result<Schema> {
        let mut schema = Schema { open, ..Schema::default() };
        let lifecycles = lifecycles(&definitions, &mut schema.live, names)?;
        let by_name: FxHashMap<&str, &ClassDefinition> =
            definitions.classes.iter().map(|c| (c.name.as_str(), c)).collect();
        for class in &definitions.classes {
            let resolved = resolve_class(class, &by_name, &lifecycles, names)?;
            schema.classes.insert(resolved.symbol, Arc::new(resolved));
        }
        for kind in &definitions.relationship_types {
            let resolved = resolve_type(kind, &schema, names)?;
            schema.types.insert(resolved.symbol, Arc::new(resolved));
        }
        schema.definitions = definitions;
        Ok(schema)
    }
    /// The definitions as they were written, newest of each name.
    pub fn definitions(&self) -> &SchemaEdit {
        &self.definitions
    }
    /// This schema's definitions with `edit` laid over them.
    pub fn edited(&self, edit: &SchemaEdit) -> SchemaEdit {
        let mut all = self.definitions.clone();
        lay_over(&mut all.classes, &edit.classes, |c| &c.name);
        lay_over(&mut all.relationship_types, &edit.relationship_types, |t| &t.name);
        lay_over(&mut all.lifecycles, &edit.lifecycles, |l| &l.name);
        all
    }
    pub fn class(&self, symbol: Symbol) -> Option<&Arc<Class>> {
        self.classes.get(&symbol)
    }
    pub fn classes(&self) -> impl Iterator<Item = &Arc<Class>> {
        self.classes.values()
    }
    pub fn relationship_type(&self, symbol: Symbol) -> Option<&Arc<RelationshipType>> {
        self.types.get(&symbol)
    }
    /// In the order they were defined.
    pub fn relationship_types(&self) -> impl Iterator<Item = &Arc<RelationshipType>> {
        let mut all: Vec<_> = self.types.values().collect();
        all.sort_by_key(|t| t.symbol);
        all.into_iter()
    }
    pub fn class_named(&self, names: &Names, name: &str) -> Result<&Arc<Class>> {
        names.get(name).and_then(|s| self.class(s)).ok_or_else(|| {
            let hint = did_you_mean(name, self.definitions.classes.iter().map(|c| c.name.as_str()));
            Error::not_found("class.unknown", format!("there is no class \"{name}\""))
                .hint(hint.unwrap_or_else(|| "`cmdb schema list` lists the classes".to_owned()))
        })
    }
    pub fn type_named(&self, names: &Names, name: &str) -> Result<&Arc<RelationshipType>> {
        names.get(name).and_then(|s| self.relationship_type(s)).ok_or_else(|| {
            let hint =
                did_you_mean(name, self.definitions.relationship_types.iter().map(|t| t.name.as_str()));
            Error::not_found("relationship-type.unknown", format!("there is no relationship type \"{name}\""))
                .hint(hint.unwrap_or_else(|| "`cmdb schema list` lists the relationship types".to_owned()))
        })
    }
    /// Whether `class` is `ancestor` or inherits from it.
    pub fn is_a(&self, class: Symbol, ancestor: Symbol) -> bool {
        class == ancestor || self.class(class).is_some_and(|c| c.lineage.contains(&ancestor))
    }
    /// Whether an item in this status carries impact; a status no lifecycle knows does, and so does none.
    pub fn is_live(&self, status: Option<Symbol>) -> bool {
        status.is_none_or(|s| self.live.get(&s).copied().unwrap_or(true))
    }
    /// Whether the class's own lifecycle says the status is live; classes may disagree about a word.
    pub fn is_live_in(&self, class: Option<Symbol>, status: Option<Symbol>, names: &Names) -> bool {
        let lifecycle = class.and_then(|c| self.class(c)).and_then(|c| c.lifecycle.as_deref());
        match (lifecycle, status) {
            (Some(lifecycle), Some(status)) => {
                let text = names.text(status);
                lifecycle.states.iter().find(|s| s.name == text).is_none_or(|s| s.live)
            }
            _ => self.is_live(status),
        }
    }
}

impl SchemaEdit {
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.relationship_types.is_empty() && self.lifecycles.is_empty()
    }
    /// Every name that must be interned before the edit can be resolved.
    pub fn names(&self) -> Vec<&str> {
        let mut out = Vec::new();
        for class in &self.classes {
            out.push(class.name.as_str());
            out.extend(class.attributes.iter().map(|a| a.name.as_str()));
        }
        for kind in &self.relationship_types {
            out.push(kind.name.as_str());
            out.extend(kind.attributes.iter().map(|a| a.name.as_str()));
        }
        for lifecycle in &self.lifecycles {
            out.extend(lifecycle.states.iter().map(|s| s.name.as_str()));
        }
        out
    }
}

fn lay_over<T: Clone>(all: &mut Vec<T>, edits: &[T], name: impl Fn(&T) -> &SmolStr) {
    for edit in edits {
        match all.iter_mut().find(|known| name(known) == name(edit)) {
            Some(known) => *known = edit.clone(),
            None => all.push(edit.clone()),
        }
    }
}

fn invalid(message: String) -> Error {
    Error::invalid("schema.invalid", message)
}

fn symbol(names: &Names, name: &str) -> Result<Symbol> {
    names.get(name).ok_or_else(|| invalid(format!("the schema names \"{name}\", which was never recorded")))
}

type Lifecycles = FxHashMap<SmolStr, Arc<LifecycleDefinition>>;

fn lifecycles(all: &SchemaEdit, live: &mut FxHashMap<Symbol, bool>, names: &Names) -> Result<Lifecycles> {
    let mut out = Lifecycles::default();
    for lifecycle in &all.lifecycles {
        let knows = |state: &SmolStr| lifecycle.states.iter().any(|s| s.name == *state);
        let used = lifecycle.moves.iter().flat_map(|(from, to)| [from, to]).chain([&lifecycle.initial]);
        if let Some(unknown) = used.into_iter().find(|state| !knows(state)) {
            return Err(invalid(format!(
                "lifecycle \"{}\" uses status \"{unknown}\" but does not list it",
                lifecycle.name
            )));
        }
        for state in &lifecycle.states {
            let entry = live.entry(symbol(names, &state.name)?).or_insert(false);
            *entry |= state.live;
        }
        out.insert(lifecycle.name.clone(), Arc::new(lifecycle.clone()));
    }
    Ok(out)
}

fn resolve_class(
    class: &ClassDefinition,
    by_name: &FxHashMap<&str, &ClassDefinition>,
    lifecycles: &Lifecycles,
    names: &Names,
) -> Result<Class> {
    let mut chain = vec![class];
    while let Some(parent) = &chain[chain.len() - 1].parent {
        let found = by_name.get(parent.as_str()).ok_or_else(|| {
            invalid(format!("class \"{}\" has the unknown parent \"{parent}\"", chain[chain.len() - 1].name))
        })?;
        if chain.len() >= INHERITANCE_MAX || chain.iter().any(|c| c.name == found.name) {
            return Err(invalid(format!("class \"{}\" inherits in a circle or too deep", class.name)));
        }
        chain.push(found);
    }
    let mut attributes = BTreeMap::new();
    for ancestor in chain.iter().rev() {
        for attribute in &ancestor.attributes {
            check_attribute(&ancestor.name, attribute)?;
            attributes.insert(symbol(names, &attribute.name)?, attribute.clone());
        }
    }
    let lifecycle = match chain.iter().find_map(|c| c.lifecycle.as_ref()) {
        Some(name) => Some(lifecycles.get(name).cloned().ok_or_else(|| {
            invalid(format!("class \"{}\" has the unknown lifecycle \"{name}\"", class.name))
        })?),
        None => None,
    };
    let identification =
        chain.iter().map(|c| &c.identification).find(|keys| !keys.is_empty()).cloned().unwrap_or_default();
    check_identification(class, &identification, &attributes)?;
    let identifies =
        |a: &AttributeDefinition| a.unique || identification.iter().flatten().any(|n| *n == a.name);
    Ok(Class {
        symbol: symbol(names, &class.name)?,
        indexed: attributes.iter().filter(|(_, a)| identifies(a)).map(|(s, _)| *s).collect(),
        lineage: chain.iter().map(|c| symbol(names, &c.name)).collect::<Result<_>>()?,
        required: attributes.iter().filter(|(_, a)| a.required).map(|(s, _)| *s).collect(),
        attributes,
        identification,
        lifecycle,
        expects_dependencies: chain.iter().find_map(|c| c.expects_dependencies).unwrap_or(false),
        definition: class.clone(),
    })
}

fn check_identification(
    class: &ClassDefinition,
    keys: &[Vec<SmolStr>],
    attributes: &BTreeMap<Symbol, AttributeDefinition>,
) -> Result<()> {
    for name in keys.iter().flatten() {
        if name != "name" && !attributes.values().any(|a| a.name == *name) {
            return Err(invalid(format!(
                "class \"{}\" is identified by \"{name}\", which it does not have",
                class.name
            )));
        }
    }
    Ok(())
}

/// Column and key words that no attribute may take.
const RESERVED: &[&str] = &["id", "class", "name", "status", "source", "target", "type", "group"];

fn check_attribute(owner: &str, attribute: &AttributeDefinition) -> Result<()> {
    let at = format!("attribute \"{}\" of \"{owner}\"", attribute.name);
    if attribute.name.is_empty() || RESERVED.contains(&attribute.name.as_str()) {
        return Err(invalid(format!("{at}: the name is empty or reserved ({})", RESERVED.join(", "))));
    }
    if attribute.kind == AttributeType::Enum && attribute.values.is_empty() {
        return Err(invalid(format!("{at}: an enum lists its values")));
    }
    if let Some(unit) = &attribute.unit
        && !unit::known(unit)
    {
        let hint = did_you_mean(unit, unit::names()).unwrap_or_default();
        return Err(invalid(format!("{at}: \"{unit}\" is not a unit")).hint(hint));
    }
    if let Some(default) = &attribute.default {
        super::read::from_text(attribute, default).map_err(|e| invalid(format!("{at}: the default {e}")))?;
    }
    Ok(())
}

fn resolve_type(
    kind: &RelationshipTypeDefinition,
    schema: &Schema,
    names: &Names,
) -> Result<RelationshipType> {
    let ends = |classes: &[SmolStr]| -> Result<Vec<Symbol>> {
        let resolve = |name: &SmolStr| match names.get(name).filter(|s| schema.classes.contains_key(s)) {
            Some(symbol) => Ok(symbol),
            None => {
                Err(invalid(format!("relationship type \"{}\" has the unknown end \"{name}\"", kind.name)))
            }
        };
        classes.iter().map(resolve).collect()
    };
    let mut attributes = if kind.suffers == Suffers::None { BTreeMap::new() } else { impact_attributes() };
    for attribute in &kind.attributes {
        check_attribute(&kind.name, attribute)?;
        attributes.insert(symbol(names, &attribute.name)?, attribute.clone());
    }
    Ok(RelationshipType {
        symbol: symbol(names, &kind.name)?,
        sources: ends(&kind.source)?,
        targets: ends(&kind.target)?,
        attributes,
        definition: kind.clone(),
    })
}

/// The attributes the impact engine understands; every type that carries impact has them.
fn impact_attributes() -> BTreeMap<Symbol, AttributeDefinition> {
    let plain = |name: &'static str, kind, values: &[&'static str], minimum, maximum| AttributeDefinition {
        name: SmolStr::new_static(name),
        kind,
        unit: None,
        values: values.iter().map(|v| SmolStr::new_static(v)).collect(),
        required: false,
        unique: false,
        default: None,
        minimum,
        maximum,
        description: SmolStr::default(),
    };
    BTreeMap::from([
        (symbols::EFFECT, plain("effect", AttributeType::Enum, &["hard", "soft"], None, None)),
        (symbols::NEEDS, plain("needs", AttributeType::Text, &[], None, None)),
        (symbols::WEIGHT, plain("weight", AttributeType::Decimal, &[], Some(0.001), Some(1e9))),
        (symbols::STANDBY, plain("standby", AttributeType::Boolean, &[], None, None)),
        (symbols::LAG_MINUTES, plain("lag_minutes", AttributeType::Integer, &[], Some(0.0), Some(1e7))),
        (symbols::CONFIDENCE, plain("confidence", AttributeType::Decimal, &[], Some(0.0), Some(1.0))),
    ])
}
