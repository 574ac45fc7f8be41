//! The spans of one resource, with what a call is told by.

use crate::tree;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// The service that a resource's spans belong to.
pub(super) struct Service {
    /// `[namespace/]name`.
    pub id: SmolStr,
    pub name: SmolStr,
    /// The resource's attributes, as an object.
    pub resource: Json,
}

/// Trace and span, as they are written.
pub(super) type SpanId = (SmolStr, SmolStr);
/// What was called: class, and id and name in one.
pub(super) type Peer = (&'static str, SmolStr);

pub(super) struct Span {
    pub id: SpanId,
    pub parent: Option<SmolStr>,
    /// Nanoseconds since 1970; 0 where not stated.
    pub start_ns: i64,
    pub is_client: bool,
    /// What a client says it called, if it says so.
    pub peer: Option<Peer>,
}

/// Takes one element of `resourceSpans` or `batches` apart.
pub(super) fn of_resource(json: &Json) -> Result<(Service, Vec<Span>), String> {
    let resource = attributes(json.pointer("/resource/attributes"));
    let Some(name) = tree::word(&resource, "/service.name") else {
        return Err("the resource has no attribute service.name".to_owned());
    };
    let id = match tree::word(&resource, "/service.namespace") {
        Some(namespace) => SmolStr::from(format!("{namespace}/{name}")),
        None => name.clone(),
    };
    let scopes = ["/scopeSpans", "/instrumentationLibrarySpans"];
    let spans = scopes.iter().flat_map(|list| tree::list(json, list)).flat_map(|s| tree::list(s, "/spans"));
    Ok((Service { id, name, resource }, spans.filter_map(span).collect()))
}

fn span(json: &Json) -> Option<Span> {
    let text = |key: &str| tree::word(json, key);
    let kind = text("/kind").unwrap_or_default();
    let is_client = matches!(kind.as_str(), "3" | "4" | "SPAN_KIND_CLIENT" | "SPAN_KIND_PRODUCER");
    Some(Span {
        id: (text("/traceId")?, text("/spanId")?),
        // Exporters write an absent parent as nothing, as an empty text or as zeros.
        parent: text("/parentSpanId").filter(|p| !p.bytes().all(|b| b == b'0' || b == b'A' || b == b'=')),
        start_ns: text("/startTimeUnixNano").and_then(|ns| ns.parse().ok()).unwrap_or(0),
        is_client,
        peer: if is_client { peer(&attributes(json.get("attributes"))) } else { None },
    })
}

/// What the attributes of a client's span say about the other end.
fn peer(attributes: &Json) -> Option<Peer> {
    let first = |names: &[&str]| names.iter().find_map(|n| attributes.get(*n)?.as_str().map(str::to_owned));
    let address = first(&["server.address", "net.peer.name", "peer.hostname"]);
    if let Some(system) = first(&["db.system.name", "db.system"]) {
        let name = first(&["db.namespace", "db.name"]);
        let place = [address, name].into_iter().flatten().collect::<Vec<_>>().join("/");
        return Some(("Database", join(&system, &place)));
    }
    if let Some(system) = first(&["messaging.system"]) {
        let name = first(&["messaging.destination.name", "messaging.destination"]).or(address);
        return Some(("MessageQueue", join(&system, &name.unwrap_or_default())));
    }
    first(&["peer.service"]).map(|name| ("ServiceInstance", SmolStr::from(name)))
}

fn join(system: &str, place: &str) -> SmolStr {
    if place.is_empty() { SmolStr::new(system) } else { SmolStr::from(format!("{system}:{place}")) }
}

/// OpenTelemetry's list of keys and typed values as an object.
fn attributes(list: Option<&Json>) -> Json {
    let list = list.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let entry = |one: &Json| Some((tree::text(one, "/key")?.to_owned(), plain(one.get("value")?)));
    Json::Object(list.iter().filter_map(entry).collect())
}

/// `{"stringValue": "x"}` and its kin without the wrapper; what has a shape of its own stays.
fn plain(value: &Json) -> Json {
    let Some((kind, inner)) = value.as_object().and_then(|o| o.iter().next()) else { return value.clone() };
    match (kind.as_str(), inner) {
        // 64-bit integers are written as texts.
        ("intValue", Json::String(text)) => text.parse::<i64>().map_or_else(|_| inner.clone(), Json::from),
        ("stringValue" | "boolValue" | "doubleValue" | "intValue", inner) => inner.clone(),
        ("arrayValue", inner) => Json::Array(tree::list(inner, "/values").iter().map(shallow).collect()),
        _ => value.clone(),
    }
}

/// As [`plain`] for what stands in a list, which is not looked into further.
fn shallow(value: &Json) -> Json {
    match value.as_object().and_then(|o| o.iter().next()) {
        Some((kind, inner)) if kind != "arrayValue" && kind != "kvlistValue" => inner.clone(),
        _ => value.clone(),
    }
}
