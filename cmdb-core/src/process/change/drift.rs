//! Whether what would happen is still what was decided on: the same services in the same states, the same risk.

use super::assessment::plan_digest;
use super::record::ChangeRecord;
use crate::analysis::impact::State;
use crate::graph::Records;
use crate::model::{SmolStr, Value};
use crate::process::fields::{get, get_list, get_text, list, map, text};
use std::collections::BTreeMap;

/// A service in one scenario on one graph.
type Place = (&'static str, &'static str, SmolStr);

/// The scenarios that were decided on.
const SCENARIOS: [&str; 3] = ["during", "if_it_fails", "after"];
const GRAPHS: [&str; 2] = ["today", "proposed"];

/// How one assessment differs from another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    services: Vec<Value>,
    risk: Option<(SmolStr, SmolStr)>,
    worse: bool,
}

impl Drift {
    pub fn is_none(&self) -> bool {
        self.services.is_empty() && self.risk.is_none()
    }
    /// Whether anything got worse than what was decided on; if not, everything that differs got better.
    pub fn is_worse(&self) -> bool {
        self.worse
    }
    /// As it is kept in the record.
    pub fn value(&self) -> Value {
        map([
            ("services", list(self.services.iter().cloned())),
            ("risk_was", self.risk.as_ref().and_then(|(was, _)| text(was))),
            ("risk_is", self.risk.as_ref().and_then(|(_, is)| text(is))),
            ("worse", Some(Value::Boolean(self.worse))),
        ])
    }
    /// In one sentence.
    pub fn sentence(&self) -> String {
        let one = |s: &Value| {
            let (name, was, is) = (get_text(s, "name"), get_text(s, "was"), get_text(s, "is"));
            format!("{name} is {is} instead of {was} ({})", get_text(s, "scenario").replace('_', " "))
        };
        let mut parts: Vec<String> = self.services.iter().take(5).map(one).collect();
        if self.services.len() > parts.len() {
            parts.push(format!("and {} more", self.services.len() - parts.len()));
        }
        if let Some((was, is)) = &self.risk {
            parts.push(format!("the risk is {is} instead of {was}"));
        }
        parts.join("; ")
    }
}

/// Compares what was decided on with what was found now.
pub fn drift(decided: &Value, now: &Value) -> Drift {
    let (was, is) = (states(decided), states(now));
    let mut out = Drift::default();
    let places: std::collections::BTreeSet<&Place> = was.keys().chain(is.keys()).collect();
    for place in places {
        let (before, name) = was.get(place).cloned().unwrap_or_default();
        let (after, name_now) = is.get(place).cloned().unwrap_or_default();
        if before == after {
            continue;
        }
        out.worse |= after > before;
        out.services.push(map([
            ("scenario", text(place.0)),
            ("graph", text(place.1)),
            ("id", text(&place.2)),
            ("name", text(if name_now.is_empty() { &name } else { &name_now })),
            ("was", text(before.word())),
            ("is", text(after.word())),
        ]));
    }
    let level = |v: &Value| SmolStr::new(get(v, "risk").map_or("", |risk| get_text(risk, "level")));
    let rank = |l: &str| super::policy::LEVELS.iter().position(|known| *known == l);
    let (before, after) = (level(decided), level(now));
    if before != after {
        out.worse |= rank(&after) > rank(&before);
        out.risk = Some((before, after));
    }
    out
}

fn states(assessment: &Value) -> BTreeMap<Place, (State, SmolStr)> {
    let mut out = BTreeMap::new();
    for scenario in SCENARIOS {
        for graph in GRAPHS {
            let Some(found) = get(assessment, scenario).and_then(|s| get(s, graph)) else { continue };
            for service in get_list(found, "services") {
                let state = State::parse(get_text(service, "state")).unwrap_or_default();
                let place = (scenario, graph, SmolStr::new(get_text(service, "id")));
                out.insert(place, (state, SmolStr::new(get_text(service, "name"))));
            }
        }
    }
    out
}

/// Whether the plan is still the one that was assessed.
pub fn is_of_plan(records: &dyn Records, record: &ChangeRecord) -> bool {
    let digest = record.assessment.as_ref().map(|a| get_text(a, "plan"));
    digest == Some(&plan_digest(records, record))
}
