//! `CREATE INDEX`, `DROP INDEX` and their like for constraints.

use super::{Output, Stats, Store, Summary};
use crate::error::{Class, Error, Result};
use crate::execute::read_only;
use crate::graph::Index;
use crate::syntax::tree::{Identifier, IndexAction, IndexCommand, Mode};
use crate::value::SmolStr;

/// Said where a graph takes the statement and does nothing, as tools that set up their indexes expect.
const NO_EFFECT: &str =
    "no effect: names, ids and attributes that the schema calls unique are indexed, and nothing else is";

pub(super) fn run(
    command: &IndexCommand,
    mode: Mode,
    store: Store<'_>,
    output: &mut dyn Output,
) -> Result<Summary> {
    output.columns(&[])?;
    if mode == Mode::Explain {
        return Ok(Summary::default());
    }
    let Store::Write(sink) = store else { return Err(read_only()) };
    let mut stats = Stats::default();
    let mut notices = Vec::new();
    let done = match &command.action {
        IndexAction::Create { on_relationships, labels, properties, unique } => {
            let texts =
                |names: &[Identifier]| names.iter().map(|it| it.name.clone()).collect::<Vec<SmolStr>>();
            let mut index = Index {
                name: SmolStr::default(),
                on_relationships: *on_relationships,
                labels: texts(labels),
                properties: texts(properties),
                unique: *unique,
            };
            index.name = command.name.as_ref().map_or_else(|| made_up_name(&index), |name| name.name.clone());
            let exists = sink.indexes().iter().any(|known| clashes(known, &index));
            let new = !exists && sink.create_index(&index)?;
            stats.indexes_added = u64::from(new);
            if !exists && !new {
                notices.push(NO_EFFECT.to_owned());
            }
            !exists
        }
        IndexAction::Drop { .. } => {
            let name = command.name.as_ref().map(|name| name.name.as_str()).unwrap_or_default();
            let dropped = sink.drop_index(name)?;
            stats.indexes_removed = u64::from(dropped);
            dropped
        }
    };
    if !done && !command.tolerant {
        let (detail, message, hint) = match command.action {
            IndexAction::Create { .. } => {
                ("EquivalentSchemaRuleAlreadyExists", "there is such an index already", "add `IF NOT EXISTS`")
            }
            IndexAction::Drop { .. } => ("IndexNotFound", "there is no such index", "add `IF EXISTS`"),
        };
        return Err(Error::runtime(Class::ConstraintValidationFailed, detail, message)
            .at(command.span)
            .hint(hint));
    }
    sink.finish()?;
    Ok(Summary { stats, notices, ..Summary::default() })
}

fn clashes(known: &Index, new: &Index) -> bool {
    let same_place = known.on_relationships == new.on_relationships
        && known.labels == new.labels
        && known.properties == new.properties
        && known.unique == new.unique;
    known.name == new.name || same_place
}

/// What an index without a name is called: the same for the same index.
fn made_up_name(index: &Index) -> SmolStr {
    let kind = if index.unique { "constraint" } else { "index" };
    SmolStr::new(format!("{kind}_{}_{}", index.labels.join("_"), index.properties.join("_")))
}
