//! Parts of values: properties, elements, slices, labels.

use super::symbol::Name;
use crate::error::{Class, Error, Result};
use crate::graph::Symbol;
use crate::scene::Scene;
use crate::value::{Entity, Node, Value};

/// `subject.key`.
pub fn property(scene: &Scene<'_>, subject: &Value, key: &Name) -> Result<Value> {
    match subject {
        Value::Node(node) => entity_property(scene, Entity::Node(*node), key.key(scene)),
        Value::Edge(edge) => entity_property(scene, Entity::Edge(*edge), key.key(scene)),
        other => part(other, &key.text),
    }
}

/// A property of an element; null for a name the graph does not know.
fn entity_property(scene: &Scene<'_>, entity: Entity, key: Option<Symbol>) -> Result<Value> {
    let value = key.map_or(Value::Null, |key| scene.graph.property(entity, key));
    if value.is_null() {
        alive(scene, entity)?;
    }
    Ok(value)
}

/// A field of a value that is no element of the graph.
fn part(subject: &Value, key: &str) -> Result<Value> {
    match subject {
        Value::Null => Ok(Value::Null),
        Value::Map(entries) => Ok(entries.get(key).cloned().unwrap_or_default()),
        Value::Temporal(temporal) => temporal.component(key).ok_or_else(|| {
            let message = format!("{} has no component `{key}`", subject.kind_name());
            Error::kind("InvalidArgumentValue", message)
        }),
        other => {
            let message = format!("{} has no properties, so no `{key}`", other.kind_name());
            Err(Error::kind("InvalidArgumentType", message))
        }
    }
}

/// Refuses an element that this query has deleted.
///
/// # Errors
/// `EntityNotFound`: only a deleted element's id and type may still be asked.
pub fn alive(scene: &Scene<'_>, entity: Entity) -> Result<()> {
    if scene.graph.exists(entity) {
        return Ok(());
    }
    let what = match entity {
        Entity::Node(_) => "node",
        Entity::Edge(_) => "relationship",
    };
    let message = format!("the {what} has been deleted in this query");
    Err(Error::runtime(Class::EntityNotFound, "DeletedEntityAccess", message))
}

/// `subject[index]`.
pub fn element(scene: &Scene<'_>, subject: &Value, index: &Value) -> Result<Value> {
    let by_key = |entity: Entity| match index {
        Value::Text(key) => entity_property(scene, entity, scene.graph.key(key)),
        Value::Null => Ok(Value::Null),
        other => Err(wrong_index("PropertyAccessByNonString", subject, "string", other)),
    };
    match (subject, index) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Node(node), _) => by_key(Entity::Node(*node)),
        (Value::Edge(edge), _) => by_key(Entity::Edge(*edge)),
        (Value::List(_) | Value::Map(_) | Value::Temporal(_), Value::Null) => Ok(Value::Null),
        (Value::List(values), Value::Integer(index)) => {
            Ok(position(*index, values.len()).and_then(|at| values.get(at)).cloned().unwrap_or_default())
        }
        (Value::List(_), other) => {
            Err(wrong_index("ListElementAccessByNonInteger", subject, "integer", other))
        }
        (Value::Map(_) | Value::Temporal(_), Value::Text(key)) => part(subject, key),
        (Value::Map(_) | Value::Temporal(_), other) => {
            Err(wrong_index("MapElementAccessByNonString", subject, "string", other))
        }
        (other, _) => {
            let message = format!("{} has no elements to take by [ ]", other.kind_name());
            Err(Error::kind("InvalidArgumentType", message))
        }
    }
}

fn wrong_index(detail: &'static str, subject: &Value, wanted: &str, index: &Value) -> Error {
    let (subject, index) = (subject.kind_name(), index.kind_name());
    Error::kind(detail, format!("an element of {subject} is taken by {wanted}, not by {index}"))
}

/// Negative positions count from the end.
fn position(index: i64, length: usize) -> Option<usize> {
    let from_end = i64::try_from(length).ok()?.checked_add(index);
    usize::try_from(if index < 0 { from_end? } else { index }).ok()
}

/// `subject[from..to]`: from inclusive, to exclusive; what lies outside is left out.
pub fn slice(subject: &Value, from: Option<&Value>, to: Option<&Value>) -> Result<Value> {
    if subject.is_null() || from.is_some_and(Value::is_null) || to.is_some_and(Value::is_null) {
        return Ok(Value::Null);
    }
    let Value::List(values) = subject else {
        let message = format!("only a list is sliced by [ .. ], not {}", subject.kind_name());
        return Err(Error::kind("InvalidArgumentType", message));
    };
    let from = bound(from, 0, values.len())?;
    let to = bound(to, values.len(), values.len())?;
    Ok(Value::list(values.get(from..to).unwrap_or_default().to_vec()))
}

fn bound(bound: Option<&Value>, without: usize, length: usize) -> Result<usize> {
    match bound {
        None => Ok(without),
        Some(Value::Integer(index)) => Ok(position(*index, length).unwrap_or(0).min(length)),
        Some(other) => {
            let message = format!("a slice is bounded by integers, not by {}", other.kind_name());
            Err(Error::kind("InvalidArgumentType", message))
        }
    }
}

/// A label expression with its names.
#[derive(Debug)]
pub enum LabelTest {
    /// Once as a node's label and once as a relationship's type.
    Name {
        label: Name,
        kind: Name,
    },
    All(Vec<LabelTest>),
    Either(Vec<LabelTest>),
    Not(Box<LabelTest>),
    /// `%`: any label at all.
    Any,
}

impl LabelTest {
    /// `subject:Labels`; of a relationship the type is tested.
    pub fn test(&self, scene: &Scene<'_>, subject: &Value) -> Result<Option<bool>> {
        match subject {
            Value::Null => Ok(None),
            Value::Node(node) => {
                alive(scene, Entity::Node(*node))?;
                Ok(Some(self.fits_node(scene, *node)))
            }
            Value::Edge(edge) => Ok(Some(self.fits_kind(scene, scene.graph.ends(*edge).kind))),
            other => {
                let message = format!("{} has no labels", other.kind_name());
                Err(Error::kind("InvalidArgumentType", message))
            }
        }
    }
    pub fn fits_node(&self, scene: &Scene<'_>, node: Node) -> bool {
        match self {
            LabelTest::Name { label, .. } => {
                label.label(scene).is_some_and(|label| scene.graph.has_label(node, label))
            }
            LabelTest::All(tests) => tests.iter().all(|test| test.fits_node(scene, node)),
            LabelTest::Either(tests) => tests.iter().any(|test| test.fits_node(scene, node)),
            LabelTest::Not(test) => !test.fits_node(scene, node),
            LabelTest::Any => !scene.graph.labels_of(node).is_empty(),
        }
    }
    pub fn fits_kind(&self, scene: &Scene<'_>, kind: Symbol) -> bool {
        match self {
            LabelTest::Name { kind: wanted, .. } => wanted.kind(scene) == Some(kind),
            LabelTest::All(tests) => tests.iter().all(|test| test.fits_kind(scene, kind)),
            LabelTest::Either(tests) => tests.iter().any(|test| test.fits_kind(scene, kind)),
            LabelTest::Not(test) => !test.fits_kind(scene, kind),
            LabelTest::Any => true,
        }
    }
}
