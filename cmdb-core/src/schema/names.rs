//! Interned names. The table only grows, so a symbol means the same name at every position of a log.

use crate::model::Symbol;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::Arc;

/// Names at most in one graph.
pub const NAMES_MAX: usize = 1 << 22;

macro_rules! well_known {
    ($($constant:ident = $text:literal),* $(,)?) => {
        /// Symbols that every graph has under the same number; the order is part of the file format: append only.
        pub mod symbols {
            use crate::model::Symbol;
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Order { $($constant),* }
            $(#[doc = concat!("`", $text, "`")] pub const $constant: Symbol = Symbol(Order::$constant as u32);)*
        }
        const WELL_KNOWN: &[&str] = &[$($text),*];
    };
}

well_known! {
    EFFECT = "effect", NEEDS = "needs", WEIGHT = "weight", STANDBY = "standby", LAG_MINUTES = "lag_minutes",
    CONFIDENCE = "confidence", MANUAL = "manual", PLACEHOLDER = "Placeholder",
    CONFIGURATION_ITEM = "ConfigurationItem", CRITICALITY = "criticality", BUSINESS_SERVICE = "BusinessService",
    CMDB = "cmdb", LAST_SEEN = "last_seen",
}

/// Name ↔ symbol. Cloning is cheap enough for a commit that adds names; commits that add none share it.
#[derive(Clone, Debug)]
pub struct Names {
    texts: Vec<SmolStr>,
    symbols: Arc<FxHashMap<SmolStr, Symbol>>,
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Names { texts: Vec::new(), symbols: Arc::default() };
        for text in WELL_KNOWN {
            names.push(SmolStr::new_static(text));
        }
        for number in WELL_KNOWN.len()..RESERVED {
            // No name holds a NUL, so nobody can ask for one of these.
            names.push(format!("\0{number}").into());
        }
        names
    }
}

impl Names {
    pub fn get(&self, text: &str) -> Option<Symbol> {
        self.symbols.get(text).copied()
    }
    /// The text of a symbol; an unknown symbol, which only damage could produce, reads as `?`.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol.0 as usize).map_or("?", SmolStr::as_str)
    }
    pub fn len(&self) -> usize {
        self.texts.len()
    }
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
    /// Adds a name that is not there yet; a known name keeps its symbol.
    pub fn push(&mut self, text: SmolStr) -> Symbol {
        if let Some(symbol) = self.get(&text) {
            return symbol;
        }
        let symbol = Symbol(self.texts.len() as u32);
        self.texts.push(text.clone());
        Arc::make_mut(&mut self.symbols).insert(text, symbol);
        symbol
    }
    /// Names from `first` on, in order of their symbols.
    pub fn since(&self, first: usize) -> &[SmolStr] {
        self.texts.get(first..).unwrap_or(&[])
    }
}

/// Symbols set aside for well-known names, so that adding one moves no symbol of an existing graph.
const RESERVED: usize = 64;
