//! Lists, schema, jobs, events, operations.

use crate::server::Server;
use axum::http::Method;
use serde_json::{Value, json};

fn names(server: &Server, path: &str) -> Vec<String> {
    let answer = server.get(path).expect(200);
    answer["items"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lists_filter_and_sort() {
    let server = Server::with_shop();
    for (query, expected) in [
        ("class=Hypervisor", vec!["esx1", "esx2"]),
        (
            "class=ApplicationInstance&where=availability%20%3C%200.985&sort=-name",
            vec!["app3", "app2", "app1"],
        ),
        ("where=is%20Hypervisor%20or%20name%20=%20Shop", vec!["Shop", "esx1", "esx2"]),
        ("status=retired", vec![]),
        ("status=nonsense", vec![]),
        ("where=restore_minutes%20in%20(0,60)&sort=restore_minutes", vec!["Shop", "esx1", "esx2"]),
    ] {
        assert_eq!(names(&server, &format!("/api/v1/items?{query}")), expected, "{query}");
    }
    let fields = server.get("/api/v1/items?class=Database&fields=name,availability").expect(200);
    assert_eq!(fields["items"], json!([{ "name": "db1", "availability": 0.998 }]));
    assert_eq!(server.get("/api/v1/items?limit=all").expect(200)["items"].as_array().unwrap().len(), 11);
    server.get("/api/v1/items?where=name%20%3D").problem(400, "expression.syntax");
    server.get("/api/v1/items?class=Hypervizor").problem(404, "class.unknown");
    server.get("/api/v1/items?limit=99999").problem(422, "request.limit");
}

#[test]
fn pages_of_a_sorted_list_are_the_sorted_list_cut_in_pieces() {
    let server = Server::new();
    let mut csv = String::from("class,name,id,description\n");
    // More items than one task takes, many with equal names, some without a vendor.
    let items: Vec<(usize, usize)> = (0..9_000).map(|n: usize| (n * 7_919 % 613, n * 31 % 5)).collect();
    for (n, (name, vendor)) in items.iter().enumerate() {
        let vendor = if *vendor == 0 { String::new() } else { format!("v{vendor}") };
        csv.push_str(&format!("Server,n{name:03},k{n},{vendor}\n"));
    }
    server.ask(Method::POST, "/api/v1/imports?name=a.csv&source=s").body(csv).send().expect(200);
    let all = server.get("/api/v1/items?limit=all").expect(200);
    let all = all["items"].as_array().unwrap();
    let text = |item: &Value, sort: &str| match sort {
        "description" => item["attributes"]["description"].as_str().map(str::to_owned),
        _ => item[sort].as_str().map(str::to_owned),
    };
    for sort in ["name", "-name", "description", "-description", "class", "status", "created_at"] {
        let field = sort.trim_start_matches('-');
        let mut expected: Vec<&Value> = all.iter().collect();
        expected.sort_by(|a, b| {
            let (a, b) = (text(a, field), text(b, field));
            let order = a.cmp(&b);
            let order = if sort.starts_with('-') { order.reverse() } else { order };
            // What has no value comes last, whichever way it goes.
            a.is_none().cmp(&b.is_none()).then(order)
        });
        let expected: Vec<&str> = expected.iter().map(|i| i["id"].as_str().unwrap()).collect();
        for limit in ["all", "1000", "0"] {
            let mut next = Some(format!("/api/v1/items?sort={sort}&limit={limit}&fields=id"));
            let mut seen = Vec::new();
            while let Some(path) = next {
                let page = server.get(&path).expect(200);
                assert_eq!(page["count"], 9_000, "{path}");
                let ids = page["items"].as_array().unwrap().iter();
                seen.extend(ids.map(|i| i["id"].as_str().unwrap().to_owned()));
                let cursor = page["next_cursor"].as_str();
                next =
                    cursor.map(|c| format!("/api/v1/items?sort={sort}&limit={limit}&fields=id&cursor={c}"));
            }
            let wanted = if limit == "0" { &[][..] } else { &expected[..] };
            assert!(seen == wanted, "{sort}, {limit}: {} rows in another order", seen.len());
        }
    }
}

#[test]
fn a_condition_that_nothing_could_match_is_a_mistake_and_no_empty_list() {
    let server = Server::with_shop();
    for (condition, code, says) in [
        ("availabilty < 1", "expression.field", "availability"),
        ("criticality = high", "expression.value", "character 15"),
        ("class = Hypervizor", "expression.value", "Hypervisor"),
        ("is Hypervizor", "expression.value", "character 4"),
        ("status = operationl", "expression.value", "operational"),
        ("version > new", "expression.value", "number"),
        ("name = x and (state = down)", "expression.field", "character 15"),
    ] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("where", condition).finish();
        let problem = server.get(&format!("/api/v1/items?{query}")).problem(400, code).to_string();
        assert!(problem.contains(says), "{condition}: {problem}");
    }
    // Known, but of no class in question.
    let elsewhere = "/api/v1/items?class=Database&where=memory%20%3D%201";
    server.get(elsewhere).problem(400, "expression.field");
    assert_eq!(names(&server, "/api/v1/items?where=criticality%20%3D%201"), ["Shop"]);
    // A unit reads as in an item, bounds do not hold, and a year stands for its beginning.
    server.post(
        "/api/v1/items",
        json!({ "class": "Server", "name": "s", "attributes": { "memory": "16 GiB" } }),
    );
    assert_eq!(names(&server, "/api/v1/items?where=memory%20%3E%3D%20%2716%20GiB%27"), ["s"]);
    assert_eq!(names(&server, "/api/v1/items?class=Database&where=availability%20%3C%209"), ["db1"]);
    let question = json!({ "roots": ["esx2"], "where": "state >= dwn" });
    let problem = server.post("/api/v1/impact", question).problem(400, "expression.value");
    assert_eq!(problem["hint"], "did you mean \"down\"?", "{problem}");
}

#[test]
fn search_finds_by_prefix_part_attribute_and_typo() {
    let server = Server::with_shop();
    let found = |q: &str| {
        let answer = server.get(&format!("/api/v1/search?q={q}")).expect(200);
        let items = answer["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|i| format!("{} {}", i["name"].as_str().unwrap(), i["matched"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("esx1"), ["esx1 exact"]);
    assert_eq!(found("ESX"), ["esx1 prefix", "esx2 prefix"]);
    assert_eq!(found("sx2"), ["esx2 part"]);
    assert_eq!(found("Virtualisation%20host"), ["esx1 attribute", "esx2 attribute"]);
    assert_eq!(found("shpo"), ["Shop similar"]);
    assert_eq!(found("qqqqqq"), Vec::<String>::new());
    server.post("/api/v1/items", json!({ "class": "Server", "name": "esx-new" })).expect(201);
    assert_eq!(found("esx").len(), 3);
    server.ask(Method::DELETE, "/api/v1/items/esx-new").send();
    assert_eq!(found("esx").len(), 2);
}

#[test]
fn the_schema_is_read_and_changed() {
    let server = Server::with_shop();
    let class = server.get("/api/v1/classes/Hypervisor").expect(200);
    assert_eq!(class["ancestors"].as_array().unwrap().last().unwrap(), "ConfigurationItem");
    assert!(server.get("/api/v1/classes").expect(200)["classes"].as_array().unwrap().len() > 40);
    let types = server.get("/api/v1/relationship-types").expect(200);
    let depends =
        types["relationship_types"].as_array().unwrap().iter().find(|t| t["name"] == "depends_on").unwrap();
    assert_eq!(depends["suffers"], "source");
    let toml = "[[class]]\nname = \"Robot\"\nparent = \"Server\"\n";
    let applied = server.ask(Method::POST, "/api/v1/schema").body(toml).send().expect(200);
    assert_eq!((&applied["changed"], &applied["classes"]), (&true.into(), &json!(["Robot"])));
    server.post("/api/v1/items", json!({ "class": "Robot", "name": "r2" })).expect(201);
    server.ask(Method::POST, "/api/v1/schema").body("[[class]\n").send().problem(400, "schema.toml");
}

#[test]
fn long_work_is_a_job() {
    let server = Server::new();
    let ask = server.ask(Method::POST, "/api/v1/imports?name=x.csv").header("prefer", "respond-async");
    let answer = ask.body("class,name\nServer,a\n").send();
    let job = match answer.status {
        202 => answer.header("location").to_owned(),
        _ => answer.header("content-location").to_owned(),
    };
    let events = server.get(&format!("{job}/events")).text();
    let last = events.trim().rsplit("\n\n").next().unwrap();
    assert!(last.starts_with("event: end\ndata: {"), "{events}");
    let state = server.get(&job).expect(200);
    assert_eq!((&state["state"], &state["result"]["created"]), (&"done".into(), &1.into()));
    assert_eq!(server.get("/api/v1/jobs").expect(200)["jobs"].as_array().unwrap().len(), 1);
    server.get("/api/v1/jobs/import-0").problem(404, "job.unknown");
}

#[test]
fn operations() {
    let server = Server::with_shop();
    let verified = server.ask(Method::POST, "/api/v1/verify").send().expect(200);
    assert_eq!(verified["clean"], true, "{verified:#}");
    let backup = server.ask(Method::POST, "/api/v1/backup").send();
    assert!(backup.status == 200 && backup.bytes.len() > 1000);
    server.ask(Method::POST, "/api/v1/compact").send().expect(200);
    let purge = server.post("/api/v1/items/esx1/purge", json!({ "attribute": "description" })).expect(200);
    assert!(purge["entries"].as_u64().unwrap() >= 1);
    assert_eq!(server.get("/api/v1/items/esx1").expect(200)["attributes"]["description"], Value::Null);
    assert!(server.get("/metrics").text().contains("cmdb_items 11"));
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/readyz").status, 200);
}

#[test]
fn a_server_without_its_inventory_is_not_ready() {
    let server = Server::new();
    let app = std::sync::Arc::new(cmdb_server::App::loading());
    let loading = Server { app: app.clone(), ..server };
    loading.get("/readyz").problem(503, "server.loading");
    assert_eq!(loading.get("/healthz").status, 200);
    loading.get("/api/v1/items").problem(503, "server.loading");
    app.loaded(loading.cmdb.clone());
    assert_eq!(loading.get("/readyz").status, 200);
}
