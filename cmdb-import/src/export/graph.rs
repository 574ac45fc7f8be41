//! Tables seen as a graph: what the formats for drawing share.

use super::text::plain;
use super::{ITEM_COLUMNS, RELATIONSHIP_COLUMNS, Row, STATE_COLUMN, Tables};
use cmdb_core::model::intake::TableKind;

/// One item of a drawing.
pub(super) struct Node {
    pub id: String,
    pub class: String,
    /// Its name, or its id where it has none.
    pub name: String,
    /// As an impact found it.
    pub state: Option<String>,
    /// Status and attributes, in the order of [`node_columns`].
    pub rest: Row,
}

/// One relationship of a drawing.
pub(super) struct Edge {
    pub source: String,
    pub kind: String,
    pub target: String,
    /// Group and attributes, in the order of [`edge_columns`].
    pub rest: Row,
}

/// What nodes have besides id, class and name.
pub(super) fn node_columns(tables: &dyn Tables) -> Vec<&str> {
    tables.columns(TableKind::Items).split_off(ITEM_COLUMNS.len() - 1)
}

/// What edges have besides their ends and type.
pub(super) fn edge_columns(tables: &dyn Tables) -> Vec<&str> {
    tables.columns(TableKind::Relationships).split_off(RELATIONSHIP_COLUMNS.len())
}

pub(super) fn nodes(tables: &dyn Tables) -> impl Iterator<Item = Node> + '_ {
    let state_at = node_columns(tables).iter().position(|c| *c == STATE_COLUMN);
    tables.rows(TableKind::Items).map(move |mut row| {
        let rest = row.split_off(ITEM_COLUMNS.len() - 1);
        let mut own = row.into_iter().map(|value| value.map_or_else(String::new, |v| plain(&v).into_owned()));
        let mut next = || own.next().unwrap_or_default();
        let (id, class, name) = (next(), next(), next());
        let state = state_at.and_then(|at| rest[at].as_ref().map(|v| plain(v).into_owned()));
        Node { name: if name.is_empty() { id.clone() } else { name }, id, class, state, rest }
    })
}

pub(super) fn edges(tables: &dyn Tables) -> impl Iterator<Item = Edge> + '_ {
    tables.rows(TableKind::Relationships).map(|mut row| {
        let rest = row.split_off(RELATIONSHIP_COLUMNS.len());
        let mut own = row.into_iter().map(|value| value.map_or_else(String::new, |v| plain(&v).into_owned()));
        let mut next = || own.next().unwrap_or_default();
        Edge { source: next(), kind: next(), target: next(), rest }
    })
}

/// Fill and line of a node in a state, as `#rrggbb`; none for one that nothing happens to.
pub(super) fn colours(state: Option<&str>) -> Option<(&'static str, &'static str)> {
    match state? {
        "down" => Some(("#f4c7c3", "#b3261e")),
        "degraded" => Some(("#fde0c2", "#b45309")),
        "at_risk" => Some(("#fff3c4", "#8a6d00")),
        _ => None,
    }
}
