//! Mermaid flowchart for pages and tickets: nodes are numbered, texts quoted and their special characters coded.

use super::graph::{colours, edges, nodes};
use super::{Exporter, Holds, Tables};
use std::collections::HashMap;
use std::io::{self, Write};

pub(super) struct Mermaid;

/// Beyond this nobody sees anything, and most pages refuse to draw.
const ITEMS_MAX: u64 = 2_000;
/// States that an impact colours, as names of Mermaid classes.
const STATES: [&str; 3] = ["down", "degraded", "at_risk"];

impl Exporter for Mermaid {
    fn name(&self) -> &'static str {
        "mermaid"
    }

    fn media(&self) -> &'static str {
        "text/vnd.mermaid; charset=utf-8"
    }

    fn holds(&self) -> Holds {
        Holds::Graph
    }

    fn items_max(&self) -> Option<u64> {
        Some(ITEMS_MAX)
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"flowchart LR\n")?;
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut coloured = false;
        for (nth, node) in (1..).zip(nodes(tables)) {
            let mark = node.state.as_deref().filter(|state| STATES.contains(state));
            let mark = mark.map(|state| format!(":::{state}")).unwrap_or_default();
            coloured |= !mark.is_empty();
            writeln!(out, "  n{nth}[\"{}<br/>{}\"]{mark}", coded(&node.name), coded(&node.class))?;
            numbers.insert(node.id, nth);
        }
        for edge in edges(tables) {
            if let (Some(source), Some(target)) = (numbers.get(&edge.source), numbers.get(&edge.target)) {
                writeln!(out, "  n{source} -->|\"{}\"| n{target}", coded(&edge.kind))?;
            }
        }
        for state in STATES.iter().filter(|_| coloured) {
            if let Some((fill, line)) = colours(Some(state)) {
                writeln!(out, "  classDef {state} fill:{fill},stroke:{line},color:#1b1b1b")?;
            }
        }
        Ok(())
    }
}

/// Text between quotes: whatever Mermaid or HTML would read as more than a character is coded as one.
fn coded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | '|' | ';' => {
                out.push_str(&format!("#{};", u32::from(c)))
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
