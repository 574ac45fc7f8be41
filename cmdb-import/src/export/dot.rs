//! DOT for Graphviz: dependents on the left, what they depend on to the right; an impact colours its nodes.

use super::graph::{colours, edges, nodes};
use super::{Exporter, Holds, Tables};
use std::io::{self, Write};

pub(super) struct Dot;

impl Exporter for Dot {
    fn name(&self) -> &'static str {
        "dot"
    }

    fn media(&self) -> &'static str {
        "text/vnd.graphviz; charset=utf-8"
    }

    fn holds(&self) -> Holds {
        Holds::Graph
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"digraph cmdb {\n  rankdir=LR;\n")?;
        out.write_all(b"  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", fontname=\"sans-serif\"];\n")?;
        out.write_all(b"  edge [fontname=\"sans-serif\", fontsize=10];\n")?;
        for node in nodes(tables) {
            let label = format!("{}\\n{}", quoted(&node.name), quoted(&node.class));
            write!(out, "  \"{}\" [label=\"{label}\"", quoted(&node.id))?;
            if let Some((fill, line)) = colours(node.state.as_deref()) {
                write!(out, ", fillcolor=\"{fill}\", color=\"{line}\"")?;
            }
            out.write_all(b"];\n")?;
        }
        for edge in edges(tables) {
            let (source, target) = (quoted(&edge.source), quoted(&edge.target));
            writeln!(out, "  \"{source}\" -> \"{target}\" [label=\"{}\"];", quoted(&edge.kind))?;
        }
        out.write_all(b"}\n")
    }
}

/// What stands between quotes. Backslashes are doubled, so that none begins an escape or ends the string; what no
/// terminal or picture should obey is left out.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Graphviz decodes entities in labels: only an escaped ampersand is one.
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
