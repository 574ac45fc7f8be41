//! Changes whose planned edits come from another tool's plan: Terraform's, or that of an import.

use super::small_shop::shop;
use cmdb_tests::Bench;
use serde_json::{Value, json};

const CLOUD: &str = "class,id,name,terraform.type,instance_type,image\n\
    VirtualMachine,aws_instance.a,a,aws_instance,m5.large,ami-1\nVirtualMachine,aws_instance.b,b,aws_instance,m5.large,ami-1\n";
const LINKS: &str = "source,type,target,group,needs\n\
    Shop,depends_on,aws_instance.a,cloud,1\nShop,depends_on,aws_instance.b,cloud,1\n";

fn with_cloud(bench: &Bench) {
    let (items, links) = (bench.file("cloud.csv", CLOUD), bench.file("links.csv", LINKS));
    let files = [items.to_str().expect("a path"), links.to_str().expect("a path")];
    let how = ["--source", "terraform", "--define-missing"];
    bench.run(["import"].iter().chain(&files).chain(&how)).ended(0);
}

fn resource(name: &str, actions: &[&str], before: Value, after: Value) -> Value {
    json!({ "address": format!("aws_instance.{name}"), "mode": "managed", "type": "aws_instance", "name": name,
            "change": { "actions": actions, "before": before, "after": after } })
}

fn edits(change: &Value) -> Vec<Value> {
    change["attributes"]["proposal"].as_array().unwrap_or_else(|| panic!("no edits in {change:#}")).clone()
}

fn affected(change: &Value) -> Vec<String> {
    let one =
        |a: &Value| format!("{} {}", a["name"].as_str().unwrap_or(""), a["state"].as_str().unwrap_or(""));
    change["affects"].as_array().expect("affects").iter().map(one).collect()
}

#[test]
fn a_terraform_plan_becomes_the_edits_of_a_change_and_its_impact_is_shown_before_it_is_applied() {
    let Some(bench) = shop() else { return };
    with_cloud(&bench);
    let (small, large) =
        (json!({ "instance_type": "m5.large", "ami": "x" }), json!({ "instance_type": "m5.xlarge" }));
    let plan = json!({ "format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [
        resource("a", &["delete"], small.clone(), Value::Null),
        resource("b", &["update"], small, large.clone()),
        resource("c", &["create"], Value::Null, large),
    ] });
    let file = bench.file("tfplan.json", &plan.to_string());
    let file = file.to_str().expect("a path");
    let window = ["--start", "2026-11-28T22:00:00Z", "--end", "2026-11-28T23:00:00Z"];
    let change =
        bench.json(["change", "create", "--title", "resize", "--proposal", file].iter().chain(&window));
    assert_eq!(affected(&change), ["a down", "b degraded"], "{change:#}");
    let words: Vec<String> =
        edits(&change).iter().map(|e| e["op"].as_str().unwrap_or("").to_owned()).collect();
    assert_eq!(words, ["set", "create", "remove"], "{change:#}");
    assert_eq!(edits(&change)[0]["attributes"]["instance_type"], "m5.xlarge");
    let number = change["number"].as_str().expect("a number");
    let assessed = bench.json(["change", "assess", number]);
    let assessment = &assessed["attributes"]["assessment"];
    assert_eq!(assessment["during"]["today"]["services"][0]["name"], "Shop", "{assessment:#}");
    assert_eq!(assessment["proposal"]["refused"].as_array().map_or(0, Vec::len), 0, "{assessment:#}");
    let unknown = json!({ "format_version": "1.2", "terraform_version": "1.9.0",
        "resource_changes": [resource("z", &["update"], json!({}), json!({}))] });
    let unknown = bench.file("unknown.json", &unknown.to_string());
    bench
        .run(["change", "create", "--title", "x", "--proposal", unknown.to_str().expect("a path")])
        .ended(2)
        .says("import the state first");
}

#[test]
fn the_plan_of_an_import_becomes_the_edits_of_a_change() {
    let Some(bench) = shop() else { return };
    with_cloud(&bench);
    let changed = CLOUD.replace("b,aws_instance,m5.large", "b,aws_instance,m5.xlarge")
        + "VirtualMachine,aws_instance.c,c,aws_instance,m5.large,ami-2\n";
    let items = bench.file("cloud.csv", &changed);
    let links =
        bench.file("more.csv", "source,type,target,group,needs\nShop,depends_on,aws_instance.c,cloud,1\n");
    let files = [items.to_str().expect("a path"), links.to_str().expect("a path")];
    let dry = bench.json(["import"].iter().chain(&files).chain(&["--source", "terraform", "--dry-run"]));
    let plan = dry["plan"]["id"].as_str().expect("a plan");
    let change = bench.json(["change", "create", "--title", "grow", "--import-plan", plan]);
    assert_eq!(affected(&change), ["b edited"], "{change:#}");
    let edits = edits(&change);
    assert_eq!(edits.len(), 3, "{edits:#?}");
    assert_eq!(edits[0]["attributes"], json!({ "instance_type": "m5.xlarge" }));
    assert_eq!((&edits[1]["op"], &edits[1]["name"]), (&json!("create"), &json!("c")));
    assert_eq!(
        (&edits[2]["target"], &edits[2]["attributes"]["group"]),
        (&json!("VirtualMachine:c"), &json!("cloud"))
    );
    let number = change["number"].as_str().expect("a number");
    bench
        .run(["change", "edit", number, "--start", "2026-11-28T22:00:00Z", "--end", "2026-11-28T23:00:00Z"])
        .ended(0);
    let assessment = &bench.json(["change", "assess", number])["attributes"]["assessment"];
    assert_eq!(assessment["proposal"]["refused"].as_array().map_or(0, Vec::len), 0, "{assessment:#}");
    bench.run(["change", "create", "--title", "x", "--import-plan", "plan-00"]).ended(2).says("no plan");
}
