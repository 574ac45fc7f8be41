//! From a subject to a drawing, step by step.

use super::figures::{Figures, GATE_GAP, GATE_HEIGHT, GATE_WIDTH, WIDTH};
use super::grouping::{self, Standing};
use super::keys::{GroupBy, Values, values};
use super::layout::{self, Edge, Node};
use super::links::{self, Bundle};
use super::{
    Area, BOXES_MAX, BOXES_MIN, Column, Drawing, Figure, FigureKind, Link, OPENED_MAX, Options, Subject,
    ports,
};
use crate::analysis::impact::Explainer;
use crate::error::Result;
use crate::graph::View;
use crate::graph::adjacency::Gate;
use crate::model::Symbol;
use rustc_hash::FxHashMap;

/// Room around the drawing, and above it for what columns stand for, in pixels.
const MARGIN: f32 = 16.0;
const HEAD: f32 = 34.0;
/// Between two columns; where redundancy is drawn it takes its width on top.
const COLUMN_GAP: f32 = 84.0;
/// Between a redundancy group and its box.
const GATE_SPACE: f32 = 12.0;
/// Members of an opened group stand in by this much.
const INDENT: f32 = 14.0;
const MEMBER_GAP: f32 = 6.0;
/// Classes named for a column.
const CLASSES_MAX: usize = 4;

/// Draws `subject`; `explainer` knows what became of redundancy groups. Only relationships of `types` are drawn.
pub fn draw(
    view: View<'_>,
    subject: &Subject,
    options: &Options<'_>,
    types: Option<&[Symbol]>,
    explainer: &Explainer<'_>,
) -> Result<Drawing> {
    if subject.members.is_empty() {
        return Ok(Drawing::default());
    }
    let boxes_max = options.boxes_max.clamp(BOXES_MIN, BOXES_MAX);
    let classes = values(view, subject, GroupBy::Class)?;
    let standing = grouping::columns(subject, options.columns, &classes);
    let keys = keys(view, subject, options, boxes_max, &classes)?;
    let (groups, used) = grouping::groups(view, subject, &standing, &keys, boxes_max);
    let keys = &keys[..used.min(keys.len())];
    let maker = Figures { view, subject, standing: &standing, keys, explainer };
    let closed = maker.closed(groups)?;
    let closed_of = figure_of(subject, &closed);
    let bundles = links::bundle(view, subject, types, &closed, &closed_of);
    let placed = layout::place(standing.steps.len(), &nodes(&closed), &edges(&bundles.between));
    let columns = columns(view, subject, &standing, &classes);
    let (figures, not_opened, height) = stand(&maker, closed, &placed, &columns, options.open)?;
    let figure_of = figure_of(subject, &figures);
    // The order of figures has changed even where none was opened.
    let bundles = links::bundle(view, subject, types, &figures, &figure_of);
    let mut drawing = Drawing {
        width: columns.last().map_or(0.0, |c| c.x + c.width + MARGIN),
        height,
        columns,
        figures,
        group_by: keys.iter().map(|(by, _)| *by).collect(),
        figure_of,
        not_opened,
        ..Drawing::default()
    };
    for (figure, inner) in drawing.figures.iter_mut().zip(bundles.inner) {
        figure.inner = inner;
    }
    add_links(&mut drawing, bundles.between, options.all_links, subject.towards_dependencies);
    Ok(drawing)
}

/// Values to group by, read only if there is a need to group.
fn keys(
    view: View<'_>,
    subject: &Subject,
    options: &Options<'_>,
    boxes_max: usize,
    classes: &Values,
) -> Result<Vec<(GroupBy, Values)>> {
    if subject.members.len() <= boxes_max {
        return Ok(Vec::new());
    }
    let read = |by: &GroupBy| match by {
        GroupBy::Class => Ok((*by, classes.clone())),
        other => Ok((*by, values(view, subject, *other)?)),
    };
    options.group_by.iter().map(read).collect()
}

fn figure_of(subject: &Subject, figures: &[Figure]) -> Vec<u32> {
    let mut out = vec![0; subject.members.len()];
    for (at, figure) in (0..).zip(figures).filter(|(_, f)| !f.open) {
        figure.members.iter().for_each(|member| out[*member as usize] = at);
    }
    out
}

fn nodes(figures: &[Figure]) -> Vec<Node> {
    figures.iter().map(|f| Node { column: f.column, height: f.area.height }).collect()
}

/// Many relationships pull more than few, but not in proportion: a thick bundle must not outweigh all others.
fn edges(bundles: &[Bundle]) -> Vec<Edge> {
    let weight = |b: &Bundle| (b.relationships as f32).sqrt();
    bundles.iter().map(|b| Edge { a: b.dependency, b: b.dependent, weight: weight(b) }).collect()
}

/// Columns from left to right. Redundancy gets room wherever any member has it, whether its box is drawn or not, so
/// that opening a group moves no column.
fn columns(view: View<'_>, subject: &Subject, standing: &Standing, classes: &Values) -> Vec<Column> {
    let mut gated = vec![false; standing.steps.len()];
    let mut items = vec![0; standing.steps.len()];
    let mut counts: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for (at, (member, column)) in subject.members.iter().zip(&standing.column_of).enumerate() {
        let gated = &mut gated[*column as usize];
        *gated = *gated || {
            let mut row = view.snapshot().dependencies().row(member.item).entries();
            row.any(|e| e.gate() == Gate::Group)
        };
        items[*column as usize] += 1;
        *counts.entry((*column, classes.of[at])).or_default() += 1;
    }
    let mut x = MARGIN;
    let column = |at: usize| {
        if gated[at] {
            x += GATE_WIDTH + GATE_SPACE;
        }
        let mut here: Vec<(u32, u32)> =
            counts.iter().filter(|((c, _), _)| *c as usize == at).map(|((_, k), n)| (*n, *k)).collect();
        here.sort_unstable_by_key(|(count, class)| {
            (std::cmp::Reverse(*count), &classes.texts[*class as usize])
        });
        here.truncate(CLASSES_MAX);
        let classes = here.iter().map(|(_, class)| classes.texts[*class as usize].clone()).collect();
        let column = Column { x, width: WIDTH, steps: standing.steps[at], items: items[at], classes };
        x += WIDTH + COLUMN_GAP;
        column
    };
    (0..standing.steps.len()).map(column).collect()
}

/// Puts figures where they belong, opened groups with their members below; also how many could not be opened, and
/// the height of the whole.
fn stand(
    maker: &Figures<'_>,
    closed: Vec<Figure>,
    placed: &layout::Placed,
    columns: &[Column],
    open: &[&str],
) -> Result<(Vec<Figure>, u32, f32)> {
    let mut room = BOXES_MAX.saturating_sub(closed.len());
    let mut closed: Vec<Option<Figure>> = closed.into_iter().map(Some).collect();
    let (mut out, mut not_opened, mut lowest) = (Vec::new(), 0, 0.0_f32);
    for (order, column) in placed.columns.iter().zip(columns) {
        let mut pushed = 0.0;
        for at in order {
            let Some(mut figure) = closed[*at as usize].take() else { continue };
            put(&mut figure, column.x, MARGIN + HEAD + placed.top[*at as usize] + pushed);
            let mut members = Vec::new();
            if figure.kind == FigureKind::Group && open.contains(&figure.id.as_str()) {
                let needed = figure.members.len().min(OPENED_MAX + 1);
                match needed <= room {
                    true => (figure.open, room, members) = (true, room - needed, maker.opened(&mut figure)?),
                    false => not_opened += 1,
                }
            }
            let mut y = figure.area.y + figure.area.height;
            out.push(figure);
            for mut member in members {
                y += MEMBER_GAP;
                member.area.width -= INDENT;
                put(&mut member, column.x + INDENT, y);
                (y, pushed) = (y + member.area.height, pushed + MEMBER_GAP + member.area.height);
                out.push(member);
            }
            lowest = lowest.max(y);
        }
    }
    Ok((out, not_opened, lowest + MARGIN))
}

/// Moves a figure and what is beside it. A box with many redundancy groups is as tall as they are.
fn put(figure: &mut Figure, x: f32, y: f32) {
    (figure.area.x, figure.area.y) = (x, y);
    let beside = figure.gates.len() as f32 * (GATE_HEIGHT + GATE_GAP) - GATE_GAP;
    let mut gate_y = y + (figure.area.height - beside) / 2.0;
    for gate in &mut figure.gates {
        let x = x - GATE_SPACE - GATE_WIDTH;
        gate.area = Area { x, y: gate_y, width: GATE_WIDTH, height: GATE_HEIGHT };
        gate_y += GATE_HEIGHT + GATE_GAP;
    }
}

fn add_links(drawing: &mut Drawing, bundles: Vec<Bundle>, all: bool, towards_dependencies: bool) {
    let thin = links::thin(&bundles, &drawing.figures);
    for (bundle, thin) in bundles.into_iter().zip(thin) {
        if thin && !all {
            drawing.hidden_links += 1;
            drawing.hidden_relationships += bundle.relationships;
            continue;
        }
        let (from, to) = match towards_dependencies {
            true => (bundle.dependent, bundle.dependency),
            false => (bundle.dependency, bundle.dependent),
        };
        let Bundle { gate, relationships, state, soft, .. } = bundle;
        drawing.links.push(Link { from, to, gate, relationships, state, soft, path: String::new() });
    }
    ports::route(&drawing.figures, &mut drawing.links);
}
