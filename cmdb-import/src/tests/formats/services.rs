//! Catalogues and orchestrators: Backstage, Kubernetes, Compose, Terraform.

use super::*;

#[test]
fn backstage_entities_and_their_references() {
    check_real(
        "backstage.kind",
        &[
            ("backstage/rhdh_all.yaml", "Location 1 |"),
            ("backstage/rhdh_apis.yaml", "Location 1 |"),
            ("backstage/rhdh_apis_nexus-repo-manager-3.yaml", "API 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_apis_petstore.yaml", "API 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_components.yaml", "Location 1 |"),
            ("backstage/rhdh_components_community-plugins.yaml", "Component 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_components_showcase.yaml", "Component 1 | depends_on 5, owned_by 1, part_of 1"),
            ("backstage/rhdh_groups.yaml", "Location 1 |"),
            ("backstage/rhdh_groups_janus-authors.yaml", "Group 1 |"),
            ("backstage/rhdh_groups_rhdh-team.yaml", "Group 1 |"),
            ("backstage/rhdh_resources.yaml", "Location 1 |"),
            ("backstage/rhdh_resources_argocd.yaml", "Resource 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_resources_github.yaml", "Resource 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_resources_keycloak.yaml", "Resource 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_resources_obc.yaml", "Resource 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_resources_pgdb.yaml", "Resource 1 | owned_by 1, part_of 1"),
            ("backstage/rhdh_systems.yaml", "Location 1 |"),
            ("backstage/rhdh_systems_janus-idp.yaml", "System 1 | owned_by 1"),
        ],
    );
}

#[test]
fn kubernetes_manifests_and_who_calls_whom() {
    check_real(
        "kubernetes.kind",
        &[
            (
                "kubernetes/online-boutique.yaml",
                "Deployment 12, Service 12, ServiceAccount 11 | calls 17, depends_on 12, uses 11",
            ),
            (
                "kubernetes/sock-shop.yaml",
                "Deployment 14, Namespace 1, Service 14 | calls 1, depends_on 14, part_of 28",
            ),
        ],
    );
}

#[test]
fn the_online_boutiques_call_graph() {
    let Some(folder) = data() else { return };
    let (kept, _) = real(&folder, "kubernetes/online-boutique.yaml");
    let calls = links(&kept);
    let called = |workload: &str| -> Vec<String> {
        let head = format!("Deployment/default/{workload} calls Service/default/");
        calls.iter().filter_map(|link| link.strip_prefix(&head)).map(str::to_owned).collect()
    };
    assert_eq!(
        called("frontend"),
        [
            "adservice",
            "cartservice",
            "checkoutservice",
            "currencyservice",
            "productcatalogservice",
            "recommendationservice",
            "shippingservice",
            "shoppingassistantservice"
        ]
    );
    assert_eq!(
        called("checkoutservice"),
        [
            "cartservice",
            "currencyservice",
            "emailservice",
            "paymentservice",
            "productcatalogservice",
            "shippingservice"
        ]
    );
    assert_eq!(called("recommendationservice"), ["productcatalogservice"]);
    assert_eq!(called("cartservice"), ["redis-cart"]);
    assert_eq!(called("loadgenerator"), ["frontend"]);
    assert!(calls.contains("Service/default/frontend depends_on Deployment/default/frontend"));
}

#[test]
fn kubernetes_examples() {
    let one = |file, expected| (file, expected);
    check_real(
        "kubernetes.kind",
        &[
            one("kubernetes/examples/_archived_selenium_selenium-hub-deployment.yaml", "Deployment 1 |"),
            one("kubernetes/examples/_archived_selenium_selenium-hub-svc.yaml", "Service 1 |"),
            one(
                "kubernetes/examples/_archived_selenium_selenium-node-chrome-deployment.yaml",
                "Deployment 1 | calls 1",
            ),
            one(
                "kubernetes/examples/_archived_selenium_selenium-node-firefox-deployment.yaml",
                "Deployment 1 | calls 1",
            ),
            one(
                "kubernetes/examples/_archived_storage_vitess_guestbook-controller.yaml",
                "ReplicationController 1 |",
            ),
            one("kubernetes/examples/_archived_storage_vitess_guestbook-service.yaml", "Service 1 |"),
            one("kubernetes/examples/databases_cassandra_cassandra-service.yaml", "Service 1 |"),
            one(
                "kubernetes/examples/databases_cassandra_cassandra-statefulset.yaml",
                "StatefulSet 1, StorageClass 1 | uses 1",
            ),
            one(
                "kubernetes/examples/web_guestbook-go_guestbook-controller.yaml",
                "ReplicationController 1 |",
            ),
            one("kubernetes/examples/web_guestbook-go_guestbook-service.yaml", "Service 1 |"),
            one("kubernetes/examples/web_guestbook-go_redis-master-controller.yaml", "Deployment 1 |"),
            one(
                "kubernetes/examples/web_guestbook_legacy_frontend-controller.yaml",
                "ReplicationController 1 |",
            ),
            one(
                "kubernetes/examples/web_guestbook_legacy_redis-master-controller.yaml",
                "ReplicationController 1 |",
            ),
            one(
                "kubernetes/examples/web_guestbook_legacy_redis-replica-controller.yaml",
                "ReplicationController 1 |",
            ),
            one("kubernetes/examples/web_guestbook_redis-master-deployment.yaml", "Deployment 1 |"),
            one("kubernetes/examples/web_guestbook_redis-master-service.yaml", "Service 1 |"),
            one("kubernetes/examples/web_guestbook_redis-replica-deployment.yaml", "Deployment 1 |"),
            one("kubernetes/examples/web_guestbook_redis-replica-service.yaml", "Service 1 |"),
            one("kubernetes/examples/web_guestbook-go_redis-master-service.yaml", "Service 1 |"),
            one(
                "kubernetes/examples/web_guestbook-go_redis-replica-controller.yaml",
                "ReplicationController 1 |",
            ),
            one("kubernetes/examples/web_guestbook-go_redis-replica-service.yaml", "Service 1 |"),
            one(
                "kubernetes/examples/web_guestbook_all-in-one_frontend.yaml",
                "Deployment 1, Service 1 | depends_on 1",
            ),
            one(
                "kubernetes/examples/web_guestbook_all-in-one_guestbook-all-in-one.yaml",
                "Deployment 3, Service 3 | depends_on 3",
            ),
            one(
                "kubernetes/examples/web_guestbook_all-in-one_redis-replica.yaml",
                "Deployment 1, Service 1 | depends_on 1",
            ),
            one("kubernetes/examples/web_guestbook_frontend-deployment.yaml", "Deployment 1 |"),
            one("kubernetes/examples/web_guestbook_frontend-service.yaml", "Service 1 |"),
        ],
    );
}

#[test]
fn a_listing_of_a_cluster_tells_pods_from_their_controllers_and_keeps_no_secret() {
    let text = r#"{"apiVersion":"v1","items":[
      {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"shop","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}]},"spec":{"replicas":2}},
      {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-0","namespace":"shop","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}]},"spec":{"replicas":0}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1-a","namespace":"shop","labels":{"app":"web"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-1"}]},"spec":{"nodeName":"n1","containers":[]}},
      {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{s3cr3t}"}},"spec":{"replicas":2,"template":{"metadata":{"labels":{"app":"web"}},"spec":{
         "volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"data"}},{"name":"t","secret":{"secretName":"tls"}}],
         "containers":[{"name":"c","image":"web:1","envFrom":[{"configMapRef":{"name":"hosts"}}],"env":[{"name":"DB_PASSWORD","value":"s3cr3t"},{"name":"PEER","value":"http://web.shop.svc.cluster.local:80/x"}]}]}}}},
      {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hosts","namespace":"shop"},"data":{"MAIL_HOST":"mail:25","COLOUR":"blue"}},
      {"apiVersion":"v1","kind":"Secret","metadata":{"name":"tls","namespace":"shop"},"data":{"tls.key":"s3cr3t"},"stringData":{"x":"s3cr3t"}},
      {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"app":"web"},"ports":[{"port":80,"protocol":"TCP"}]}},
      {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"in","namespace":"shop"},"spec":{"rules":[{"http":{"paths":[{"backend":{"service":{"name":"web"}}}]}}]}},
      {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"shop"},"spec":{"volumeName":"pv1","storageClassName":"fast"}},
      {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"pv1"},"spec":{"capacity":{"storage":"8Gi"}}},
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"capacity":{"cpu":"4"}}}
    ],"kind":"List","metadata":{"resourceVersion":""}}"#;
    let (kept, outcome) = take("listing", text.as_bytes(), &Options::default());
    outcome.unwrap();
    let expected = [
        "Deployment/shop/web calls Service/shop/mail",
        "Deployment/shop/web calls Service/shop/web",
        "Deployment/shop/web composed_of ReplicaSet/shop/web-1",
        "Deployment/shop/web stored_on PersistentVolumeClaim/shop/data",
        "Deployment/shop/web uses ConfigMap/shop/hosts",
        "Deployment/shop/web uses Secret/shop/tls",
        "Ingress/shop/in depends_on Service/shop/web",
        "PersistentVolumeClaim/shop/data stored_on PersistentVolume/pv1",
        "PersistentVolumeClaim/shop/data uses StorageClass/fast",
        "Pod/shop/web-1-a runs_on Node/n1",
        "ReplicaSet/shop/web-0 part_of Deployment/shop/web",
        "ReplicaSet/shop/web-1 composed_of Pod/shop/web-1-a",
        "Service/shop/web depends_on Deployment/shop/web",
    ];
    assert_eq!(links(&kept).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert!(!kept.rows().iter().any(|row| row.contains("s3cr3t")), "{:#?}", kept.rows());
    assert!(
        kept.complaints.iter().all(|c| c.is_note()) && kept.complaints.len() == 3,
        "{:?}",
        kept.complaints
    );
    let volume = items(&kept).into_iter().find(|i| i["id"] == "PersistentVolume/pv1").unwrap();
    assert_eq!((volume["class"].as_str(), volume["capacity"].as_str()), ("StorageVolume", "8.0"));
    inventory::import_twice(vec![("listing", kept)]);
}

#[test]
fn compose_services_networks_volumes_and_calls() {
    check_real("class", &[("kubernetes/sock-shop.compose.yml", "ContainerWorkload 15 | calls 1")]);
    let text = "name: shop\nservices:\n  web:\n    image: web:1\n    depends_on: {db: {condition: service_started}}\n    networks: [front]\n    environment: {DB_URL: 'postgres://u:s3cr3t@db:5432/x', API_TOKEN: s3cr3t}\n  db:\n    image: postgres\n    volumes: ['data:/var/lib', './conf:/etc']\nnetworks: {front: {}}\nvolumes:\n  data: {driver: local}\n";
    let (kept, outcome) = take("docker-compose.yml", text.as_bytes(), &Options::default());
    outcome.unwrap();
    let expected = [
        "shop/services/db stored_on shop/volumes/data",
        "shop/services/web calls shop/services/db",
        "shop/services/web connects_to shop/networks/front",
        "shop/services/web depends_on shop/services/db",
    ];
    assert_eq!(links(&kept).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert!(!kept.rows().iter().any(|row| row.contains("s3cr3t")));
    inventory::import_twice(vec![("compose", kept)]);
}

#[test]
fn itop_objects_and_their_links_in_files_that_refer_to_each_other() {
    let file = |name: &str| format!("itop/itop-{name}.xml");
    let expected = [
        ("config-mgmt_data.sample.applications", "ApplicationSolution 4 | owned_by 4"),
        ("config-mgmt_data.sample.applicationsolutionci", "| depends_on 4"),
        ("config-mgmt_data.sample.dbschema", "DatabaseSchema 1 | contains 1, owned_by 1"),
        ("config-mgmt_data.sample.dbserver", "DBServer 1 | owned_by 1, relates_to 1, runs_on 1"),
        ("config-mgmt_data.sample.model", "Model 3 | relates_to 3"),
        ("config-mgmt_data.sample.networkdevicetype", "NetworkDeviceType 2 |"),
        ("config-mgmt_data.sample.nw-devices", "NetworkDevice 2 | located_in 2, owned_by 2, relates_to 5"),
        ("config-mgmt_data.sample.servers", "Server 4 | located_in 2, owned_by 4, relates_to 12"),
        ("config-mgmt_data.sample.software", "Software 2 |"),
        ("config-mgmt_data.sample.webapp", "WebApplication 1 | owned_by 1, runs_on 1"),
        ("config-mgmt_data.sample.webserver", "WebServer 1 | owned_by 1, runs_on 1"),
        ("datacenter-mgmt_data.sample.racks", "Rack 1 | located_in 1, owned_by 1"),
        ("structure_data.sample.contactteam", "| belongs_to 9"),
        ("structure_data.sample.contacttype", "ContactType 6 |"),
        ("structure_data.sample.locations", "Location 3 | relates_to 3"),
        ("structure_data.sample.organizations", "Organization 2 |"),
        ("structure_data.sample.persons", "Person 34 | belongs_to 34, relates_to 2"),
        ("structure_data.sample.teams", "Team 4 | belongs_to 4"),
    ];
    let files: Vec<(String, &str)> = expected.iter().map(|(name, e)| (file(name), *e)).collect();
    check_real("itop.class", &files.iter().map(|(name, e)| (name.as_str(), *e)).collect::<Vec<_>>());
    let Some(folder) = data() else { return };
    let all: Vec<(&str, Kept)> =
        files.iter().map(|(name, _)| (name.as_str(), real(&folder, name).0)).collect();
    inventory::import_twice(all);
}

#[test]
fn graphml_with_declared_keys() {
    let text = r#"<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d0" for="node" attr.name="cores" attr.type="int"/><key id="d1" for="node" attr.name="class" attr.type="string"/><key id="d2" for="edge" attr.name="label" attr.type="string"/>
      <graph edgedefault="directed"><node id="a"><data key="d0">4</data><data key="d1">Server</data></node><node id="b &amp; c"/><edge source="a" target="b &amp; c"><data key="d2">depends on</data></edge><edge source="a" target="b &amp; c"/></graph></graphml>"#;
    let (kept, outcome) = take("g.graphml", text.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(summary(&kept, "class"), "Node 1, Server 1 | depends_on 1, relates_to 1");
    assert_eq!(kept.complaints, []);
    assert!(kept.rows()[0].contains("cores:integer=4"), "{:?}", kept.rows());
    inventory::import_twice(vec![("g", kept)]);
}

#[test]
fn cyclonedx_boms_with_nested_components_services_and_vulnerabilities() {
    check_real(
        "bom_list",
        &[
            ("cyclonedx/SBOM_dropwizard-1.3.15_bom.json", "components 167, metadata 1 | depends_on 170"),
            ("cyclonedx/SBOM_laravel-7.12.0_bom.1.4.json", "components 62, metadata 1 | depends_on 113"),
            ("cyclonedx/SBOM_cern-lhc-vdm-editor-e564943_bom.json", "components 43, metadata 1 |"),
            (
                "cyclonedx/SaaSBOM_apigateway-microservices-datastores_bom.json",
                "metadata 1, services 6 | contains 5, depends_on 6",
            ),
            ("cyclonedx/OBOM_Example-1-Decoupled_obom.json", "components 1, metadata 1 |"),
            ("cyclonedx/HBOM_PCIe-SATA-adapter-board_bom.json", "components 6, metadata 1 |"),
            ("cyclonedx/VEX_bom.json", "components 3, metadata 1 |"),
            ("cyclonedx/VEX_vex.json", "vulnerabilities 1 | relates_to 1"),
            (
                "cyclonedx/CBOM_Example-With-Dependencies_bom.json",
                "components 3, metadata 1 | depends_on 2, provides 1",
            ),
            ("cyclonedx/VEX_Use-Cases_Case-1_vex.json", "metadata 1, vulnerabilities 1 | relates_to 1"),
            ("cyclonedx/VEX_Use-Cases_Case-6_vex.json", "vulnerabilities 1 | relates_to 3"),
            ("cyclonedx/VEX_Use-Cases_Case-6_bom-1.json", "metadata 1 |"),
            ("cyclonedx/VEX_Use-Cases_Case-6_bom-2.json", "metadata 1 |"),
            ("cyclonedx/VEX_Use-Cases_Case-6_bom-3.json", "metadata 1 |"),
        ],
    );
}

/// Files of the conformance suite that break a rule of the schema which no row depends on; they are imported.
const NOT_CHECKED: [&str; 12] = [
    "invalid-component-swid",
    "invalid-issue-type",
    "invalid-license-choice",
    "invalid-license-declared-concluded-mix",
    "invalid-license-encoding",
    "invalid-license-id",
    "invalid-license-missing-id-and-name",
    "invalid-metadata-license",
    "invalid-metadata-timestamp",
    "invalid-patch-type",
    "invalid-properties",
    "invalid-service-data",
];

#[test]
fn the_cyclonedx_conformance_files_in_json() {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder.join("cyclonedx/spec-1.6")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix("-1.6.json") else { continue };
        let (kept, outcome) = real(&folder, &format!("cyclonedx/spec-1.6/{name}"));
        let taken = outcome.is_ok() && kept.complaints.iter().all(|c| c.is_note());
        if taken != (stem.starts_with("valid-") || NOT_CHECKED.contains(&stem)) {
            wrong.push(format!("{name}: {outcome:?} {:?}", kept.complaints));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
