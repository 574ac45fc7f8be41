//! How links run: smooth curves from side to side, their ends spread along the boxes so that they can be told apart.

use super::figures::GATE_HEIGHT;
use super::{Area, Figure, Link};

/// Distance of the outermost ends from a box's corners, in pixels.
const INSET: f32 = 10.0;
/// How far a link between boxes of one column swings out.
const SWING: f32 = 44.0;
/// The least reach of a curve's handles.
const REACH: f32 = 24.0;

/// One end of a link at a side of a box.
struct End {
    link: usize,
    is_start: bool,
    figure: u32,
    left: bool,
    /// Height of the middle of the box at the other end.
    towards: f32,
}

/// Gives every link its path.
pub fn route(figures: &[Figure], links: &mut [Link]) {
    let mut ends = Vec::with_capacity(links.len() * 2);
    for (at, link) in links.iter().enumerate() {
        let (from, to) = (&figures[link.from as usize], &figures[link.to as usize]);
        let (from_left, to_left) = (from.column > to.column, from.column < to.column);
        ends.push(End {
            link: at,
            is_start: true,
            figure: link.from,
            left: from_left,
            towards: middle(&to.area),
        });
        ends.push(End {
            link: at,
            is_start: false,
            figure: link.to,
            left: to_left,
            towards: middle(&from.area),
        });
    }
    ends.sort_by(|a, b| {
        let by_side = (a.figure, a.left).cmp(&(b.figure, b.left));
        by_side.then_with(|| a.towards.total_cmp(&b.towards)).then_with(|| a.link.cmp(&b.link))
    });
    let mut points = vec![[(0.0, 0.0); 2]; links.len()];
    for side in ends.chunk_by(|a, b| (a.figure, a.left) == (b.figure, b.left)) {
        for (at, end) in (0_u8..=u8::MAX).cycle().zip(side) {
            let area = figures[end.figure as usize].area;
            let share = (f32::from(at) + 0.5) / side.len().min(usize::from(u8::MAX)) as f32;
            let y = area.y + INSET + share.min(1.0) * (area.height - 2.0 * INSET);
            let x = if end.left { area.x } else { area.x + area.width };
            points[end.link][usize::from(!end.is_start)] = (x, y);
        }
    }
    for (link, [from, to]) in links.iter_mut().zip(points) {
        let to = at_gate(figures, link, to);
        let same = figures[link.from as usize].column == figures[link.to as usize].column;
        link.path = curve(from, to, same);
    }
}

/// Links of a redundancy group end at it, before the box.
fn at_gate(figures: &[Figure], link: &Link, end: (f32, f32)) -> (f32, f32) {
    let figure = &figures[link.to as usize];
    let gate = link.gate.and_then(|gate| figure.gates.get(gate as usize));
    match gate {
        Some(gate) if end.0 <= figure.area.x => (gate.area.x, gate.area.y + GATE_HEIGHT / 2.0),
        _ => end,
    }
}

fn middle(area: &Area) -> f32 {
    area.y + area.height / 2.0
}

fn curve((x1, y1): (f32, f32), (x2, y2): (f32, f32), same_column: bool) -> String {
    let (reach_1, reach_2) = match same_column {
        true => (SWING, SWING),
        false => {
            let reach = ((x2 - x1) / 2.0).abs().max(REACH) * (x2 - x1).signum();
            (reach, -reach)
        }
    };
    let (c1, c2) = (x1 + reach_1, x2 + reach_2);
    format!("M{x1:.0} {y1:.1}C{c1:.0} {y1:.1} {c2:.0} {y2:.1} {x2:.0} {y2:.1}")
}
