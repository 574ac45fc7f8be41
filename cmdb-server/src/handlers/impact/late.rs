//! `for_minutes`: which effects come too late to matter.

use cmdb_core::Result;
use cmdb_core::analysis::impact::{Explainer, Impact};
use rustc_hash::{FxHashMap, FxHashSet};

/// Affected items whose chain takes longer than `minutes`.
///
/// Chains share their ends, so the delay of each is that of its first step and the delay of what it leads to.
pub fn later_than(impact: &Impact, explainer: &Explainer<'_>, minutes: u64) -> Result<FxHashSet<u32>> {
    let mut after: FxHashMap<u32, u64> = FxHashMap::default();
    let mut late = FxHashSet::default();
    // A chain leads to waves of less depth; those may be in the pass of a worse state only.
    let mut waves: Vec<_> = impact.affected_waves().collect();
    waves.sort_by_key(|w| w.depth);
    for wave in waves {
        for &item in impact.items(wave) {
            let Some(step) = explainer.step(item)? else { continue };
            let total = step.lag_minutes.saturating_add(after.get(&step.on).copied().unwrap_or(0));
            if total > 0 {
                after.insert(item, total);
            }
            if total > minutes {
                late.insert(item);
            }
        }
    }
    Ok(late)
}
