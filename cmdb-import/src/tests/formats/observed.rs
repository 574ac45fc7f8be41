//! What was seen rather than declared: traces, alerts, neighbours on the wire, firmware tables.

use super::*;

#[test]
fn traces_show_who_calls_whom() {
    check_real(
        "class",
        &[
            ("otel/kiali_responseTrace.json", "ServiceInstance 5 | calls 4"),
            ("otel/trace.json", "ServiceInstance 1 |"),
        ],
    );
    let Some(folder) = data() else { return };
    let (kept, _) = real(&folder, "otel/kiali_responseTrace.json");
    let expected = [
        "istio-ingressgateway.istio-system calls productpage.bookinfo",
        "productpage.bookinfo calls details.bookinfo",
        "productpage.bookinfo calls reviews.bookinfo",
        "reviews.bookinfo calls ratings.bookinfo",
    ];
    assert_eq!(links(&kept).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let calls: Vec<String> = kept.rows().into_iter().filter(|row| row.starts_with('r')).collect();
    for stated in [
        "observed:boolean=true",
        "call_count:integer=1",
        "confidence:decimal=0.8",
        "last_seen:datetime=2023-12-05T",
    ] {
        assert!(calls.iter().all(|call| call.contains(stated)), "{stated}: {calls:?}");
    }
}

/// A trace set with a queue and a database, as no real file here holds one.
#[test]
fn traces_in_several_documents_with_a_queue_and_a_database() {
    let resource = |name: &str, spans: &str| {
        format!(
            r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{name}"}}}},{{"key":"service.namespace","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
        )
    };
    let span = |id: &str, parent: &str, kind: u8, start: u64, attributes: &str| {
        format!(
            r#"{{"traceId":"0af7","spanId":"{id}","parentSpanId":"{parent}","kind":{kind},"startTimeUnixNano":"{start}000000000","attributes":[{attributes}]}}"#
        )
    };
    let text = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#);
    let web = [
        span("a1", "", 2, 100, ""),
        span("a2", "a1", 3, 101, &text("peer.service", "orders")),
        span("a3", "a1", 3, 109, ""),
    ];
    let orders = [
        span("b1", "a2", 2, 102, ""),
        span("b2", "a3", 2, 110, ""),
        span(
            "b3",
            "b1",
            3,
            103,
            &[text("db.system", "postgresql"), text("server.address", "db1"), text("db.name", "shop")]
                .join(","),
        ),
        span(
            "b4",
            "b1",
            4,
            104,
            &[text("messaging.system", "kafka"), text("messaging.destination.name", "paid")].join(","),
        ),
        span("b5", "ffff", 2, 105, ""),
    ];
    let lines = format!("{}\n{}\n", resource("orders", &orders.join(",")), resource("web", &web.join(",")));
    let (kept, outcome) = take("traces.jsonl", lines.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(summary(&kept, "class"), "Database 1, MessageQueue 1, ServiceInstance 2 | calls 3");
    let expected = [
        "shop/orders calls kafka:paid",
        "shop/orders calls postgresql:db1/shop",
        "shop/web calls shop/orders",
    ];
    assert_eq!(links(&kept).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let web = kept.rows().into_iter().find(|row| row.contains("source=shop/web")).unwrap();
    for stated in [
        "call_count:integer=2",
        "first_seen:datetime=1970-01-01T00:01:42Z",
        "last_seen:datetime=1970-01-01T00:01:50Z",
    ] {
        assert!(web.contains(stated), "{stated}: {web}");
    }
    assert!(
        kept.complaints.iter().any(|c| c.message.contains("1 spans have a parent that is not in the file"))
    );
    inventory::import_twice(vec![("traces", kept)]);
}

#[test]
fn alerts_are_events_by_fingerprint_and_time() {
    check_real("class", &[("alertmanager/prom_post_request.json", "Event 1 | affects 1")]);
    let Some(folder) = data() else { return };
    let (kept, _) = real(&folder, "alertmanager/prom_post_request.json");
    let event = &items(&kept)[0];
    assert_eq!((event["name"].as_str(), event["status"].as_str()), ("high_memory_load", "open"));
    assert!(!event.contains_key("ended_at"), "year 1 means that it has not ended");
    assert!(links(&kept).iter().all(|link| link.ends_with(" affects instance-with-hyphen_and_underscore")));
}

#[test]
fn an_alert_that_is_told_twice_is_one_event_and_its_end_is_taken() {
    let alert = |state: &str, end: &str| {
        format!(
            r#"{{"labels":{{"alertname":"Down","instance":"web1:9100"}},"annotations":{{}},"startsAt":"2026-11-22T10:00:00Z","endsAt":"{end}","fingerprint":"7af3","status":{{"state":"{state}","silencedBy":[]}}}}"#
        )
    };
    let twice = format!("[{0},{0}]", alert("active", "2026-11-22T10:05:00Z"));
    let (kept, outcome) = take("alerts", twice.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(summary(&kept, "id"), "7af3@2026-11-22T10:00:00Z 1 | affects 1");
    assert_eq!(links(&kept).into_iter().collect::<Vec<_>>(), ["7af3@2026-11-22T10:00:00Z affects web1"]);
    // While it fires, the end that Alertmanager states is when it would give up waiting.
    assert!(!items(&kept)[0].contains_key("ended_at"));
    let webhook = r#"{"version":"4","groupKey":"{}","status":"resolved","receiver":"r","truncatedAlerts":2,"alerts":[{"status":"resolved","labels":{"alertname":"Down","instance":"web1:9100"},"annotations":{},"startsAt":"2026-11-22T10:00:00Z","endsAt":"2026-11-22T11:00:00Z","fingerprint":"7af3"}]}"#;
    let (kept, outcome) = take("w", webhook.as_bytes(), &Options::default());
    outcome.unwrap();
    let event = &items(&kept)[0];
    assert_eq!((event["status"].as_str(), event["ended_at"].as_str()), ("closed", "2026-11-22T11:00:00Z"));
    assert!(kept.complaints.iter().any(|c| c.message.contains("2 alerts were cut off")));
    inventory::import_twice(vec![("w", kept)]);
}

#[test]
fn a_fingerprint_that_is_not_stated_is_computed_as_alertmanager_does() {
    // From prometheus/common's own test of label sets without labels is the offset of FNV-1a; with labels it depends
    // on all of them and on nothing else.
    let of = |labels: &str| {
        let text =
            format!(r#"[{{"labels":{{{labels}}},"annotations":{{}},"startsAt":"2026-11-22T10:00:00Z"}}]"#);
        items(&take("a", text.as_bytes(), &Options::default()).0)[0]["id"].clone()
    };
    assert_eq!(of(r#""a":"1","b":"2""#), of(r#""b":"2","a":"1""#));
    assert_ne!(of(r#""a":"12","b":"""#), of(r#""a":"1","b":"2""#));
}

#[test]
fn neighbours_that_lldp_heard() {
    if let Some(folder) = data() {
        let links = links(&real(&folder, "lldp/lldp_cumulus.txt").0);
        let cables: Vec<&String> = links.iter().filter(|link| link.contains(" cabled_to ")).collect();
        let expected = [
            "lldp_cumulus/eno1 cabled_to toto-chassis.dc42/swp46",
            "lldp_cumulus/eno2d1 cabled_to e4:f0:04:b6:4e:32/swp46",
        ];
        assert_eq!(cables, expected, "{links:?}");
    }
    check_real(
        "class",
        &[
            ("lldp/lldp_223.txt", "NetworkInterface 2, Server 1 | part_of 2"),
            (
                "lldp/lldp_dedibox1.txt",
                "NetworkInterface 2, Server 1, Switch 1 | cabled_to 1, connects_to 1, part_of 2",
            ),
            (
                "lldp/lldp_dedibox2.txt",
                "NetworkInterface 2, Server 1, Switch 1 | cabled_to 1, connects_to 1, part_of 2",
            ),
            (
                "lldp/lldp_cumulus.txt",
                "NetworkInterface 4, Server 1, Switch 2 | cabled_to 2, connects_to 2, part_of 4",
            ),
            (
                "lldp/lldp_qfx.txt",
                "NetworkInterface 4, Server 1, Switch 2 | cabled_to 2, connects_to 2, part_of 4",
            ),
        ],
    );
    let Some(folder) = data() else { return };
    let cisco = items(&real(&folder, "lldp/lldp_dedibox2.txt").0)
        .into_iter()
        .find(|i| i["class"] == "Switch")
        .unwrap();
    assert_eq!(cisco["description"].lines().count(), 4, "a description of several lines stays whole");
    let cumulus = items(&real(&folder, "lldp/lldp_cumulus.txt").0);
    let switch = cumulus.iter().find(|i| i["name"] == "toto-chassis.dc42").unwrap();
    assert!(switch["model"] == "S4100" && !switch.contains_key("serial_number"), "{switch:?}");
}

#[test]
fn neighbours_in_json_are_those_of_the_other_output() {
    let json = r#"{"lldp":{"interface":[{"eth0":{"via":"LLDP","rid":"1","age":"0 day, 00:01:02","chassis":{"sw1":{"id":{"type":"mac","value":"00:01"},"descr":"a switch","mgmt-ip":["10.0.0.1","fe80::1"],"capability":[{"type":"Bridge","enabled":true},{"type":"Router","enabled":false}]}},"port":{"id":{"type":"ifname","value":"Gi1/0/1"},"descr":"uplink","ttl":"120"},"vlan":{"vlan-id":"30","pvid":true,"value":"VLAN30"}}}]}}"#;
    let text = "lldp.eth0.via=LLDP\nlldp.eth0.rid=1\nlldp.eth0.chassis.mac=00:01\nlldp.eth0.chassis.name=sw1\nlldp.eth0.chassis.descr=a switch\nlldp.eth0.chassis.mgmt-ip=10.0.0.1\nlldp.eth0.chassis.mgmt-ip=fe80::1\nlldp.eth0.chassis.Bridge.enabled=on\nlldp.eth0.chassis.Router.enabled=off\nlldp.eth0.port.ifname=Gi1/0/1\nlldp.eth0.port.descr=uplink\nlldp.eth0.vlan.vlan-id=30\n";
    let of = |bytes: &str| {
        let (kept, outcome) = take("web01.txt", bytes.as_bytes(), &Options::default());
        outcome.unwrap();
        let switch = items(&kept).into_iter().find(|i| i["class"] == "Switch").unwrap();
        let fields = ["id", "mac_address", "ip_address", "description"].map(|name| switch[name].clone());
        (links(&kept), fields)
    };
    assert_eq!(of(json), of(text));
    assert!(of(json).0.contains("web01/eth0 cabled_to sw1/Gi1/0/1"), "{:?}", of(json).0);
}

#[test]
fn dmidecode_of_real_servers_with_every_structure() {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    for (file, model, devices, memory) in [
        ("HP_DL380p_Gen8", "ProLiant DL380p Gen8", 24, None),
        ("Dell_PowerEdge_M630", "PowerEdge M630", 24, Some("65536")),
    ] {
        let name = format!("lldp/dmidecode_{file}.txt");
        let (kept, outcome) = real(&folder, &name);
        outcome.unwrap();
        let machine = &items(&kept)[0];
        assert_eq!((machine["model"].as_str(), machine["serial_number"].as_str()), (model, "4242"));
        if let Some(memory) = memory {
            assert_eq!(machine["memory"], memory);
        }
        let found =
            kept.batches[0].table.columns.iter().zip(&kept.batches[0].cells).find_map(|(name, cell)| {
                match cell {
                    Cell::Typed(cmdb_core::model::Value::List(list)) if name == "hardware.memory device" => {
                        Some(list.len())
                    }
                    _ => None,
                }
            });
        assert_eq!(found, Some(devices), "{file}");
        assert!(kept.complaints.iter().all(|c| c.is_note()), "{file}: {:?}", kept.complaints);
        inventory::import_twice(vec![(&name, kept)]);
    }
}

/// Made by hand after osquery's documentation, as no real file here holds such a log.
#[test]
fn osquery_results_of_all_three_kinds() {
    let log = [
        r#"{"name":"pack_inv_system_info","hostIdentifier":"h1","unixTime":1,"action":"snapshot","snapshot":[{"hostname":"web01","hardware_serial":"CZ1","hardware_model":"R640","hardware_vendor":"Dell Inc.","physical_memory":"17179869184","cpu_logical_cores":"8"}]}"#,
        r#"{"name":"os","hostIdentifier":"h1","action":"added","columns":{"name":"Debian GNU/Linux","version":"12","platform":"debian","major":"12"}}"#,
        r#"{"name":"net","hostIdentifier":"h1","diffResults":{"added":[{"interface":"lo","address":"127.0.0.1"},{"interface":"eth0","address":"10.0.0.1"}],"removed":[]}}"#,
        r#"{"name":"deb","hostIdentifier":"h1","action":"added","columns":{"package":"a"}}"#,
        r#"{"name":"deb","hostIdentifier":"h1","action":"added","columns":{"package":"b"}}"#,
        r#"{"name":"deb","hostIdentifier":"h1","action":"removed","columns":{"package":"a"}}"#,
        r#"{"name":"deb","hostIdentifier":"h2","action":"added","columns":{"package":"a"}}"#,
    ];
    let (kept, outcome) = take("osqueryd.results.log", log.join("\n").as_bytes(), &Options::default());
    outcome.unwrap();
    let hosts = items(&kept);
    let host = &hosts[0];
    let stated = ["id", "name", "serial_number", "memory", "cpu_count", "operating_system", "ip_address"];
    let expected = ["h1", "web01", "CZ1", "16384", "8", "Debian GNU/Linux 12", "10.0.0.1"];
    assert_eq!(stated.map(|name| host[name].as_str()), expected);
    assert_eq!((hosts.len(), host["results.deb"].as_str()), (2, "[{package: b}]"), "{host:?}");
    inventory::import_twice(vec![("osquery", kept)]);
}
