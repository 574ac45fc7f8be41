//! YAML as a plain format.

use super::*;

#[test]
fn a_list_of_records_several_documents_and_sections_say_the_same() {
    let rows = ["i1 class=Server cores:integer=4 name=a tags:list=[x, 7]", "i2 class=Server name=b"];
    let list =
        "- class: Server\n  name: a\n  cores: 4\n  tags: [x, 7]\n- {class: Server, name: b, cores: ~}\n";
    check("f.yaml", list, &Options::default(), &rows);
    let documents = "---\nclass: Server\nname: a\ncores: 4\ntags: [x, 7]\n---\n# a comment\n---\nclass: Server\nname: b\n...\n";
    check("f.yml", documents, &Options::default(), &rows);
    let sections = "items:\n- {class: Server, name: a}\nrelationships:\n- {source: a, type: depends_on, target: b, needs: 1}\n";
    check(
        "f.yaml",
        sections,
        &Options::default(),
        &["i1 class=Server name=a", "r1 source=a type=depends_on target=b needs:integer=1"],
    );
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let text = "- &base {class: Server, location: Bonn}\n- {<<: *base, name: b}\n";
    let (kept, outcome) = take("f.yaml", text.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(kept.rows(), ["i1 class=Server location=Bonn", "i2 class=Server location=Bonn name=b"]);
}

#[test]
fn what_cannot_be_read_is_said_with_its_line() {
    let (kept, outcome) = take("f.yaml", b"name: a\n---\nname: [b\n---\nname: c\n", &Options::default());
    outcome.unwrap();
    assert_eq!(kept.rows(), ["i1 name=a", "i3 name=c"]);
    assert_eq!(kept.codes(), [(2, "yaml.syntax")]);
    assert!(kept.complaints[0].message.contains("line 3") || kept.complaints[0].message.contains("line 4"));
    check_complaints("f.yaml", b"- name: a\n- 7\n", &["i1 name=a"], &[(2, "yaml.not-a-record")]);
    check_complaints("f.yaml", b"name: a\nname: b\n", &[], &[(1, "yaml.syntax")]);
    assert_eq!(failure("f.yaml", b"# nothing\n"), "yaml.empty");
}
