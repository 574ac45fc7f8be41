//! The part of Gherkin that the scenario files use: features, backgrounds, scenarios, outlines with examples, doc
//! strings and tables.

/// One feature file as written.
#[derive(Clone, Debug, Default)]
pub struct Feature {
    pub background: Vec<Step>,
    pub scenarios: Vec<Scenario>,
}

#[derive(Clone, Debug, Default)]
pub struct Scenario {
    pub name: String,
    pub line: usize,
    pub steps: Vec<Step>,
    /// For outlines: tables whose first row names the placeholders.
    pub examples: Vec<Table>,
    pub outline: bool,
}

/// One step; its keyword is left out, for `And` says nothing.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub text: String,
    pub doc: Option<String>,
    pub table: Option<Table>,
}

pub type Table = Vec<Vec<String>>;

/// Reads a feature file.
///
/// # Errors
/// The first line that is not understood.
pub fn parse(text: &str) -> Result<Feature, String> {
    let mut feature = Feature::default();
    let mut place = Place::Header;
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with('@') {
            continue;
        }
        if trimmed.starts_with("Feature:") {
            place = Place::Header;
        } else if trimmed.starts_with("Background:") {
            place = Place::Background;
        } else if let Some(name) = title(trimmed, &["Scenario Outline:", "Scenario:", "Example:"]) {
            let outline = trimmed.starts_with("Scenario Outline");
            let scenario = Scenario { name: name.to_owned(), line: at + 1, outline, ..Scenario::default() };
            feature.scenarios.push(scenario);
            place = Place::Scenario;
        } else if title(trimmed, &["Examples:", "Scenarios:"]).is_some() {
            let scenario = feature.scenarios.last_mut().ok_or("examples without a scenario")?;
            scenario.examples.push(Table::new());
            place = Place::Examples;
        } else if trimmed.starts_with("\"\"\"") {
            let indent = line.len() - line.trim_start().len();
            let mut doc = Vec::new();
            for (_, line) in lines.by_ref() {
                if line.trim() == "\"\"\"" {
                    break;
                }
                doc.push(
                    line.get(indent..)
                        .filter(|_| line[..indent].trim().is_empty())
                        .unwrap_or(line.trim_start()),
                );
            }
            last_step(&mut feature, place, at)?.doc = Some(doc.join("\n"));
        } else if trimmed.starts_with('|') {
            let row = cells(trimmed);
            match place {
                Place::Examples => {
                    let scenario = feature.scenarios.last_mut().ok_or("a table without a scenario")?;
                    scenario.examples.last_mut().ok_or("a table without examples")?.push(row);
                }
                _ => last_step(&mut feature, place, at)?.table.get_or_insert_default().push(row),
            }
        } else if let Some(text) = title(trimmed, &["Given ", "When ", "Then ", "And ", "But ", "* "]) {
            let step = Step { text: text.trim().to_owned(), ..Step::default() };
            steps(&mut feature, place, at)?.push(step);
        } else if place != Place::Header {
            return Err(format!("line {}: not understood: {trimmed}", at + 1));
        }
    }
    Ok(feature)
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Header,
    Background,
    Scenario,
    Examples,
}

fn title<'a>(line: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| line.strip_prefix(word)).map(str::trim)
}

fn steps(feature: &mut Feature, place: Place, at: usize) -> Result<&mut Vec<Step>, String> {
    match place {
        Place::Background => Ok(&mut feature.background),
        Place::Scenario => Ok(&mut feature.scenarios.last_mut().ok_or("a step without a scenario")?.steps),
        Place::Header | Place::Examples => Err(format!("line {}: a step out of place", at + 1)),
    }
}

fn last_step(feature: &mut Feature, place: Place, at: usize) -> Result<&mut Step, String> {
    steps(feature, place, at)?.last_mut().ok_or_else(|| format!("line {}: nothing to attach this to", at + 1))
}

/// The cells of a table row; `\|`, `\\` and `\n` are escapes.
fn cells(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut cell = String::new();
    let mut chars = line.chars().skip(1);
    while let Some(c) = chars.next() {
        match c {
            '|' => out.push(std::mem::take(&mut cell).trim().to_owned()),
            '\\' => match chars.next() {
                Some('|') => cell.push('|'),
                Some('\\') => cell.push('\\'),
                Some('n') => cell.push('\n'),
                Some(other) => cell.extend(['\\', other]),
                None => cell.push('\\'),
            },
            _ => cell.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_with_tables_and_texts_is_read() {
        let feature = parse(
            "Feature: x\n  about\n\n  Background:\n    Given any graph\n\n  Scenario Outline: [1] y\n    When executing query:\n      \
             \"\"\"\n      RETURN <v>\n        AS x\n      \"\"\"\n    Then the result should be, in any order:\n      | x |\n      \
             | a\\|b |\n    Examples:\n      | v |\n      | 1 |\n      | 2 |\n",
        )
        .unwrap();
        let scenario = &feature.scenarios[0];
        assert_eq!(feature.background.len(), 1);
        assert_eq!(scenario.steps[0].doc.as_deref(), Some("RETURN <v>\n  AS x"));
        assert_eq!(scenario.steps[1].table.as_ref().unwrap()[1], ["a|b"]);
        assert_eq!(scenario.examples[0].len(), 3);
        assert!(scenario.outline);
    }
}
