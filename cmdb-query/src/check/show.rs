//! `SHOW …`: the columns of what is shown, and what YIELD, WHERE and RETURN make of them.

use super::nearest::nearest;
use super::place::Place;
use super::projection::Purpose;
use super::scope::{Scope, already_bound};
use super::shape::Shape;
use super::{Checker, Column};
use crate::error::{Error, Result};
use crate::syntax::tree::{Show, Yields};
use crate::value::SmolStr;
use rustc_hash::FxHashSet;

/// The columns of one SHOW command: those shown unasked first, the rest only with YIELD.
pub struct Shown {
    pub what: &'static str,
    pub columns: &'static [&'static str],
    pub default_columns: usize,
}

/// Everything that can be shown.
pub const SHOWN: [Shown; 5] = [
    Shown {
        what: "PROCEDURES",
        columns: &["name", "description", "mode", "signature", "argumentDescription", "returnDescription"],
        default_columns: 4,
    },
    Shown {
        what: "FUNCTIONS",
        columns: &["name", "category", "description", "signature", "aggregating"],
        default_columns: 4,
    },
    Shown {
        what: "INDEXES",
        columns: &[
            "id",
            "name",
            "state",
            "populationPercent",
            "type",
            "entityType",
            "labelsOrTypes",
            "properties",
            "indexProvider",
            "owningConstraint",
        ],
        default_columns: 10,
    },
    Shown {
        what: "CONSTRAINTS",
        columns: &["id", "name", "type", "entityType", "labelsOrTypes", "properties", "ownedIndex"],
        default_columns: 7,
    },
    Shown {
        what: "DATABASES",
        columns: &["name", "type", "access", "address", "role", "writer", "currentStatus", "default", "home"],
        default_columns: 9,
    },
];

/// The columns of what is shown, by the word after SHOW in capitals and the plural.
pub fn shown(what: &str) -> Option<&'static Shown> {
    SHOWN.iter().find(|shown| shown.what == what)
}

impl<'a> Checker<'a> {
    pub(super) fn show(&mut self, it: &'a Show) -> Result<Vec<Column>> {
        let Some(shown) = shown(&it.what) else {
            let message = format!("`{}` cannot be shown", it.what);
            let error = Error::syntax("UnexpectedSyntax", message, it.span);
            return Err(match nearest(&it.what, SHOWN.iter().map(|shown| shown.what)) {
                Some(known) => error.hint(format!("did you mean `{known}`?")),
                None => error,
            });
        };
        let mut columns = yielded(shown, it)?;
        let mut scope = Scope::default();
        columns.iter().for_each(|column| scope.push(&column.name, Shape::Any));
        if let Some(condition) = &it.condition {
            self.condition(condition, &mut scope, Place::CONDITION)?;
        }
        if let Some(returns) = &it.returns {
            columns = self.projection(returns, Purpose::Return, &mut scope)?;
        }
        Ok(columns)
    }
}

fn yielded(shown: &Shown, it: &Show) -> Result<Vec<Column>> {
    let column = |name: &str| Column { name: SmolStr::new(name), shape: Shape::Any };
    let items = match &it.yields {
        Yields::None => {
            return Ok(shown.columns.iter().take(shown.default_columns).map(|name| column(name)).collect());
        }
        Yields::Star => return Ok(shown.columns.iter().map(|name| column(name)).collect()),
        Yields::Items(items) => items,
    };
    let mut names = FxHashSet::default();
    let mut columns = Vec::with_capacity(items.len());
    for item in items {
        if !shown.columns.contains(&item.field.name.as_str()) {
            let message = format!("SHOW {} has no column `{}`", shown.what, item.field.name);
            let error = Error::syntax("UndefinedVariable", message, item.field.span);
            return Err(match nearest(&item.field.name, shown.columns.iter().copied()) {
                Some(known) => error.hint(format!("did you mean `{known}`?")),
                None => error.hint(format!("it has: {}", shown.columns.join(", "))),
            });
        }
        let name = item.alias.as_ref().unwrap_or(&item.field);
        if !names.insert(&name.name) {
            return Err(already_bound(&name.name, name.span));
        }
        columns.push(column(&name.name));
    }
    Ok(columns)
}
