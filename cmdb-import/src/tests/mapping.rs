//! Mapping profiles.

use super::*;
use crate::Mapping;

#[test]
fn one_mapping_serves_the_debian_graph() {
    let options = mapped("kind=class,src=source,dst=target,rel=type,group=,-alt");
    let nodes = "id,kind,name,version\nlibc6,Package,libc6,2.36\n";
    let edges = "src,dst,rel,group,alt,constraint\nbash,libc6,Depends,3,0,>= 2.36\n";
    check("nodes.csv", nodes, &options, &["i2 id=libc6 class=Package name=libc6 version=2.36"]);
    assert_eq!(options.mapping.unused(), ["alt", "dst", "group", "rel", "src"]);
    assert_eq!(options.mapping.check_used().unwrap_err().code(), "mapping.unused");
    let expected = "r2 source=bash target=libc6 type=Depends constraint=>= 2.36";
    check("edges.csv", edges, &options.clone(), &[expected]);
    options.mapping.check_used().unwrap();
}

#[test]
fn a_profile_renames_drops_sets_and_translates() {
    let text = r#"
        drop = ["junk"]
        [columns]
        Hostname = "name"
        "State, now" = "status"
        [set]
        class = "Server"
        [values.status]
        Live = "operational"
        unknown = ""
    "#;
    let csv = "Hostname,\"State, now\",junk\na,Live,x\nb,unknown,x\nc,retired,x\n";
    let expected = [
        "i2 name=a status=operational class=Server",
        "i3 name=b class=Server",
        "i4 name=c status=retired class=Server",
    ];
    let options = mapped(text);
    check("f.csv", csv, &options, &expected);
    options.mapping.check_used().unwrap();
    let json = r#"[{"Hostname":"a","junk":1,"attributes":{"State, now":"Live"}}]"#;
    check("f.json", json, &options, &["i1 name=a status=operational class=Server"]);
    let own = Options { set: vec![("class".into(), "VM".into())], ..options };
    check("f.csv", "Hostname\na\n", &own, &["i2 name=a class=VM"]);
}

#[test]
fn names_may_be_swapped() {
    check("f.csv", "name,id\na,b\n", &mapped("name=id,id=name"), &["i2 id=a name=b"]);
}

#[test]
fn malformed_mappings_are_refused() {
    for text in
        ["a", "=b", "a=b,a=c", "[columns", "[colums]\na=1", "columns=\"\"", "[values]\na=1", "drop=[[]]"]
    {
        assert_eq!(Mapping::parse(text).unwrap_err().code(), "mapping.malformed", "{text}");
    }
    assert!(Mapping::parse("").unwrap().is_empty());
}
