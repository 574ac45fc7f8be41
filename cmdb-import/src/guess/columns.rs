//! What each column is, by its header first and by what stands in it second.

use super::classes::ClassGuess;
use super::words::{self, plain, snake};
use super::{Column, KnownClass, Sample, values};
use cmdb_core::schema::{AttributeDefinition, AttributeType};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// How alike two names must be to be taken for one, from 0 to 1.
const ALIKE_MIN: f64 = 0.92;

/// An attribute that is told by what stands in a column: what that is called, and how it is known.
type ByValues = (&'static str, &'static str, fn(&str) -> bool);

const BY_VALUES: &[ByValues] = &[
    ("ip_address", "addresses", values::is_ip),
    ("mac_address", "hardware addresses", values::is_mac),
    ("fqdn", "full domain names", values::is_fqdn),
    ("instance_uuid", "UUIDs", values::is_uuid),
];

/// What a column is.
pub(super) struct Meaning {
    pub to: To,
    pub confidence: f64,
    pub reason: String,
    pub transforms: Vec<(&'static str, String)>,
    /// Texts and what they mean.
    pub translations: BTreeMap<String, SmolStr>,
    /// Something the user has to look at.
    pub doubt: Option<String>,
}

pub(super) enum To {
    /// An attribute, or `name`, `id`, `class`, `status`.
    Column(String),
    /// A relationship: type, class of the other end, sign between several.
    Link { kind: &'static str, class: &'static str, split: Option<&'static str> },
    /// It holds nothing.
    Nothing,
}

pub(super) fn guess(sample: &Sample, class: &ClassGuess, known: &[KnownClass]) -> Vec<Meaning> {
    let of_class = class.class().and_then(|name| known.iter().find(|k| k.name == *name));
    let attributes: Vec<&AttributeDefinition> = match of_class {
        Some(class) => class.attributes.iter().collect(),
        None => known.iter().flat_map(|class| &class.attributes).collect(),
    };
    let statuses = of_class
        .or_else(|| known.iter().find(|k| k.name == "Server"))
        .map(|class| class.statuses.as_slice())
        .unwrap_or_default();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // Those that are named most plainly choose first.
    let mut order: Vec<usize> = (0..sample.columns.len()).collect();
    order.sort_by_key(|at| words::meaning(&plain(&sample.columns[*at].name)).is_none());
    let mut out: BTreeMap<usize, Meaning> = BTreeMap::new();
    for at in order {
        let column = &sample.columns[at];
        let mut meaning = match class {
            ClassGuess::Column { at: class_at, translations } if *class_at == at => {
                let mut found = Meaning::column("class", 0.9, "its texts name classes".to_owned());
                found.translations.clone_from(translations);
                found
            }
            _ => one(column, &attributes, &taken, of_class),
        };
        if let To::Column(name) = &meaning.to {
            if !taken.insert(name.clone()) {
                let other =
                    (2..).map(|n| format!("{}_{n}", snake(&column.name))).find(|n| taken.insert(n.clone()));
                meaning = Meaning::column(
                    &other.unwrap_or_default(),
                    0.0,
                    "another column has its name".to_owned(),
                );
            } else if name == "status" {
                translate_statuses(&mut meaning, column, statuses);
            }
        }
        out.insert(at, meaning);
    }
    out.into_values().collect()
}

impl Meaning {
    fn column(to: &str, confidence: f64, reason: String) -> Meaning {
        Meaning {
            to: To::Column(to.to_owned()),
            confidence,
            reason,
            transforms: Vec::new(),
            translations: BTreeMap::new(),
            doubt: None,
        }
    }
}

fn one(
    column: &Column,
    attributes: &[&AttributeDefinition],
    taken: &BTreeSet<String>,
    class: Option<&KnownClass>,
) -> Meaning {
    if column.filled == 0 {
        let mut nothing = Meaning::column("", 1.0, "it is empty in every row looked at".to_owned());
        nothing.to = To::Nothing;
        return nothing;
    }
    let (bare, unit) = values::unit_of(&column.name);
    let header = plain(&bare);
    let attribute = |name: &str| attributes.iter().find(|a| a.name == name).copied();
    if let Some(found) = attribute(&column.name).or_else(|| attribute(&snake(&bare))) {
        return of_attribute(
            found,
            column,
            unit,
            1.0,
            format!("{} has an attribute of this name", named(class)),
        );
    }
    let meant = words::meaning(&header).filter(|to| !taken.contains(*to));
    if let Some(to) = meant {
        let reason = format!("people call {to} so");
        match attribute(to) {
            Some(found) => return of_attribute(found, column, unit, 0.9, reason),
            None if matches!(to, "name" | "id" | "class" | "status") => {
                return Meaning::column(to, 0.9, reason);
            }
            None => {}
        }
    }
    if let Some((kind, class)) = words::link(&header) {
        let mut link =
            Meaning::column("", 0.7, format!("such columns name what an item is joined to by {kind}"));
        link.to = To::Link { kind, class, split: values::separator(column) };
        return link;
    }
    for (to, what, is) in BY_VALUES {
        let fits = !taken.contains(*to) && column.share(is) >= 0.9;
        if let Some(found) = attribute(to).filter(|_| fits) {
            return of_attribute(found, column, unit, 0.8, format!("it holds {what}"));
        }
    }
    let alike = attributes.iter().map(|a| (strsim::jaro_winkler(&plain(&a.name), &header), *a));
    let alike = alike.filter(|(score, a)| *score >= ALIKE_MIN && !taken.contains(a.name.as_str()));
    if let Some((score, found)) = alike.max_by(|a, b| a.0.total_cmp(&b.0)) {
        return of_attribute(
            found,
            column,
            unit,
            score * 0.7,
            format!("it is written nearly like {}", found.name),
        );
    }
    let mut own = Meaning::column(
        &snake(&column.name),
        0.3,
        format!("{} has no such attribute; --define-missing adds it", named(class)),
    );
    shape_values(&mut own, column, None);
    own
}

fn named(class: Option<&KnownClass>) -> String {
    class.map_or_else(|| "a class".to_owned(), |class| class.name.to_string())
}

/// A column that is an attribute, with what its texts need to be read.
fn of_attribute(
    attribute: &AttributeDefinition,
    column: &Column,
    unit: Option<&str>,
    confidence: f64,
    reason: String,
) -> Meaning {
    let mut meaning = Meaning::column(&attribute.name, confidence, reason);
    if let (Some(unit), Some(own)) = (unit, &attribute.unit)
        && unit != own
    {
        meaning.transforms.push(("unit", meant(unit, own).to_owned()));
    }
    shape_values(&mut meaning, column, Some(attribute));
    if attribute.kind == AttributeType::Enum {
        translate(&mut meaning, column, &attribute.values, |text| {
            let found = attribute.values.iter().find(|value| plain(value) == plain(text));
            found.cloned().or_else(|| {
                let near = attribute.values.iter().find(|value| plain(value).starts_with(&plain(text)));
                near.filter(|_| text.len() > 2).cloned()
            })
        });
    }
    meaning
}

/// What a header's unit means for an attribute in `own`: memory is counted in powers of two, whatever it is called.
fn meant<'u>(unit: &'u str, own: &str) -> &'u str {
    match (unit, own.ends_with("iB")) {
        ("MB", true) => "MiB",
        ("GB", true) => "GiB",
        ("TB", true) => "TiB",
        (unit, _) => unit,
    }
}

fn shape_values(meaning: &mut Meaning, column: &Column, attribute: Option<&AttributeDefinition>) {
    let kind = attribute.map(|attribute| attribute.kind);
    let is_number = matches!(kind, Some(AttributeType::Integer | AttributeType::Decimal) | None);
    if is_number && values::has_decimal_commas(column) {
        meaning.transforms.push(("decimal", ",".to_owned()));
    }
    if matches!(kind, Some(AttributeType::Date | AttributeType::DateTime) | None)
        && let Some((format, ambiguous)) = values::date(column)
    {
        // A number of eight digits is a date only where one is expected.
        if kind.is_some() || format != "%Y%m%d" {
            meaning.transforms.push(("date", format.to_owned()));
            if ambiguous {
                meaning.doubt = Some("day and month may also be the other way round".to_owned());
            }
        }
    }
    if kind == Some(AttributeType::List)
        && let Some(sign) = values::separator(column)
    {
        meaning.transforms.push(("split", sign.to_owned()));
    }
    if column.texts().any(|text| text.starts_with('\u{a0}') || text.ends_with('\u{a0}')) {
        meaning.transforms.push(("trim", "true".to_owned()));
    }
}

fn translate_statuses(meaning: &mut Meaning, column: &Column, statuses: &[SmolStr]) {
    translate(meaning, column, statuses, |text| {
        let own = statuses.iter().find(|status| plain(status) == plain(text)).cloned();
        own.or_else(|| {
            let meant = words::status(&plain(text))?;
            statuses.iter().find(|status| *status == meant).cloned()
        })
    });
}

/// Translations of the texts that are not of the words admitted; those that nothing fits are a doubt.
fn translate(
    meaning: &mut Meaning,
    column: &Column,
    words: &[SmolStr],
    find: impl Fn(&str) -> Option<SmolStr>,
) {
    let mut unknown = Vec::new();
    for text in column.texts().filter(|text| !words.iter().any(|word| word == text)) {
        match find(text) {
            Some(word) => drop(meaning.translations.insert(text.to_owned(), word)),
            None => unknown.push(format!("\"{text}\"")),
        }
    }
    if !unknown.is_empty() && !words.is_empty() {
        unknown.truncate(5);
        let words: Vec<&str> = words.iter().map(SmolStr::as_str).collect();
        meaning.doubt = Some(format!("translate {} to one of {}", unknown.join(", "), words.join(", ")));
    }
}
