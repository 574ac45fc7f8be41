//! Impacts as they are drawn, listed beside the drawing, explained and compared, over HTTP on the small shop.

use crate::server::Server;
use axum::http::Method;
use serde_json::{Value, json};

fn labels(answer: &Value) -> Vec<String> {
    let boxes = answer["drawing"]["boxes"].as_array().unwrap();
    boxes.iter().map(|b| b["label"].as_str().unwrap().to_owned()).collect()
}

fn names(answer: &Value) -> Vec<String> {
    let rows = answer["table"]["rows"].as_array().unwrap();
    rows.iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn losing_esx2_is_drawn_from_the_host_to_the_shop_with_its_redundancy() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/impact/drawing?root=esx2");
    let timing = answer.header("server-timing").to_owned();
    assert!(timing.contains("search;dur=") && timing.contains("draw;dur="), "{timing}");
    let answer = answer.expect(200);
    let mut drawn = labels(&answer);
    assert_eq!((drawn[0].as_str(), drawn.last().unwrap().as_str()), ("esx2", "Shop"));
    drawn.sort();
    assert_eq!(drawn, ["Shop", "app2", "app3", "esx2", "web2"]);
    let summary = &answer["summary"];
    assert_eq!(
        (&summary["items"], &summary["steps"], &summary["left_out"]),
        (&4.into(), &2.into(), &0.into())
    );
    assert_eq!(summary["by_state"], json!({ "down": 4 }));
    assert_eq!(summary["services"][0]["name"], "Shop");
    let shop = answer["drawing"]["boxes"].as_array().unwrap().last().unwrap();
    let gates: Vec<(&Value, &Value)> =
        shop["gates"].as_array().unwrap().iter().map(|g| (&g["gate"]["rule"], &g["gate"]["left"])).collect();
    assert_eq!(gates, [(&json!("2 of 3"), &json!(1)), (&json!("1 of 2"), &json!(1))]);
    assert_eq!((&shop["state"], &shop["class_label"]), (&"down".into(), &"Business service".into()));
    assert_eq!(names(&answer), ["app2", "app3", "web2", "Shop"]);
    let because = &answer["table"]["rows"][3]["because"];
    assert_eq!((&because["relationship"], &because["rule"]), (&"depends_on".into(), &"2 of 3".into()));
}

#[test]
fn the_table_beside_the_drawing_filters_sorts_and_pages() {
    let server = Server::with_shop();
    let rows = |query: &str| {
        let answer = server.get(&format!("/api/v1/impact/drawing?root=pdu1&{query}")).expect(200);
        (names(&answer), answer["table"]["count"].as_u64().unwrap())
    };
    assert_eq!(rows("q=WEB").0, ["web1", "web2"]);
    assert_eq!(rows("class=Hypervisor&sort=-name").0, ["esx2", "esx1"]);
    assert_eq!(rows("where=criticality%20%3D%201").0, ["Shop"]);
    assert_eq!(rows("only=degraded"), (vec![], 0));
    assert_eq!(rows("sort=criticality&limit=1"), (vec!["Shop".to_owned()], 8));
    assert_eq!(rows("sort=depth&limit=2").0, ["esx1", "esx2"]);
    let (mut next, mut together) = ("/api/v1/impact/drawing?root=pdu1&limit=3".to_owned(), Vec::new());
    while !next.is_empty() {
        let answer = server.get(&next);
        together.extend(names(&answer.expect(200)));
        next = answer.header("link").split(['<', '>']).nth(1).unwrap_or("").to_owned();
    }
    assert_eq!(together, ["esx1", "esx2", "app1", "app2", "app3", "web1", "web2", "Shop"]);
    let answer = server.get("/api/v1/impact/drawing?root=pdu1").expect(200);
    let shop =
        answer["drawing"]["boxes"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(rows(&format!("box={shop}")).0, ["Shop"], "the rows of one box");
}

#[test]
fn what_redundancy_keeps_up_is_drawn_and_can_be_left_out() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/impact/drawing?root=web1=degraded").expect(200);
    assert_eq!(answer["summary"]["by_state"], json!({ "protected": 1 }));
    let answer = server.get("/api/v1/impact/drawing?root=web1=degraded&affected_only=true").expect(200);
    assert_eq!((&answer["summary"]["items"], &answer["summary"]["left_out"]), (&0.into(), &1.into()));
}

#[test]
fn dependencies_read_from_the_service_to_the_ground_and_redundancy_stands_as_it_is() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/impact/drawing?root=Shop&dir=in&columns=tiers").expect(200);
    let drawn = labels(&answer);
    assert_eq!((drawn[0].as_str(), drawn.len()), ("Shop", 11));
    assert_eq!(answer["summary"]["by_state"], json!({}));
    assert!(answer["drawing"]["boxes"][0].get("state").is_none());
    let shop = &answer["drawing"]["boxes"][0];
    assert_eq!(shop["gates"].as_array().unwrap().len(), 2);
    let around = server.get("/api/v1/items/db1/neighbourhood").expect(200);
    assert_eq!(labels(&around), ["san1", "db1", "Shop"]);
    assert_eq!((&around["complete"], &around["limits"][0]["kind"]), (&true.into(), &Value::Null));
    let cut = server.get("/api/v1/impact/drawing?root=pdu1&depth=1").expect(200);
    assert_eq!((&cut["complete"], &cut["limits"][0]["kind"]), (&false.into(), &"depth".into()));
}

#[test]
fn many_items_come_as_groups_that_open() {
    let server = Server::new();
    let mut text = "class,name,id\nSwitch,core,core\n".to_owned();
    let mut links = "source,type,target\n".to_owned();
    for n in 0..90 {
        text.push_str(&format!("Server,srv{n:02},s{n}\n"));
        links.push_str(&format!("s{n},connects_to,core\n"));
    }
    let form = crate::server::form(&[("items.csv", &text), ("links.csv", &links)]);
    let import = server.ask(Method::POST, "/api/v1/imports?source=x");
    import.header("content-type", "multipart/form-data; boundary=b0undary").body(form).send().expect(200);
    let closed = server.get("/api/v1/impact/drawing?root=core").expect(200);
    assert_eq!(labels(&closed), ["core", "Server"]);
    let group = closed["drawing"]["boxes"][1]["id"].as_str().unwrap();
    assert_eq!(group, "1/Server/");
    assert_eq!(closed["drawing"]["boxes"][1]["states"], json!({ "down": 90 }));
    let opened = server.get("/api/v1/impact/drawing?root=core&open=1/Server/").expect(200);
    let boxes = opened["drawing"]["boxes"].as_array().unwrap();
    assert_eq!((boxes.len(), &boxes[22]["kind"], &boxes[22]["count"]), (23, &"rest".into(), &70.into()));
    let rows = server.get("/api/v1/impact/drawing?root=core&open=1/Server/&box=rest:1/Server/&limit=0");
    assert_eq!(rows.expect(200)["table"]["count"], 70);
    server.get("/api/v1/impact/drawing?root=core&box=nothing").problem(404, "drawing.box");
    server.get("/api/v1/impact/drawing?root=core&max=501").problem(422, "drawing.boxes");
    server.get("/api/v1/impact/drawing?root=core&group=colour").problem(400, "request.parameter");
}

#[test]
fn a_drawing_is_a_file_too() {
    let server = Server::with_shop();
    let item = json!({ "class": "Server", "name": "<script>alert(1)</script>&" });
    server.post("/api/v1/items", item).expect(201);
    let svg =
        server.get("/api/v1/impact/drawing?root=Server:%3Cscript%3Ealert(1)%3C/script%3E%26&format=svg");
    assert_eq!((svg.status, svg.header("content-type")), (200, "image/svg+xml"), "{}", svg.text());
    assert!(!svg.text().contains("<script>") && svg.text().contains("&lt;script&gt;alert(1)"));
    let csv = server.get("/api/v1/impact/drawing?root=esx2&format=csv");
    let text = csv.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[0].starts_with("id,class,name,state,depth,criticality"));
    assert!(lines[4].ends_with(",BusinessService,Shop,down,2,1,,,,depends_on (2 of 3),app2"), "{text}");
}

#[test]
fn why_names_the_chain_the_gates_and_what_they_lost() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/why?root=esx2&target=Shop").expect(200);
    assert_eq!((&answer["state"], &answer["depth"]), (&"down".into(), &2.into()));
    let chain: Vec<&str> =
        answer["why"].as_array().unwrap().iter().map(|r| r["on"]["name"].as_str().unwrap()).collect();
    assert_eq!(chain, ["app2", "esx2"]);
    let lost: Vec<&str> =
        answer["lost"].as_array().unwrap().iter().map(|l| l["item"]["name"].as_str().unwrap()).collect();
    assert_eq!(lost, ["app2", "app3", "web2"]);
    assert_eq!(answer["lost"][0]["why"][0]["relationship"], "runs_on");
    let held = server.get("/api/v1/why?root=web1=degraded&target=Shop").expect(200);
    assert_eq!((&held["state"], &held["protected"]), (&"up".into(), &true.into()));
    assert_eq!(held["path"][0]["target"]["name"], "web1");
    let apart = server.get("/api/v1/why?root=esx1&target=san1").expect(200);
    assert_eq!(
        (&apart["state"], &apart["protected"], &apart["path"]),
        (&"up".into(), &false.into(), &json!([]))
    );
}

#[test]
fn two_scenarios_are_compared_item_by_item() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/impact/comparison?root=esx1&versus=esx2").expect(200);
    let rows: Vec<(&str, &str, &str)> = answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let word = |key: &str| r[key].as_str().unwrap();
            (word("name"), word("first"), word("second"))
        })
        .collect();
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    let expected = [
        ("Shop", "at_risk", "down"),
        ("app1", "down", "up"),
        ("app2", "up", "down"),
        ("app3", "up", "down"),
        ("esx1", "down", "up"),
        ("esx2", "up", "down"),
        ("web1", "down", "up"),
        ("web2", "up", "down"),
    ];
    assert_eq!(sorted, expected);
    assert_eq!(answer["count"], 8);
    let shifts: u64 = answer["shifts"].as_array().unwrap().iter().map(|s| s["count"].as_u64().unwrap()).sum();
    assert_eq!(shifts, 8);
    assert_eq!(answer["second"]["summary"]["by_state"], json!({ "down": 4 }));
    let same = server.get("/api/v1/impact/comparison?root=esx1&versus=esx1").expect(200);
    assert_eq!(same["rows"], json!([]));
}
