//! The records of a document that may be JSON or YAML: a list, several documents, or one object that holds a list.

use crate::Source;
use crate::intake::Intake;
use crate::json::scan::Scanner;
use crate::json::walk::{Element, Step, Walker, walk};
use crate::yaml::Documents;
use cmdb_core::Result;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// Takes one record and its number in the file, 1-based.
pub(crate) type Take<'t> = dyn FnMut(&mut Intake<'_>, u64, Json) -> Result<()> + 't;

/// Hands every record to `take`. An object that has none of the `lists` is a record itself; what stands beside a list
/// is returned, as far as there is one document only.
pub(crate) fn each(
    intake: &mut Intake<'_>,
    mut source: Source<'_>,
    file: &SmolStr,
    lists: &[&str],
    take: &mut Take<'_>,
) -> Result<Json> {
    while source.bytes().trim_ascii_start().is_empty() && source.more()? {}
    match source.bytes().trim_ascii_start().first() {
        Some(b'{' | b'[') => each_json(intake, source, file, lists, take),
        _ => each_yaml(intake, source, file, lists, take),
    }
}

fn each_json(
    intake: &mut Intake<'_>,
    source: Source<'_>,
    file: &SmolStr,
    lists: &[&str],
    take: &mut Take<'_>,
) -> Result<Json> {
    let mut scanner = Scanner::new(source, file.clone());
    let mut listed = Listed { intake, lists, take, streamed: false, row: 0 };
    let kept = walk(&mut scanner, file, &mut listed)?;
    if listed.streamed {
        return Ok(kept);
    }
    (listed.take)(listed.intake, 1, kept)?;
    Ok(Json::Null)
}

struct Listed<'l, 'a, 't> {
    intake: &'l mut Intake<'a>,
    lists: &'l [&'l str],
    take: &'l mut Take<'t>,
    streamed: bool,
    row: u64,
}

impl Walker for Listed<'_, '_, '_> {
    fn step(&mut self, place: &str, is_list: bool) -> Step {
        match (place, is_list) {
            ("", false) => Step::Enter,
            ("", true) => {
                self.streamed = true;
                Step::Stream
            }
            (place, true) if self.lists.contains(&place) => {
                self.streamed = true;
                Step::Stream
            }
            _ => Step::Take,
        }
    }

    fn element(&mut self, element: Element<'_>) -> Result<()> {
        self.row += 1;
        match element.json {
            Ok(json) => (self.take)(self.intake, self.row, json),
            Err((code, message)) => {
                self.intake.complain(self.row, None, code, message);
                Ok(())
            }
        }
    }
}

fn each_yaml(
    intake: &mut Intake<'_>,
    source: Source<'_>,
    file: &SmolStr,
    lists: &[&str],
    take: &mut Take<'_>,
) -> Result<Json> {
    let mut documents = Documents::new(source);
    let (mut row, mut beside, mut count) = (0, Json::Null, 0);
    while let Some(document) = documents.next()? {
        count += 1;
        let records = match document.json {
            Err((code, message)) => {
                intake.complain(document.line, None, code, message);
                continue;
            }
            Ok(Json::Array(records)) => records,
            Ok(Json::Object(mut map)) => {
                match lists.iter().find(|l| map.get(**l).is_some_and(Json::is_array)) {
                    Some(list) => {
                        let records = map.remove(*list);
                        beside = if count == 1 { Json::Object(map) } else { Json::Null };
                        match records {
                            Some(Json::Array(records)) => records,
                            _ => Vec::new(),
                        }
                    }
                    None => vec![Json::Object(map)],
                }
            }
            Ok(other) => vec![other],
        };
        for record in records {
            row += 1;
            take(intake, row, record)?;
        }
    }
    if count == 0 {
        return Err(cmdb_core::Error::invalid("yaml.empty", format!("\"{file}\" is empty")));
    }
    Ok(beside)
}
