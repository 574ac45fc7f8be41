//! The table beside a drawing: the same items, filtered, sorted, a page at a time.

use super::Picture;
use super::answer::word;
use super::looks::Order;
use crate::api::drawing::{Because, DrawingRow, DrawingTable};
use crate::convert::item_ref;
use crate::cursor::Page;
use crate::expression::{Fields, ItemFields, Operand};
use crate::handlers::impact::answer::gate;
use crate::window::window;
use cmdb_core::analysis::criticality::{criticality, rank};
use cmdb_core::analysis::drawing::keys::{self, Values};
use cmdb_core::analysis::drawing::{GroupBy, Member};
use cmdb_core::analysis::impact::State;
use cmdb_core::graph::{Records, View};
use cmdb_core::model::{Item, Value};
use cmdb_core::{Error, Result};
use cmdb_import::export::write_csv;

/// Rows of one CSV at most.
const CSV_ROWS_MAX: usize = 250_000;
/// Rows described at a time.
const BLOCK: usize = 4_096;

const CSV_COLUMNS: [&str; 11] =
    ["id", "class", "name", "state", "depth", "criticality", "site", "owner", "environment", "because", "on"];

impl Picture<'_> {
    /// One page of rows.
    pub fn table(&self, view: View<'_>, page: &Page) -> Result<DrawingTable> {
        let kept = self.kept()?;
        let count = kept.len() as u64;
        let take = page.limit.unwrap_or(usize::MAX);
        let shown = self.ordered(kept, page.offset, take)?;
        let rows = self.described(view, &shown)?;
        let next_cursor = page.next(self.snapshot.position(), rows.len(), count);
        Ok(DrawingTable { rows, count, next_cursor })
    }
    /// All rows, as a file.
    pub fn csv(&self, view: View<'_>) -> Result<Vec<u8>> {
        let kept = self.kept()?;
        if kept.len() > CSV_ROWS_MAX {
            let message = format!("the table has {} rows; a file has at most {CSV_ROWS_MAX}", kept.len());
            return Err(Error::limit("drawing.csv", message)
                .hint("filter it by class, only, where or box, or take /api/v1/impact?limit=all"));
        }
        let ordered = self.ordered(kept, 0, usize::MAX)?;
        let mut rows = Vec::with_capacity(ordered.len());
        for block in ordered.chunks(BLOCK) {
            rows.extend(self.described(view, block)?.into_iter().map(cells));
        }
        let mut out = Vec::new();
        write_csv(&CSV_COLUMNS, rows.into_iter(), &mut out).map_err(|e| {
            Error::new(cmdb_core::Kind::Internal, "drawing.csv", "writing failed").caused_by(e)
        })?;
        Ok(out)
    }
    /// Members that pass the filters, in the subject's order.
    fn kept(&self) -> Result<Vec<Member>> {
        let figure = match &self.looks.figure {
            None => None,
            Some(id) => {
                let unknown = || {
                    Error::not_found("drawing.box", format!("the drawing has no box \"{id}\""))
                        .hint("ids of boxes are in the drawing's `boxes`")
                };
                Some(self.drawing.figure(id).ok_or_else(unknown)?)
            }
        };
        let mut members: Vec<Member> = match figure {
            Some(figure) => {
                // A group that was opened has its members in another order.
                let mut members = figure.members.clone();
                members.sort_unstable();
                members.into_iter().map(|m| self.subject.members[m as usize]).collect()
            }
            None => self.subject.members.iter().filter(|m| !m.root).copied().collect(),
        };
        let looks = self.looks;
        members.retain(|m| {
            (looks.states.is_empty() || looks.states.contains(&m.state))
                && looks.class.as_ref().is_none_or(|c| c.holds(self.snapshot.class_of(m.item)))
        });
        if let Some(text) = &looks.text {
            members.retain(|m| self.snapshot.name_of(m.item).to_lowercase().contains(text.as_str()));
        }
        if let Some(condition) = &looks.condition {
            let mut kept = Vec::new();
            for member in members {
                let Some(item) = self.snapshot.item(self.snapshot.number(member.item))? else { continue };
                if condition.holds(&RowFields { picture: self, item: &item, member }) {
                    kept.push(member);
                }
            }
            members = kept;
        }
        Ok(members)
    }
    fn ordered(&self, mut members: Vec<Member>, skip: u64, take: usize) -> Result<Vec<Member>> {
        let looks = self.looks;
        if looks.order == Order::State && !looks.descending {
            return Ok(self.worst_first(members, skip, take));
        }
        let name = |m: &Member| (self.snapshot.name_of(m.item), self.snapshot.number(m.item));
        match looks.order {
            Order::State => members.sort_by_cached_key(|m| (m.state, std::cmp::Reverse(m.depth), name(m))),
            Order::Name => members.sort_by_cached_key(name),
            Order::Class => members.sort_by_cached_key(|m| (self.snapshot.class_name(m.item), name(m))),
            Order::Depth => members.sort_by_cached_key(|m| (m.depth.unsigned_abs(), name(m))),
            Order::Criticality => {
                let read = |m: Member| Ok((rank(self.snapshot, m.item)?, m));
                let mut keyed: Vec<(i64, Member)> = members.into_iter().map(read).collect::<Result<_>>()?;
                keyed.sort_by_cached_key(|(criticality, m)| {
                    (*criticality, std::cmp::Reverse(m.state), name(m))
                });
                members = keyed.into_iter().map(|(_, m)| m).collect();
            }
        }
        // Ascending state is already the reverse of the usual order.
        if looks.descending && looks.order != Order::State {
            members.reverse();
        }
        Ok(members.into_iter().skip(skip as usize).take(take).collect())
    }
    /// As impacts are listed: worst state, depth, class, name; only what is shown is sorted.
    fn worst_first(&self, mut members: Vec<Member>, skip: u64, take: usize) -> Vec<Member> {
        members.sort_by_key(|m| (std::cmp::Reverse(m.state), m.depth.unsigned_abs()));
        let items: Vec<u32> = members.iter().map(|m| m.item).collect();
        let mut start = 0;
        let waves = members.chunk_by(|a, b| (a.state, a.depth) == (b.state, b.depth)).map(|wave| {
            start += wave.len();
            (&items[start - wave.len()..start], wave[0])
        });
        let rows = window(self.snapshot, waves, skip, take, None);
        rows.into_iter().map(|(item, first)| Member { item, ..first }).collect()
    }
    fn described(&self, view: View<'_>, members: &[Member]) -> Result<Vec<DrawingRow>> {
        let read = |by| keys::values_of(view, members.iter().map(|m| m.item), by);
        let (sites, owners) = (read(GroupBy::Site)?, read(GroupBy::Owner)?);
        let environments = read(GroupBy::Environment)?;
        let text = |values: &Values, at: usize| {
            let text = values.text(at);
            (!text.is_empty()).then(|| text.to_string())
        };
        let row = |(at, member): (usize, &Member)| {
            let crate::api::ItemRef { id, class, name } = item_ref(self.snapshot, member.item);
            let index = self.subject.index_of(member.item).unwrap_or(0) as usize;
            let figure = &self.drawing.figures[self.drawing.figure_of[index] as usize];
            Ok(DrawingRow {
                id,
                class,
                name,
                state: (!self.subject.at_rest).then(|| word(member.state)),
                depth: member.depth,
                figure: figure.id.clone(),
                criticality: criticality(self.snapshot, member.item)?,
                site: text(&sites, at),
                owner: text(&owners, at),
                environment: text(&environments, at),
                because: self.because(member)?,
            })
        };
        members.iter().enumerate().map(row).collect()
    }
    fn because(&self, member: &Member) -> Result<Option<Because>> {
        if member.state == State::Up {
            return Ok(None);
        }
        let Some(step) = self.explainer.step(member.item)? else { return Ok(None) };
        let record = self.snapshot.relationship(step.relationship)?;
        let kind = record.map_or("", |r| self.snapshot.names().text(r.identity.kind)).to_owned();
        Ok(Some(Because {
            relationship: kind,
            on: item_ref(self.snapshot, step.on),
            state: step.state.word(),
            rule: step.gate.as_ref().map(|g| gate(self.snapshot, g).rule),
        }))
    }
}

/// What a condition can ask of a row: all of the item, its state and its depth.
struct RowFields<'a> {
    picture: &'a Picture<'a>,
    item: &'a Item,
    member: Member,
}

impl Fields for RowFields<'_> {
    fn field(&self, name: &str) -> Option<Operand> {
        match name {
            "state" => Some(Operand::State(self.member.state)),
            "depth" => Some(Operand::Number(f64::from(self.member.depth))),
            other => ItemFields { snapshot: self.picture.snapshot, item: self.item }.field(other),
        }
    }
    fn is_a(&self, class: &str) -> Option<bool> {
        ItemFields { snapshot: self.picture.snapshot, item: self.item }.is_a(class)
    }
}

fn cells(row: DrawingRow) -> Vec<Option<Value>> {
    let text = |text: &str| Some(Value::text(text));
    let on = row.because.as_ref().map(|b| Value::text(&b.on.name));
    let because = row.because.as_ref().map(|b| match &b.rule {
        Some(rule) => Value::text(&format!("{} ({rule})", b.relationship)),
        None => Value::text(&b.relationship),
    });
    vec![
        text(&row.id),
        text(&row.class),
        text(&row.name),
        row.state.and_then(text),
        Some(Value::Integer(i64::from(row.depth))),
        row.criticality.map(Value::Integer),
        row.site.as_deref().and_then(text),
        row.owner.as_deref().and_then(text),
        row.environment.as_deref().and_then(text),
        because,
        on,
    ]
}
