//! AWS Config and answers of the command line.

use super::*;

#[test]
fn aws_config_snapshot_and_notification() {
    check_real(
        "aws.type",
        &[
            (
                "aws-config/config-snapshot.json",
                "AWS::EC2::Instance 1, AWS::EC2::Volume 1 | contains 1, stored_on 3",
            ),
            ("aws-config/item-change-notification-1.json", "AWS::EC2::VOLUME 1 | stored_on 1"),
        ],
    );
}

#[test]
fn aws_config_answers_hold_their_configuration_as_text_and_may_only_name_a_target() {
    let text = r#"{"configurationItems":[
      {"resourceType":"AWS::IAM::Role","resourceId":"AROAX","resourceName":"web","arn":"a","configurationItemStatus":"OK","configuration":"{\"path\":\"/\"}","relationships":[]},
      {"resourceType":"AWS::EC2::Instance","resourceId":"i-0123456789","configuration":"{\"privateIpAddress\":\"10.0.0.9\",\"state\":{\"name\":\"running\"}}",
       "relationships":[{"resourceType":"AWS::IAM::Role","resourceName":"web","relationshipName":"Is associated with "},{"resourceType":"AWS::AutoScaling::AutoScalingGroup","resourceName":"g","relationshipName":"Is contained in AutoScalingGroup"}]}]}"#;
    let (kept, outcome) = take("answer", text.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(
        links(&kept).iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "aws.autoscaling.autoscalinggroup/g contains i-0123456789",
            "i-0123456789 relates_to aws.iam.role/AROAX"
        ]
    );
    assert_eq!(items(&kept)[1]["ip_address"], "10.0.0.9");
    assert_eq!(items(&kept)[0]["configuration.path"], "/");
}

#[test]
fn aws_answers_of_a_demo_account() {
    let files = [
        ("accessanalzyer-list-analyzers", "AWS::AccessAnalyzer::Analyzer 1 |"),
        ("ec2-describe-availability-zones", "AWS::EC2::AvailabilityZone 6 |"),
        (
            "ec2-describe-instances",
            "AWS::EC2::Instance 3 | contains 3, hosted_on 3, protected_by 3, stored_on 3, uses 3",
        ),
        (
            "ec2-describe-network-interfaces",
            "AWS::EC2::NetworkInterface 1 | contains 1, hosted_on 1, protected_by 1",
        ),
        ("ec2-describe-security-groups", "AWS::EC2::SecurityGroup 8 | contains 8, relates_to 6"),
        ("ec2-describe-snapshots", "|"),
        ("ec2-describe-subnets", "AWS::EC2::Subnet 4 | contains 4, hosted_on 4"),
        ("ec2-describe-vpc-endpoints", "AWS::EC2::VPCEndpoint 2 | contains 2, protected_by 1, uses 1"),
        ("ec2-describe-vpc-peering-connections", "|"),
        ("ec2-describe-vpcs", "AWS::EC2::VPC 1 |"),
        ("ecr-describe-repositories", "AWS::ECR::Repository 1 |"),
        ("ecs-list-clusters", "AWS::ECS::Cluster 1 |"),
        (
            "elb-describe-load-balancers",
            "AWS::ElasticLoadBalancing::LoadBalancer 1 | composed_of 2, contains 2, protected_by 1",
        ),
        (
            "elbv2-describe-load-balancers",
            "AWS::ElasticLoadBalancingV2::LoadBalancer 1 | contains 1, hosted_on 1, protected_by 1",
        ),
        ("es-list-domain-names", "AWS::Elasticsearch::Domain 1 |"),
        ("iam-list-saml-providers", "|"),
        ("kafka-list-clusters", "AWS::MSK::Cluster 1 | contains 3, protected_by 1"),
        ("lambda-list-functions", "AWS::Lambda::Function 1 | contains 2, protected_by 1"),
        ("rds-describe-db-instances", "AWS::RDS::DBInstance 1 | contains 2, hosted_on 1, protected_by 1"),
        ("redshift-describe-cluster-subnet-groups", "AWS::Redshift::ClusterSubnetGroup 1 | contains 2"),
        ("redshift-describe-clusters", "AWS::Redshift::Cluster 1 | contains 1, hosted_on 1, protected_by 1"),
        ("s3-list-buckets", "AWS::S3::Bucket 1 |"),
        ("secretsmanager-list-secrets", "AWS::SecretsManager::Secret 1 |"),
        ("sns-list-topics", "AWS::SNS::Topic 2 |"),
        ("sqs-list-queues", "AWS::SQS::Queue 1 |"),
        ("sts-get-caller-identity", "- 1 |"),
    ];
    let files: Vec<(String, &str)> =
        files.iter().map(|(f, e)| (format!("aws-describe/{f}.json"), *e)).collect();
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(f, e)| (f.as_str(), *e)).collect();
    check_real("aws.type", &borrowed);
    let Some(folder) = data() else { return };
    let (kept, _) = real(&folder, "aws-describe/ec2-describe-instances.json");
    let all = links(&kept);
    assert!(all.contains("subnet-00000001 contains i-00000000000000000"), "{all:?}");
    assert!(all.contains("i-00000000000000000 protected_by sg-00000002"));
}
