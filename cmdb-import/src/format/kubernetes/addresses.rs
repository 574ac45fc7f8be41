//! Addresses of services in environment variables: the only place where many manifests say who calls whom.

/// An address that may be a service's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub service: String,
    /// Stated as `name.namespace`.
    pub namespace: Option<String>,
    pub port: Option<u16>,
}

/// Ends of variable names that say "here is where the other one listens".
const NAME_ENDS: [&str; 10] = [
    "_ADDR",
    "_ADDRESS",
    "_HOST",
    "_HOSTNAME",
    "_URL",
    "_URI",
    "_ENDPOINT",
    "_SERVER",
    "_SERVICE",
    "_BROKERS",
];
/// The longest value looked at, in bytes.
const VALUE_BYTES_MAX: usize = 2_048;

/// Whether a variable of this name usually holds an address.
pub(crate) fn names_address(variable: &str) -> bool {
    NAME_ENDS.iter().any(|end| variable.to_ascii_uppercase().ends_with(end))
}

/// Reads `name:port`, `name.namespace.svc:port`, `scheme://name:port/path` or a bare `name`.
pub(crate) fn read(value: &str) -> Option<Address> {
    if value.len() > VALUE_BYTES_MAX {
        return None;
    }
    let after_scheme = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', ',']).next()?;
    let host_and_port = authority.rsplit('@').next()?;
    let (host, port) = match host_and_port.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (host_and_port, None),
    };
    let mut labels = host.split('.');
    let service = labels.next().filter(|label| is_label(label))?.to_owned();
    let namespace = labels.next().map(str::to_owned);
    let rest: Vec<&str> = labels.collect();
    let in_cluster = rest.is_empty() || rest.first() == Some(&"svc");
    let plain = service != "localhost" && service.bytes().any(|b| b.is_ascii_alphabetic());
    let whole = namespace.as_deref().is_none_or(is_label);
    (in_cluster && plain && whole).then_some(Address { service, namespace, port })
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
}
