//! What tools ask when they connect: labels, types, keys, the schema as a graph, who we are.

use super::{Definition, State, whole};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;
use cmdb_core::graph::Records;

pub(super) const ALL: &[Definition] = &[
    Definition {
        name: "db.labels",
        inputs: &[],
        outputs: &[("label", "STRING")],
        description: "Classes, or with an open schema the labels in use.",
        answer: |_, scene, _| Ok(texts(scene.graph.labels())),
    },
    Definition {
        name: "db.relationshipTypes",
        inputs: &[],
        outputs: &[("relationshipType", "STRING")],
        description: "Relationship types, or with an open schema those in use.",
        answer: |_, scene, _| Ok(texts(scene.graph.kinds())),
    },
    Definition {
        name: "db.propertyKeys",
        inputs: &[],
        outputs: &[("propertyKey", "STRING")],
        description: "Attributes of classes and relationship types, or with an open schema the keys in use.",
        answer: |_, scene, _| Ok(texts(scene.graph.keys())),
    },
    Definition {
        name: "db.schema.visualization",
        inputs: &[],
        outputs: &[("nodes", "LIST<MAP>"), ("relationships", "LIST<MAP>")],
        description: "Classes, and the relationship types between them, as two lists of maps.",
        answer: visualization,
    },
    Definition {
        name: "dbms.components",
        inputs: &[],
        outputs: &[("name", "STRING"), ("versions", "LIST<STRING>"), ("edition", "STRING")],
        description: "Name and version of this server.",
        answer: |_, _, _| {
            let versions = Value::list(vec![Value::text(env!("CARGO_PKG_VERSION"))]);
            Ok(vec![vec![Value::text("cmdb"), versions, Value::text("community")]])
        },
    },
    Definition {
        name: "db.info",
        inputs: &[],
        outputs: &[
            ("name", "STRING"),
            ("position", "INTEGER"),
            ("nodes", "INTEGER"),
            ("relationships", "INTEGER"),
        ],
        description: "The graph's position and size.",
        answer: |state, _, _| {
            let counts = state.snapshot.counts();
            let position = whole(state.snapshot.position().0);
            Ok(vec![vec![Value::text("cmdb"), position, whole(counts.items), whole(counts.relationships)]])
        },
    },
    Definition {
        name: "db.ping",
        inputs: &[],
        outputs: &[("success", "BOOLEAN")],
        description: "True.",
        answer: |_, _, _| Ok(vec![vec![Value::Boolean(true)]]),
    },
];

fn texts(names: Vec<crate::value::SmolStr>) -> Vec<Vec<Value>> {
    names.into_iter().map(|name| vec![Value::Text(name)]).collect()
}

fn visualization(state: &State, _: &Scene<'_>, _: &[Value]) -> Result<Vec<Vec<Value>>> {
    let schema = state.snapshot.schema();
    let counts = state.snapshot.statistics();
    let text = |key: &str, value: &str| (key.into(), Value::text(value));
    let nodes = schema.classes().map(|class| {
        let count = counts.classes.get(&class.symbol).copied().unwrap_or(0);
        let parent = class.definition.parent.as_deref().unwrap_or("");
        Value::map([
            text("name", &class.definition.name),
            text("parent", parent),
            ("count".into(), whole(count)),
        ])
    });
    let relationships = schema.relationship_types().map(|kind| {
        let names =
            |list: &[crate::value::SmolStr]| Value::list(list.iter().cloned().map(Value::Text).collect());
        let count = counts.types.get(&kind.symbol).copied().unwrap_or(0);
        Value::map([
            text("name", &kind.definition.name),
            ("source".into(), names(&kind.definition.source)),
            ("target".into(), names(&kind.definition.target)),
            ("count".into(), whole(count)),
        ])
    });
    Ok(vec![vec![Value::list(nodes.collect()), Value::list(relationships.collect())]])
}
