//! Answers of the AWS command line: `describe-*`, `list-*` and `get-caller-identity`.
//!
//! An item's id is AWS's own where that is unique (`i-…`, `subnet-…`), else its type and name; see [`id`], which the
//! AWS Config format shares, so that both speak of the same items.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out, own_class};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::collections::BTreeSet;

pub(super) struct AwsDescribe;

/// A list in an answer: its key, the type of its elements, and the fields that hold their id and name.
struct List(&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const LISTS: [List; 36] = [
    List("Reservations", "AWS::EC2::Instance", &["InstanceId"], &[]),
    List("AvailabilityZones", "AWS::EC2::AvailabilityZone", &["ZoneName"], &[]),
    List("NetworkInterfaces", "AWS::EC2::NetworkInterface", &["NetworkInterfaceId"], &[]),
    List("SecurityGroups", "AWS::EC2::SecurityGroup", &["GroupId"], &["GroupName"]),
    List("Snapshots", "AWS::EC2::Snapshot", &["SnapshotId"], &[]),
    List("Subnets", "AWS::EC2::Subnet", &["SubnetId"], &[]),
    List("VpcEndpoints", "AWS::EC2::VPCEndpoint", &["VpcEndpointId"], &[]),
    List("VpcPeeringConnections", "AWS::EC2::VPCPeeringConnection", &["VpcPeeringConnectionId"], &[]),
    List("Vpcs", "AWS::EC2::VPC", &["VpcId"], &[]),
    List("Volumes", "AWS::EC2::Volume", &["VolumeId"], &[]),
    List("RouteTables", "AWS::EC2::RouteTable", &["RouteTableId"], &[]),
    List("InternetGateways", "AWS::EC2::InternetGateway", &["InternetGatewayId"], &[]),
    List("NatGateways", "AWS::EC2::NatGateway", &["NatGatewayId"], &[]),
    List("NetworkAcls", "AWS::EC2::NetworkAcl", &["NetworkAclId"], &[]),
    List("Addresses", "AWS::EC2::EIP", &["AllocationId", "PublicIp"], &["PublicIp"]),
    List("Regions", "AWS::EC2::Region", &["RegionName"], &[]),
    List("repositories", "AWS::ECR::Repository", &["repositoryName"], &[]),
    List("clusterArns", "AWS::ECS::Cluster", &[], &[]),
    List("LoadBalancerDescriptions", "AWS::ElasticLoadBalancing::LoadBalancer", &["LoadBalancerName"], &[]),
    List(
        "LoadBalancers",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &["LoadBalancerArn"],
        &["LoadBalancerName"],
    ),
    List("DomainNames", "AWS::Elasticsearch::Domain", &["DomainName"], &[]),
    List("SAMLProviderList", "AWS::IAM::SAMLProvider", &["Arn"], &[]),
    List("ClusterInfoList", "AWS::MSK::Cluster", &["ClusterArn"], &["ClusterName"]),
    List("Functions", "AWS::Lambda::Function", &["FunctionName"], &[]),
    List("DBInstances", "AWS::RDS::DBInstance", &["DBInstanceIdentifier"], &[]),
    List("DBClusters", "AWS::RDS::DBCluster", &["DBClusterIdentifier"], &[]),
    List("CacheClusters", "AWS::ElastiCache::CacheCluster", &["CacheClusterId"], &[]),
    List("ClusterSubnetGroups", "AWS::Redshift::ClusterSubnetGroup", &["ClusterSubnetGroupName"], &[]),
    List("Clusters", "AWS::Redshift::Cluster", &["ClusterIdentifier"], &[]),
    List("Buckets", "AWS::S3::Bucket", &["Name"], &[]),
    List("SecretList", "AWS::SecretsManager::Secret", &["ARN"], &["Name"]),
    List("Topics", "AWS::SNS::Topic", &["TopicArn"], &[]),
    List("QueueUrls", "AWS::SQS::Queue", &[], &[]),
    List("analyzers", "AWS::AccessAnalyzer::Analyzer", &["arn"], &["name"]),
    List("HostedZones", "AWS::Route53::HostedZone", &["Id"], &["Name"]),
    List("FileSystems", "AWS::EFS::FileSystem", &["FileSystemId"], &["Name"]),
];

impl Format for AwsDescribe {
    fn name(&self) -> &'static str {
        "aws"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let Some(keys) = Keys::of(head) else { return false };
        let beside =
            ["NextToken", "nextToken", "Marker", "NextMarker", "Owner", "ResponseMetadata", "IsTruncated"];
        let listed = |name: &str| LISTS.iter().any(|list| list.0 == name);
        let only = keys.names().all(|name| listed(name) || beside.contains(&name));
        let one = LISTS.iter().find(|list| keys.is_list(list.0));
        let fits = one.is_some_and(|List(name, _, ids, _)| {
            let list = keys.value(name).unwrap_or_default();
            let first = Keys::of_first(list);
            let inner = if *name == "Reservations" { &["Instances"] } else { *ids };
            let bare = list[1..].trim_ascii_start();
            first.map_or(bare.starts_with(b"]") || bare.starts_with(b"\""), |f| {
                inner.iter().any(|id| f.has(id)) || f.names().count() > 0 && bare.len() > 4_096
            })
        });
        only && fits || keys.has_all(&["Account", "Arn", "UserId"])
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("aws", input, sink, |intake, source, file| {
            let key = Keys::of(source.bytes()).and_then(|keys| LISTS.iter().find(|list| keys.has(list.0)));
            let lists: Vec<&str> = key.iter().map(|list| list.0).collect();
            let mut take = |intake: &mut Intake<'_>, row, json| match key {
                Some(list) => element(intake, row, list, json),
                None => account(intake, row, &json),
            };
            let beside = records::each(intake, source, file, &lists, &mut take)?;
            if ["NextToken", "nextToken", "NextMarker", "Marker"]
                .iter()
                .any(|key| beside.get(*key).is_some_and(Json::is_string))
            {
                intake.note(0, "note.cut-off", "the answer is cut off (it holds a token for the next one)");
            }
            Ok(())
        })
    }
}

fn account(intake: &mut Intake<'_>, row: u64, json: &Json) -> Result<()> {
    let Some(number) = tree::word(json, "/Account") else {
        intake.complain(row, None, "aws.not-known", "the answer holds no list that is known and no account");
        return Ok(());
    };
    let mut item = Item::new("CloudAccount", id("AWS::Account", &number)).name(Some(number.clone()));
    item.text("provider", Some("AWS"));
    item.text("resource_id", Some(number));
    item.rest("", json, &["Account"]);
    intake.item(row, item)
}

fn element(intake: &mut Intake<'_>, row: u64, list: &List, json: Json) -> Result<()> {
    if list.0 == "Reservations" {
        let mut beside = json.clone();
        if let Json::Object(map) = &mut beside {
            map.remove("Instances");
        }
        return tree::list(&json, "/Instances")
            .iter()
            .try_for_each(|instance| one(intake, row, list, instance, Some(&beside)));
    }
    one(intake, row, list, &json, None)
}

fn one(intake: &mut Intake<'_>, row: u64, list: &List, json: &Json, beside: Option<&Json>) -> Result<()> {
    let List(_, kind, ids, names) = list;
    let native = match json {
        Json::String(text) => Some(text.as_str()),
        object => ids.iter().find_map(|field| tree::text(object, &format!("/{field}"))),
    };
    let Some(native) = native.filter(|text| !text.is_empty()) else {
        intake.complain(
            row,
            ids.first().copied(),
            "aws.no-id",
            format!("the element of {} has no id", list.0),
        );
        return Ok(());
    };
    let id = id(kind, native);
    let tags = tree::list(json, "/Tags");
    let tagged = tags
        .iter()
        .find(|tag| tree::text(tag, "/Key") == Some("Name"))
        .and_then(|tag| tree::text(tag, "/Value"));
    let named = names.iter().find_map(|field| tree::text(json, &format!("/{field}")));
    let short = native.rsplit(['/', ':']).next().unwrap_or(native);
    let mut item = Item::new(class(kind), id.as_str()).name(Some(tagged.or(named).unwrap_or(short)));
    item.text("aws.type", Some(kind));
    describe(&mut item, kind, json);
    item.set("tags", tag_texts(json.get("Tags")));
    item.rest("", json, &["Tags"]);
    if let Some(beside) = beside {
        item.rest("Reservation", beside, &[]);
    }
    if json.is_string() {
        item.text("resource_name", Some(native));
    }
    intake.item(row, item)?;
    links(intake, row, kind, &id, json)
}

/// What both formats can say of the catalogue's attributes; field names of answers, and of Config in lower case.
pub(super) fn describe(item: &mut Item, kind: &str, json: &Json) {
    let text = |upper: &str| {
        let mut lower = upper.to_owned();
        lower.replace_range(..1, &upper[..1].to_ascii_lowercase());
        tree::text(json, &format!("/{upper}")).or_else(|| tree::text(json, &format!("/{lower}")))
    };
    match class(kind).as_str() {
        "VirtualMachine" => {
            item.text("ip_address", text("PrivateIpAddress"));
            item.text("fqdn", text("PrivateDnsName"));
            item.text("model", text("InstanceType"));
            let state = tree::text(json, "/State/Name").or_else(|| tree::text(json, "/state/name"));
            item.set(
                "status",
                state.and_then(|state| match state {
                    "running" | "stopping" => Some(Value::text("operational")),
                    "pending" => Some(Value::text("in_build")),
                    "terminated" | "shutting-down" => Some(Value::text("retired")),
                    _ => None,
                }),
            );
        }
        "Subnet" => item.text("cidr", text("CidrBlock")),
        "StorageVolume" => {
            let size = json.get("Size").or_else(|| json.get("size")).and_then(Json::as_f64);
            item.set("capacity", size.map(Value::Decimal));
        }
        "Database" => {
            item.text("product", text("Engine"));
            item.text("version", text("EngineVersion"));
            item.text("fqdn", tree::text(json, "/Endpoint/Address"));
        }
        "LoadBalancer" => item.text("fqdn", text("DNSName")),
        _ => {}
    }
}

/// The id of a resource: its own where AWS makes it unique, else type and name. Old documents shout the type.
pub(super) fn id(kind: &str, native: &str) -> String {
    let is_unique = native.starts_with("arn:")
        || native.split_once('-').is_some_and(|(prefix, rest)| {
            (1..=10).contains(&prefix.len())
                && prefix.bytes().all(|b| b.is_ascii_lowercase())
                && rest.len() >= 8
                && rest.bytes().all(|b| b.is_ascii_hexdigit())
        });
    match is_unique {
        true => native.to_owned(),
        false => format!("{}/{native}", kind.to_lowercase().replace("::", ".")),
    }
}

pub(super) fn class(kind: &str) -> SmolStr {
    let lower = kind.to_lowercase();
    SmolStr::new_static(match lower.as_str() {
        "aws::ec2::instance" => "VirtualMachine",
        "aws::ec2::volume" => "StorageVolume",
        "aws::ec2::subnet" => "Subnet",
        "aws::ec2::availabilityzone" => "CloudZone",
        "aws::ec2::region" => "CloudRegion",
        "aws::rds::dbinstance" => "Database",
        "aws::rds::dbcluster" | "aws::redshift::cluster" => "DatabaseCluster",
        "aws::elasticache::cachecluster" => "Cache",
        "aws::elasticloadbalancing::loadbalancer" | "aws::elasticloadbalancingv2::loadbalancer" => {
            "LoadBalancer"
        }
        "aws::s3::bucket" => "ObjectStore",
        "aws::sqs::queue" | "aws::sns::topic" => "MessageQueue",
        "aws::msk::cluster" => "MessageBroker",
        "aws::efs::filesystem" => "FileShare",
        "aws::route53::hostedzone" => "DnsZone",
        "aws::eks::cluster" => "KubernetesCluster",
        _ => {
            let mut parts = kind.rsplit("::");
            let (last, service) = (parts.next().unwrap_or(kind), parts.next().unwrap_or(""));
            return match service {
                "EC2" | "" => own_class("Aws", last),
                service => own_class("Aws", &format!("{service} {last}")),
            };
        }
    })
}

/// Tags as `key=value`, whatever shape they have.
pub(super) fn tag_texts(tags: Option<&Json>) -> Option<Value> {
    let texts: Vec<Value> = match tags? {
        Json::Object(map) => {
            map.iter().map(|(k, v)| Value::text(&format!("{k}={}", v.as_str().unwrap_or("")))).collect()
        }
        Json::Array(list) => list
            .iter()
            .filter_map(|tag| {
                let part = |names: [&str; 3]| names.iter().find_map(|name| tag.get(*name)?.as_str());
                let value = part(["Value", "value", "tagValue"]).unwrap_or("");
                Some(Value::text(&format!("{}={value}", part(["Key", "key", "tagName"])?)))
            })
            .collect(),
        _ => Vec::new(),
    };
    (!texts.is_empty()).then_some(Value::List(texts))
}

/// References by the names of fields, wherever in the element they stand.
fn links(intake: &mut Intake<'_>, row: u64, kind: &str, id: &str, json: &Json) -> Result<()> {
    let mut found = BTreeSet::new();
    collect(json, "", &mut found);
    let in_subnet = found.iter().any(|(field, _)| *field == "SubnetId");
    for (field, native) in found.iter().filter(|(_, native)| native != id) {
        match *field {
            "SubnetId" => intake.relate(row, native, "contains", id)?,
            "VpcId" if !in_subnet || kind == "AWS::EC2::Subnet" => {
                intake.relate(row, native, "contains", id)?
            }
            "GroupId" if kind == "AWS::EC2::SecurityGroup" => intake.relate(row, id, "relates_to", native)?,
            "GroupId" => intake.relate(row, id, "protected_by", native)?,
            "VolumeId" => intake.relate(row, id, "stored_on", native)?,
            "InstanceId" if kind.contains("LoadBalanc") => {
                let group = [("group", Value::text("instances")), ("needs", Value::text("1"))];
                intake.relate_with(row, id, "composed_of", native, group.into())?;
            }
            "InstanceId" => intake.relate(row, id, "relates_to", native)?,
            "NetworkInterfaceId" => intake.relate(row, id, "uses", native)?,
            "ZoneName" if kind != "AWS::EC2::AvailabilityZone" => {
                intake.relate(row, id, "hosted_on", &self::id("AWS::EC2::AvailabilityZone", native))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gathers (kind of reference, native id) from fields of known names.
fn collect(json: &Json, field: &str, found: &mut BTreeSet<(&'static str, String)>) {
    match json {
        Json::Object(map) => map.iter().for_each(|(key, value)| collect(value, key, found)),
        Json::Array(list) => list.iter().for_each(|value| collect(value, field, found)),
        Json::String(text) if !text.is_empty() => {
            let kind = match field {
                "SubnetId" | "SubnetIds" | "Subnets" | "ClientSubnets" | "SubnetIdentifier" => "SubnetId",
                "VpcId" | "VPCId" => "VpcId",
                "GroupId" | "SecurityGroups" | "SecurityGroupIds" | "VpcSecurityGroupId" => "GroupId",
                "VolumeId" => "VolumeId",
                "InstanceId" => "InstanceId",
                "NetworkInterfaceId" | "NetworkInterfaceIds" => "NetworkInterfaceId",
                "ZoneName" | "AvailabilityZone" => "ZoneName",
                _ => return,
            };
            found.insert((kind, text.clone()));
        }
        _ => {}
    }
}
