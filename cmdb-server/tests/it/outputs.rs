//! Out again: what an export says comes back as it was; what other tools ask for has the shape they read.

use crate::server::{Server, form};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A small generator of its own: the same seed, the same estate.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
    /// A text with whatever a spreadsheet, a CSV or a parser could trip over.
    fn text(&mut self) -> String {
        const PIECES: [&str; 20] = [
            "=1+1",
            "+",
            "-",
            "@sum",
            "\t",
            "\r",
            "\n",
            "'",
            "''=",
            "\"",
            ",",
            ";",
            "007",
            "1e5",
            "ä",
            "🖥",
            "null",
            "true",
            "{\"a\":1}",
            "[1]",
        ];
        let middle: String = (0..1 + self.roll(4)).map(|_| self.pick(&PIECES)).collect();
        // Spaces around a text are not part of it in some formats; these stay within.
        format!("{}x", middle.trim())
    }
}

/// Random items and relationships between them, as an import in JSON.
fn estate(seed: u64) -> Value {
    let mut dice = Dice(seed);
    let count = 3 + dice.roll(20);
    let (mut items, mut relationships, mut seen) =
        (Vec::new(), Vec::new(), std::collections::BTreeSet::new());
    for n in 0..count {
        let mut attributes = serde_json::Map::new();
        if dice.roll(3) > 0 {
            attributes.insert("description".into(), dice.text().into());
        }
        if dice.roll(3) > 0 {
            attributes.insert("owner".into(), dice.text().into());
        }
        if dice.roll(2) == 0 {
            attributes.insert("criticality".into(), (1 + dice.roll(5)).into());
        }
        if dice.roll(2) == 0 {
            attributes.insert("availability".into(), json!((900 + dice.roll(100)) as f64 / 1000.0));
        }
        if dice.roll(4) == 0 {
            attributes.insert("environment".into(), dice.pick(&["production", "test"]).into());
        }
        let class = dice.pick(&["Server", "Database", "Application", "BusinessService"]);
        let status = dice.pick(&["operational", "in_maintenance"]);
        let name = format!("{}{n}", dice.text());
        items.push(json!({ "id": format!("k{n}"), "class": class, "name": name, "status": status, "attributes": attributes }));
    }
    for _ in 0..dice.roll(30) {
        let (source, target) = (dice.roll(count), dice.roll(count));
        let grouped = dice.roll(3) == 0;
        if source == target || !seen.insert((source, target)) {
            continue;
        }
        let mut attributes = serde_json::Map::new();
        match (grouped, dice.roll(3)) {
            (true, _) => drop(attributes.insert("group".into(), format!("g{source}").into())),
            (false, 0) => drop(attributes.insert("effect".into(), "soft".into())),
            (false, 1) => drop(attributes.insert("lag_minutes".into(), dice.roll(90).into())),
            (false, _) => {}
        }
        relationships.push(json!({
            "source": format!("k{source}"), "type": "depends_on", "target": format!("k{target}"), "attributes": attributes
        }));
    }
    json!({ "items": items, "relationships": relationships })
}

fn import(server: &Server, files: &[(&str, &str)]) -> Value {
    server
        .ask(Method::POST, "/api/v1/imports?source=round&atomic=true")
        .header("content-type", "multipart/form-data; boundary=b0undary")
        .body(form(files))
        .send()
        .expect(200)
}

/// What an estate says, its ids apart: items and relationships by name, sorted.
fn content(server: &Server) -> Vec<String> {
    let text = server.get("/api/v1/exports?as=ndjson").text();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut names: BTreeMap<String, Value> = BTreeMap::new();
    for row in rows.iter().filter(|row| row["class"].is_string()) {
        names.insert(row["id"].as_str().unwrap().to_owned(), row["name"].clone());
    }
    let mut out: Vec<String> = rows
        .into_iter()
        .map(|mut row| {
            row.as_object_mut().unwrap().remove("id");
            for end in ["source", "target"] {
                if let Some(id) = row[end].as_str() {
                    row[end] = names[id].clone();
                }
            }
            row.to_string()
        })
        .collect();
    out.sort();
    out
}

fn state_hash(server: &Server) -> Value {
    server.get("/api/v1/status").expect(200)["state_hash"].clone()
}

#[test]
fn an_export_imports_again_and_into_an_empty_inventory_as_it_was() {
    for seed in 0..12 {
        let original = Server::new();
        let report = import(&original, &[("estate.json", &estate(seed).to_string())]);
        assert_eq!(report["rejected_count"], 0, "seed {seed}: {report:#}");
        let (before, hash) = (content(&original), state_hash(&original));
        for format in ["json", "ndjson", "csv"] {
            let kinds: &[&str] = if format == "csv" { &["items", "relationships"] } else { &[""] };
            let written: Vec<(String, String)> = kinds
                .iter()
                .map(|kind| {
                    let kind_param = if kind.is_empty() { String::new() } else { format!("&kind={kind}") };
                    let text = original.get(&format!("/api/v1/exports?as={format}{kind_param}")).text();
                    (format!("{kind}.{format}"), text)
                })
                .collect();
            let files: Vec<(&str, &str)> = written
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str()))
                // A header alone is no table.
                .filter(|(_, text)| text.lines().count() > 1)
                .collect();
            let report = import(&original, &files);
            let changed = [&report["created"], &report["updated"], &report["relationships"]["created"]];
            assert_eq!(changed, [&json!(0), &json!(0), &json!(0)], "seed {seed} {format}: {report:#}");
            assert_eq!(state_hash(&original), hash, "seed {seed} {format}");
            // Ids are computed with a key: with the same one they are the same, with another they are keys.
            for empty in [Server::new(), Server::with_id_key([9; 16])] {
                let report = import(&empty, &files);
                assert_eq!(report["rejected_count"], 0, "seed {seed} {format}: {report:#}");
                assert_eq!(content(&empty), before, "seed {seed} {format}\n{written:?}");
            }
        }
    }
}

#[test]
fn a_formula_in_a_name_is_a_text_to_a_spreadsheet_and_comes_back_as_it_was() {
    let server = Server::new();
    server.post("/api/v1/items", json!({ "class": "Server", "name": "=cmd|' /C calc'!A0" })).expect(201);
    let csv = server.get("/api/v1/exports?as=csv").text();
    assert!(csv.contains(",'=cmd|' /C calc'!A0,"), "{csv}");
    let report = import(&server, &[("items.csv", &csv)]);
    assert_eq!((&report["unchanged"], &report["updated"]), (&json!(1), &json!(0)));
}

#[test]
fn graphs_hold_what_was_asked_for_and_no_more() {
    let server = Server::with_shop();
    let dot = server.get("/api/v1/exports?as=dot").text();
    assert_eq!((dot.matches("[label=").count(), dot.matches(" -> ").count()), (11 + 14, 14), "{dot}");
    let near = server.get("/api/v1/exports?as=cytoscape&ref=esx1&direction=both&depth=1").expect(200);
    let nodes: Vec<&str> = near["elements"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["data"]["label"].as_str().unwrap())
        .collect();
    assert_eq!(nodes, ["web1", "app1", "esx1", "pdu1"]);
    assert_eq!(near["elements"]["edges"].as_array().unwrap().len(), 3);
    let hosts = server.get("/api/v1/exports?as=graphml&class=Hypervisor").text();
    assert_eq!((hosts.matches("<node ").count(), hosts.matches("<edge ").count()), (2, 0));
    let critical = server.get("/api/v1/exports?as=json&where=criticality%20%3D%201").expect(200);
    assert_eq!(critical["items"].as_array().unwrap().len(), 1);
    server.get("/api/v1/exports?as=graphlm").problem(400, "request.parameter");
    server.get("/api/v1/exports?as=dot&kind=items").problem(400, "request.parameter");
    server.get("/api/v1/exports?as=dot&depth=2").problem(400, "request.parameter");
    server.get("/api/v1/exports?as=dot&ref=nobody").problem(404, "item.unknown");
}

#[test]
fn an_impact_is_drawn_with_its_states() {
    let server = Server::with_shop();
    let dot = server.post("/api/v1/impact/export?as=dot", json!({ "roots": ["esx2"] })).text();
    // esx2 itself, and app2, app3, web2 and the shop that it takes down.
    assert_eq!(dot.matches("#b3261e").count(), 5, "{dot}");
    let graph = server.post("/api/v1/impact/export?as=cytoscape", json!({ "roots": ["esx1"] })).expect(200);
    let states: BTreeMap<&str, &str> = graph["elements"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| (n["data"]["label"].as_str().unwrap(), n["data"]["impact.state"].as_str().unwrap()))
        .collect();
    let expected = [("Shop", "at_risk"), ("app1", "down"), ("esx1", "down"), ("web1", "down")];
    assert_eq!(states, BTreeMap::from(expected));
}

#[test]
fn prometheus_finds_live_targets_with_an_address() {
    let server = Server::new();
    assert_eq!(server.get("/api/v1/prometheus/sd").expect(200), json!([]), "a list even if nothing is in it");
    for (name, address, status) in [
        ("web-01", "10.0.0.1/24", "operational"),
        ("web-02", "2001:db8::2", "operational"),
        ("old", "10.0.0.9", "retired"),
        ("nowhere", "", "operational"),
    ] {
        let mut attributes = json!({ "environment": "production" });
        if !address.is_empty() {
            attributes["ip_address"] = address.into();
        }
        let item = json!({ "class": "Server", "name": name, "status": status, "attributes": attributes });
        server.post("/api/v1/items", item).expect(201);
    }
    let answer = server.get("/api/v1/prometheus/sd?class=Server&port=9182&labels=env%3Denvironment");
    assert_eq!(answer.header("content-type"), "application/json");
    let groups = answer.expect(200);
    let targets: Vec<&Value> = groups.as_array().unwrap().iter().map(|g| &g["targets"][0]).collect();
    assert_eq!(targets, [&json!("10.0.0.1:9182"), &json!("[2001:db8::2]:9182")], "{groups:#}");
    let labels = &groups[0]["labels"];
    assert_eq!((&labels["env"], &labels["__meta_cmdb_name"]), (&json!("production"), &json!("web-01")));
    server.get("/api/v1/prometheus/sd?labels=a-b").problem(400, "request.parameter");
    server.get("/api/v1/prometheus/sd?labels=__address__%3Downer").problem(400, "request.parameter");
}

#[test]
fn ansible_gets_groups_without_collisions_and_no_templates() {
    let server = Server::new();
    let add = |class: &str, name: &str, attributes: Value| {
        let item = json!({ "class": class, "name": name, "attributes": attributes });
        server.post("/api/v1/items", item).expect(201)["id"].as_str().unwrap().to_owned()
    };
    let web = add("Server", "web-01", json!({ "ip_address": "10.0.0.1/24", "owner": "Store Systems" }));
    add("VirtualMachine", "vm-01", json!({ "owner": "Store-Systems", "environment": "test" }));
    let evil = add("VirtualMachine", "{{ lookup('pipe','id') }}", json!({}));
    add("Database", "no host", json!({}));
    let rack = add("Rack", "R1", json!({}));
    let site = add("Site", "Hamburg 1", json!({}));
    for (source, target) in [(&web, &rack), (&rack, &site)] {
        let relationship = json!({ "source": source, "type": "located_in", "target": target });
        server.post("/api/v1/relationships", relationship).expect(201);
    }
    let list = server.get("/api/v1/ansible/inventory").expect(200);
    assert_eq!(list["site_Hamburg_1"]["hosts"], json!(["web-01"]), "{list:#}");
    assert_eq!(list["class_VirtualMachine"]["hosts"].as_array().unwrap().len(), 2);
    let owners: Vec<&String> = list.as_object().unwrap().keys().filter(|k| k.starts_with("owner_")).collect();
    assert_eq!(owners.len(), 2, "two owners are two groups: {owners:?}");
    assert!(list["owner_Store_Systems"].is_null());
    assert_eq!(list["_meta"]["cmdb_notes"].as_array().unwrap().len(), 2, "{list:#}");
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    assert!(list.as_object().unwrap().keys().all(|k| k.chars().all(plain)));
    let hosts = &list["_meta"]["hostvars"];
    assert_eq!(hosts["web-01"]["ansible_host"], "10.0.0.1");
    let template = &hosts[&evil]["cmdb"]["name"];
    assert_eq!(template["__ansible_unsafe"], "{{ lookup('pipe','id') }}", "a name is no template");
    let one = server.get("/api/v1/ansible/inventory?host=web-01").expect(200);
    assert_eq!(&one, &hosts["web-01"]);
    server.get("/api/v1/ansible/inventory?host=nobody").problem(404, "ansible.host");
}

#[test]
fn a_payload_for_servicenow_holds_the_estate() {
    let server = Server::with_shop();
    let payload = server.get("/api/v1/exports?as=servicenow").expect(200);
    let (items, relations) = (payload["items"].as_array().unwrap(), payload["relations"].as_array().unwrap());
    assert_eq!((items.len(), relations.len()), (11, 14));
    let name = |index: &Value| &items[index.as_u64().unwrap() as usize]["values"]["name"];
    let runs =
        relations.iter().find(|r| r["type"] == "Runs on::Runs" && name(&r["parent"]) == "web1").unwrap();
    assert_eq!(name(&runs["child"]), "esx1", "the parent runs on the child");
}
