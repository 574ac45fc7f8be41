//! NetBox: the demo estate's dump and answers of its REST interface in several generations.

use super::*;

#[test]
fn netbox_rest_answers_of_all_generations() {
    let expected = [
        ("circuits_circuit", "circuits.circuit 1 | relates_to 1, supplied_by 1"),
        ("circuits_circuit_termination", "circuits.circuittermination 1 | contains 1, located_in 1"),
        ("circuits_circuit_terminations", "circuits.circuittermination 1 | contains 1, located_in 1"),
        ("circuits_circuit_type", "circuits.circuittype 1 |"),
        ("circuits_circuit_types", "circuits.circuittype 1 |"),
        ("circuits_circuits", "circuits.circuit 1 | relates_to 1, supplied_by 1"),
        ("circuits_provider", "circuits.provider 1 |"),
        ("circuits_providers", "circuits.provider 1 |"),
        ("dcim_cable", "dcim.cable 1 | cabled_to 1, relates_to 2"),
        ("dcim_cables", "dcim.cable 3 | cabled_to 3, relates_to 6"),
        ("dcim_device", "dcim.device 1 | located_in 2, relates_to 5"),
        ("dcim_device_role", "dcim.devicerole 1 |"),
        ("dcim_device_type", "dcim.devicetype 1 | supplied_by 1"),
        ("dcim_device_types", "dcim.devicetype 6 | supplied_by 6"),
        ("dcim_devices", "dcim.device 11 | located_in 22, relates_to 35"),
        ("dcim_interface", "dcim.interface 1 | contains 1, part_of 1, relates_to 2"),
        ("dcim_interfaces_1", "dcim.interface 50 | cabled_to 19, contains 50"),
        ("dcim_manufacturers", "dcim.manufacturer 3 |"),
        ("dcim_power_port", "dcim.powerport 1 | contains 1, powered_by 1"),
        ("dcim_power_ports", "dcim.powerport 25 | contains 25, powered_by 16"),
        ("dcim_rack", "dcim.rack 1 | located_in 1, relates_to 1"),
        ("dcim_racks", "dcim.rack 2 | located_in 2"),
        ("dcim_site", "dcim.site 1 |"),
        ("dcim_sites", "dcim.site 1 |"),
        ("tenancy_tenant", "tenancy.tenant 1 | relates_to 1"),
        ("tenancy_tenant_group", "tenancy.tenantgroup 1 |"),
        ("tenancy_tenant_groups", "tenancy.tenantgroup 1 |"),
        ("tenancy_tenants", "tenancy.tenant 2 | relates_to 2"),
    ];
    let files: Vec<(String, &str)> =
        expected.iter().map(|(file, expected)| (format!("netbox/rest/{file}.json"), *expected)).collect();
    let borrowed: Vec<(&str, &str)> =
        files.iter().map(|(file, expected)| (file.as_str(), *expected)).collect();
    check_real("netbox.model", &borrowed);
}

#[test]
fn the_netbox_demo_estate() {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    let (kept, outcome) = real(&folder, "netbox/netbox-demo-v3.6.json");
    outcome.unwrap();
    assert!(kept.complaints.iter().all(|c| c.is_note()), "{:?}", kept.complaints);
    // 6,289 objects, less 216 ends of cables, 154 derived paths and 75 rows that join others.
    assert_eq!(count(&kept, TableKind::Items), 6_289 - 216 - 154 - 72 - 3);
    let models = summary(&kept, "netbox.model");
    for counted in [
        "dcim.device 72",
        "virtualization.virtualmachine 180",
        "dcim.cable 108",
        "dcim.interface 1586",
        "dcim.frontport 912",
        "virtualization.vminterface 720",
        "dcim.rearport 630",
        "ipam.ipaddress 180",
        "dcim.rack 42",
        "dcim.site 24",
        "virtualization.cluster 32",
        "circuits.circuit 29",
        "ipam.vlan 63",
    ] {
        assert!(models.contains(counted), "{counted}: {models}");
    }
    let links = links(&kept);
    let between = |source: &str, kind: &str, target: &str| {
        links.iter().filter(|l| l.starts_with(source) && l.contains(&format!(" {kind} {target}/"))).count()
    };
    for (source, kind, target, count) in [
        ("dcim.device/", "located_in", "dcim.site", 72),
        ("dcim.device/", "located_in", "dcim.rack", 72),
        ("dcim.device/", "owned_by", "tenancy.tenant", 58),
        ("dcim.device/", "relates_to", "dcim.devicetype", 72),
        ("dcim.device/", "relates_to", "dcim.platform", 13),
        ("dcim.device/", "member_of", "dcim.virtualchassis", 8),
        ("virtualization.virtualmachine/", "runs_on", "virtualization.cluster", 180),
        ("virtualization.virtualmachine/", "relates_to", "dcim.platform", 180),
        ("virtualization.virtualmachine/", "relates_to", "dcim.devicerole", 180),
        ("dcim.rack/", "located_in", "dcim.site", 42),
        ("dcim.rack/", "located_in", "dcim.location", 24),
        ("dcim.rack/", "owned_by", "tenancy.tenant", 42),
        ("dcim.rack/", "relates_to", "dcim.rackrole", 25),
        ("dcim.site/", "located_in", "dcim.region", 24),
        ("dcim.site/", "part_of", "dcim.sitegroup", 20),
        ("dcim.site/", "owned_by", "tenancy.tenant", 24),
        ("dcim.device/", "contains", "dcim.interface", 1586),
        ("virtualization.virtualmachine/", "contains", "virtualization.vminterface", 720),
        ("circuits.circuit/", "supplied_by", "circuits.provider", 29),
        ("circuits.circuit/", "relates_to", "circuits.circuittype", 29),
        ("circuits.circuit/", "owned_by", "tenancy.tenant", 29),
        ("ipam.vlan/", "part_of", "dcim.site", 63),
        ("ipam.vlan/", "part_of", "ipam.vlangroup", 24),
        ("ipam.vlan/", "owned_by", "tenancy.tenant", 63),
        ("ipam.vlan/", "relates_to", "ipam.role", 39),
    ] {
        assert_eq!(between(source, kind, target), count, "{source} {kind} {target}");
    }
    // The independent count: 108 cables join 80 different pairs of devices or circuits.
    let cabled = ["cabled_to", "connects_to", "powered_by"];
    let joined = |link: &&String| {
        cabled.iter().any(|kind| link.contains(&format!(" {kind} ")))
            && !link.starts_with("dcim.poweroutlet")
            && !link.starts_with("dcim.powerfeed")
    };
    assert_eq!(links.iter().filter(joined).count(), 80);
    assert_eq!(
        links.iter().filter(|l| l.starts_with("dcim.cable/") && l.contains(" relates_to ")).count(),
        216
    );
    let classes = summary(&kept, "class");
    for class in ["Router 13", "PatchPanel", "PowerUnit", "Switch", "VirtualMachine 180", "Rack 42"] {
        assert!(classes.contains(class), "{class}: {classes}");
    }
    inventory::import_twice(vec![("dump", kept)]);
}

#[test]
fn cables_of_netbox_since_3_3_name_lists_of_ends() {
    let text = r#"{"count":1,"next":null,"previous":null,"results":[{"id":9,"url":"https://n/api/dcim/cables/9/","status":{"value":"connected","label":"Connected"},
      "a_terminations":[{"object_type":"dcim.interface","object_id":1,"object":{"id":1,"url":"https://n/api/dcim/interfaces/1/","device":{"id":5,"url":"https://n/api/dcim/devices/5/","name":"a"}}}],
      "b_terminations":[{"object_type":"dcim.powerfeed","object_id":2,"object":{"id":2,"url":"https://n/api/dcim/power-feeds/2/","name":"f"}}]}]}"#;
    let (kept, outcome) = take("cables", text.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(
        links(&kept).iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "dcim.cable/9 relates_to dcim.interface/1",
            "dcim.cable/9 relates_to dcim.powerfeed/2",
            "dcim.device/5 cabled_to dcim.powerfeed/2"
        ]
    );
    assert_eq!(items(&kept)[0]["status"], "operational");
}
