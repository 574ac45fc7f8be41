//! Sources that repeat.

use super::Answer;
use super::decider::Decider;
use super::handle::check_handle;
use super::import::Missing;
use crate::error::{Error, Result};
use crate::fact::setting::Settings;
use crate::fact::{Fact, Setting};
use crate::graph::Records;
use crate::model::SmolStr;
use crate::model::feed::{Feed, FeedMissing};

/// Sources that repeat at most.
pub const FEEDS_MAX: usize = 256;
/// A source is looked at every minute at most, and once a year at least.
pub const EVERY_S: std::ops::RangeInclusive<u64> = 60..=366 * 86_400;

/// Shares are kept in millionths.
const MILLION: f64 = 1_000_000.0;

/// A change of what is read again and again.
#[derive(Clone, Debug)]
pub enum EditFeed {
    /// Adds a feed as stated; who and when is noted here.
    Add {
        feed: Box<Feed>,
        /// What becomes of items that it does not name any more.
        missing: Missing,
    },
    Pause {
        name: SmolStr,
        paused: bool,
    },
    Remove {
        name: SmolStr,
    },
}

impl EditFeed {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let name = match self {
            EditFeed::Add { feed, missing } => {
                check_handle("source", &feed.name)?;
                let known = &decider.draft().settings().feeds;
                if known.contains_key(&feed.name) {
                    let message = format!("the source \"{}\" repeats already", feed.name);
                    return Err(Error::refused("source.exists", message)
                        .hint("remove it first; what it has imported stays"));
                }
                if known.len() >= FEEDS_MAX {
                    let message = format!("{FEEDS_MAX} sources repeat already");
                    return Err(Error::limit("source.too-many", message).hint("remove one that nobody needs"));
                }
                if !EVERY_S.contains(&feed.every_s) {
                    let message = "a source is looked at between every minute and every 366 days";
                    return Err(Error::invalid("source.every", message).detail("/every", message));
                }
                let name = feed.name.clone();
                let created = decider.draft().moment().position;
                let by = decider.context().principal.name.clone();
                let missing = policy(&feed, missing)?;
                decider.accept(Fact::Set(Setting::Feed(Feed { created, by, ..*feed })))?;
                missing.map_or(Ok(()), |missing| decider.accept(Fact::Set(Setting::FeedMissing(missing))))?;
                name
            }
            EditFeed::Pause { name, paused } => {
                let feed = known(decider, &name)?;
                if feed.paused != paused {
                    decider.accept(Fact::Set(Setting::Feed(Feed { paused, ..feed })))?;
                }
                name
            }
            EditFeed::Remove { name } => {
                let feed = known(decider, &name)?;
                decider.accept(Fact::Set(Setting::Feed(Feed { removed: true, ..feed })))?;
                if let Some(missing) = decider.draft().settings().feeds_missing.get(&name).cloned() {
                    let missing = FeedMissing { removed: true, ..missing };
                    decider.accept(Fact::Set(Setting::FeedMissing(missing)))?;
                }
                name
            }
        };
        Ok(Answer::Name(name))
    }
}

/// What is kept of a policy; nothing where what is missing is kept.
fn policy(feed: &Feed, missing: Missing) -> Result<Option<FeedMissing>> {
    let Missing::Note { retire_after, share_max } = missing else { return Ok(None) };
    if feed.each {
        let message = "a source that takes each file by itself never names everything it knows";
        return Err(Error::invalid("source.missing", message)
            .detail("/missing", message)
            .hint("leave --each out, or --missing"));
    }
    if retire_after == Some(0) || !(0.0..=1.0).contains(&share_max) {
        let message = "items are retired after one run or more, and of a share from 0% to 100%";
        return Err(Error::invalid("source.missing", message).detail("/missing", message));
    }
    let share_max_millionths = (share_max * MILLION).round() as u32;
    Ok(Some(FeedMissing { name: feed.name.clone(), retire_after, share_max_millionths, removed: false }))
}

/// The policy of a repeating source.
pub fn missing_of(settings: &Settings, feed: &str) -> Missing {
    match settings.feeds_missing.get(feed) {
        None => Missing::Keep,
        Some(kept) => Missing::Note {
            retire_after: kept.retire_after,
            share_max: f64::from(kept.share_max_millionths) / MILLION,
        },
    }
}

/// Whether items that a repeating source missed would be retired if it misses them again: then a run that brings
/// nothing new counts, too.
pub fn is_counting(settings: &Settings, feed: &str) -> bool {
    let after = settings.feeds_missing.get(feed).and_then(|kept| kept.retire_after);
    let absent = settings.absent.get(feed);
    let waits = |after: u32| absent.is_some_and(|a| a.items.iter().any(|i| !i.is_retired && i.runs < after));
    after.is_some_and(waits)
}

fn known(decider: &Decider<'_>, name: &str) -> Result<Feed> {
    let feed = decider.draft().settings().feeds.get(name).cloned();
    feed.ok_or_else(|| {
        Error::not_found("source.unknown", format!("no source \"{name}\" repeats"))
            .hint("`cmdb source list` lists them")
    })
}
