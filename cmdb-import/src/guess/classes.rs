//! Which class the rows of a file are of.

use super::words::{self, plain};
use super::{Column, KnownClass, Sample};
use crate::Options;
use crate::lines;
use cmdb_core::model::intake::TableKind;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The part of a column's cells that have to name classes for it to be the class.
const NAMED_SHARE: f64 = 0.6;
/// Tried first among classes that fit equally well.
const USUAL: [&str; 4] = ["Server", "VirtualMachine", "Workstation", "Application"];

/// Where the class comes from.
pub(super) enum ClassGuess {
    /// The user says it.
    Said(SmolStr),
    /// A column says it, by these translations of its texts.
    Column {
        at: usize,
        translations: BTreeMap<String, SmolStr>,
    },
    /// All rows are of one.
    One {
        class: SmolStr,
        reason: String,
    },
    Unknown,
}

impl ClassGuess {
    pub fn class(&self) -> Option<&SmolStr> {
        match self {
            ClassGuess::One { class, .. } | ClassGuess::Said(class) => Some(class),
            _ => None,
        }
    }
}

pub(super) fn guess(file: &str, sample: &Sample, options: &Options, known: &[KnownClass]) -> ClassGuess {
    if let Some((_, class)) =
        options.constants(TableKind::Items).into_iter().find(|(name, _)| name == "class")
    {
        return ClassGuess::Said(class);
    }
    for (at, column) in sample.columns.iter().enumerate() {
        let is_class = words::meaning(&plain(&column.name)) == Some("class");
        if is_class && let Some(translations) = named(column, known) {
            return ClassGuess::Column { at, translations };
        }
    }
    for (source, name) in [("sheet", sample.sheet.as_deref()), ("file", Some(lines::stem(file)))] {
        let name = name.map(|name| name.rsplit_once('.').map_or(name, |(stem, _)| stem)).unwrap_or_default();
        if let Some(class) = words_in(name, known) {
            return ClassGuess::One { class, reason: format!("the {source} is named \"{name}\"") };
        }
    }
    by_columns(sample, known)
}

/// The class each text of a column names, where most name one.
fn named(column: &Column, known: &[KnownClass]) -> Option<BTreeMap<String, SmolStr>> {
    let found = |text: &str| known.iter().find(|class| is_named(class, &plain(text)));
    if column.share(|text| found(text).is_some()) < NAMED_SHARE {
        return None;
    }
    let pairs = column.texts().filter_map(|text| Some((text.to_owned(), found(text)?.name.clone())));
    Some(pairs.filter(|(text, class)| *text != class.as_str()).collect())
}

fn is_named(class: &KnownClass, plain_text: &str) -> bool {
    let singular = plain_text.strip_suffix('s').unwrap_or(plain_text);
    [plain(&class.name), plain(&class.label)].iter().any(|name| name == plain_text || name == singular)
}

/// A class whose name is the whole of a sheet's or file's name, or stands in it as words.
fn words_in(name: &str, known: &[KnownClass]) -> Option<SmolStr> {
    let text = plain(name);
    let singular: Vec<&str> = text.split(' ').map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
    let text = format!(" {} ", singular.join(" "));
    let stands = |class: &&KnownClass| {
        [plain(&class.name), plain(&class.label)]
            .iter()
            .any(|name| !name.is_empty() && text.contains(&format!(" {name} ")))
    };
    // The longest name is the most precise: a virtual machine is no machine.
    known.iter().filter(stands).max_by_key(|class| class.label.len()).map(|class| class.name.clone())
}

/// The class that has most of the attributes that the headers name.
fn by_columns(sample: &Sample, known: &[KnownClass]) -> ClassGuess {
    let headers: Vec<String> = sample.columns.iter().map(|column| plain(&column.name)).collect();
    let fits = |class: &KnownClass| {
        let has = |header: &&String| {
            let meant = words::meaning(header).map_or_else(|| header.replace(' ', "_"), str::to_owned);
            class.attributes.iter().any(|attribute| attribute.name == meant)
        };
        headers.iter().filter(has).count()
    };
    let rank = |class: &KnownClass| {
        USUAL.iter().position(|name| *name == class.name).map_or(0, |at| USUAL.len() - at)
    };
    // Attributes of its own count against a class: it would be a narrower one than the columns say.
    let best =
        known.iter().max_by_key(|class| (fits(class), rank(class), usize::MAX - class.attributes.len()));
    match best {
        Some(class) if fits(class) > 1 => {
            let reason = format!("{} of the columns are attributes of {}", fits(class), class.name);
            ClassGuess::One { class: class.name.clone(), reason }
        }
        _ => ClassGuess::Unknown,
    }
}
