//! What machines say of themselves and what scanners see: Ansible, nmap, GLPI, lshw, and ServiceNow's tables.

use super::*;

#[test]
fn ansible_facts_of_every_host_that_answered() {
    let files = [
        "app.uat.local",
        "centos.dev.local",
        "db01.prod.local",
        "db02.prod.local",
        "debian.dev.local",
        "eek.electricmonk.nl",
        "no_fqdn.err",
        "win2k8r2.local",
    ];
    let files: Vec<String> = files.iter().map(|host| format!("ansible/facts/{host}")).collect();
    check_real("class", &files.iter().map(|file| (file.as_str(), "Server 1 |")).collect::<Vec<_>>());
    let Some(folder) = data() else { return };
    for (file, system) in [
        ("db01.prod.local", "Debian 6.0.10"),
        ("centos.dev.local", "CentOS 6.6"),
        ("eek.electricmonk.nl", "Ubuntu 14.04"),
        ("win2k8r2.local", "Microsoft Windows Server 2008 R2 Standard"),
    ] {
        let (kept, _) = real(&folder, &format!("ansible/facts/{file}"));
        let host = &items(&kept)[0];
        assert_eq!((host["id"].as_str(), host["operating_system"].as_str()), (file, system));
        assert!(!host.contains_key("serial_number"), "{file}: NA and 0 are no serial numbers");
    }
    let (dead, outcome) = real(&folder, "ansible/facts/dead.dev.local");
    outcome.unwrap();
    assert_eq!((count(&dead, TableKind::Items), dead.complaints[0].code), (0, "note.host"));
    assert!(dead.complaints[0].message.contains("dead.dev.local was unreachable"), "{:?}", dead.complaints);
}

#[test]
fn ansible_inventories_with_ranges_children_and_variables() {
    check_real("class", &[("ansible/hosts.ini", "AnsibleGroup 10, Server 18 | part_of 21")]);
    let Some(folder) = data() else { return };
    let (kept, _) = real(&folder, "ansible/hosts.ini");
    let all = links(&kept);
    assert!(all.contains("db03.prod.local part_of group/db") && all.contains("group/db part_of group/prod"));
    let zoltar = items(&kept).into_iter().find(|i| i["id"] == "zoltar.electricmonk.nl").unwrap();
    assert_eq!(zoltar["vars.comment"], "Trés Load balancer");
    let listed = r#"{"_meta":{"hostvars":{"a":{"ansible_host":"10.0.0.1","ansible_become_password":"s3cr3t"}}},"all":{"children":["ungrouped","web"]},"web":{"hosts":["a","b"],"vars":{"x":1}}}"#;
    let (kept, outcome) = take("inventory.json", listed.as_bytes(), &Options::default());
    outcome.unwrap();
    let got = summary(&kept, "class");
    assert_eq!(got, "AnsibleGroup 3, Server 2 | part_of 4");
    assert!(!kept.rows().join(" ").contains("s3cr3t"));
    let yaml = "all:\n  children:\n    web:\n      hosts:\n        a: {ansible_host: 10.0.0.1}\n        b:\n";
    let (kept, outcome) = take("inventory.yml", yaml.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(summary(&kept, "class"), "AnsibleGroup 2, Server 2 | part_of 3");
}

#[test]
fn servicenow_items_and_relations_in_every_form_of_values() {
    let items_text = r#"{"result":[
      {"sys_id":"00000000000000000000000000000001","sys_class_name":"cmdb_ci_linux_server","name":"web1","operational_status":"1","install_status":"1","ip_address":"10.0.0.1","ram":"8192","assigned_to":{"link":"https://x/1","value":"abc"},"u_note":""},
      {"sys_id":{"display_value":"00000000000000000000000000000002","value":"00000000000000000000000000000002"},"sys_class_name":{"display_value":"Business Service","value":"cmdb_ci_service"},"name":{"display_value":"Shop","value":"Shop"},"operational_status":{"display_value":"Retired","value":"6"},"owned_by":{"display_value":"Ann","link":"l","value":"v"}}]}"#;
    let (kept, outcome) = take("items", items_text.as_bytes(), &Options::default());
    outcome.unwrap();
    let all = items(&kept);
    assert_eq!(
        (all[0]["class"].as_str(), all[0]["memory"].as_str(), all[0]["status"].as_str()),
        ("Server", "8192", "operational")
    );
    assert_eq!(
        (all[1]["class"].as_str(), all[1]["status"].as_str(), all[1]["owned_by"].as_str()),
        ("BusinessService", "retired", "Ann")
    );
    let relations = r#"{"result":[
      {"sys_id":"r1","parent":{"display_value":"Shop","value":"2"},"child":{"display_value":"web1","value":"1"},"type":{"display_value":"Depends on::Used by","value":"t"}},
      {"parent":"2","child":"1","type":"Members::Member of"},
      {"parent":"2","child":"1","type":"Sends data to::Receives data from"},
      {"parent":"2","child":"1","type":"1a9cb166f1571100a92eb60da2bce5c5"}]}"#;
    let (related, outcome) = take("relations", relations.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(
        links(&related).iter().map(String::as_str).collect::<Vec<_>>(),
        ["2 composed_of 1", "2 depends_on 1", "2 sends_data_to 1"]
    );
    assert_eq!(related.codes(), [(4, "servicenow.no-type")]);
    inventory::import_twice(vec![("items", kept), ("relations", related)]);
}
