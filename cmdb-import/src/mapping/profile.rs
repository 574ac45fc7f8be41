//! The long form of a mapping. Every mistake names its line and the field.

use super::shape::{Case, Date, Link, Shape};
use super::{LINK, Mapping};
use cmdb_core::error::did_you_mean;
use cmdb_core::schema::unit;
use cmdb_core::{Error, Result};
use regex::RegexBuilder;
use smol_str::SmolStr;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const SECTIONS: [&str; 8] =
    ["description", "format", "drop", "columns", "set", "values", "relationship", "version"];
/// What a compiled pattern may take, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

type Entry<'e, 't> = (&'e Spanned<std::borrow::Cow<'t, str>>, &'e Spanned<DeValue<'t>>);

/// Reads a profile into a mapping.
pub(super) fn read(mapping: &mut Mapping, text: &str) -> Result<()> {
    let table = DeTable::parse(text).map_err(|e| {
        let line = e.span().map_or(1, |span| line_of(text, span.start));
        malformed(line, &format!("the profile is not valid TOML: {}", e.message()))
    })?;
    let reader = Reader { text };
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        match (name, value.get_ref()) {
            // Said for people, and for what offers profiles.
            ("description" | "format" | "version", _) => drop(reader.scalar(name, value)?),
            ("columns", DeValue::Table(columns)) => {
                columns.iter().try_for_each(|entry| reader.column(mapping, entry))?;
            }
            ("drop", DeValue::Array(names)) => {
                for name in names {
                    reader.add(mapping, name.span().start, &reader.scalar("drop", name)?, "")?;
                }
            }
            ("set", DeValue::Table(set)) => {
                for (column, value) in set {
                    let column = column.get_ref().as_ref();
                    mapping.set.push((SmolStr::new(column), reader.scalar(&format!("set.{column}"), value)?));
                }
            }
            ("values", DeValue::Table(columns)) => {
                columns.iter().try_for_each(|entry| reader.values(mapping, entry))?;
            }
            ("relationship", DeValue::Array(links)) => {
                links.iter().try_for_each(|link| reader.link(mapping, link))?;
            }
            (known, _) if SECTIONS.contains(&known) => {
                return Err(reader.wrong(key, &format!("\"{known}\" has the wrong shape")));
            }
            (other, _) => {
                let hint = did_you_mean(other, SECTIONS.iter().copied()).map(|h| format!("; {h}"));
                let message = format!("the profile has no section \"{other}\"{}", hint.unwrap_or_default());
                return Err(reader.wrong(key, &message));
            }
        }
    }
    Ok(())
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn wrong<T>(&self, at: &Spanned<T>, message: &str) -> Error {
        malformed(line_of(self.text, at.span().start), message)
    }

    fn add(&self, mapping: &mut Mapping, at: usize, old: &str, new: &str) -> Result<()> {
        mapping.add_column(old, new).map_err(|e| malformed(line_of(self.text, at), e.message()))
    }

    fn scalar(&self, field: &str, value: &Spanned<DeValue<'_>>) -> Result<SmolStr> {
        Ok(match value.get_ref() {
            DeValue::String(text) => SmolStr::new(text),
            DeValue::Integer(n) => SmolStr::new(n.as_str()),
            DeValue::Float(n) => SmolStr::new(n.as_str()),
            DeValue::Boolean(b) => SmolStr::from(b.to_string()),
            DeValue::Datetime(time) => SmolStr::from(time.to_string()),
            DeValue::Array(_) | DeValue::Table(_) => {
                return Err(self.wrong(value, &format!("\"{field}\" must have a single value")));
            }
        })
    }

    fn values(&self, mapping: &mut Mapping, (column, pairs): Entry<'_, '_>) -> Result<()> {
        let column = column.get_ref().as_ref();
        let DeValue::Table(pairs) = pairs.get_ref() else {
            return Err(self.wrong(pairs, &format!("\"values.{column}\" is not a table")));
        };
        for (from, to) in pairs {
            let from = from.get_ref().as_ref();
            let to = self.scalar(&format!("values.{column}.{from}"), to)?;
            mapping.values.entry(SmolStr::new(column)).or_default().insert(SmolStr::new(from), to);
        }
        Ok(())
    }

    /// `old = "new"`, or a table of what is done to the column.
    fn column(&self, mapping: &mut Mapping, (old, value): Entry<'_, '_>) -> Result<()> {
        let (name, at) = (old.get_ref().as_ref(), old.span().start);
        let DeValue::Table(fields) = value.get_ref() else {
            return self.add(mapping, at, name, &self.scalar(name, value)?);
        };
        let (mut to, mut shape) = (SmolStr::new(name), Shape::default());
        for (field, value) in fields {
            let key = field.get_ref().as_ref();
            let path = format!("columns.{name}.{key}");
            match key {
                "to" => to = self.scalar(&path, value)?,
                _ => self.transform(&mut shape, key, &path, field, value)?,
            }
        }
        if shape.part.is_some() && shape.split.is_none() {
            return Err(
                self.wrong(value, &format!("\"columns.{name}.part\" needs \"split\", which parts the text"))
            );
        }
        if to.is_empty() {
            return Err(
                self.wrong(value, &format!("\"columns.{name}.to\" is empty; name the column under drop"))
            );
        }
        if mapping.shapes.insert(to.clone(), Arc::new(shape)).is_some() {
            return Err(self.wrong(value, &format!("two columns with transforms become \"{to}\"")));
        }
        self.add(mapping, at, name, &to)
    }

    fn transform(
        &self,
        shape: &mut Shape,
        key: &str,
        path: &str,
        field: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<()> {
        const FIELDS: [&str; 10] =
            ["to", "trim", "case", "replace", "decimal", "date", "unit", "split", "part", "default"];
        match key {
            "trim" => shape.trim = self.boolean(path, value)?,
            "case" => {
                shape.case = Some(match self.scalar(path, value)?.as_str() {
                    "lower" => Case::Lower,
                    "upper" => Case::Upper,
                    other => {
                        return Err(
                            self.wrong(value, &format!("\"{path}\" is \"{other}\", neither lower nor upper"))
                        );
                    }
                });
            }
            "replace" => shape.replace = self.patterns(path, value)?,
            "decimal" => {
                let sign = self.scalar(path, value)?;
                if !matches!(sign.as_str(), "," | ".") {
                    return Err(
                        self.wrong(value, &format!("\"{path}\" is \"{sign}\"; a decimal sign is , or ."))
                    );
                }
                shape.decimal_comma = Some(sign == ",");
            }
            "date" => {
                let format = self.scalar(path, value)?;
                shape.date = Some(Date::new(&format).map_err(|why| {
                    self.wrong(
                        value,
                        &format!("\"{path}\" is no format of dates: {why}; write such as %d.%m.%Y, or excel"),
                    )
                })?);
            }
            "unit" => {
                let unit = self.scalar(path, value)?;
                if !unit::known(&unit) {
                    let hint =
                        did_you_mean(&unit, unit::names()).map(|h| format!("; {h}")).unwrap_or_default();
                    return Err(self.wrong(value, &format!("\"{path}\": \"{unit}\" is no unit{hint}")));
                }
                shape.unit = Some(unit);
            }
            "split" => shape.split = Some(self.filled(path, value)?),
            "part" => {
                let number = self.scalar(path, value)?.parse().ok().filter(|n: &usize| *n > 0);
                let number =
                    number.ok_or_else(|| self.wrong(value, &format!("\"{path}\" is a number from 1")))?;
                shape.part = Some(number);
            }
            "default" => shape.default = Some(self.scalar(path, value)?),
            other => {
                let hint =
                    did_you_mean(other, FIELDS).unwrap_or_else(|| format!("known are {}", FIELDS.join(", ")));
                return Err(self.wrong(field, &format!("\"{path}\" is no transform; {hint}")));
            }
        }
        Ok(())
    }

    fn boolean(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<bool> {
        match value.get_ref() {
            DeValue::Boolean(b) => Ok(*b),
            _ => Err(self.wrong(value, &format!("\"{path}\" is true or false"))),
        }
    }

    fn filled(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<SmolStr> {
        let text = self.scalar(path, value)?;
        if text.is_empty() { Err(self.wrong(value, &format!("\"{path}\" is empty"))) } else { Ok(text) }
    }

    /// `[["pattern", "replacement"], …]`
    fn patterns(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<(regex::Regex, String)>> {
        let shape =
            || self.wrong(value, &format!("\"{path}\" is a list of pairs: [[\"pattern\", \"replacement\"]]"));
        let DeValue::Array(pairs) = value.get_ref() else { return Err(shape()) };
        let mut out = Vec::new();
        for pair in pairs {
            let parts: Vec<SmolStr> = match pair.get_ref() {
                DeValue::Array(parts) => parts.iter().map(|p| self.scalar(path, p)).collect::<Result<_>>()?,
                _ => return Err(shape()),
            };
            let [pattern, replacement] = parts.as_slice() else { return Err(shape()) };
            let built = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
            let built = built.map_err(|e| {
                let why = e.to_string().lines().last().unwrap_or_default().trim().to_owned();
                self.wrong(pair, &format!("\"{path}\": the pattern \"{pattern}\" does not read: {why}"))
            })?;
            out.push((built, replacement.to_string()));
        }
        Ok(out)
    }

    fn link(&self, mapping: &mut Mapping, value: &Spanned<DeValue<'_>>) -> Result<()> {
        const FIELDS: [&str; 6] = ["column", "type", "class", "split", "reverse", "set"];
        let DeValue::Table(fields) = value.get_ref() else {
            return Err(self.wrong(value, "[[relationship]] is a table"));
        };
        let (mut column, mut link) = (SmolStr::default(), Link::default());
        for (field, value) in fields {
            let key = field.get_ref().as_ref();
            let path = format!("relationship.{key}");
            match key {
                "column" => column = self.filled(&path, value)?,
                "type" => link.kind = self.filled(&path, value)?,
                "class" => link.class = Some(self.filled(&path, value)?),
                "split" => link.split = Some(self.filled(&path, value)?),
                "reverse" => link.reverse = self.boolean(&path, value)?,
                "set" => {
                    let DeValue::Table(set) = value.get_ref() else {
                        return Err(self.wrong(value, "\"relationship.set\" is a table"));
                    };
                    for (name, value) in set {
                        let name = name.get_ref().as_ref();
                        link.set.push((SmolStr::new(name), self.scalar(&format!("{path}.{name}"), value)?));
                    }
                }
                other => {
                    let hint = did_you_mean(other, FIELDS)
                        .unwrap_or_else(|| format!("known are {}", FIELDS.join(", ")));
                    return Err(self.wrong(field, &format!("\"{path}\" is unknown; {hint}")));
                }
            }
        }
        for (name, text) in [("column", &column), ("type", &link.kind)] {
            if text.is_empty() {
                return Err(self.wrong(value, &format!("a [[relationship]] needs a {name}")));
            }
        }
        link.column = column.clone();
        let name = format!("{LINK}{}", mapping.links.len());
        mapping.links.push(Arc::new(link));
        self.add(mapping, value.span().start, &column, &name)
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
}

fn malformed(line: usize, message: &str) -> Error {
    super::malformed(format!("line {line} of the mapping: {message}"))
}
