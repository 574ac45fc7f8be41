//! A drawing on the wire.

use super::Looks;
use crate::api;
use crate::api::drawing::{
    DrawingBox, DrawingColumn, DrawingGate, DrawingLimit, DrawingLink, DrawingSummary,
};
use crate::convert::by_class_name;
use crate::handlers::impact::answer::gate;
use cmdb_core::Result;
use cmdb_core::analysis::criticality::criticality as of_item;
use cmdb_core::analysis::drawing::{
    Area, BOXES_MAX, Drawing, Figure, FigureKind, GroupBy, Link, Subject, Tally, draw,
};
use cmdb_core::analysis::impact::{Explainer, State};
use cmdb_core::analysis::reach::by_class;
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::{SmolStr, Symbol};

/// Services named in the summary.
const SERVICES_MAX: usize = 50;

/// A subject drawn.
pub struct Picture<'a> {
    pub snapshot: &'a Snapshot,
    pub subject: &'a Subject,
    pub drawing: Drawing,
    pub explainer: &'a Explainer<'a>,
    pub looks: &'a Looks,
}

/// How a state is called where redundancy is drawn.
pub fn word(state: State) -> &'static str {
    match state {
        State::Up => "protected",
        other => other.word(),
    }
}

/// A pixel is as fine as a drawing needs.
fn pixels(length: f32) -> f32 {
    length.round()
}

impl<'a> Picture<'a> {
    pub fn draw(
        view: View<'a>,
        subject: &'a Subject,
        looks: &'a Looks,
        types: Option<&[Symbol]>,
        explainer: &'a Explainer<'a>,
    ) -> Result<Picture<'a>> {
        let open: Vec<&str> = looks.open.iter().map(String::as_str).collect();
        let drawing = draw(view, subject, &looks.options(&open), types, explainer)?;
        Ok(Picture { snapshot: view.snapshot(), subject, drawing, explainer, looks })
    }
    fn states(&self, tally: &Tally) -> std::collections::BTreeMap<&'static str, u32> {
        let counts = State::ALL.into_iter().map(|state| (word(state), tally.of(state)));
        counts.filter(|(_, count)| *count > 0 && !self.subject.at_rest).collect()
    }
    pub fn summary(&self, mut services: Vec<api::AffectedService>, left_out: u64) -> DrawingSummary {
        let others = || self.subject.members.iter().filter(|m| !m.root);
        let mut tally = Tally::default();
        others().for_each(|m| tally.add(m.state));
        let services_count = services.len() as u64;
        services.truncate(SERVICES_MAX);
        let shut = |kind| self.drawing.figures.iter().filter(|f| f.kind == kind).count() as u64;
        DrawingSummary {
            items: u64::from(tally.total()),
            by_state: self.states(&tally).into_iter().map(|(s, n)| (s, u64::from(n))).collect(),
            by_class: by_class_name(self.snapshot, by_class(self.snapshot, others().map(|m| m.item))),
            services,
            services_count,
            steps: others().map(|m| m.depth.unsigned_abs()).max().unwrap_or(0),
            boxes: self.drawing.figures.len() as u64,
            groups: shut(FigureKind::Group),
            left_out,
            hidden_links: self.drawing.hidden_links,
            hidden_relationships: self.drawing.hidden_relationships,
            group_by: self.drawing.group_by.iter().map(|by| by.word()).collect(),
        }
    }
    /// What made the drawing less than was asked for.
    pub fn limits(&self, depth: Option<u32>, complete: bool) -> Vec<DrawingLimit> {
        let mut out = Vec::new();
        if let (Some(depth), false) = (depth, complete) {
            let message = format!("what lies beyond {depth} steps was not followed");
            out.push(DrawingLimit { kind: "depth", limit: u64::from(depth), message });
        }
        let grouped = self.drawing.figures.iter().any(|f| f.kind == FigureKind::Group);
        let missing = self.looks.group_by.get(self.drawing.group_by.len());
        if let (Some(by), true) = (missing, grouped) {
            let max = self.looks.boxes_max;
            let message = format!("grouping by {}, too, would take more than {max} boxes", by.word());
            out.push(DrawingLimit { kind: "grouping", limit: max as u64, message });
        }
        if self.drawing.not_opened > 0 {
            let message =
                format!("{} more groups would take more than {BOXES_MAX} boxes", self.drawing.not_opened);
            out.push(DrawingLimit { kind: "boxes", limit: BOXES_MAX as u64, message });
        }
        out
    }
    pub fn drawing(&self) -> Result<api::drawing::Drawing> {
        let column = |c: &cmdb_core::analysis::drawing::Column| DrawingColumn {
            x: c.x,
            width: c.width,
            from_step: c.steps.0,
            to_step: c.steps.1,
            items: c.items,
            classes: c.classes.iter().map(|class| class_label(self.snapshot, class)).collect(),
        };
        Ok(api::drawing::Drawing {
            width: pixels(self.drawing.width),
            height: pixels(self.drawing.height),
            columns: self.drawing.columns.iter().map(column).collect(),
            boxes: self.drawing.figures.iter().map(|f| self.figure(f)).collect::<Result<_>>()?,
            links: self.drawing.links.iter().map(|l| self.link(l)).collect(),
        })
    }
    fn figure(&self, figure: &Figure) -> Result<DrawingBox> {
        let Area { x, y, width, height } = figure.area;
        let item = self.subject.members[figure.members[0] as usize].item;
        let (mut class, mut label, mut criticality) = (None, String::new(), None);
        let kind = match figure.kind {
            FigureKind::Item => {
                class = Some(self.snapshot.class_name(item).to_owned());
                label = self.snapshot.name_of(item).to_owned();
                criticality = of_item(self.snapshot, item)?;
                "item"
            }
            FigureKind::Group => {
                let by_class = self.drawing.group_by.iter().position(|by| *by == GroupBy::Class);
                class = by_class.and_then(|at| figure.values.get(at)).map(ToString::to_string);
                label = self.group_label(figure);
                "group"
            }
            FigureKind::Rest => "rest",
        };
        let gates = figure.gates.iter().map(|g| {
            let Area { x, y, width, height } = g.area;
            let (x, y) = (pixels(x), pixels(y));
            DrawingGate { x, y, width, height, gate: gate(self.snapshot, &g.proof) }
        });
        Ok(DrawingBox {
            id: figure.id.clone(),
            kind,
            column: figure.column,
            x: pixels(x),
            y: pixels(y),
            width,
            height,
            root: figure.root,
            open: figure.open,
            label,
            class_label: class.as_deref().map(|c| class_label(self.snapshot, c)),
            class,
            criticality,
            count: figure.tally.total(),
            state: (!self.subject.at_rest).then(|| word(figure.tally.worst())),
            states: self.states(&figure.tally),
            gates: gates.collect(),
            inner: figure.inner,
        })
    }
    fn group_label(&self, figure: &Figure) -> String {
        let named = |(by, value): (&GroupBy, &SmolStr)| match (by, value.is_empty()) {
            (GroupBy::Class, false) => class_label(self.snapshot, value),
            (_, false) => value.to_string(),
            (by, true) => format!("no {}", by.word()),
        };
        // What is absent is said only where nothing else tells the group from others.
        let stated = figure.values.iter().any(|value| !value.is_empty());
        let grouped = self.drawing.group_by.iter().zip(&figure.values);
        let parts: Vec<String> =
            grouped.filter(|(_, value)| !(stated && value.is_empty())).map(named).collect();
        if parts.is_empty() {
            let classes = &self.drawing.columns[figure.column as usize].classes;
            let labels: Vec<String> = classes.iter().map(|c| class_label(self.snapshot, c)).collect();
            return labels.join(", ");
        }
        parts.join(" · ")
    }
    fn link(&self, link: &Link) -> DrawingLink {
        DrawingLink {
            from: link.from,
            to: link.to,
            gate: link.gate,
            relationships: link.relationships,
            state: (link.state != State::Up).then(|| link.state.word()),
            soft: link.soft,
            path: link.path.clone(),
        }
    }
}

/// What people call a class.
pub fn class_label(snapshot: &Snapshot, name: &str) -> String {
    let class = snapshot.names().get(name).and_then(|symbol| snapshot.schema().class(symbol));
    class.and_then(|c| c.definition.label.as_deref()).unwrap_or(name).to_owned()
}
