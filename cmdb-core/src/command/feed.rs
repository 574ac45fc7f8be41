//! Sources that repeat.

use super::Answer;
use super::decider::Decider;
use super::handle::check_handle;
use crate::error::{Error, Result};
use crate::fact::{Fact, Setting};
use crate::graph::Records;
use crate::model::SmolStr;
use crate::model::feed::Feed;

/// Sources that repeat at most.
pub const FEEDS_MAX: usize = 256;
/// A source is looked at every minute at most, and once a year at least.
pub const EVERY_S: std::ops::RangeInclusive<u64> = 60..=366 * 86_400;

/// A change of what is read again and again.
#[derive(Clone, Debug)]
pub enum EditFeed {
    /// Adds a feed as stated; who and when is noted here.
    Add(Box<Feed>),
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
            EditFeed::Add(feed) => {
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
                decider.accept(Fact::Set(Setting::Feed(Feed { created, by, ..*feed })))?;
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
                name
            }
        };
        Ok(Answer::Name(name))
    }
}

fn known(decider: &Decider<'_>, name: &str) -> Result<Feed> {
    let feed = decider.draft().settings().feeds.get(name).cloned();
    feed.ok_or_else(|| {
        Error::not_found("source.unknown", format!("no source \"{name}\" repeats"))
            .hint("`cmdb source list` lists them")
    })
}
