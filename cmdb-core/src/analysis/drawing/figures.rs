//! The boxes themselves: what they are called, what they hold and how tall they are.

use super::grouping::{Group, Standing};
use super::keys::{GroupBy, Values};
use super::{Area, Figure, FigureKind, GateFigure, OPENED_MAX, Subject, Tally};
use crate::analysis::criticality::rank;
use crate::analysis::impact::{Explainer, State};
use crate::error::Result;
use crate::graph::View;
use crate::model::{ItemNumber, SmolStr};

/// Width and height of a box, in pixels.
pub const WIDTH: f32 = 212.0;
pub const HEIGHT: f32 = 44.0;
const REST_HEIGHT: f32 = 30.0;
/// A redundancy group beside its box.
pub const GATE_WIDTH: f32 = 84.0;
pub const GATE_HEIGHT: f32 = 20.0;
pub const GATE_GAP: f32 = 4.0;
/// Redundancy groups drawn beside one box.
const GATES_MAX: usize = 8;

/// Makes figures of one subject.
pub struct Figures<'a> {
    pub view: View<'a>,
    pub subject: &'a Subject,
    pub standing: &'a Standing,
    /// Those that groups were made by.
    pub keys: &'a [(GroupBy, Values)],
    pub explainer: &'a Explainer<'a>,
}

impl Figures<'_> {
    /// One box for each group, by column and what should stand where links do not decide.
    pub fn closed(&self, groups: Vec<Group>) -> Result<Vec<Figure>> {
        let mut figures: Vec<Figure> =
            groups.into_iter().map(|g| self.closed_one(g)).collect::<Result<_>>()?;
        let name = |f: &Figure| match f.kind {
            FigureKind::Item => self.view.snapshot().name_of(self.item(f)).to_owned(),
            FigureKind::Group | FigureKind::Rest => String::new(),
        };
        figures.sort_by_cached_key(|f| {
            (f.column, !f.root, std::cmp::Reverse(f.tally.worst()), f.values.clone(), name(f), f.id.clone())
        });
        Ok(figures)
    }
    fn closed_one(&self, group: Group) -> Result<Figure> {
        if group.single {
            return self.single(group.members[0], group.column);
        }
        let first = group.members[0] as usize;
        let values: Vec<SmolStr> = self.keys.iter().map(|(_, values)| values.text(first).clone()).collect();
        let tally = self.tally(&group.members);
        let id = self.group_id(&group, &values);
        Ok(Figure { values, tally, ..figure(id, FigureKind::Group, &group) })
    }
    /// Column and values. A column is named by the steps it begins with, which adding columns behind leaves alone.
    fn group_id(&self, group: &Group, values: &[SmolStr]) -> String {
        let mut id = match group.root {
            true => "root".to_owned(),
            false => format!("{}", self.standing.steps[group.column as usize].0),
        };
        for value in values {
            id.push('/');
            // Ids are joined by commas in a URL.
            id.extend(value.chars().map(|c| if matches!(c, ',' | '/') { '_' } else { c }));
        }
        id
    }
    /// One item on its own.
    pub fn single(&self, member: u32, column: u32) -> Result<Figure> {
        let Self { view, subject, .. } = self;
        let at = subject.members[member as usize];
        let id = view.snapshot().item_id(view.snapshot().number(at.item)).to_string();
        let group = Group { column, root: at.root, members: vec![member], single: true };
        let mut proofs = match subject.at_rest {
            true => self.explainer.groups(at.item)?,
            false => self.explainer.gates(at.item)?,
        };
        proofs.truncate(GATES_MAX);
        let gates: Vec<GateFigure> =
            proofs.into_iter().map(|proof| GateFigure { proof, area: Area::default() }).collect();
        let tally = self.tally(&group.members);
        let mut figure = Figure { tally, gates, ..figure(id, FigureKind::Item, &group) };
        let beside = figure.gates.len() as f32 * (GATE_HEIGHT + GATE_GAP);
        figure.area.height = HEIGHT.max(beside);
        Ok(figure)
    }
    /// What an opened group shows: its worst members, and a box for the others. Orders the group's members so, too.
    pub fn opened(&self, group: &mut Figure) -> Result<Vec<Figure>> {
        let keys: Vec<_> = group.members.iter().map(|m| self.badness(*m)).collect::<Result<_>>()?;
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_unstable_by(|a, b| keys[*a].cmp(&keys[*b]));
        group.members = order.into_iter().map(|at| group.members[at]).collect();
        let shown = group.members.len().min(OPENED_MAX);
        let (worst, others) = group.members.split_at(shown);
        let mut out: Vec<Figure> =
            worst.iter().map(|m| self.single(*m, group.column)).collect::<Result<_>>()?;
        if !others.is_empty() {
            let rest =
                Group { column: group.column, root: group.root, members: others.to_vec(), single: false };
            let mut rest = figure(format!("rest:{}", group.id), FigureKind::Rest, &rest);
            rest.tally = self.tally(others);
            rest.area.height = REST_HEIGHT;
            out.push(rest);
        }
        Ok(out)
    }
    /// Worst state first, then the most critical, the nearest, by name.
    fn badness(&self, member: u32) -> Result<(std::cmp::Reverse<State>, i64, i32, &str, ItemNumber)> {
        let at = self.subject.members[member as usize];
        let snapshot = self.view.snapshot();
        let criticality = rank(snapshot, at.item)?;
        let (name, number) = (snapshot.name_of(at.item), snapshot.number(at.item));
        Ok((std::cmp::Reverse(at.state), criticality, at.depth, name, number))
    }
    fn tally(&self, members: &[u32]) -> Tally {
        let mut tally = Tally::default();
        members.iter().for_each(|m| tally.add(self.subject.members[*m as usize].state));
        tally
    }
    fn item(&self, figure: &Figure) -> u32 {
        self.subject.members[figure.members[0] as usize].item
    }
}

fn figure(id: String, kind: FigureKind, group: &Group) -> Figure {
    Figure {
        id,
        kind,
        column: group.column,
        area: Area { width: WIDTH, height: HEIGHT, ..Area::default() },
        root: group.root,
        open: false,
        values: Vec::new(),
        members: group.members.clone(),
        tally: Tally::default(),
        gates: Vec::new(),
        inner: 0,
    }
}
