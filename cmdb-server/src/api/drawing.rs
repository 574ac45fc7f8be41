//! Drawn subgraphs on the wire. Lengths are pixels; the origin is the upper left corner.

use super::{AffectedService, BlindSpot, Gate, Hop, ImpactRoot, ItemRef, Reason};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A subgraph put together into a few boxes, and the table beside it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawnSubgraph {
    pub position: u64,
    /// Whether everything that belongs to the answer is in a box.
    pub complete: bool,
    pub view: &'static str,
    pub roots: Vec<ImpactRoot>,
    pub summary: DrawingSummary,
    pub drawing: Drawing,
    /// Every bound that made the drawing less than what was asked for.
    pub limits: Vec<DrawingLimit>,
    pub blind_spots: Vec<BlindSpot>,
    pub table: DrawingTable,
    /// The engine's own time.
    pub elapsed_us: u64,
}

/// Counts, always whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingSummary {
    /// Items drawn, roots left out.
    pub items: u64,
    /// How many are `down`, `degraded`, `at_risk` or `protected`; empty where nothing is assumed to fail.
    pub by_state: BTreeMap<&'static str, u64>,
    pub by_class: BTreeMap<String, u64>,
    /// Affected business services, the worst first, and how many there are.
    pub services: Vec<AffectedService>,
    pub services_count: u64,
    /// Steps from the root to the item farthest away.
    pub steps: u32,
    pub boxes: u64,
    pub groups: u64,
    /// Items of the answer that are in no box: protected ones where they were not asked for.
    pub left_out: u64,
    /// Thin links that are not drawn, and the relationships they stand for.
    pub hidden_links: u32,
    pub hidden_relationships: u64,
    /// What groups were made by; may be less than asked for, and then `limits` says why.
    pub group_by: Vec<&'static str>,
}

/// Where everything stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Drawing {
    pub width: f32,
    pub height: f32,
    pub columns: Vec<DrawingColumn>,
    /// By column, from top to bottom.
    pub boxes: Vec<DrawingBox>,
    pub links: Vec<DrawingLink>,
}

/// One column.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingColumn {
    pub x: f32,
    pub width: f32,
    /// Steps from the root of the nearest and the farthest item; negative on the side of dependencies.
    pub from_step: i32,
    pub to_step: i32,
    pub items: u32,
    /// Labels of the classes in it, most items first; the first few.
    pub classes: Vec<String>,
}

/// An item, or several that are alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingBox {
    /// The item's id, or what the group has in common; as `open` takes it.
    pub id: String,
    /// `item`, `group`, or `rest`: the members of an opened group that are not drawn.
    pub kind: &'static str,
    pub column: u32,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    pub root: bool,
    /// A group whose worst members stand below it.
    pub open: bool,
    /// The item's name, or the group's values.
    pub label: String,
    /// Name and label of the class, where all members have the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_label: Option<String>,
    /// 1 is the highest; of single items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criticality: Option<i64>,
    pub count: u32,
    /// The worst state of any member; none where nothing is assumed to fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Members by state.
    pub states: BTreeMap<&'static str, u32>,
    /// Redundancy groups of a single item, each a drawn object beside its box.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<DrawingGate>,
    /// Relationships between members.
    pub inner: u64,
}

/// A redundancy group where it is drawn.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingGate {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    pub gate: Gate,
}

/// All relationships from one box to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingLink {
    /// Indices into `boxes`, in the direction of reading.
    pub from: u32,
    pub to: u32,
    /// Index into the gates of the box at the dependent end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<u32>,
    pub relationships: u64,
    /// The worst that passes along it; none where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    pub soft: bool,
    /// An SVG path.
    pub path: String,
}

/// A bound that was met.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingLimit {
    /// `depth`, `boxes`, `grouping` or `links`: the parameter that raises it.
    pub kind: &'static str,
    pub limit: u64,
    pub message: String,
}

/// The items as rows, a page of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingTable {
    pub rows: Vec<DrawingRow>,
    /// Rows after the filter, on all pages.
    pub count: u64,
    pub next_cursor: Option<String>,
}

/// One item of the table.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawingRow {
    pub id: String,
    pub class: String,
    pub name: String,
    /// None where nothing is assumed to fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    pub depth: i32,
    /// Id of the box it is in.
    #[serde(rename = "box")]
    pub figure: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criticality: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The step that gave it its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
}

/// The next step towards the root.
#[derive(Debug, Serialize, ToSchema)]
pub struct Because {
    pub relationship: String,
    pub on: ItemRef,
    pub state: &'static str,
    /// The rule of the redundancy group that fell, such as `2 of 3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// Why an item is as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyAnswer {
    pub position: u64,
    pub complete: bool,
    pub roots: Vec<ImpactRoot>,
    pub target: ItemRef,
    /// `up` where it is not reached, or held.
    pub state: &'static str,
    /// Whether redundancy or a soft link keeps it up although something it depends on is not.
    pub protected: bool,
    pub depth: u32,
    pub after_minutes: u64,
    /// From the target to a root.
    pub why: Vec<Reason>,
    /// Every redundancy group of the target that lost something.
    pub gates: Vec<Gate>,
    /// What those groups lost, each with its own chain.
    pub lost: Vec<WhyLost>,
    /// The shortest chain of dependencies from the target to a root, where no state passes along it.
    pub path: Vec<Hop>,
}

/// A lost member of a redundancy group.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhyLost {
    pub item: ItemRef,
    pub state: &'static str,
    pub why: Vec<Reason>,
}

/// Two scenarios, and what is different in the second one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonAnswer {
    pub position: u64,
    pub complete: bool,
    pub first: Scenario,
    pub second: Scenario,
    /// How many items are in one state in the first scenario and in another in the second one; worst first.
    pub shifts: Vec<Shift>,
    /// Items that differ, a page of them: whatever is worse in either scenario first.
    pub rows: Vec<ComparedRow>,
    /// Rows on all pages.
    pub count: u64,
    pub next_cursor: Option<String>,
    pub elapsed_us: u64,
}

/// What is assumed, and what comes of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scenario {
    pub roots: Vec<ImpactRoot>,
    pub summary: super::ImpactSummary,
}

/// Items that differ in the same way.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shift {
    pub first: &'static str,
    pub second: &'static str,
    pub count: u64,
}

/// An item whose state depends on the scenario.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedRow {
    pub id: String,
    pub class: String,
    pub name: String,
    pub first: &'static str,
    pub second: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criticality: Option<i64>,
}
