//! A drawing as an SVG file: what the page shows, for slides, tickets and print. Always on a light ground, with
//! presentation attributes only, so that every viewer draws it alike; names are text, never markup.

use crate::api::drawing::{Drawing, DrawingBox, DrawingColumn, DrawingGate, DrawingLink, DrawingSummary};
use crate::markup::escaped;
use std::fmt::Write;

/// Characters of a box's first line at 13 pixels, and of its second at 11.
const LABEL_CHARS: usize = 27;
const DETAIL_CHARS: usize = 34;
/// Room for the line below the drawing.
const FOOT: f32 = 30.0;

const INK: &str = "#1b2126";
const QUIET: &str = "#56616b";
const LINE: &str = "#8a949d";

/// A state's colour and the path of its mark in a square of 12; the shape says the same as the colour.
fn mark(state: Option<&str>) -> (&'static str, &'static str) {
    match state {
        Some("down") => ("#8A0F24", "M1 1h10v10h-10z"),
        Some("degraded") => ("#B84A00", "M6 0l6 6l-6 6l-6-6z"),
        Some("at_risk") => ("#B08900", "M6 0.5l6 11h-12z"),
        Some("protected") => ("#4A90D0", "M6 0.5a5.5 5.5 0 1 0 0.01 0z"),
        _ => ("#757F89", "M6 1a5 5 0 1 0 0.01 0zM6 3.2a2.8 2.8 0 1 1 -0.01 0z"),
    }
}

/// How states read.
fn state_word(state: &str) -> &str {
    match state {
        "at_risk" => "at risk",
        other => other,
    }
}

/// `33 of 375 down`, with what else there is.
pub fn counts(figure: &DrawingBox) -> String {
    let order = ["down", "degraded", "at_risk", "protected"];
    let stated = order.iter().filter_map(|s| figure.states.get(s).map(|n| (*s, *n)));
    let parts: Vec<String> = stated
        .enumerate()
        .map(|(at, (state, n))| match at {
            0 if n == figure.count => format!("all {n} {}", state_word(state)),
            0 => format!("{n} of {} {}", figure.count, state_word(state)),
            _ => format!("{n} {}", state_word(state)),
        })
        .collect();
    match parts.is_empty() {
        true => format!("{} items", figure.count),
        false => parts.join(", "),
    }
}

/// The drawing with one line below it that says what it shows.
pub fn render(drawing: &Drawing, summary: &DrawingSummary, title: &str) -> String {
    let (width, height) = (drawing.width.max(320.0), drawing.height + FOOT);
    let mut out = String::with_capacity(drawing.boxes.len() * 512 + drawing.links.len() * 160 + 1024);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\">\n<title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        escaped(title)
    );
    out.push_str("<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0.5L8 4L0 7.5z\" fill=\"#56616b\"/></marker></defs>\n");
    drawing.columns.iter().for_each(|c| column(&mut out, c));
    drawing.links.iter().for_each(|l| link(&mut out, l));
    for figure in &drawing.boxes {
        figure.gates.iter().for_each(|g| gate(&mut out, g, figure));
        shape(&mut out, figure);
    }
    let _ = write!(
        out,
        "<text x=\"16\" y=\"{}\" font-size=\"11\" fill=\"{QUIET}\">{}</text>\n</svg>\n",
        height - 12.0,
        escaped(&caption(summary))
    );
    out
}

/// Nothing is dropped silently.
fn caption(summary: &DrawingSummary) -> String {
    let mut text = format!(
        "{} items in {} steps, shown as {} boxes, {} left out",
        summary.items, summary.steps, summary.boxes, summary.left_out
    );
    if summary.hidden_links > 0 {
        let _ = write!(text, "; {} thin links not drawn", summary.hidden_links);
    }
    text
}

/// What a column is about.
pub fn heading(column: &DrawingColumn) -> String {
    let steps = |n: i32| if n == 1 { "1 step".to_owned() } else { format!("{n} steps") };
    match (column.from_step.abs(), column.to_step.abs()) {
        (0, 0) => "start".to_owned(),
        (from, to) if from == to => steps(from),
        (from, to) => format!("{} to {} steps", from.min(to), from.max(to)),
    }
}

fn column(out: &mut String, column: &DrawingColumn) {
    let text = format!("{} · {}", heading(column), column.items);
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"30\" font-size=\"11\" font-weight=\"600\" fill=\"{QUIET}\">{}</text>",
        column.x,
        escaped(&text)
    );
}

fn link(out: &mut String, link: &DrawingLink) {
    let width = 1.0 + (link.relationships as f32).log2().clamp(0.0, 5.0) / 1.6;
    let colour = link.state.map_or(LINE, |state| mark(Some(state)).0);
    let dash = if link.soft { " stroke-dasharray=\"5 4\"" } else { "" };
    let opacity = if link.state.is_some() { "0.75" } else { "0.6" };
    let _ = writeln!(
        out,
        "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-opacity=\"{opacity}\" stroke-width=\"{width:.1}\" marker-end=\"url(#head)\"{dash}/>",
        link.path
    );
}

fn gate(out: &mut String, gate: &DrawingGate, figure: &DrawingBox) {
    let (colour, _) = mark(Some(if gate.gate.state == "up" { "protected" } else { gate.gate.state }));
    let (x, y) = (gate.x, gate.y);
    let middle = y + gate.height / 2.0;
    let _ = writeln!(
        out,
        "<g><title>{}</title><path d=\"M{} {middle}H{}\" stroke=\"{colour}\" stroke-width=\"1.5\"/><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"10\" fill=\"#ffffff\" stroke=\"{colour}\" stroke-width=\"1.5\"/><text x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\" fill=\"{INK}\">{}</text></g>",
        escaped(&format!("{}: needs {}, {} left", gate.gate.group, gate.gate.rule, gate.gate.left)),
        x + gate.width,
        figure.x,
        gate.width,
        gate.height,
        x + gate.width / 2.0,
        middle + 4.0,
        escaped(&cut(&format!("{}, {} left", gate.gate.rule, gate.gate.left), 14)),
    );
}

fn shape(out: &mut String, figure: &DrawingBox) {
    let (colour, path) = mark(figure.state);
    let (x, y) = (figure.x, figure.y);
    let dash = if figure.kind == "rest" { " stroke-dasharray=\"4 3\"" } else { "" };
    let width = if figure.root { 2.5 } else { 1.2 };
    let _ = write!(out, "<g><title>{}</title>", escaped(&accessible(figure)));
    if figure.kind == "group" {
        // A second edge behind says that there is more than one.
        let _ = write!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"#ffffff\" stroke=\"{LINE}\"/>",
            x + 3.0,
            y + 3.0,
            figure.width,
            figure.height
        );
    }
    let _ = write!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"{width}\"{dash}/><path transform=\"translate({} {})\" d=\"{path}\" fill=\"{colour}\" fill-rule=\"evenodd\"/>",
        figure.width,
        figure.height,
        if figure.state.is_some() { colour } else { LINE },
        x + 10.0,
        y + (figure.height - 12.0) / 2.0,
    );
    let middle = y + figure.height / 2.0;
    if figure.kind == "rest" {
        line(out, x + 30.0, middle + 4.0, 12, INK, &cut(&format!("and {} more", figure.count), LABEL_CHARS));
    } else {
        let detail = match figure.kind {
            "item" => figure.class_label.clone().unwrap_or_default(),
            _ => counts(figure),
        };
        line(out, x + 30.0, middle - 3.0, 13, INK, &cut(&figure.label, LABEL_CHARS));
        line(out, x + 30.0, middle + 13.0, 11, QUIET, &cut(&detail, DETAIL_CHARS));
    }
    out.push_str("</g>\n");
}

fn line(out: &mut String, x: f32, y: f32, size: u32, colour: &str, text: &str) {
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\">{}</text>",
        escaped(text)
    );
}

/// All of a box in words.
fn accessible(figure: &DrawingBox) -> String {
    match figure.kind {
        "item" => {
            let class = figure.class_label.as_deref().unwrap_or("");
            let state = figure.state.map_or(String::new(), |s| format!(", {}", state_word(s)));
            format!("{} ({class}){state}", figure.label)
        }
        "rest" => format!("and {} more: {}", figure.count, counts(figure)),
        _ => format!("{}: {}", figure.label, counts(figure)),
    }
}

fn cut(text: &str, chars: usize) -> String {
    match text.chars().nth(chars) {
        None => text.to_owned(),
        Some(_) => text.chars().take(chars - 1).chain(['…']).collect(),
    }
}
