//! Files that mean harm: an error or a complaint, never a panic, in bounded time.

use super::*;

/// Tries a format on a good document cut off everywhere, with every value replaced by others, and nested deep.
fn mangle(format: &str, good: &str) {
    let options = || Options { format: Some(format.to_owned()), ..Options::default() };
    let mut kept = Kept::default();
    read("good", &mut good.as_bytes(), &options(), &mut kept).unwrap();
    let rejecting: Vec<_> = kept.complaints.iter().filter(|c| !c.is_note()).collect();
    assert!(rejecting.is_empty(), "{format}: {rejecting:?}");
    assert!(count(&kept, TableKind::Items) > 0, "{format}: the good document has no items");
    for end in (0..good.len()).filter(|end| good.is_char_boundary(*end)) {
        let _ = read("cut", &mut &good.as_bytes()[..end], &options(), &mut Kept::default());
    }
    let others = [
        "null",
        "[]",
        "{}",
        "-1",
        "1e308",
        "true",
        "\"\"",
        "[[null]]",
        "{\"a\":{\"b\":[1]}}",
        "\"\u{0}\"",
        "<",
        "x",
    ];
    for seed in 0..3_000 {
        let mut dice = Dice(seed);
        let starts: Vec<usize> = good.char_indices().map(|(at, _)| at).collect();
        let (mut from, mut to) = (starts[dice.roll(starts.len())], starts[dice.roll(starts.len())]);
        if from > to {
            std::mem::swap(&mut from, &mut to);
        }
        to = to.min(from + 1 + dice.roll(40));
        while !good.is_char_boundary(to) {
            to += 1;
        }
        let text = format!("{}{}{}", &good[..from], others[dice.roll(others.len())], &good[to..]);
        let _ = read("mangled", &mut Pieces(text.as_bytes(), Dice(seed)), &options(), &mut Kept::default());
    }
    for value in value_places(good) {
        for other in others {
            let text = format!("{}{other}{}", &good[..value.start], &good[value.end..]);
            let _ = read("swapped", &mut text.as_bytes(), &options(), &mut Kept::default());
        }
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("<a>", "</a>"), ("- ", ""), ("&a [*a, ", "]")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let _ = read("deep", &mut deep.as_bytes(), &options(), &mut Kept::default());
    }
}

/// Where the JSON values of a document stand, every one of them.
fn value_places(good: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = good.as_bytes();
    let mut out = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b':' || *byte == b'[' {
            let start = at + 1 + bytes[at + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
            if let Some(end) = crate::json::scan::Bounds::default().find_end(&bytes[start..]) {
                let end = start + end;
                if good.is_char_boundary(start) && good.is_char_boundary(end) {
                    out.push(start..end);
                }
            }
        }
    }
    out
}

#[test]
fn mangled_backstage() {
    mangle(
        "backstage",
        r#"[{"apiVersion":"backstage.io/v1alpha1","kind":"Component","metadata":{"name":"a","labels":{"x":"y"}},
        "spec":{"owner":"team","dependsOn":["resource:db","api:default/x"],"type":"service"}}]"#,
    );
}

#[test]
fn a_yaml_bomb_is_a_complaint() {
    let mut bomb = String::from("- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let alias = format!("*a{}", level - 1);
        bomb.push_str(&format!("- &a{level} [{}]\n", [alias.as_str(); 10].join(", ")));
    }
    let begun = std::time::Instant::now();
    let (kept, outcome) = take("bomb.yaml", bomb.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(kept.codes(), [(1, "yaml.syntax")]);
    assert!(begun.elapsed().as_secs() < 10, "took {:?}", begun.elapsed());
}

#[test]
fn a_yaml_document_that_nests_too_deep_or_is_too_long_is_a_complaint_and_the_next_is_read() {
    let deep = format!("{}1{}\n---\nclass: Server\nname: a\n", "[".repeat(100_000), "]".repeat(100_000));
    let (kept, outcome) = take("deep.yaml", deep.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(kept.codes(), [(1, "yaml.syntax")]);
    assert_eq!(kept.rows(), ["i2 class=Server name=a"]);
    let mut kept = Kept::default();
    let mut long = padded("note: ", b'x', 20 << 20, "\n---\nclass: Server\nname: a\n");
    read("long.yaml", &mut long, &Options::default(), &mut kept).unwrap();
    assert_eq!(kept.codes(), [(1, "yaml.document-too-long")]);
    assert_eq!(kept.rows(), ["i2 class=Server name=a"]);
}

#[test]
fn mangled_kubernetes_and_compose() {
    mangle(
        "kubernetes",
        r#"{"apiVersion":"v1","items":[{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w","ownerReferences":[{"kind":"A","name":"b"}]},
        "spec":{"replicas":1,"template":{"metadata":{"labels":{"a":"w"}},"spec":{"volumes":[{"secret":{"secretName":"s"}}],"containers":[{"image":"i","env":[{"name":"X_ADDR","value":"y:80"}]}]}}}},
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":{"a":"w"},"ports":[{"port":80}]}},
        {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"v"},"spec":{"capacity":{"storage":"8Gi"}}}]}"#,
    );
    mangle(
        "compose",
        r#"{"services":{"a":{"image":"i","depends_on":["b"],"environment":["B_ADDR=b:80"],"networks":{"n":{}}},"b":{}},"networks":{"n":{}}}"#,
    );
}

#[test]
fn mangled_netbox() {
    mangle(
        "netbox",
        r#"[{"model":"dcim.devicerole","pk":1,"fields":{"name":"Switch"}},{"model":"dcim.device","pk":1,"fields":{"name":"a","role":1,"site":2,"position":"4.0","status":"active"}},
        {"model":"dcim.powerport","pk":1,"fields":{"device":1}},{"model":"dcim.cabletermination","pk":1,"fields":{"cable":1,"cable_end":"A","termination_type":["dcim","powerport"],"termination_id":1}},
        {"id":4,"url":"/api/dcim/cables/4/","termination_a_type":"dcim.interface","termination_a_id":1,"b_terminations":[{"object_type":"dcim.interface","object_id":1,"object":{"device":{"id":1}}}],"status":{"value":1,"label":"x"}}]"#,
    );
}

#[test]
fn mangled_terraform() {
    mangle(
        "terraform",
        r#"{"format_version":"1.0","values":{"outputs":{"a":{"value":1}},"root_module":{"resources":[{"address":"a_b.c[0]","mode":"managed","type":"a_b","values":{"id":"1","l":[{"x":1}]},"sensitive_values":{"l":[{"x":true}]},"depends_on":["a_b.d"]}],"child_modules":[{"resources":[],"address":"m"}]}},"resource_changes":[{"address":"a.b","type":"a","change":{"actions":["create"],"after":{"x":[1]}}}]}"#,
    );
    mangle(
        "terraform",
        r#"{"version":4,"terraform_version":"1","serial":1,"resources":[{"type":"a_b","name":"c","instances":[{"index_key":0,"attributes":{"id":"1"},"dependencies":["x.y"],"sensitive_attributes":[[{"type":"get_attr","value":"id"}]]}]}]}"#,
    );
    mangle(
        "terraform",
        r#"{"version":3,"terraform_version":"0.11","serial":1,"modules":[{"path":["root","m"],"resources":{"a.b.0":{"type":"a","depends_on":["c.d"],"primary":{"attributes":{"x.#":"1","x.12.y":"z","m.%":"1","m.k":"v"}}}}}]}"#,
    );
}

#[test]
fn mangled_aws() {
    mangle(
        "aws-config",
        r#"{"configurationItems":[{"resourceType":"AWS::EC2::Instance","resourceId":"i-1","resourceName":"n","tags":{"a":"b"},"configuration":"{\"a\":1}","relationships":[{"resourceType":"T","resourceName":"n","name":"Is contained in X"}]}]}"#,
    );
    mangle(
        "aws",
        r#"{"Reservations":[{"Instances":[{"InstanceId":"i-1","SubnetId":"subnet-1","State":{"Name":"running"},"Tags":[{"Key":"Name","Value":"x"}]}]}],"NextToken":"t"}"#,
    );
}

#[test]
fn mangled_servicenow_and_ansible() {
    mangle(
        "servicenow",
        r#"{"result":[{"sys_id":{"value":"1"},"sys_class_name":"cmdb_ci_server","name":"a","ram":"1"},{"parent":"1","child":"2","type":{"display_value":"Runs on::Runs"}}]}"#,
    );
    mangle(
        "ansible",
        r#"{"ansible_facts":{"ansible_fqdn":"a","ansible_memtotal_mb":1,"ansible_eth0":{"ipv4":{"address":"1"}}},"changed":false}"#,
    );
    mangle(
        "ansible-inventory",
        r#"{"_meta":{"hostvars":{"a":{"x":1}}},"all":{"children":["w"]},"w":{"hosts":["a"],"vars":{"y":[1]}}}"#,
    );
    mangle("ansible-inventory", "[a]\ndb[01:03:2].x k=v q=\"a b\"\nh[a:c]\n[b:children]\na\n[b:vars]\nx=1\n");
    let (kept, _) = take("hosts.ini", b"[a]\nh[0:99999999999].x\nh[0:999][0:999]\nok\n", &Options::default());
    assert_eq!(kept.codes(), [(2, "ansible.range"), (3, "ansible.range")]);
}

#[test]
fn mangled_xml_and_lshw() {
    mangle(
        "nmap",
        r#"<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun start="1"><host><status state="up"/><address addr="10.0.0.1" addrtype="ipv4"/><hostnames><hostname name="a.b"/></hostnames><ports><port protocol="tcp" portid="22"><state state="open"/><service name="ssh" version="1"/></port></ports></host></nmaprun>"#,
    );
    mangle(
        "itop",
        "<Set><Server id=\"1\"><name>a</name><org_id>2</org_id><powerA_id>3</powerA_id></Server><lnkX id=\"1\"><a_id>1</a_id><b_id>2</b_id></lnkX></Set>",
    );
    mangle(
        "graphml",
        "<graphml><key id=\"k\" attr.name=\"n\" attr.type=\"int\"/><graph><node id=\"a\"><data key=\"k\">1</data></node><edge source=\"a\" target=\"a\"/></graph></graphml>",
    );
    mangle(
        "lshw",
        r#"[{"id":"m","class":"system","claimed":true,"serial":"1","children":[{"id":"core","class":"bus","children":[{"id":"cpu","class":"processor"}]}]}]"#,
    );
}

#[test]
fn xml_with_entities_declarations_depth_or_endless_parts_is_refused() {
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE Set [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Set><Server id="1"><name>&b;</name></Server></Set>"#;
    assert_eq!(failure("bomb", bomb.as_bytes()), "xml.dtd");
    assert_eq!(failure("entity", b"<Set><Server id=\"1\"><name>&file;</name></Server></Set>"), "xml.entity");
    assert_eq!(failure("attribute", b"<Set><Server id=\"&file;\"/></Set>"), "xml.syntax");
    let deep = format!("<Set>{}", "<a>".repeat(1_000_000));
    assert_eq!(failure("deep", deep.as_bytes()), "xml.too-deep");
    assert_eq!(failure("cut", b"<Set><Server id=\"1\">"), "xml.truncated");
    assert_eq!(failure("latin", b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Set/>"), "import.not-utf8");
    let mut long = padded("<Set><Server id=\"1\"><name>", b'x', 64 << 20, "</name></Server></Set>");
    let error = read("long", &mut long, &Options::default(), &mut Kept::default()).unwrap_err();
    assert!(matches!(error.code(), "xml.syntax" | "xml.record-too-long"), "{error}");
    let many = format!("<Set><Server id=\"1\">{}</Server></Set>", "<a/>".repeat(300_000));
    assert_eq!(failure("many", many.as_bytes()), "xml.record-too-long");
}

#[test]
fn mangled_glpi() {
    mangle(
        "glpi",
        r#"{"action":"inventory","deviceid":"a-2020-01-01-00-00-00","content":{"hardware":{"name":"a","memory":1},"bios":{"ssn":"x"},"virtualmachines":[{"name":"v","vmtype":"docker"}],"databases_services":[{"name":"d","version":"1"}]}}"#,
    );
    mangle(
        "glpi",
        "<REQUEST><CONTENT><HARDWARE><NAME>a</NAME></HARDWARE><SOFTWARES><NAME>s</NAME></SOFTWARES></CONTENT><DEVICEID>a</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>",
    );
    mangle(
        "glpi",
        "<REQUEST><CONTENT><DEVICE><INFO><SERIAL>1</SERIAL><TYPE>PRINTER</TYPE></INFO></DEVICE></CONTENT><DEVICEID>a</DEVICEID></REQUEST>",
    );
}

#[test]
fn mangled_cyclonedx() {
    mangle(
        "cyclonedx",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"bom-ref":"a","type":"library","name":"a","components":[{"bom-ref":"b","type":"file","name":"b"}]}],"services":[{"name":"s"}],"dependencies":[{"ref":"a","dependsOn":["b"]}],"vulnerabilities":[{"id":"v","affects":[{"ref":"urn:cdx:x/1#a"}]}]}"#,
    );
}

#[test]
fn mangled_spdx() {
    mangle(
        "spdx",
        r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"d","documentNamespace":"https://x/d","externalDocumentRefs":[{"externalDocumentId":"DocumentRef-o","spdxDocument":"https://x/o"}],"packages":[{"SPDXID":"SPDXRef-a","name":"a","versionInfo":"1","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:x/a@1"}],"hasFiles":["SPDXRef-f"]}],"files":[{"SPDXID":"SPDXRef-f","fileName":"f"}],"relationships":[{"spdxElementId":"SPDXRef-a","relationshipType":"DEPENDENCY_OF","relatedSpdxElement":"DocumentRef-o:SPDXRef-b"}]}"#,
    );
    mangle(
        "spdx",
        "SPDXVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: d\nDocumentNamespace: https://x/d\nPackageName: a\nSPDXID: SPDXRef-a\nPackageComment: <text>one\ntwo</text>\nExternalRef: PACKAGE-MANAGER purl pkg:x/a@1\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\n",
    );
    mangle(
        "spdx",
        r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"CreationInfo","@id":"_:c"},{"type":"software_Package","spdxId":"https://x/a","name":"a"},{"type":"Relationship","spdxId":"https://x/r","from":"https://x/a","to":["https://x/b"],"relationshipType":"dependsOn"}]}"#,
    );
}

#[test]
fn mangled_cyclonedx_in_xml() {
    mangle(
        "cyclonedx",
        r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components><component type="library" bom-ref="a"><name>a</name><hashes><hash alg="MD5">641b6e166f8b33c5e959e2adcc18b1c7</hash></hashes><licenses><expression>MIT</expression></licenses></component></components><dependencies><dependency ref="a"><dependency ref="a"/></dependency></dependencies></bom>"#,
    );
}

#[test]
fn mangled_vulnerabilities() {
    mangle(
        "kev",
        r#"{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-1","dueDate":"2026-01-01","product":"p"}]}"#,
    );
    mangle(
        "osv",
        r#"{"id":"X-1","modified":"2026-01-01T00:00:00Z","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N"}],"affected":[{"package":{"ecosystem":"e","name":"n","purl":"pkg:x/n"}}]}"#,
    );
    mangle(
        "cve",
        r#"{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-1","datePublished":"2026-01-01T00:00:00"},"containers":{"cna":{"descriptions":[{"lang":"en","value":"d"}],"metrics":[{"cvssV3_1":{"baseScore":9.8,"vectorString":"v"}}],"affected":[{"vendor":"v","product":"p","cpes":["cpe:2.3:a"]}]}}}"#,
    );
    mangle(
        "nvd",
        r#"{"resultsPerPage":1,"startIndex":0,"totalResults":1,"format":"NVD_CVE","vulnerabilities":[{"cve":{"id":"CVE-1","published":"2026-01-01T00:00:00.1","metrics":{"cvssMetricV31":[{"type":"Primary","cvssData":{"baseScore":1}}]},"configurations":[{"nodes":[{"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a"}]}]}]}}]}"#,
    );
}

#[test]
fn mangled_observations() {
    mangle(
        "alertmanager",
        r#"{"groupKey":"g","alerts":[{"status":"firing","labels":{"alertname":"a","instance":"h:9100"},"annotations":{"summary":"s"},"startsAt":"2026-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z"}]}"#,
    );
    mangle(
        "osquery",
        r#"{"name":"q","hostIdentifier":"h","action":"added","columns":{"hardware_serial":"1","hardware_model":"m"},"snapshot":[{"interface":"e","address":"10.0.0.1"}],"diffResults":{"added":[{"a":"1"}],"removed":[]}}"#,
    );
    mangle(
        "traces",
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"spans":[{"traceId":"1","spanId":"2","parentSpanId":"3","kind":3,"startTimeUnixNano":"1544712660000000000","attributes":[{"key":"db.system","value":{"stringValue":"pg"}}]}]}]}]}"#,
    );
    mangle(
        "lldp",
        r#"{"lldp":{"interface":[{"eth0":{"via":"LLDP","chassis":{"sw":{"id":{"type":"mac","value":"00:01"},"capability":[{"type":"Bridge","enabled":true}]}},"port":{"id":{"type":"ifname","value":"1"}},"vlan":{"vlan-id":"3"}}}]}}"#,
    );
    mangle(
        "lldp",
        "lldp.eth0.via=LLDP\nlldp.eth0.chassis.name=sw\nlldp.eth0.port.ifname=1\nlldp.eth0.port.descr=a\nb\n",
    );
    mangle(
        "dmidecode",
        "# dmidecode 3.0\nHandle 0x0100, DMI type 1, 27 bytes\nSystem Information\n\tSerial Number: 42\n\tUUID: 1\n\tFlags:\n\t\tone\n\nHandle 0x1, DMI type 17, 1 bytes\nMemory Device\n\tSize: 8 GB\n",
    );
}

#[test]
fn lines_without_end_are_refused() {
    for format in ["lldp", "dmidecode", "spdx"] {
        let options = Options { format: Some(format.to_owned()), ..Options::default() };
        let mut long = padded("lldp.eth0.via=", b'x', 64 << 20, "\n");
        let error = read("long", &mut long, &options, &mut Kept::default()).unwrap_err();
        assert_eq!(error.code(), "text.line-too-long", "{format}");
    }
}
