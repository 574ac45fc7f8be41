//! The demo's change calendar: a quarter of ordinary work, and among it what boards overlook.
//!
//! Two pairs of changes are harmless each by itself and take services down together; they share no item, no host, no
//! site and no team, so nothing that compares pairs sees them. There is a freeze that one change runs into, an
//! emergency, and windows agreed for hosts and databases. Everything follows from the day given; nothing asks a clock.

use super::estate::Estate;
use crate::failure::Failure;
use crate::folder::local_context;
use cmdb_core::Cmdb;
use cmdb_core::analysis::collision::PeriodKind;
use cmdb_core::command::attributes::{Input, Inputs};
use cmdb_core::command::item::CreateItem;
use cmdb_core::command::program::Program;
use cmdb_core::command::relationship::Relate;
use cmdb_core::command::{Answer, Command, Reference};
use cmdb_core::model::principal::{Principal, Role};
use cmdb_core::model::{SmolStr, Value};
use cmdb_core::process::calendar::period::CreatePeriod;
use cmdb_core::process::change::carry_out::StartChange;
use cmdb_core::process::change::create::{CreateChange, Plan};
use cmdb_core::process::change::submit::SubmitChange;
use cmdb_core::process::change::vote::ApproveChange;
use cmdb_server::queries::LanguageQueries;
use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan};
use std::sync::Arc;

/// The zone the company plans in.
const ZONE: &str = "Europe/Berlin";
/// Weeks of ordinary work.
const WEEKS: i64 = 11;

/// Of those, weeks whose changes wait for the board; later ones are drafts still.
const WEEKS_HANDED_IN: i64 = 2;

/// The emergency: decided on by one person and under way.
const EMERGENCY: &str = "Replace the failed fan of switch sw-ham1-spine-2";
/// Approved while it was harmless, which it no longer is.
const STALE: &str = "Firmware update of storage array san-ham1-05";

/// A change of the calendar.
struct Entry {
    title: String,
    kind: &'static str,
    affects: Vec<String>,
    start: DateTime,
    minutes: i64,
    /// Who plans it; the implementer is their team.
    requester: &'static str,
    implementer: &'static str,
    extra: Vec<(&'static str, Input)>,
}

/// Records the calendar from the Monday on or after `day` on.
pub fn record(cmdb: &Arc<Cmdb>, estate: &Estate, day: Date) -> Result<(), Failure> {
    let monday = day + i64::from(7 - day.weekday().to_monday_zero_offset()).rem_euclid(7).days();
    for period in periods(monday) {
        submit(cmdb, "Greta Gruber", Role::Approver, Arc::new(period))?;
    }
    saved_queries(cmdb)?;
    for entry in entries(estate, monday) {
        let soon = entry.kind == "normal" && entry.start < at(on(monday, WEEKS_HANDED_IN, 0), 0, 0);
        let (requester, title, plan) = (entry.requester, entry.title.clone(), entry.plan());
        let change = submit(cmdb, requester, Role::Editor, Arc::new(CreateChange { plan }))?;
        match title.as_str() {
            EMERGENCY => carry_out_at_once(cmdb, requester, change)?,
            STALE => approve_and_move_on(cmdb, requester, change)?,
            _ if soon => hand_in(cmdb, requester, change)?,
            _ => {}
        }
    }
    Ok(())
}

/// The emergency is decided on by one person and begins.
fn carry_out_at_once(cmdb: &Arc<Cmdb>, requester: &str, change: Reference) -> Result<(), Failure> {
    let queries = LanguageQueries::over(cmdb);
    let note = SmolStr::new_static("the spine runs on one fan");
    let approve = ApproveChange {
        change: change.clone(),
        if_version: None,
        note: note.clone(),
        queries: queries.clone(),
    };
    submit(cmdb, "Greta Gruber", Role::Approver, Arc::new(approve))?;
    submit(cmdb, requester, Role::Editor, Arc::new(StartChange { change, note, queries }))?;
    Ok(())
}

/// The plan is complete: the board may decide.
fn hand_in(cmdb: &Arc<Cmdb>, requester: &str, change: Reference) -> Result<(), Failure> {
    let (note, queries) = (SmolStr::default(), LanguageQueries::over(cmdb));
    submit(cmdb, requester, Role::Editor, Arc::new(SubmitChange { change, note, queries }))?;
    Ok(())
}

/// The change is approved while nothing but staging lies on the array; then somebody moves an application onto it.
fn approve_and_move_on(cmdb: &Arc<Cmdb>, requester: &str, change: Reference) -> Result<(), Failure> {
    let queries = LanguageQueries::over(cmdb);
    let note = SmolStr::default();
    hand_in(cmdb, requester, change.clone())?;
    submit(
        cmdb,
        "Greta Gruber",
        Role::Approver,
        Arc::new(ApproveChange { change, if_version: None, note, queries }),
    )?;
    let moved = Relate {
        kind: "stored_on".into(),
        source: Reference("ApplicationInstance:counter-prod-01".into()),
        target: Reference("StorageArray:san-ham1-05".into()),
        attributes: Vec::new(),
    };
    let mut context = local_context()?;
    context.principal = Principal { name: "Lena Hartmann".into(), role: Role::Editor };
    cmdb.submit(context, Command::Relate(moved)).map(drop).map_err(Failure::Core)
}

/// Runs a program for somebody; a reference to the item it answers with.
fn submit(cmdb: &Cmdb, by: &str, role: Role, program: Arc<dyn Program>) -> Result<Reference, Failure> {
    let mut context = local_context()?;
    context.principal = Principal { name: by.into(), role };
    let what = program.name();
    let receipt = cmdb.submit(context, Command::Run(program)).map_err(|e| Failure::Other {
        code: 70,
        message: format!("the demo could not {what}: {e}"),
        hint: e.details().first().map(|d| d.message.clone()),
    })?;
    let item = match receipt.answer {
        Answer::Item(number) => cmdb.snapshot().item_id(number).to_string(),
        _ => String::new(),
    };
    Ok(Reference(item.into()))
}

impl Entry {
    fn plan(self) -> Plan {
        let text = |text: &str| Input::Text(text.into());
        let end = self.start + self.minutes.minutes();
        let mut attributes: Inputs = vec![
            ("title".into(), text(&self.title)),
            ("change_type".into(), text(self.kind)),
            ("planned_start".into(), text(&zoned(self.start))),
            ("planned_end".into(), text(&zoned(end))),
            ("time_zone".into(), text(ZONE)),
            ("implementer".into(), text(self.implementer)),
        ];
        attributes.extend(self.extra.into_iter().map(|(name, input)| (SmolStr::new_static(name), input)));
        Plan { attributes, affects: Some(self.affects.into_iter().map(Into::into).collect()), follows: None }
    }
}

/// A local time with its offset.
fn zoned(at: DateTime) -> String {
    at.in_tz(ZONE).map_or_else(|_| format!("{at}Z"), |zoned| zoned.to_string())
}

fn at(day: Date, hour: i8, minute: i8) -> DateTime {
    day.at(hour, minute, 0, 0)
}

fn on(monday: Date, week: i64, weekday: i64) -> Date {
    monday + Span::new().days(week * 7 + weekday)
}

fn periods(monday: Date) -> Vec<CreatePeriod> {
    let text = |at: DateTime| SmolStr::new(at.to_string());
    let period = |kind, title: &str, scope: &str, start, end, repeat: Option<&str>| CreatePeriod {
        kind,
        title: title.into(),
        scope: Some(scope.into()),
        on: Vec::new(),
        start: text(start),
        end: text(end),
        time_zone: ZONE.into(),
        recurrence: repeat.map(Into::into),
        left_out: Vec::new(),
        description: None,
    };
    let (friday, saturday, wednesday) = (on(monday, 8, 4), on(monday, 0, 5), on(monday, 0, 2));
    vec![
        period(
            PeriodKind::Freeze,
            "Peak trading weekend",
            "MATCH (s:BusinessService) WHERE s.criticality = 1 CALL cmdb.dependencies(s) YIELD node \
             UNWIND [s, node] AS item RETURN DISTINCT item",
            at(friday, 18, 0),
            at(on(monday, 9, 0), 6, 0),
            None,
        ),
        period(
            PeriodKind::Maintenance,
            "Hypervisor nights",
            "MATCH (h:Hypervisor) RETURN h",
            at(saturday, 21, 0),
            at(on(monday, 0, 6), 5, 0),
            Some("FREQ=WEEKLY"),
        ),
        period(
            PeriodKind::Maintenance,
            "Database evenings",
            "MATCH (d:Database) WHERE d.environment = 'production' RETURN d",
            at(wednesday, 21, 0),
            at(on(monday, 0, 3), 1, 0),
            Some("FREQ=WEEKLY"),
        ),
        period(
            PeriodKind::Maintenance,
            "Database Sundays",
            "MATCH (d:Database) WHERE d.environment = 'production' RETURN d",
            at(on(monday, 0, 6), 1, 0),
            at(on(monday, 0, 6), 6, 0),
            Some("FREQ=WEEKLY"),
        ),
    ]
}

fn saved_queries(cmdb: &Cmdb) -> Result<(), Failure> {
    let queries = [
        (
            "critical-services",
            "Services whose loss stops the business",
            "MATCH (s:BusinessService) WHERE s.criticality = 1 RETURN s",
            false,
        ),
        (
            "critical-services-have-owners",
            "Every business service of criticality 1 has somebody who answers for it",
            "MATCH (s:BusinessService) WHERE s.criticality = 1 AND NOT (s)-[:owned_by]->() RETURN s.name",
            true,
        ),
    ];
    for (name, description, query, invariant) in queries {
        let text = |text: &str| Input::Text(text.into());
        let attributes = vec![
            ("query".into(), text(query)),
            ("description".into(), text(description)),
            ("invariant".into(), Input::Typed(Value::Boolean(invariant))),
        ];
        let create =
            CreateItem { class: "SavedQuery".into(), name: Some(name.into()), status: None, attributes };
        cmdb.submit(local_context()?, Command::CreateItem(create)).map_err(Failure::Core)?;
    }
    Ok(())
}

fn entries(estate: &Estate, monday: Date) -> Vec<Entry> {
    let mut entries = specials(estate, monday);
    for week in 0..WEEKS {
        entries.extend(ordinary(monday, week));
    }
    entries.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.title.cmp(&b.title)));
    entries
}

/// The host that a virtual machine of the estate runs on.
fn host_of(estate: &Estate, machine: &str) -> String {
    let key = format!("VirtualMachine:{machine}");
    let runs = estate.relationships.iter().find(|r| r.kind == "runs_on" && r.source == key);
    runs.map_or(key, |r| r.target.clone())
}

fn name_of(key: &str) -> &str {
    key.split_once(':').map_or(key, |(_, name)| name)
}

/// What boards overlook, and what they should not.
fn specials(estate: &Estate, monday: Date) -> Vec<Entry> {
    let bus = host_of(estate, "vm-message-bus-prod-01");
    let identity = host_of(estate, "vm-db-identity-prod-02");
    let tested = || vec![("test_evidence", Input::Text("done the same way in staging".into())), back_out(30)];
    vec![
        Entry {
            title: format!("Replace a memory module of {}", name_of(&bus)),
            kind: "normal",
            affects: vec![bus],
            start: at(on(monday, 2, 5), 22, 0),
            minutes: 120,
            requester: "Hannes Demir",
            implementer: "Virtualisation",
            extra: tested(),
        },
        Entry {
            title: "Upgrade the operating system of the message bus in Hamburg".to_owned(),
            kind: "normal",
            affects: vec!["VirtualMachine:vm-message-bus-prod-02".to_owned()],
            start: at(on(monday, 2, 5), 23, 0),
            minutes: 90,
            requester: "Elif Brandt",
            implementer: "Platform Engineering",
            extra: tested(),
        },
        Entry {
            title: "PostgreSQL 17 on the first identity database".to_owned(),
            kind: "normal",
            affects: vec!["Database:db-identity-prod-01".to_owned()],
            start: at(on(monday, 4, 6), 2, 0),
            minutes: 60,
            requester: "Ines Cordes",
            implementer: "Database Operations",
            extra: vec![back_out(45)],
        },
        Entry {
            title: format!("Firmware of {}", name_of(&identity)),
            kind: "normal",
            affects: vec![identity],
            start: at(on(monday, 4, 6), 2, 30),
            minutes: 90,
            requester: "Hannes Demir",
            implementer: "Virtualisation",
            extra: tested(),
        },
        Entry {
            title: "Firmware update of storage array san-fra1-02".to_owned(),
            kind: "normal",
            affects: vec!["StorageArray:san-fra1-02".to_owned()],
            start: at(on(monday, 0, 6), 6, 0),
            minutes: 40,
            requester: "Jonas Ehlers",
            implementer: "Storage and Backup",
            extra: vec![back_out(60)],
        },
        Entry {
            title: STALE.to_owned(),
            kind: "normal",
            affects: vec!["StorageArray:san-ham1-05".to_owned()],
            start: at(on(monday, 3, 6), 6, 0),
            minutes: 40,
            requester: "Jonas Ehlers",
            implementer: "Storage and Backup",
            extra: tested(),
        },
        Entry {
            title: "New rule set on the edge firewall in Frankfurt".to_owned(),
            kind: "normal",
            affects: vec!["Firewall:fw-fra1-edge-1=degraded".to_owned()],
            start: at(on(monday, 8, 5), 10, 0),
            minutes: 45,
            requester: "Karim Fuchs",
            implementer: "Network",
            extra: tested(),
        },
        Entry {
            title: EMERGENCY.to_owned(),
            kind: "emergency",
            affects: vec!["Switch:sw-ham1-spine-2".to_owned()],
            start: at(on(monday, 0, 0), 14, 0),
            minutes: 60,
            requester: "Karim Fuchs",
            implementer: "Network",
            extra: Vec::new(),
        },
    ]
}

fn back_out(minutes: i64) -> (&'static str, Input) {
    ("back_out_minutes", Input::Typed(Value::Integer(minutes)))
}

/// Applications whose second copies are patched in turn.
const PATCHED: [&str; 11] = [
    "accounts",
    "basket",
    "catalogue",
    "checkout",
    "consent",
    "directory",
    "prices",
    "search",
    "tax",
    "stock",
    "storefront",
];
/// Applications whose certificates are renewed in turn.
const CERTIFIED: [&str; 11] = [
    "dns",
    "identity",
    "message-bus",
    "monitoring",
    "basket",
    "catalogue",
    "content",
    "accounts",
    "refunds",
    "tax",
    "wms",
];
/// Databases whose second nodes are updated in turn.
const UPDATED: [&str; 11] = [
    "order-hub",
    "loyalty",
    "gift-cards",
    "refunds",
    "invoicing",
    "crm",
    "ledger",
    "hr-core",
    "edi",
    "purchasing",
    "intranet",
];

/// A week of ordinary work, each on a day of its own.
fn ordinary(monday: Date, week: i64) -> Vec<Entry> {
    let turn = (week % 11) as usize;
    let (patched, updated) = (PATCHED[turn], UPDATED[turn]);
    let entry = |title: String, affects: String, start, minutes, requester, implementer| Entry {
        title,
        kind: "normal",
        affects: vec![affects],
        start,
        minutes,
        requester,
        implementer,
        extra: vec![back_out(15)],
    };
    let rack = 1 + week % 6;
    vec![
        Entry {
            extra: Vec::new(),
            ..entry(
                format!("Renew the certificate of {}", CERTIFIED[turn]),
                format!("Certificate:{}.hansekontor.example=edited", CERTIFIED[turn]),
                at(on(monday, week, 0), 10, 0),
                30,
                "Elif Brandt",
                "Platform Engineering",
            )
        },
        entry(
            format!("Patch the second machine of {patched}"),
            format!("VirtualMachine:vm-{patched}-prod-02"),
            at(on(monday, week, 1), 21, 0),
            60,
            "Elif Brandt",
            "Platform Engineering",
        ),
        entry(
            format!("Minor update of db-{updated}-prod-02"),
            format!("Database:db-{updated}-prod-02"),
            at(on(monday, week, 2), 22, 0),
            60,
            "Ines Cordes",
            "Database Operations",
        ),
        entry(
            format!("Firmware of rack switch sw-ham1-r{rack:02}-b"),
            format!("Switch:sw-ham1-r{rack:02}-b"),
            at(on(monday, week, 3), 20, 0),
            60,
            "Karim Fuchs",
            "Network",
        ),
        entry(
            format!("Firmware of esx-ham1-r{rack:02}-06"),
            format!("Hypervisor:esx-ham1-r{rack:02}-06"),
            at(on(monday, week, 5), if week == 2 { 1 } else { 22 }, 0),
            120,
            "Hannes Demir",
            "Virtualisation",
        ),
    ]
}
