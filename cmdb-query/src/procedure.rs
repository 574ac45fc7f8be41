//! Procedures: named questions that yield rows, called with `CALL name(…) YIELD …`.

use crate::error::Result;
use crate::scene::Scene;
use crate::value::{SmolStr, Value};
use std::sync::Arc;

/// A named and typed input or output.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: SmolStr,
    /// As written in signatures: `STRING?`, `INTEGER?`, `NUMBER?`, `FLOAT?`, `NODE`, `MAP?`, `LIST?`, `ANY?` …
    pub kind: SmolStr,
    /// For inputs that may be left out.
    pub default: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    pub name: SmolStr,
    pub inputs: Vec<Field>,
    /// Empty: a procedure without results, whose call passes its rows on.
    pub outputs: Vec<Field>,
    pub description: SmolStr,
}

/// Rows in the order of the signature's outputs.
pub type Rows<'a> = Box<dyn Iterator<Item = Result<Vec<Value>>> + 'a>;

/// One procedure. It only reads; arguments arrive checked for number and kind, in the order of the signature.
pub trait Procedure: Send + Sync {
    fn signature(&self) -> &Signature;
    fn call<'a>(&'a self, scene: &Scene<'a>, arguments: Vec<Value>) -> Result<Rows<'a>>;
}

/// The procedures one run may call.
#[derive(Clone, Default)]
pub struct Procedures {
    all: Vec<Arc<dyn Procedure>>,
}

impl Procedures {
    pub fn add(&mut self, procedure: Arc<dyn Procedure>) {
        self.all.push(procedure);
    }
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Procedure>> {
        self.all.iter().find(|p| p.signature().name == name)
    }
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Procedure>> {
        self.all.iter()
    }
}
