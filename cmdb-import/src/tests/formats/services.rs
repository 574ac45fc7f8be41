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
