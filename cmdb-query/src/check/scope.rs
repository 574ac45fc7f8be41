//! The variables an expression may name, and what is known of each.

use super::nearest::nearest;
use super::shape::Shape;
use crate::error::{Error, Result};
use crate::syntax::tree::{Expression, Identifier, Span};
use crate::value::SmolStr;

#[derive(Clone, Debug)]
pub struct Variable {
    pub name: SmolStr,
    pub shape: Shape,
    /// From around a subquery: stays visible through the subquery's WITH and is not of its `*`.
    pub outer: bool,
}

/// Variables from outer to inner: the last of a name hides those before it.
#[derive(Clone, Debug, Default)]
pub struct Scope<'a> {
    variables: Vec<Variable>,
    /// Expressions that are columns already: ORDER BY may repeat them although their variables are gone.
    columns: Vec<(&'a Expression, Shape, bool)>,
}

impl<'a> Scope<'a> {
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.variable(name).map(|variable| &variable.shape)
    }

    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().rev().find(|variable| variable.name == name)
    }

    pub fn push(&mut self, name: &SmolStr, shape: Shape) {
        self.variables.push(Variable { name: name.clone(), shape, outer: false });
    }

    /// Adds a variable that must be new.
    pub fn bind(&mut self, identifier: &Identifier, shape: Shape) -> Result<()> {
        if self.shape(&identifier.name).is_some() {
            return Err(already_bound(&identifier.name, identifier.span));
        }
        self.push(&identifier.name, shape);
        Ok(())
    }

    /// What a pattern proved of a variable of which nothing was known.
    pub fn refine(&mut self, name: &str, shape: Shape) {
        if let Some(variable) = self.variables.iter_mut().rev().find(|variable| variable.name == name)
            && variable.shape.is_open()
        {
            variable.shape = shape;
        }
    }

    pub fn len(&self) -> usize {
        self.variables.len()
    }

    /// Forgets what was added since the scope had this length.
    pub fn truncate(&mut self, length: usize) {
        self.variables.truncate(length);
    }

    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variables `*` stands for, by name.
    pub fn starred(&self) -> Vec<Variable> {
        let mut own: Vec<Variable> = self.variables.iter().filter(|v| !v.outer).cloned().collect();
        own.sort_by(|left, right| left.name.cmp(&right.name));
        own.dedup_by(|left, right| left.name == right.name);
        own
    }

    /// What a subquery sees of this scope.
    pub fn as_outer(&self) -> Scope<'a> {
        let mut inner = Scope { variables: self.variables.clone(), columns: Vec::new() };
        inner.variables.iter_mut().for_each(|variable| variable.outer = true);
        inner
    }

    /// What the WITH at the start of a subquery may import.
    pub fn as_own(&self) -> Scope<'a> {
        let mut inner = Scope { variables: self.variables.clone(), columns: Vec::new() };
        inner.variables.iter_mut().for_each(|variable| variable.outer = false);
        inner
    }

    /// What remains in every scope after this one.
    pub fn outer_only(&self) -> Scope<'a> {
        let variables = self.variables.iter().filter(|variable| variable.outer).cloned().collect();
        Scope { variables, columns: Vec::new() }
    }

    /// `aggregates`: whether the column holds an aggregate.
    pub fn add_column(&mut self, expression: &'a Expression, shape: Shape, aggregates: bool) {
        self.columns.push((expression, shape, aggregates));
    }

    pub fn columns(&self) -> &[(&'a Expression, Shape, bool)] {
        &self.columns
    }

    /// The error for a name that is not here.
    pub fn undefined(&self, name: &str, span: Span) -> Error {
        let error = Error::syntax("UndefinedVariable", format!("variable `{name}` is not defined"), span);
        match nearest(name, self.variables.iter().map(|variable| variable.name.as_str())) {
            Some(known) => error.hint(format!("did you mean `{known}`?")),
            None => error,
        }
    }
}

pub fn already_bound(name: &str, span: Span) -> Error {
    Error::syntax("VariableAlreadyBound", format!("variable `{name}` is already bound"), span)
        .hint("choose another name")
}
