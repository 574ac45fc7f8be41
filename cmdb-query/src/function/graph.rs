//! Functions of nodes, relationships, paths and their properties.

use super::argument::{any_null, at, wrong_kind};
use super::{Function, Kind, plain};
use crate::error::Result;
use crate::evaluate::alive;
use crate::scene::Scene;
use crate::value::{Entity, SmolStr, Value};

const ELEMENT: &[&[Kind]] = &[&[Kind::Node, Kind::Relationship]];
const NODE: &[&[Kind]] = &[&[Kind::Node]];
const RELATIONSHIP: &[&[Kind]] = &[&[Kind::Relationship]];
const PATH: &[&[Kind]] = &[&[Kind::Path]];
const WITH_KEYS: &[&[Kind]] = &[&[Kind::Node, Kind::Relationship, Kind::Map]];

pub const FUNCTIONS: &[Function] = &[
    plain(
        "id",
        "id(element :: NODE | RELATIONSHIP) :: INTEGER",
        "The element's number in this graph; elementId() is the lasting one.",
        (1, 1),
        ELEMENT,
        Kind::Integer,
        |_, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Node(node) => Ok(Value::Integer(node.0.into())),
            Value::Edge(edge) => Ok(Value::Integer(edge.0.into())),
            other => Err(wrong_kind("id", "a node or a relationship", other)),
        },
    ),
    plain(
        "elementId",
        "elementId(element :: NODE | RELATIONSHIP) :: STRING",
        "The element's public id.",
        (1, 1),
        ELEMENT,
        Kind::Text,
        |scene, arguments| match entity("elementId", at(arguments, 0))? {
            None => Ok(Value::Null),
            Some(entity) => Ok(Value::Text(scene.graph.element_id(entity))),
        },
    ),
    plain(
        "labels",
        "labels(node :: NODE) :: LIST<STRING>",
        "The labels of a node.",
        (1, 1),
        NODE,
        Kind::List,
        labels,
    ),
    plain(
        "type",
        "type(relationship :: RELATIONSHIP) :: STRING",
        "The type of a relationship.",
        (1, 1),
        RELATIONSHIP,
        Kind::Text,
        |scene, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Edge(edge) => Ok(Value::text(scene.graph.text(scene.graph.ends(*edge).kind))),
            other => Err(wrong_kind("type", "a relationship", other)),
        },
    ),
    plain(
        "properties",
        "properties(of :: NODE | RELATIONSHIP | MAP) :: MAP",
        "All properties as a map.",
        (1, 1),
        WITH_KEYS,
        Kind::Map,
        |scene, arguments| properties_of(scene, at(arguments, 0)),
    ),
    plain(
        "keys",
        "keys(of :: NODE | RELATIONSHIP | MAP) :: LIST<STRING>",
        "The names of all properties, sorted.",
        (1, 1),
        WITH_KEYS,
        Kind::List,
        keys,
    ),
    plain(
        "startNode",
        "startNode(relationship :: RELATIONSHIP) :: NODE",
        "The node a relationship comes from.",
        (1, 1),
        RELATIONSHIP,
        Kind::Node,
        |scene, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Edge(edge) => Ok(Value::Node(scene.graph.ends(*edge).source)),
            other => Err(wrong_kind("startNode", "a relationship", other)),
        },
    ),
    plain(
        "endNode",
        "endNode(relationship :: RELATIONSHIP) :: NODE",
        "The node a relationship leads to.",
        (1, 1),
        RELATIONSHIP,
        Kind::Node,
        |scene, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Edge(edge) => Ok(Value::Node(scene.graph.ends(*edge).target)),
            other => Err(wrong_kind("endNode", "a relationship", other)),
        },
    ),
    plain(
        "nodes",
        "nodes(path :: PATH) :: LIST<NODE>",
        "The nodes of a path, in its order.",
        (1, 1),
        PATH,
        Kind::List,
        |_, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Path(path) => Ok(Value::list(path.nodes.iter().copied().map(Value::Node).collect())),
            other => Err(wrong_kind("nodes", "a path", other)),
        },
    ),
    plain(
        "relationships",
        "relationships(path :: PATH) :: LIST<RELATIONSHIP>",
        "The relationships of a path, in its order.",
        (1, 1),
        PATH,
        Kind::List,
        |_, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Path(path) => Ok(Value::list(path.edges.iter().copied().map(Value::Edge).collect())),
            other => Err(wrong_kind("relationships", "a path", other)),
        },
    ),
    plain(
        "length",
        "length(path :: PATH) :: INTEGER",
        "How many relationships a path has.",
        (1, 1),
        PATH,
        Kind::Integer,
        |_, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Path(path) => Ok(Value::Integer(path.edges.len() as i64)),
            other => Err(wrong_kind("length", "a path", other).hint("use size() for lists and strings")),
        },
    ),
];

/// None for null.
fn entity(function: &str, value: &Value) -> Result<Option<Entity>> {
    match value {
        Value::Null => Ok(None),
        Value::Node(node) => Ok(Some(Entity::Node(*node))),
        Value::Edge(edge) => Ok(Some(Entity::Edge(*edge))),
        other => Err(wrong_kind(function, "a node or a relationship", other)),
    }
}

fn labels(scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    let node = match at(arguments, 0) {
        Value::Null => return Ok(Value::Null),
        Value::Node(node) => *node,
        other => return Err(wrong_kind("labels", "a node", other)),
    };
    alive(scene, Entity::Node(node))?;
    let labels = scene.graph.labels_of(node);
    Ok(Value::list(labels.into_iter().map(|label| Value::text(scene.graph.text(label))).collect()))
}

/// All properties of an element or the entries of a map; null for null.
pub fn properties_of(scene: &Scene<'_>, subject: &Value) -> Result<Value> {
    match subject {
        Value::Null | Value::Map(_) => Ok(subject.clone()),
        Value::Node(node) => pairs(scene, Entity::Node(*node)).map(Value::map),
        Value::Edge(edge) => pairs(scene, Entity::Edge(*edge)).map(Value::map),
        other => Err(wrong_kind("properties", "a node, relationship or map", other)),
    }
}

fn pairs(scene: &Scene<'_>, entity: Entity) -> Result<Vec<(SmolStr, Value)>> {
    alive(scene, entity)?;
    Ok(scene.graph.properties(entity))
}

fn keys(scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let of_entity = |entity| {
        let pairs = pairs(scene, entity)?;
        Ok(Value::list(pairs.into_iter().map(|(key, _)| Value::Text(key)).collect()))
    };
    match at(arguments, 0) {
        Value::Map(entries) => Ok(Value::list(entries.keys().cloned().map(Value::Text).collect())),
        Value::Node(node) => of_entity(Entity::Node(*node)),
        Value::Edge(edge) => of_entity(Entity::Edge(*edge)),
        other => Err(wrong_kind("keys", "a node, relationship or map", other)),
    }
}
