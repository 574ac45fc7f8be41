//! How a drawing was asked to look, and which rows of its table.

use crate::call::{Call, parameter};
use crate::convert::ClassSet;
use crate::expression::{Expression, Vocabulary};
use crate::route::Route;
use cmdb_core::analysis::drawing::{BOXES_DEFAULT, BOXES_MAX, BOXES_MIN, Columns, GroupBy, Options};
use cmdb_core::analysis::impact::State;
use cmdb_core::error;
use cmdb_core::graph::Snapshot;
use cmdb_core::{Error, Result};

/// Groups opened at once at most.
const OPEN_MAX: usize = 24;
/// The longest text searched for, in bytes.
const TEXT_BYTES_MAX: usize = 256;

/// What the answer is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    /// The drawing as an image.
    Svg,
    /// The whole table.
    Csv,
}

/// What rows are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Worst state, depth, class, name.
    State,
    Name,
    Class,
    Depth,
    Criticality,
}

/// Everything about a drawing but what is drawn.
#[derive(Debug)]
pub struct Looks {
    pub form: Form,
    pub columns: Columns,
    pub group_by: Vec<GroupBy>,
    pub boxes_max: usize,
    pub open: Vec<String>,
    pub all_links: bool,
    /// Rows of this box only.
    pub figure: Option<String>,
    /// Rows in these states only; empty for all.
    pub states: Vec<State>,
    pub class: Option<ClassSet>,
    pub condition: Option<Expression>,
    /// In lower case.
    pub text: Option<String>,
    pub order: Order,
    pub descending: bool,
}

impl Looks {
    pub fn read(call: &Call, snapshot: &Snapshot) -> Result<Looks> {
        let class = call.text("class").map(|name| ClassSet::named(snapshot, name)).transpose()?;
        let vocabulary = Vocabulary { snapshot, classes: class.as_ref(), affected: true };
        let condition = call.text("where").map(|text| Expression::read(text, &vocabulary)).transpose()?;
        let sort = call.text("sort").unwrap_or("state");
        Ok(Looks {
            form: form(call)?,
            columns: columns(call)?,
            group_by: group_by(call)?,
            boxes_max: boxes_max(call)?,
            open: open(call)?,
            all_links: call.flag("all_links")?,
            figure: call.text("box").map(str::to_owned),
            states: call.words("only").into_iter().map(state).collect::<Result<_>>()?,
            class,
            condition,
            text: text(call)?,
            order: order(sort.trim_start_matches('-'))?,
            descending: sort.starts_with('-'),
        })
    }
    pub fn options<'a>(&'a self, open: &'a [&'a str]) -> Options<'a> {
        Options {
            columns: self.columns,
            group_by: &self.group_by,
            boxes_max: self.boxes_max,
            open,
            all_links: self.all_links,
        }
    }
    /// Notes the parameters on a route.
    pub fn of(route: Route) -> Route {
        route
            .text("format", "`json` (default), `svg` for the drawing alone, `csv` for the whole table")
            .text("columns", "`rings` (default): steps from the root; `tiers`: one column for each class")
            .text("group", "what to group by if there are too many items: class, site, service, owner, environment; `class,site` if not stated")
            .number("max", "boxes drawn before items are grouped; 60 if not stated, at most 500")
            .text("open", "ids of groups whose 20 worst members are drawn, separated by commas")
            .flag("all_links", "also links that are less than 2 % of what goes between their columns")
            .text("box", "rows of this box only; counts and drawing stay whole")
            .text("only", "rows in these states only: down, degraded, at_risk, protected")
            .text("class", "rows of this class only, subclasses included")
            .text("where", "rows for which this holds, such as `criticality <= 2`")
            .text("q", "rows whose name contains this, in any case")
            .text("sort", "`state` (default), `name`, `class`, `depth` or `criticality`; `-` before it reverses")
            .paged()
    }
}

fn one_of<T: Copy>(name: &str, word: &str, known: &[(&str, T)]) -> Result<T> {
    if let Some((_, found)) = known.iter().find(|(w, _)| *w == word) {
        return Ok(*found);
    }
    let words: Vec<&str> = known.iter().map(|(w, _)| *w).collect();
    let error = parameter(name, format!("{name} \"{word}\" is none of {}", words.join(", ")));
    Err(match error::did_you_mean(word, words) {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

fn form(call: &Call) -> Result<Form> {
    let known = [("json", Form::Json), ("svg", Form::Svg), ("csv", Form::Csv)];
    one_of("format", call.text("format").unwrap_or("json"), &known)
}

fn columns(call: &Call) -> Result<Columns> {
    let known = [("rings", Columns::Rings), ("tiers", Columns::Tiers)];
    one_of("columns", call.text("columns").unwrap_or("rings"), &known)
}

fn order(word: &str) -> Result<Order> {
    let known = [
        ("state", Order::State),
        ("name", Order::Name),
        ("class", Order::Class),
        ("depth", Order::Depth),
        ("criticality", Order::Criticality),
    ];
    one_of("sort", word, &known)
}

fn state(word: &str) -> Result<State> {
    let known = [
        ("down", State::Down),
        ("degraded", State::Degraded),
        ("at_risk", State::AtRisk),
        ("protected", State::Up),
    ];
    one_of("only", word, &known)
}

fn group_by(call: &Call) -> Result<Vec<GroupBy>> {
    if call.text("group").is_none() {
        return Ok(vec![GroupBy::Class, GroupBy::Site]);
    }
    let known = GroupBy::ALL.map(|by| (by.word(), by));
    let mut out = Vec::new();
    for word in call.words("group") {
        let by = one_of("group", word, &known)?;
        if !out.contains(&by) {
            out.push(by);
        }
    }
    Ok(out)
}

fn boxes_max(call: &Call) -> Result<usize> {
    let max = call.number("max")?.unwrap_or(BOXES_DEFAULT);
    if (BOXES_MIN..=BOXES_MAX).contains(&max) {
        return Ok(max);
    }
    Err(Error::limit("drawing.boxes", format!("a drawing has {BOXES_MIN} to {BOXES_MAX} boxes, not {max}"))
        .hint("the table lists every item, a page at a time"))
}

fn open(call: &Call) -> Result<Vec<String>> {
    let open: Vec<String> = call.words("open").into_iter().map(str::to_owned).collect();
    match open.len() > OPEN_MAX {
        true => Err(Error::limit("drawing.open", format!("at most {OPEN_MAX} groups are open at once"))),
        false => Ok(open),
    }
}

fn text(call: &Call) -> Result<Option<String>> {
    let Some(text) = call.text("q").map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    match text.len() > TEXT_BYTES_MAX {
        true => Err(Error::limit("request.text", format!("q has at most {TEXT_BYTES_MAX} bytes"))),
        false => Ok(Some(text.to_lowercase())),
    }
}
