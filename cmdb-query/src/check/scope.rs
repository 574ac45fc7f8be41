//! The variables an expression may name, and what is known of each.

use super::nearest::nearest;
use super::shape::Shape;
use crate::error::{Error, Result};
use crate::syntax::tree::{Expression, Identifier, Span};
use crate::value::SmolStr;
use rustc_hash::FxHashMap;

#[derive(Clone, Debug)]
pub struct Variable {
    pub name: SmolStr,
    pub shape: Shape,
    /// From around a subquery: stays visible through the subquery's WITH and is not of its `*`.
    pub outer: bool,
    /// In the scope, but not of one value here: rows that differ in it were joined.
    pub joined: bool,
    /// Where the variable of the same name lies that this one hides.
    hides: Option<usize>,
}

/// An expression that is a column already: ORDER BY may repeat it although its variables are gone.
#[derive(Clone, Debug)]
pub struct Repeatable<'a> {
    pub expression: &'a Expression,
    pub shape: Shape,
    pub aggregates: bool,
}

/// Variables from outer to inner: the last of a name hides those before it.
#[derive(Clone, Debug, Default)]
pub struct Scope<'a> {
    variables: Vec<Variable>,
    latest: FxHashMap<SmolStr, usize>,
    columns: Vec<Repeatable<'a>>,
}

impl<'a> Scope<'a> {
    /// Where the variable of this name lies.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.latest.get(name).copied()
    }

    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.get(self.place(name)?)
    }

    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.variable(name).filter(|variable| !variable.joined).map(|variable| &variable.shape)
    }

    /// What is known of a variable, if there is one, that a pattern may also introduce.
    pub fn known(&self, variable: &Identifier) -> Result<Option<&Shape>> {
        match self.variable(&variable.name) {
            Some(found) if found.joined => Err(self.undefined(&variable.name, variable.span)),
            found => Ok(found.map(|found| &found.shape)),
        }
    }

    /// What is known of a variable that must be here.
    pub fn named(&self, variable: &Identifier) -> Result<&Shape> {
        self.shape(&variable.name).ok_or_else(|| self.undefined(&variable.name, variable.span))
    }

    pub fn push(&mut self, name: &SmolStr, shape: Shape) {
        self.add(Variable { name: name.clone(), shape, outer: false, joined: false, hides: None });
    }

    /// Adds all variables of another scope, which hide those of the same names.
    pub fn push_all(&mut self, other: &Scope<'a>) {
        other.variables.iter().for_each(|variable| self.add(variable.clone()));
    }

    /// This scope after its rows were joined: only variables from outside can still be named.
    pub fn as_joined(&self) -> Scope<'a> {
        let mut scope = Scope::default();
        for variable in &self.variables {
            scope.add(Variable { joined: !variable.outer, ..variable.clone() });
        }
        scope
    }

    fn add(&mut self, variable: Variable) {
        let hides = self.latest.insert(variable.name.clone(), self.variables.len());
        self.variables.push(Variable { hides, ..variable });
    }

    /// Adds a variable that must be new.
    pub fn bind(&mut self, identifier: &Identifier, shape: Shape) -> Result<()> {
        if self.place(&identifier.name).is_some() {
            return Err(already_bound(&identifier.name, identifier.span));
        }
        self.push(&identifier.name, shape);
        Ok(())
    }

    /// What a pattern proved of a variable of which nothing was known.
    pub fn refine(&mut self, name: &str, shape: Shape) {
        if let Some(place) = self.place(name)
            && self.variables[place].shape.is_open()
        {
            self.variables[place].shape = shape;
        }
    }

    pub fn len(&self) -> usize {
        self.variables.len()
    }

    /// Forgets what was added since the scope had this length.
    pub fn truncate(&mut self, length: usize) {
        while self.variables.len() > length
            && let Some(variable) = self.variables.pop()
        {
            match variable.hides {
                Some(hidden) => self.latest.insert(variable.name, hidden),
                None => self.latest.remove(&variable.name),
            };
        }
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
        self.marked(true)
    }

    /// What the WITH at the start of a subquery may import.
    pub fn as_own(&self) -> Scope<'a> {
        self.marked(false)
    }

    fn marked(&self, outer: bool) -> Scope<'a> {
        let mut scope = Scope::default();
        self.variables.iter().for_each(|variable| scope.add(Variable { outer, ..variable.clone() }));
        scope
    }

    /// What remains in every scope after this one.
    pub fn outer_only(&self) -> Scope<'a> {
        let mut scope = Scope::default();
        let outer = self.variables.iter().filter(|variable| variable.outer);
        outer.for_each(|variable| scope.add(variable.clone()));
        scope
    }

    pub fn add_column(&mut self, column: Repeatable<'a>) {
        self.columns.push(column);
    }

    pub fn columns(&self) -> &[Repeatable<'a>] {
        &self.columns
    }

    /// The error for a name that is not here.
    pub fn undefined(&self, name: &str, span: Span) -> Error {
        if self.place(name).is_some() {
            let message = format!("variable `{name}` cannot be named once rows are joined");
            return Error::syntax("UndefinedVariable", message, span)
                .hint("DISTINCT and aggregates leave only the items: make what is needed an item");
        }
        let error = Error::syntax("UndefinedVariable", format!("variable `{name}` is not defined"), span);
        let visible = self.variables.iter().filter(|variable| !variable.joined);
        match nearest(name, visible.map(|variable| variable.name.as_str())) {
            Some(known) => error.hint(format!("did you mean `{known}`?")),
            None => error,
        }
    }
}

pub fn already_bound(name: &str, span: Span) -> Error {
    Error::syntax("VariableAlreadyBound", format!("variable `{name}` is already bound"), span)
        .hint("choose another name")
}
