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

#[test]
fn nmap_hosts_that_are_up_and_their_open_ports() {
    // (file, hosts up, open ports, with a product, MAC addresses)
    let files = [
        ("1_host_ping", 1, 0, 0, 1),
        ("1_hosts", 1, 5, 0, 0),
        ("1_hosts_banner", 1, 5, 4, 0),
        ("1_hosts_banner_ports", 1, 2, 2, 0),
        ("1_hosts_banner_ports_notsyn", 1, 2, 2, 0),
        ("1_hosts_banner_ports_xmas", 1, 0, 0, 0),
        ("1_hosts_diff", 1, 4, 0, 0),
        ("1_hosts_down", 1, 0, 0, 0),
        ("1_hosts_nohostname", 1, 0, 0, 0),
        ("1_os_banner_scripts", 1, 8, 5, 0),
        ("2_hosts", 2, 8, 0, 0),
        ("2_hosts_achange", 2, 7, 0, 0),
        ("2_hosts_version", 2, 8, 0, 0),
        ("2_null_hosts", 2, 0, 0, 0),
        ("2_tcp_hosts", 2, 8, 0, 0),
        ("extra_ports", 1, 16, 7, 1),
        ("full_sudo5", 4, 11, 6, 3),
        ("os_scan5", 4, 11, 0, 3),
        ("test_osclass", 1, 7, 0, 0),
    ];
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    for (file, hosts, open, products, addresses) in files {
        let (kept, outcome) = real(&folder, &format!("nmap/{file}.xml"));
        outcome.unwrap();
        let all = items(&kept);
        let of = |class: &str| all.iter().filter(|i| i["class"] == class).count();
        let having = |column: &str| all.iter().filter(|i| i.contains_key(column)).count();
        let got =
            (of("Server"), of("ApplicationInterface"), having("service.product"), having("mac_address"));
        assert_eq!(got, (hosts, open, products, addresses), "{file}");
        assert_eq!(count(&kept, TableKind::Relationships), open, "{file}");
        assert!(kept.complaints.iter().all(|c| c.is_note()), "{file}: {:?}", kept.complaints);
        inventory::import_twice(vec![(file, kept)]);
    }
}

#[test]
fn lshw_of_real_servers_with_every_piece_of_hardware() {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    for (file, model, parts) in
        [("dell-r6515", "PowerEdge R6515", 149), ("asrr-e3c246d4i-nl", "c3.small.x86", 72)]
    {
        let (kept, outcome) = real(&folder, &format!("lshw/{file}.json"));
        outcome.unwrap();
        let machine = &items(&kept)[0];
        assert!(machine["model"].starts_with(model), "{file}");
        let mut found = 1;
        for batch in &kept.batches {
            for (name, cell) in batch.table.columns.iter().zip(&batch.cells) {
                if let (true, Cell::Typed(cmdb_core::model::Value::List(list))) =
                    (name.starts_with("hardware."), cell)
                {
                    found += list.len();
                }
            }
        }
        assert_eq!(found, parts, "{file}: the machine itself and its parts");
        assert!(kept.complaints.is_empty(), "{file}: {:?}", kept.complaints);
        inventory::import_twice(vec![(file, kept)]);
    }
}

/// Lengths of the list attributes of the first item, in order.
fn sections(kept: &Kept) -> String {
    let mut out = BTreeMap::new();
    for batch in kept.batches.iter().filter(|b| b.table.kind == TableKind::Items) {
        for (name, cell) in batch.table.columns.iter().zip(&batch.cells) {
            if let Cell::Typed(cmdb_core::model::Value::List(list)) = cell {
                out.insert(name.trim_start_matches("glpi.").to_owned(), list.len());
            }
        }
    }
    out.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn glpi_inventories_in_json_with_every_section() {
    let expected = [
        (
            "computer_1",
            "Computer 1 |",
            "batteries 1, controllers 25, cpus 1, drives 6, firewalls 1, inputs 5, memories 2, monitors 1, networks 8, printers 1, remote_mgmt 1, softwares 6, sounds 1, storages 1, usbdevices 9, users 2",
        ),
        ("computer_1_partial_batteries", "Computer 1 |", "batteries 1"),
        ("computer_1_partial_cpu", "Computer 1 |", "cpus 1"),
        ("computer_1_partial_memory", "Computer 1 |", "memories 2"),
        ("computer_1_partial_softs", "Computer 1 |", "softwares 6"),
        ("computer_2", "Computer 1, ContainerWorkload 5, VirtualMachine 1 | runs_on 6", ""),
        ("computer_2_partial_dbs", "Computer 1, Database 2 | runs_on 2", "databases 2"),
        ("computer_2_partial_vms", "Computer 1, ContainerWorkload 5, VirtualMachine 1 | runs_on 6", ""),
        (
            "networkequipment_1",
            "NetworkEquipment 1 |",
            "firmwares 1, network_components 66, network_ports 183",
        ),
        ("networkequipment_3", "NetworkEquipment 1 |", "firmwares 1, network_ports 61"),
        (
            "networkequipment_5",
            "NetworkEquipment 1 |",
            "firmwares 1, network_components 59, network_ports 54",
        ),
        (
            "phone_1",
            "Phone 1 |",
            "batteries 1, cameras 2, cpus 1, drives 4, inputs 1, memories 1, networks 1, sensors 48, simcards 1, softwares 3, users 1, videos 1",
        ),
        ("printer_1", "Printer 1 |", "cartridges 1, firmwares 1, network_ports 2"),
        ("printer_2", "Printer 1 |", "cartridges 1, firmwares 1, network_ports 2"),
    ];
    let files: Vec<(String, &str)> =
        expected.iter().map(|(f, e, _)| (format!("glpi/{f}.json"), *e)).collect();
    check_real("class", &files.iter().map(|(f, e)| (f.as_str(), *e)).collect::<Vec<_>>());
    let Some(folder) = data() else { return };
    for (file, _, expected) in expected {
        let (kept, _) = real(&folder, &format!("glpi/{file}.json"));
        for section in expected.split(", ").filter(|s| !s.is_empty() && !s.starts_with("databases")) {
            let got = sections(&kept);
            assert!(got.split(", ").any(|found| found == section), "{file}: {section} is not in {got}");
        }
        assert!(kept.complaints.is_empty(), "{file}: {:?}", kept.complaints);
    }
    let partial = real(&folder, "glpi/computer_1_partial_cpu.json").0;
    assert_eq!(items(&partial)[0]["id"], items(&real(&folder, "glpi/computer_1.json").0)[0]["id"]);
    let docker = items(&real(&folder, "glpi/computer_2.json").0);
    assert!(docker.iter().any(|i| i["name"] == "a'pache") && docker.iter().any(|i| i["name"] == "'T"));
}

#[test]
fn fusioninventory_xml_with_every_section() {
    let expected = [
        (
            "xml_1",
            "Computer 1, VirtualMachine 3 | runs_on 3",
            "batteries 1, controllers 14, cpus 1, drives 3, envs 25, firewall 1, inputs 7, local_groups 4, local_users 60, logical_volumes 3, memories 2, monitors 1, networks 10, physical_volumes 1, ports 8, printers 1, processes 6, slots 1, softwares 42, sounds 2, storages 1, usbdevices 8, users 1, volume_groups 1",
        ),
        (
            "xml_2",
            "Computer 1 |",
            "antivirus 2, batteries 1, controllers 26, envs 15, licenseinfos 1, local_groups 18, local_users 2, memories 2, modems 1, networks 6, printers 5, slots 2, softwares 8, usbdevices 9, videos 1",
        ),
        (
            "xml_4",
            "Computer 1 |",
            "envs 12, local_groups 28, local_users 98, memories 4, networks 13, processes 29, softwares 7, storages 4, users 2",
        ),
        ("xml_5", "NetworkEquipment 1 |", ""),
        ("xml_7", "NetworkEquipment 1 |", ""),
        ("xml_8", "Printer 1 |", ""),
        ("xml_9", "UnmanagedDevice 1 |", ""),
    ];
    let files: Vec<(String, &str)> = expected.iter().map(|(f, e, _)| (format!("glpi/{f}.xml"), *e)).collect();
    check_real("class", &files.iter().map(|(f, e)| (f.as_str(), *e)).collect::<Vec<_>>());
    let Some(folder) = data() else { return };
    for (file, _, expected) in expected {
        let (kept, _) = real(&folder, &format!("glpi/{file}.xml"));
        let got = sections(&kept);
        for section in expected.split(", ").filter(|s| !s.is_empty()) {
            assert!(got.split(", ").any(|found| found == section), "{file}: {section} is not in {got}");
        }
    }
}
