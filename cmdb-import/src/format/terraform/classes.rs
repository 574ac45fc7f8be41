//! The classes of resource types, where the catalogue has one; any other type is a class of its own.

use crate::intake::own_class;
use smol_str::SmolStr;

const CLASSES: [(&str, &[&str]); 13] = [
    (
        "VirtualMachine",
        &[
            "aws_instance",
            "google_compute_instance",
            "azurerm_virtual_machine",
            "azurerm_linux_virtual_machine",
            "azurerm_windows_virtual_machine",
            "openstack_compute_instance_v2",
            "flexibleengine_compute_instance_v2",
            "vsphere_virtual_machine",
            "hcloud_server",
            "digitalocean_droplet",
            "libvirt_domain",
        ],
    ),
    ("Database", &["aws_db_instance", "google_sql_database_instance", "azurerm_mssql_database"]),
    ("DatabaseCluster", &["aws_rds_cluster", "aws_redshift_cluster"]),
    ("Cache", &["aws_elasticache_cluster", "google_redis_instance", "azurerm_redis_cache"]),
    (
        "LoadBalancer",
        &[
            "aws_lb",
            "aws_alb",
            "aws_elb",
            "azurerm_lb",
            "openstack_lb_loadbalancer_v2",
            "hcloud_load_balancer",
        ],
    ),
    (
        "Subnet",
        &["aws_subnet", "google_compute_subnetwork", "azurerm_subnet", "openstack_networking_subnet_v2"],
    ),
    ("ObjectStore", &["aws_s3_bucket", "google_storage_bucket", "azurerm_storage_container"]),
    (
        "StorageVolume",
        &[
            "aws_ebs_volume",
            "google_compute_disk",
            "azurerm_managed_disk",
            "openstack_blockstorage_volume_v3",
            "flexibleengine_blockstorage_volume_v2",
        ],
    ),
    ("KubernetesCluster", &["aws_eks_cluster", "google_container_cluster", "azurerm_kubernetes_cluster"]),
    ("MessageQueue", &["aws_sqs_queue", "aws_sns_topic", "google_pubsub_topic"]),
    ("FileShare", &["aws_efs_file_system", "azurerm_storage_share"]),
    ("DnsZone", &["aws_route53_zone", "google_dns_managed_zone", "azurerm_dns_zone"]),
    ("Certificate", &["aws_acm_certificate"]),
];

/// Attributes of the catalogue and the fields of a resource that state them.
pub(super) const ATTRIBUTES: [(&str, &[&str]); 4] = [
    ("ip_address", &["/private_ip", "/access_ip_v4", "/ipv4_address", "/private_ip_address"]),
    ("cidr", &["/cidr_block", "/ip_cidr_range", "/cidr"]),
    ("product", &["/engine"]),
    ("fqdn", &["/private_dns"]),
];

pub(super) fn class(kind: &str) -> SmolStr {
    match known(kind) {
        Some(class) => SmolStr::new_static(class),
        None => own_class("Terraform", kind),
    }
}

/// Whether the class of a type has the attribute.
pub(super) fn has(kind: &str, attribute: &str) -> bool {
    matches!(
        (known(kind), attribute),
        (Some("VirtualMachine"), "ip_address" | "fqdn")
            | (Some("Subnet"), "cidr")
            | (Some("Database" | "DatabaseCluster" | "Cache"), "product")
    )
}

fn known(kind: &str) -> Option<&'static str> {
    CLASSES.iter().find(|(_, kinds)| kinds.contains(&kind)).map(|(class, _)| *class)
}
