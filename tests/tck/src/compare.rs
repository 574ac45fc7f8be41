//! Whether the rows that came are the rows that were expected.

use crate::cell::Cell;

/// How strictly rows are compared.
#[derive(Clone, Copy, Debug)]
pub struct Strictness {
    pub in_order: bool,
    /// Whether the order inside lists counts.
    pub list_order: bool,
}

/// The first difference between what was expected and what came.
///
/// # Errors
/// The difference, for people.
pub fn rows(expected: &[Vec<Cell>], actual: &[Vec<Cell>], strictness: Strictness) -> Result<(), String> {
    let loosen = |rows: &[Vec<Cell>]| -> Vec<Vec<Cell>> {
        let cell = |c: &Cell| if strictness.list_order { c.clone() } else { c.without_order() };
        rows.iter().map(|row| row.iter().map(cell).collect()).collect()
    };
    let (expected, actual) = (loosen(expected), loosen(actual));
    if expected.len() != actual.len() {
        return Err(format!("{} rows instead of {}: {actual:?}", actual.len(), expected.len()));
    }
    if strictness.in_order {
        return match expected.iter().zip(&actual).find(|(e, a)| !same_row(e, a)) {
            Some((e, a)) => Err(format!("expected the row {e:?}, got {a:?}")),
            None => Ok(()),
        };
    }
    let mut left: Vec<&Vec<Cell>> = actual.iter().collect();
    for row in &expected {
        match left.iter().position(|candidate| same_row(row, candidate)) {
            Some(at) => drop(left.swap_remove(at)),
            None => return Err(format!("no row {row:?} among {left:?}")),
        }
    }
    Ok(())
}

fn same_row(a: &[Cell], b: &[Cell]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

/// Equal, with NaN equal to itself.
fn same(a: &Cell, b: &Cell) -> bool {
    match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => a == b || a.is_nan() && b.is_nan(),
        (Cell::List(a), Cell::List(b)) => same_row(a, b),
        (Cell::Map(a), Cell::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, v), (l, w))| k == l && same(v, w))
        }
        _ => a == b,
    }
}
