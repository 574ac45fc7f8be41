//! Terraform: states and plans as shown, and raw state files.

use super::*;
use crate::{Action, PlannedChange};

#[test]
fn terraform_states_and_what_stood_before_plans() {
    check_real(
        "terraform.mode",
        &[
            ("terraform/110_sensitive_values_plan.json", "|"),
            ("terraform/110_sensitive_values_state.json", "managed 7 | depends_on 4"),
            ("terraform/basic_plan-0.15.json", "|"),
            ("terraform/basic_plan.json", "|"),
            ("terraform/deep_module_plan.json", "|"),
            ("terraform/has_checks_plan.json", "|"),
            ("terraform/has_checks_state.json", "managed 2 |"),
            ("terraform/moved_block_plan.json", "managed 1 |"),
            ("terraform/moved_block_show.json", "managed 1 |"),
            ("terraform/no_changes_plan.json", "data 1, managed 6 | depends_on 6"),
            ("terraform/no_changes_state.json", "data 1, managed 6 |"),
            ("terraform/tfstate_aws_state_multiple_hanging_edges.json", "managed 16 | depends_on 21"),
            ("terraform/tfstate_aws_state_sg.json", "managed 7 | depends_on 5"),
            ("terraform/tfstate_aws_state_sgr.json", "managed 9 | depends_on 9"),
            // One reference, to a resource of two instances.
            ("terraform/tfstate_aws_state_with_count.json", "managed 3 | depends_on 2"),
            ("terraform/tfstate_empty.json", "|"),
            ("terraform/tfstate_google_state.json", "managed 4 |"),
            ("terraform/tfstate_openstack_state_lb.json", "managed 12 | depends_on 11"),
            ("terraform/tfstate_version_3_state.json", "- 12 | depends_on 13"),
        ],
    );
}

#[test]
fn terraform_files_that_are_not_json_are_refused_with_the_place() {
    let Some(folder) = data() else { return };
    for file in ["terraform/invalid_plan.json", "terraform/invalid_state.json"] {
        let error = real(&folder, file).1.unwrap_err();
        assert_eq!(error.code(), "json.syntax", "{file}: {error}");
        assert!(error.to_string().contains("line"), "{error}");
    }
    let old = br#"{"version":1,"terraform_version":"0.6.0","serial":1,"modules":[]}"#;
    assert_eq!(failure("old", old), "terraform.state-version");
}

/// Keeps what is planned.
#[derive(Default)]
struct Planned(Vec<PlannedChange>, Vec<cmdb_core::model::intake::Complaint>);

impl Sink for Planned {
    fn batch(&mut self, _: Batch) -> Result<()> {
        Ok(())
    }
    fn complain(&mut self, complaint: Complaint) {
        self.1.push(complaint);
    }
    fn planned(&mut self, change: PlannedChange) -> Result<()> {
        self.0.push(change);
        Ok(())
    }
}

#[test]
fn what_a_terraform_plan_changes_is_handed_on() {
    let Some(folder) = data() else { return };
    for (file, expected) in [
        ("110_sensitive_values_plan", "Create 7"),
        ("basic_plan-0.15", "Create 1"),
        ("basic_plan", "Create 7, Nothing 1"),
        ("deep_module_plan", "Create 1"),
        ("has_checks_plan", "Create 2"),
        ("moved_block_plan", "Nothing 1"),
        ("no_changes_plan", "Nothing 6"),
    ] {
        let bytes = std::fs::read(folder.join(format!("terraform/{file}.json"))).unwrap();
        let mut planned = Planned::default();
        read(file, &mut &bytes[..], &Options::default(), &mut planned).unwrap();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for change in &planned.0 {
            *counts.entry(format!("{:?}", change.actions[0])).or_default() += 1;
        }
        let got: Vec<String> = counts.iter().map(|(action, count)| format!("{action} {count}")).collect();
        assert_eq!(got.join(", "), expected, "{file}");
        assert!(planned.1.iter().any(|c| c.code == "note.planned"), "{file}: {:?}", planned.1);
    }
}

#[test]
fn a_replacement_keeps_its_order_and_no_secret_of_a_plan_or_state_is_kept() {
    let plan = r#"{"format_version":"1.2","terraform_version":"1.5.0","resource_changes":[{"address":"aws_instance.a[0]","type":"aws_instance",
      "change":{"actions":["delete","create"],"before":{"ami":"x","user":{"pass":"s3cr3t"},"db_password":"s3cr3t"},"after":{"ami":"y","key":"s3cr3t"},
      "after_unknown":{"id":true,"ami":false},"before_sensitive":{"user":{"pass":true}},"after_sensitive":{"key":true}}}],
      "prior_state":{"values":{"root_module":{"resources":[{"address":"aws_instance.a[0]","mode":"managed","type":"aws_instance","name":"a","values":{"id":"i-1","private_ip":"10.0.0.1","root":[{"k":"s3cr3t"}]},"sensitive_values":{"root":[{"k":true}]}}]}}}}"#;
    let mut planned = Planned::default();
    read("plan", &mut plan.as_bytes(), &Options::default(), &mut planned).unwrap();
    let change = &planned.0[0];
    assert_eq!((change.id.as_str(), change.class.as_str()), ("aws_instance.a[0]", "VirtualMachine"));
    assert_eq!(change.actions, [Action::Delete, Action::Create]);
    assert_eq!(change.unknown, ["id"]);
    assert!(!format!("{:?}", planned.0).contains("s3cr3t"));
    assert!(change.after.as_ref().unwrap().to_string().contains("ami: y"), "{:?}", change.after);
    let (kept, _) = take("plan", plan.as_bytes(), &Options::default());
    assert!(!kept.rows().join(" ").contains("s3cr3t"), "{:?}", kept.rows());
    assert_eq!(items(&kept)[0]["ip_address"], "10.0.0.1");
    let raw = r#"{"version":4,"terraform_version":"1.5.0","serial":1,"resources":[{"module":"module.m[\"k\"]","mode":"data","type":"x_y","name":"n","instances":[
      {"index_key":"a]b","attributes":{"id":"1","nested":[{"v":"s3cr3t"}],"api_token":"s3cr3t"},"sensitive_attributes":[[{"type":"get_attr","value":"nested"},{"type":"index","value":{"value":0,"type":"number"}},{"type":"get_attr","value":"v"}]],"private":"czNjcjN0"}]}]}"#;
    let (kept, outcome) = take("raw", raw.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(items(&kept)[0]["id"], r#"module.m["k"].data.x_y.n["a]b"]"#);
    assert!(!kept.rows().join(" ").contains("s3cr3t"), "{:?}", kept.rows());
}
