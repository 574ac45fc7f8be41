//! The API's description (OpenAPI 3.1), derived from the table of routes.

use crate::problem::Problem;
use crate::route::{Body, Lane, ParamKind, Route};
use crate::routes;
use axum::http::Method;
use bytes::Bytes;
use cmdb_core::command::Right;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use utoipa::ToSchema;

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&describe()).unwrap_or_default();
    text.push('\n');
    Bytes::from(text)
});

/// The description as JSON text.
pub fn document() -> Bytes {
    DOCUMENT.clone()
}

fn describe() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes::table() {
        let method = route.method.as_str().to_ascii_lowercase();
        paths.entry(route.path).or_default().insert(method, operation(route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "cmdb",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A configuration management database that answers what happens if we touch this. \
                A REF names one item: its id, source#key, class:attribute=value, class:name or a unique name, \
                percent-encoded as one segment of a path. Errors are application/problem+json.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "Needed once a user or token exists; until then loopback callers are local administrators.",
            } },
        },
    })
}

/// `/api/v1/items/{ref}` is about `items`.
fn tag(route: &Route) -> &'static str {
    match route.path.strip_prefix("/api/v1/") {
        Some(rest) => rest.split(['/', '.']).next().unwrap_or(rest),
        None => "health",
    }
}

fn tags() -> Vec<Value> {
    let mut tags: Vec<&str> = Vec::new();
    for route in routes::table() {
        if !tags.contains(&tag(route)) {
            tags.push(tag(route));
        }
    }
    tags.into_iter().map(|name| json!({ "name": name })).collect()
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [tag(route)],
        "x-cmdb-right": right(route.right),
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if route.right == Right::Open {
        operation["security"] = json!([]);
    }
    if let Some(body) = body(&route.body) {
        operation["requestBody"] = body;
    }
    operation
}

fn right(right: Right) -> &'static str {
    match right {
        Right::Open => "open",
        Right::Read => "read",
        Right::Edit => "edit",
        Right::Approve => "approve",
        Right::Audit => "audit",
        Right::Administer => "administer",
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let text = || json!({ "type": "string" });
    let in_path = route
        .path_params()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": text() }));
    let in_query = route.params.iter().map(|p| {
        let schema = match p.kind {
            ParamKind::Text => text(),
            ParamKind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            ParamKind::Number => json!({ "type": "integer", "minimum": 0 }),
            ParamKind::Flag => json!({ "type": "boolean" }),
        };
        json!({ "name": p.name, "in": "query", "description": p.description, "schema": schema })
    });
    let mut out: Vec<Value> = in_path.chain(in_query).collect();
    let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "description": description, "schema": { "type": "string" } });
    if route.method == Method::POST && route.lane == Lane::Write {
        out.push(header("Idempotency-Key", "the same request under the same key is done once and answered alike each time; another request under it is refused with 422"));
    }
    if matches!(route.method, Method::PATCH | Method::DELETE)
        && route.right == Right::Edit
        && route.id != "cancel_job"
    {
        out.push(header("If-Match", "the version the edit is meant for, as in ETag"));
    }
    out
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn body(body: &Body) -> Option<Value> {
    let content = match body {
        Body::None => return None,
        Body::Json(schema) => json!({ "application/json": { "schema": reference(schema) } }),
        Body::Text => json!({
            "application/toml": { "schema": { "type": "string" } },
            "application/json": { "schema": { "type": "object" } },
        }),
        Body::Upload => json!({
            "multipart/form-data": { "schema": {
                "type": "object",
                "additionalProperties": { "type": "string", "format": "binary" },
            } },
            "text/csv": { "schema": { "type": "string" } },
            "application/json": { "schema": { "type": "object" } },
            "application/octet-stream": { "schema": { "type": "string", "format": "binary" } },
        }),
    };
    Some(json!({ "required": true, "content": content }))
}

fn responses(route: &Route) -> Value {
    let position = json!({ "X-CMDB-Position": {
        "description": "the position that the answer is about",
        "schema": { "type": "integer" },
    } });
    let mut good = json!({ "description": "done", "headers": position });
    if route.answer.status != 204 {
        let schema = match &route.answer.schema {
            Some(name) => reference(name),
            None if route.answer.media == "application/json" => json!({ "type": "object" }),
            None => json!({ "type": "string" }),
        };
        good["content"] = json!({ route.answer.media: { "schema": schema } });
    }
    let mut out = Map::new();
    out.insert(route.answer.status.to_string(), good);
    if matches!(route.id, "import" | "verify" | "compact") {
        let content = json!({ "application/json": { "schema": reference("JobView") } });
        out.insert("202".to_owned(), json!({ "description": "goes on as a job", "content": content }));
    }
    let problem = json!({ "application/problem+json": { "schema": reference("Problem") } });
    out.insert("default".to_owned(), json!({ "description": "what is wrong", "content": problem }));
    Value::Object(out)
}

fn schemas() -> BTreeMap<String, Value> {
    let mut all = Vec::new();
    Problem::schemas(&mut all);
    all.push((Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema()));
    let noted = routes::table().iter().flat_map(|r| r.schemas.iter().cloned());
    let all = all.into_iter().chain(noted);
    all.map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect()
}
