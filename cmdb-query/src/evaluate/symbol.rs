//! Names in expressions, turned into the graph's symbols once per run.

use crate::graph::{Graph, Symbol};
use crate::scene::Scene;
use crate::value::SmolStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// A name and the symbol last found for it, with the number of the run that found it in the upper half.
#[derive(Debug)]
pub struct Name {
    pub text: SmolStr,
    found: AtomicU64,
}

impl Name {
    pub fn new(text: SmolStr) -> Name {
        Name { text, found: AtomicU64::new(0) }
    }
    pub fn key(&self, scene: &Scene<'_>) -> Option<Symbol> {
        let found = self.find(scene, |graph, name| graph.key(name));
        if found.is_none() {
            scene.budget.miss(&self.text);
        }
        found
    }
    pub fn label(&self, scene: &Scene<'_>) -> Option<Symbol> {
        self.find(scene, |graph, name| graph.label(name))
    }
    pub fn kind(&self, scene: &Scene<'_>) -> Option<Symbol> {
        self.find(scene, |graph, name| graph.kind(name))
    }
    /// A name without a symbol is asked for again each time: the query itself may bring it into the graph.
    fn find(&self, scene: &Scene<'_>, ask: fn(&dyn Graph, &str) -> Option<Symbol>) -> Option<Symbol> {
        let found = self.found.load(Ordering::Relaxed);
        let run = scene.budget.run();
        if (found >> 32) as u32 == run {
            return Some(Symbol(found as u32));
        }
        let symbol = ask(scene.graph, &self.text)?;
        self.found.store(u64::from(run) << 32 | u64::from(symbol.0), Ordering::Relaxed);
        Some(symbol)
    }
}
