//! Scenarios with their examples filled in: the instances that are run and counted.

use crate::gherkin::{self, Scenario, Step, Table};
use std::path::{Path, PathBuf};

/// One scenario, or one row of an outline's examples.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The folder below the features folder, such as `clauses/match`.
    pub group: String,
    /// `clauses/match/Match1 [3] Title #2`; unique.
    pub name: String,
    pub steps: Vec<Step>,
}

/// Every instance of every feature file below `folder`, in the order of paths and lines.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn load(folder: &Path) -> Result<Vec<Instance>, String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut out = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let feature = gherkin::parse(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        let below = file.strip_prefix(folder).unwrap_or(&file).with_extension("");
        let group = below.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        for scenario in &feature.scenarios {
            expand(scenario, &feature.background, &below.to_string_lossy(), &group, &mut out);
        }
    }
    Ok(out)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "feature") {
            files.push(path);
        }
    }
    Ok(())
}

fn expand(scenario: &Scenario, background: &[Step], file: &str, group: &str, out: &mut Vec<Instance>) {
    let name = format!("{file} {}", scenario.name);
    let steps: Vec<Step> = background.iter().chain(&scenario.steps).cloned().collect();
    if !scenario.outline {
        out.push(Instance { group: group.to_owned(), name, steps });
        return;
    }
    let mut number = 0;
    for table in &scenario.examples {
        let Some((header, rows)) = table.split_first() else { continue };
        for row in rows {
            number += 1;
            let steps = steps.iter().map(|step| fill(step, header, row)).collect();
            out.push(Instance { group: group.to_owned(), name: format!("{name} #{number}"), steps });
        }
    }
}

fn fill(step: &Step, header: &[String], row: &[String]) -> Step {
    let replace = |text: &str| {
        let pairs = header.iter().zip(row);
        pairs.fold(text.to_owned(), |text, (key, value)| text.replace(&format!("<{key}>"), value))
    };
    let table =
        |table: &Table| table.iter().map(|row| row.iter().map(|cell| replace(cell)).collect()).collect();
    Step {
        text: replace(&step.text),
        doc: step.doc.as_deref().map(replace),
        table: step.table.as_ref().map(table),
    }
}
