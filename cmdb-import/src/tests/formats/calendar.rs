//! iCalendar files as calendars write them.

use super::*;

const FILE: &str = "BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:Europe/Berlin\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:1@example\r
SUMMARY:Peak trading\\, no changes\r
CATEGORIES:Freeze\r
DTSTART;TZID=Europe/Berlin:20261218T180000\r
DTEND;TZID=\"Europe/Berlin\":20261221T060000\r
X-CMDB-SCOPE:MATCH (s:BusinessService) WHERE 'retail' IN s.tags RETU\r
 RN s\r
BEGIN:VALARM\r
SUMMARY:not this\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2@example\r
SUMMARY:Host nights\r
DTSTART:20261128T210000Z\r
DURATION:PT5H\r
RRULE:FREQ=WEEKLY;BYDAY=SA\r
EXDATE:20261226T210000Z,20270102T210000Z\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3@example\r
SUMMARY:Somewhere\r
DTSTART;TZID=W. Europe Standard Time:20261128T210000\r
END:VEVENT\r
END:VCALENDAR\r
";

#[test]
fn events_become_freezes_and_windows_and_unknown_zones_are_named() {
    let (kept, outcome) = take("team.ics", FILE.as_bytes(), &Options::default());
    outcome.unwrap();
    let rows = items(&kept);
    assert_eq!(rows.len(), 2, "{rows:?}");
    let freeze = &rows[0];
    assert_eq!((freeze["class"].as_str(), freeze["name"].as_str()), ("Freeze", "Peak trading, no changes"));
    assert_eq!(freeze["scope"], "MATCH (s:BusinessService) WHERE 'retail' IN s.tags RETURN s");
    assert_eq!(freeze["starts_at"], "2026-12-18T18:00:00+01:00[Europe/Berlin]");
    let window = &rows[1];
    assert_eq!((window["class"].as_str(), window["time_zone"].as_str()), ("MaintenanceWindow", "UTC"));
    assert_eq!(window["recurrence"], "FREQ=WEEKLY;BYDAY=SA");
    assert!(window["ends_at"].starts_with("2026-11-29T02:00:00"), "{window:?}");
    assert!(window["left_out"].contains("2026-12-26T21:00:00"), "{window:?}");
    let complaint = &kept.complaints[0];
    assert!(complaint.message.contains("\"W. Europe Standard Time\" on line 29"), "{}", complaint.message);
}
