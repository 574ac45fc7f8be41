//! What software is made of and what is wrong with it: SPDX, CycloneDX in XML, OSV, CVE, NVD, KEV.

use super::*;

/// Relationships were counted by a script of its own, which takes several SPDX relationships of two elements that are
/// one of ours together.
#[test]
fn spdx_documents_of_all_three_kinds() {
    check_real(
        "spdx_list",
        &[
            ("spdx/example1_spdx2.2_example1.spdx", "document 1, files 3, packages 1 | relates_to 4"),
            (
                "spdx/example1_spdx3.0_example1.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 3, software_File 3, software_Package 1 | contains 3, relates_to 9",
            ),
            ("spdx/example2_spdx2.2_example2-bin.spdx", "document 1, files 1, packages 1 | relates_to 3"),
            ("spdx/example2_spdx2.2_example2-src.spdx", "document 1, files 2, packages 1 | relates_to 2"),
            (
                "spdx/example3_spdx2.2_example3-bin.spdx",
                "document 1, files 2, packages 1 | depends_on 1, relates_to 3",
            ),
            ("spdx/example3_spdx2.2_example3-src.spdx", "document 1, files 3, packages 1 | relates_to 2"),
            (
                "spdx/example3_spdx3.0_example3-bin.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 5, software_File 2, software_Package 1 | contains 2, depends_on 2, relates_to 9",
            ),
            (
                "spdx/example3_spdx3.0_example3-src.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 4, software_File 3, software_Package 1 | contains 3, relates_to 7",
            ),
            (
                "spdx/example4_spdx2.2_example4-bin.spdx",
                "document 1, files 2, packages 3 | depends_on 3, relates_to 3",
            ),
            ("spdx/example4_spdx2.2_example4-src.spdx", "document 1, files 3, packages 1 | relates_to 2"),
            (
                "spdx/example4_spdx3.0_example4-bin.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 5, software_File 4, software_Package 3 | contains 2, depends_on 6, relates_to 13",
            ),
            (
                "spdx/example4_spdx3.0_example4-src.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 4, software_File 3, software_Package 1 | contains 3, relates_to 7",
            ),
            ("spdx/example5_spdx2.2_example5-bin.spdx", "document 1, files 1, packages 1 | relates_to 3"),
            ("spdx/example5_spdx2.2_example5-src.spdx", "document 1, files 2, packages 1 | relates_to 2"),
            (
                "spdx/example5_spdx3.0_example5-bin.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 3, software_File 1, software_Package 1 | contains 1, relates_to 7",
            ),
            (
                "spdx/example5_spdx3.0_example5-src.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 3, software_File 2, software_Package 1 | contains 2, relates_to 6",
            ),
            (
                "spdx/example6_spdx2.2_example6-bin.spdx",
                "document 1, files 1, hasExtractedLicensingInfos 1, packages 1 | depends_on 4, relates_to 4",
            ),
            (
                "spdx/example6_spdx2.2_example6-lib.spdx",
                "document 1, hasExtractedLicensingInfos 1, packages 5 | contains 4, relates_to 1",
            ),
            ("spdx/example6_spdx2.2_example6-src.spdx", "document 1, files 2, packages 1 | relates_to 2"),
            (
                "spdx/example6_spdx3.0_example6-bin.json",
                "Person 1, SpdxDocument 1, Tool 2, expandedlicensing_CustomLicense 1, simplelicensing_LicenseExpression 4, software_File 1, software_Package 1 | contains 1, depends_on 4, relates_to 8",
            ),
            (
                "spdx/example6_spdx3.0_example6-lib.json",
                "Organization 2, Person 1, SpdxDocument 1, simplelicensing_LicenseExpression 3, software_File 2, software_Package 5 | contains 4, relates_to 9",
            ),
            (
                "spdx/example6_spdx3.0_example6-src.json",
                "Person 1, SpdxDocument 1, Tool 2, simplelicensing_LicenseExpression 3, software_File 2, software_Package 1 | contains 2, relates_to 6",
            ),
            (
                "spdx/example7_spdx2.2_example7-bin.spdx.json",
                "document 1, packages 1 | depends_on 3, relates_to 3",
            ),
            ("spdx/example7_spdx2.2_example7-go-module.spdx.json", "document 1, packages 1 | relates_to 1"),
            (
                "spdx/example7_spdx2.2_example7-golang.spdx.json",
                "document 1, hasExtractedLicensingInfos 1, packages 2 | relates_to 1",
            ),
            (
                "spdx/example7_spdx2.2_example7-third-party-modules.spdx.json",
                "document 1, packages 3 | relates_to 3",
            ),
            (
                "spdx/example7_spdx3.0_example7-bin.spdx3.json",
                "Person 1, SpdxDocument 1, software_File 1, software_Sbom 1 | depends_on 2, relates_to 2",
            ),
            (
                "spdx/example7_spdx3.0_example7-go-module.spdx3.json",
                "Person 1, SpdxDocument 1, software_Package 1, software_Sbom 1 |",
            ),
            (
                "spdx/example7_spdx3.0_example7-golang.spdx3.json",
                "Organization 1, Person 1, SpdxDocument 1, software_File 1, software_Package 1, software_Sbom 1 | contains 1",
            ),
            (
                "spdx/example7_spdx3.0_example7-third-party-modules.spdx3.json",
                "Organization 2, Person 1, SpdxDocument 1, software_Package 2, software_Sbom 1 |",
            ),
        ],
    );
    let Some(folder) = data() else { return };
    let (kept, _) = real(&folder, "spdx/example6_spdx2.2_example6-lib.spdx");
    let go = items(&kept).into_iter().find(|i| i["name"] == "go-1.15").unwrap();
    let stated = ["version", "licence", "vendor"].map(|name| go[name].as_str());
    assert_eq!(stated, ["1.15.4", "LicenseRef-Golang-BSD-plus-Patents", "Canonical Ltd."]);
    let licence = items(&kept).into_iter().find(|i| i["spdx_list"] == "hasExtractedLicensingInfos").unwrap();
    assert!(licence["extractedText"].lines().count() > 10, "a text of several lines stays whole");
}

#[test]
fn spdx_documents_that_refer_to_each_other_meet() {
    let Some(folder) = data() else { return };
    let files: Vec<(&str, Kept)> = [
        "spdx/example7_spdx2.2_example7-bin.spdx.json",
        "spdx/example7_spdx2.2_example7-go-module.spdx.json",
        "spdx/example7_spdx2.2_example7-golang.spdx.json",
        "spdx/example7_spdx2.2_example7-third-party-modules.spdx.json",
    ]
    .map(|file| (file, real(&folder, file).0))
    .into();
    let ids: BTreeSet<String> =
        files.iter().flat_map(|(_, kept)| items(kept)).map(|i| i["id"].clone()).collect();
    let ends = files
        .iter()
        .flat_map(|(_, kept)| links(kept))
        .map(|link| link.rsplit(' ').next().unwrap().to_owned());
    let missing: Vec<String> = ends.filter(|end| !ids.contains(end)).collect();
    assert_eq!(missing, Vec::<String>::new(), "every element referred to is in one of the four documents");
    inventory::import_twice(files);
}

#[test]
fn cyclonedx_boms_in_xml_hold_what_those_in_json_hold() {
    check_real(
        "bom_list",
        &[
            ("cyclonedx/SBOM_dropwizard-1.3.15_bom.xml", "components 167, metadata 1 | depends_on 170"),
            ("cyclonedx/SBOM_laravel-7.12.0_bom.1.1.xml", "components 62 |"),
            ("cyclonedx/SBOM_laravel-7.12.0_bom.1.2.xml", "components 62, metadata 1 | depends_on 113"),
            ("cyclonedx/SBOM_cern-lhc-vdm-editor-e564943_bom.xml", "components 43, metadata 1 |"),
        ],
    );
    let Some(folder) = data() else { return };
    let of = |file: &str| {
        let kept = real(&folder, &format!("cyclonedx/SBOM_dropwizard-1.3.15_bom.{file}")).0;
        let ids: BTreeSet<String> = items(&kept).into_iter().map(|i| i["id"].clone()).collect();
        (ids, links(&kept))
    };
    assert_eq!(of("xml"), of("json"));
}

/// Files of the conformance suite that break a rule of the schema which no row depends on; they are imported.
const NOT_CHECKED: [&str; 14] = [
    "invalid-component-swid",
    "invalid-issue-type",
    "invalid-license-choice",
    "invalid-license-declared-concluded-mix",
    "invalid-license-encoding",
    "invalid-license-id",
    "invalid-license-id-count",
    "invalid-license-missing-id-and-name",
    "invalid-license-name-count",
    "invalid-metadata-license",
    "invalid-metadata-timestamp",
    "invalid-patch-type",
    "invalid-properties",
    "invalid-service-data",
];

#[test]
fn the_cyclonedx_conformance_files_in_xml() {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder.join("cyclonedx/spec-1.6")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix("-1.6.xml") else { continue };
        let options = Options { format: Some("cyclonedx".to_owned()), ..Options::default() };
        let bytes = std::fs::read(folder.join("cyclonedx/spec-1.6").join(&name)).unwrap();
        let (kept, outcome) = take(&name, &bytes, &options);
        let taken = outcome.is_ok() && kept.complaints.iter().all(|c| c.is_note());
        if taken != (stem.starts_with("valid-") || NOT_CHECKED.contains(&stem)) {
            wrong.push(format!("{name}: {outcome:?} {:?}", kept.complaints));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lengths of lists that a column path leads to, in the first item.
fn length(kept: &Kept, column: &str) -> usize {
    for batch in kept.batches.iter().filter(|b| b.table.kind == TableKind::Items) {
        for (name, cell) in batch.table.columns.iter().zip(&batch.cells) {
            if let (true, Cell::Typed(cmdb_core::model::Value::List(list))) = (name == column, cell) {
                return list.len();
            }
        }
    }
    0
}

#[test]
fn cve_records_with_what_others_added() {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    for (id, affected, adp) in [
        ("CVE-2016-15012", 1, 2),
        ("CVE-2018-14618", 1, 1),
        ("CVE-2023-1055", 1, 2),
        ("CVE-2023-45803", 1, 2),
        ("CVE-2024-3094", 7, 2),
        ("CVE-2026-23522", 1, 1),
    ] {
        let file = format!("cve/{id}.json");
        let (kept, outcome) = real(&folder, &file);
        outcome.unwrap();
        let got = (length(&kept, "containers.cna.affected"), length(&kept, "containers.adp"));
        assert_eq!(got, (affected, adp), "{id}");
        let item = &items(&kept)[0];
        assert_eq!(
            (item["id"].as_str(), item["number"].as_str(), item["class"].as_str()),
            (id, id, "Vulnerability")
        );
        assert!(item.contains_key("published_at") && item.contains_key("description"), "{id}: {item:?}");
        inventory::import_twice(vec![(&file, kept)]);
    }
    let score = |file: &str| items(&real(&folder, file).0)[0].get("cvss_score").cloned();
    assert_eq!(score("cve/CVE-2023-45803.json").as_deref(), Some("4.2"));
    assert_eq!(score("cve/CVE-2023-1055.json"), None, "it states no score");
}

#[test]
fn nvd_answers_with_their_cpe_names() {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    for (id, score) in [
        ("CVE-2014-1424", None),
        ("CVE-2016-1585", Some("9.8")),
        ("CVE-2017-6507", None),
        ("CVE-2018-1000500", None),
        ("CVE-2020-13595", None),
        ("CVE-2021-28429", None),
        ("CVE-2022-0090", None),
        ("CVE-2022-1122", None),
    ] {
        let file = format!("cve/nvd_{id}.json");
        let (kept, outcome) = real(&folder, &file);
        outcome.unwrap();
        assert_eq!(summary(&kept, "class"), "Vulnerability 1 |", "{id}");
        let item = &items(&kept)[0];
        assert!(
            item["id"] == id && item.contains_key("affected_cpes") && item.contains_key("cvss_score"),
            "{item:?}"
        );
        if let Some(score) = score {
            assert_eq!(item["cvss_score"], score);
        }
        inventory::import_twice(vec![(&file, kept)]);
    }
}

#[test]
fn osv_and_the_catalogue_of_exploited_vulnerabilities() {
    check_real(
        "class",
        &[
            ("cve/osv_UBUNTU-CVE-2025-38094.json", "Vulnerability 1 |"),
            ("kev/known_exploited_vulnerabilities.json", "Vulnerability 1404 |"),
        ],
    );
    let Some(folder) = data() else { return };
    let osv = &items(&real(&folder, "cve/osv_UBUNTU-CVE-2025-38094.json").0)[0];
    assert!(osv["affected_purls"].contains("pkg:deb/ubuntu/linux@3.13.0-206.257"), "{osv:?}");
    let kev = items(&real(&folder, "kev/known_exploited_vulnerabilities.json").0);
    let ransomware =
        kev.iter().filter(|i| i.get("knownRansomwareCampaignUse").is_some_and(|use_| use_ == "Known"));
    assert_eq!(ransomware.count(), 293);
    assert!(kev.iter().all(|i| i["known_exploited"] == "true" && i.contains_key("mend_by")));
}

#[test]
fn a_vulnerability_that_two_feeds_tell_of_is_one() {
    let Some(folder) = data() else { return };
    let nvd = items(&real(&folder, "cve/nvd_CVE-2016-1585.json").0);
    let made = br#"{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-2016-1585","state":"PUBLISHED"},"containers":{"cna":{}}}"#;
    let cve = items(&take("c", made, &Options::default()).0);
    assert_eq!((&nvd[0]["number"], &nvd[0]["name"]), (&cve[0]["number"], &cve[0]["name"]));
}
