//! Applications with what delivers them: service instances, running copies, databases, queues, certificates.
//!
//! An application depends on its production service instance, and that on the copies; staging hangs on
//! nothing that customers see.

use super::company::{APPLICATIONS, AppSpec, Databases, Layout};
use super::draft::{Draft, key};
use super::platform::{FRANKFURT, HAMBURG, Host, Platform, Spot, array_key};

pub fn build(draft: &mut Draft, platform: &mut Platform) {
    for (number, app) in APPLICATIONS.iter().enumerate() {
        add_application(draft, app);
        let production = add_production(draft, platform, app, number);
        draft.relate(&key("Application", app.name), "depends_on", &production);
        if !matches!(app.layout, Layout::Cloud) {
            add_staging(draft, platform, app, number);
        }
    }
    for app in APPLICATIONS {
        add_calls(draft, app);
    }
}

/// Key of the service instance of an application in production.
fn production_of(slug: &str) -> String {
    key("ServiceInstance", &format!("{slug}-prod"))
}

/// Key of an application by its slug; the tables name applications by slug.
pub fn application_of(slug: &str) -> String {
    let name = APPLICATIONS.iter().find(|app| app.slug == slug).map_or(slug, |app| app.name);
    key("Application", name)
}

fn add_application(draft: &mut Draft, app: &AppSpec) {
    let install_type = if matches!(app.layout, Layout::Cloud) { "cloud" } else { "on_premise" };
    let origin = ["bought", "built", "open_source"][draft.below(3) as usize];
    let application =
        draft.item("Application", app.name, &[("install_type", install_type), ("origin", origin)]);
    draft.relate_with(
        &application,
        "owned_by",
        &super::people::lead_of(app.team),
        &[("role", "product_owner")],
    );
    draft.relate(&application, "supported_by", &key("Team", app.team));
}

fn add_production(draft: &mut Draft, platform: &mut Platform, app: &AppSpec, number: usize) -> String {
    let name = format!("{}-prod", app.slug);
    let instance = draft.item("ServiceInstance", &name, &[("environment", "production")]);
    draft.relate(&instance, "owned_by", &key("Team", app.team));
    add_copies(draft, platform, app, &instance);
    add_databases(draft, platform, app, &instance);
    add_extras(draft, app, &instance, number);
    let balancers: Vec<String> =
        platform.centres.iter().flat_map(|centre| centre.load_balancers.iter().cloned()).collect();
    if !matches!(app.layout, Layout::One(_) | Layout::Cloud) {
        draft.group(&instance, "connects_to", &balancers, "entry", "1");
    }
    instance
}

/// The spots of an application's copies, and how many of them it needs.
fn spots(layout: Layout) -> (Vec<Spot>, &'static str) {
    let spot = |centre, array, host| Spot { centre, array, host };
    let any = Host::Production;
    match layout {
        Layout::One(home) => (vec![spot(FRANKFURT, home, any)], "1"),
        Layout::Two(home) => (vec![spot(FRANKFURT, home, any), spot(HAMBURG, home, any)], "1"),
        Layout::Three(home) => (spread(home), "1"),
        Layout::Quorum(home) => (spread(home), "2"),
        Layout::Four(home) => {
            let mut four = spread(home);
            four.push(spot(HAMBURG, partner(home), any));
            (four, "50%")
        }
        Layout::SameArray(home) => (vec![spot(FRANKFURT, home, any); 2], "1"),
        Layout::SameHost(home) => (vec![spot(FRANKFURT, home, Host::Fixed(3, home)); 2], "1"),
        Layout::SameFeed(home) => (
            vec![spot(FRANKFURT, home, Host::Fixed(9, 1)), spot(FRANKFURT, partner(home), Host::Fixed(9, 2))],
            "1",
        ),
        Layout::Cloud => (Vec::new(), "1"),
    }
}

/// Two copies in Frankfurt on different arrays, one in Hamburg.
fn spread(home: usize) -> Vec<Spot> {
    let host = Host::Production;
    vec![
        Spot { centre: FRANKFURT, array: home, host },
        Spot { centre: HAMBURG, array: home, host },
        Spot { centre: FRANKFURT, array: partner(home), host },
    ]
}

/// The array for the second copy in a data centre; never number 2, which is worked on in the demo.
fn partner(home: usize) -> usize {
    [3, 4, 1, 3][(home - 1) % 4]
}

fn add_copies(draft: &mut Draft, platform: &mut Platform, app: &AppSpec, instance: &str) {
    let (spots, needs) = spots(app.layout);
    let mut copies = Vec::new();
    for (number, spot) in (1..).zip(spots) {
        let stem = format!("{}-prod-{number:02}", app.slug);
        copies.push(add_copy(draft, platform, ("ApplicationInstance", &stem), spot, "production"));
    }
    if matches!(app.layout, Layout::Cloud) {
        copies = add_workloads(draft, platform, app);
    }
    match copies.as_slice() {
        [only] => draft.relate(instance, "depends_on", only),
        several => draft.group(instance, "depends_on", several, "copies", needs),
    }
}

/// A running copy, or a database, on a machine of its own.
fn add_copy(
    draft: &mut Draft,
    platform: &mut Platform,
    (class, name): (&'static str, &str),
    spot: Spot,
    environment: &str,
) -> String {
    let machine = platform.machine(draft, &format!("vm-{name}"), spot, environment);
    let version = format!("{}.{}.{}", 1 + draft.below(9), draft.below(20), draft.below(10));
    let attributes = [
        ("environment", environment),
        ("version", version.as_str()),
        ("availability", "0.999"),
        ("restore_minutes", "10"),
    ];
    let copy = draft.item(class, name, &attributes);
    draft.relate(&copy, "runs_on", &machine);
    copy
}

/// Containers in two of the three zones; which two changes from application to application.
fn add_workloads(draft: &mut Draft, platform: &Platform, app: &AppSpec) -> Vec<String> {
    let first = draft.below(3) as usize;
    let mut workloads = Vec::new();
    for zone in [first, (first + 1) % 3] {
        let name = format!("{}-euc-{}", app.slug, ["a", "b", "c"][zone]);
        let image =
            format!("registry.hansekontor.example/{}:{}.{}", app.slug, draft.below(9), draft.below(30));
        let attributes = [("environment", "production"), ("replicas", "3"), ("image", image.as_str())];
        let workload = draft.item("ContainerWorkload", &name, &attributes);
        draft.relate(&workload, "runs_on", &platform.kubernetes[zone]);
        workloads.push(workload);
    }
    workloads
}

fn add_databases(draft: &mut Draft, platform: &mut Platform, app: &AppSpec, instance: &str) {
    let primary = |home| Spot { centre: FRANKFURT, array: home, host: Host::Production };
    match app.databases {
        Databases::None => {}
        Databases::Solo(home) => {
            let database = add_database(draft, platform, app, 1, primary(home));
            draft.relate(instance, "depends_on", &database);
        }
        Databases::Primary(home) => {
            let active = add_database(draft, platform, app, 1, primary(home));
            let spot = Spot { centre: HAMBURG, ..primary(home) };
            let standby = add_database(draft, platform, app, 2, spot);
            let group = [("group", "database"), ("needs", "1")];
            draft.relate_with(instance, "depends_on", &active, &group);
            draft.relate_with(instance, "depends_on", &standby, &[group[0], group[1], ("standby", "true")]);
            draft.relate_with(&active, "replicates_to", &standby, &[("mode", "asynchronous")]);
        }
        Databases::Cluster(home) => add_database_cluster(draft, platform, app, instance, home),
        Databases::Managed => add_managed_database(draft, app, instance),
    }
}

fn add_database(
    draft: &mut Draft,
    platform: &mut Platform,
    app: &AppSpec,
    number: usize,
    spot: Spot,
) -> String {
    let name = format!("db-{}-prod-{number:02}", app.slug);
    let database = add_copy(draft, platform, ("Database", &name), spot, "production");
    let volume = draft.item("StorageVolume", &format!("lun-{name}"), &[("capacity", "2048")]);
    draft.relate(&volume, "stored_on", &array_key(platform.centres[spot.centre].code, spot.array));
    draft.relate(&volume, "protected_by", &platform.backup);
    draft.relate(&database, "stored_on", &volume);
    draft.relate(&database, "owned_by", &key("Team", "Database Operations"));
    draft.relate(&database, "protected_by", &platform.backup);
    database
}

fn add_database_cluster(
    draft: &mut Draft,
    platform: &mut Platform,
    app: &AppSpec,
    instance: &str,
    home: usize,
) {
    let attributes = [("product", "PostgreSQL"), ("environment", "production")];
    let cluster = draft.item("DatabaseCluster", &format!("pg-{}-prod", app.slug), &attributes);
    for (number, spot) in (1..).zip(spread(home)) {
        let node = add_database(draft, platform, app, number, spot);
        draft.relate_with(&cluster, "composed_of", &node, &[("group", "nodes"), ("needs", "2")]);
    }
    draft.relate(&cluster, "owned_by", &key("Team", "Database Operations"));
    draft.relate(instance, "depends_on", &cluster);
}

fn add_managed_database(draft: &mut Draft, app: &AppSpec, instance: &str) {
    let attributes = [("provider", "Cirrus Cloud"), ("service_kind", "managed PostgreSQL")];
    let service = draft.item("CloudService", &format!("pg-{}-euc", app.slug), &attributes);
    draft.relate(&service, "located_in", &key("CloudRegion", "eu-central"));
    draft.relate(&service, "supplied_by", &key("Supplier", "Cirrus Cloud"));
    draft.relate(&service, "owned_by", &key("Team", "Database Operations"));
    draft.relate(instance, "depends_on", &service);
}

/// Queues for those on the message bus, a certificate for every second one, monitoring that nobody stops for.
fn add_extras(draft: &mut Draft, app: &AppSpec, instance: &str, number: usize) {
    if app.calls.contains(&"message-bus") {
        for topic in ["events", "commands", "dead-letter"] {
            let name = format!("{}.{topic}", app.slug);
            let queue =
                draft.item("MessageQueue", &name, &[("retention", "72"), ("environment", "production")]);
            draft.relate(&queue, "hosted_on", &production_of("message-bus"));
            draft.relate(instance, "uses", &queue);
        }
    }
    if number.is_multiple_of(2) {
        let expires = draft.date(2027, 2);
        let name = format!("{}.hansekontor.example", app.slug);
        let attributes = [("issuer", "Signet Trust Services"), ("expires_on", expires.as_str())];
        let certificate = draft.item("Certificate", &name, &attributes);
        draft.relate(&certificate, "supplied_by", &key("Supplier", "Signet Trust Services"));
        draft.relate(instance, "uses", &certificate);
    }
    if app.slug != "monitoring" {
        draft.relate_with(instance, "depends_on", &production_of("monitoring"), &[("effect", "soft")]);
    }
}

/// One copy of everything for staging, on hosts of its own and spread over the arrays.
fn add_staging(draft: &mut Draft, platform: &mut Platform, app: &AppSpec, number: usize) {
    let name = format!("{}-staging", app.slug);
    let instance = draft.item("ServiceInstance", &name, &[("environment", "staging")]);
    draft.relate(&instance, "owned_by", &key("Team", app.team));
    draft.relate(&instance, "part_of", &key("Application", app.name));
    let centre = if number.is_multiple_of(3) { HAMBURG } else { FRANKFURT };
    let spot = Spot { centre, array: if number.is_multiple_of(7) { 2 } else { 5 }, host: Host::Staging };
    for copy in 1..=2 {
        let name = format!("{}-staging-{copy:02}", app.slug);
        let copy = add_copy(draft, platform, ("ApplicationInstance", &name), spot, "staging");
        draft.relate(&instance, "depends_on", &copy);
    }
    if !matches!(app.databases, Databases::None) {
        let name = format!("db-{}-staging-01", app.slug);
        let database = add_copy(draft, platform, ("Database", &name), spot, "staging");
        draft.relate(&instance, "depends_on", &database);
    }
}

fn add_calls(draft: &mut Draft, app: &AppSpec) {
    let caller = production_of(app.slug);
    for callee in app.calls {
        draft.relate_with(&caller, "calls", &production_of(callee), &[("protocol", "https")]);
    }
    for callee in app.enriched_by {
        draft.relate_with(
            &caller,
            "calls",
            &production_of(callee),
            &[("effect", "soft"), ("protocol", "https")],
        );
    }
}
