//! What happened to an item, newest first.

use super::disk::Disk;
use super::support::*;
use cmdb_core::command::Answer;
use cmdb_core::graph::Records;
use cmdb_core::model::ItemNumber;

#[test]
fn history_tells_each_change_of_an_item_and_of_its_relationships_newest_first() {
    let cmdb = create(Disk::new(Vec::new()).location());
    let Answer::Item(item) = run(&cmdb, server("web", &[("note", "one")])).unwrap().answer else { panic!() };
    run(&cmdb, server("db", &[])).unwrap();
    run(&cmdb, relate("web", "depends_on", "db", &[])).unwrap();
    run(&cmdb, set("db", &[("note", "not about web")])).unwrap();
    run(&cmdb, set("web", &[("note", "two"), ("name", "web-1")])).unwrap();
    run(&cmdb, relate("web-1", "depends_on", "db", &[("effect", "soft")])).unwrap();
    run(&cmdb, unrelate("web-1", "depends_on", "db", None)).unwrap();
    run(&cmdb, relate("web-1", "depends_on", "db", &[])).unwrap();
    run(&cmdb, remove("web-1", true)).unwrap();

    let names = cmdb.snapshot();
    let names = names.names();
    let note = |item: &cmdb_core::model::Item| {
        item.attribute(names.get("note").unwrap()).map_or(String::new(), ToString::to_string)
    };
    let told: Vec<String> = cmdb
        .history(item, 100)
        .unwrap()
        .iter()
        .map(|e| {
            let change = e.item.as_ref().map(|c| {
                let before = c
                    .before
                    .as_ref()
                    .map_or("nothing".into(), |b| format!("{}:{}", b.name.clone().unwrap(), note(b)));
                let after = if c.after.removed {
                    "removed".into()
                } else {
                    format!("{}:{}", c.after.name.clone().unwrap(), note(&c.after))
                };
                format!("{before} -> {after}")
            });
            let links: Vec<String> = e
                .relationships
                .iter()
                .map(|r| {
                    format!(
                        "r{} {} {} {}",
                        r.relationship,
                        r.before.is_some(),
                        r.after.attributes.len(),
                        r.after.removed
                    )
                })
                .collect();
            format!("{} {} {change:?} {links:?}", e.position, e.message)
        })
        .collect();
    let expected = [
        "10 remove item Some(\"web-1:two -> removed\") [\"r1 true 0 true\"]",
        "9 relate None [\"r1 false 0 false\"]",
        "8 unrelate None [\"r0 true 0 true\"]",
        "7 relate None [\"r0 true 1 false\"]",
    ];
    assert_eq!(told.len(), 7, "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!(told, expected);
    }
    assert_eq!(told[4], "6 edit item Some(\"web:one -> web-1:two\") []");
    assert_eq!(told[5], "4 relate None [\"r0 false 0 false\"]");
    assert_eq!(told[6], "2 create item Some(\"nothing -> web:one\") []");
    let newest = cmdb.history(item, 2).unwrap();
    assert_eq!(newest.iter().map(|e| e.position.0).collect::<Vec<_>>(), [10, 9]);
    assert!(cmdb.history(ItemNumber(999), 10).unwrap().is_empty());
}

#[test]
fn history_of_a_hub_reads_only_what_it_returns() {
    let cmdb = create(Disk::new(Vec::new()).location());
    run(&cmdb, server("hub", &[])).unwrap();
    for n in 0..300 {
        run(&cmdb, server(&format!("s{n}"), &[])).unwrap();
        run(&cmdb, relate(&format!("s{n}"), "depends_on", "hub", &[])).unwrap();
    }
    let newest = cmdb.history(ItemNumber(0), 5).unwrap();
    let last = cmdb.snapshot().position().0;
    assert_eq!(
        newest.iter().map(|e| e.position.0).collect::<Vec<_>>(),
        [last, last - 2, last - 4, last - 6, last - 8]
    );
    assert_eq!(cmdb.history(ItemNumber(0), usize::MAX).unwrap().len(), 301);
}

#[test]
fn history_of_a_past_position_ends_there() {
    let cmdb = create(Disk::new(Vec::new()).location());
    let Answer::Item(item) = run(&cmdb, server("web", &[])).unwrap().answer else { panic!() };
    run(&cmdb, server("db", &[])).unwrap();
    let then = run(&cmdb, set("web", &[("note", "one")])).unwrap().position;
    run(&cmdb, relate("web", "depends_on", "db", &[])).unwrap();
    run(&cmdb, set("web", &[("note", "two")])).unwrap();
    let past = cmdb.at(then).unwrap();
    let positions = |entries: Vec<cmdb_core::engine::history::HistoryEntry>| -> Vec<u64> {
        entries.iter().map(|entry| entry.position.0).collect()
    };
    let all = positions(cmdb.history(item, 100).unwrap());
    let until = positions(cmdb.history_until(&past, item, 100).unwrap());
    assert_eq!(all.len(), 4);
    assert_eq!(until, all[2..], "without the relationship and the edit that came later");
}
