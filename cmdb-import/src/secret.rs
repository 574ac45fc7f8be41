//! Which fields of a foreign document hold secrets, by their names. Their values are never stored.

use serde_json::Value as Json;

/// Ends of a name, in lower case and without separators, that say "this is a secret".
const ENDS: [&str; 20] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "privatekey",
    "secretkey",
    "apikey",
    "accesskey",
    "secretaccesskey",
    "sharedkey",
    "authkey",
    "encryptionkey",
    "credential",
    "credentials",
    "pwd",
    "privatekeypem",
    "privatekeyopenssh",
    "connectionstring",
];
/// Names with such an end that say something about a secret rather than hold it.
const HARMLESS: [&str; 5] = ["automountserviceaccounttoken", "nexttoken", "hastoken", "ispassword", "pwd"];

/// Whether a field of this name holds a secret: `db_password`, `API-Token`, `clientSecret`.
pub(crate) fn is_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let plain: String =
        last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    !HARMLESS.contains(&plain.as_str()) && ENDS.iter().any(|end| plain.ends_with(end))
}

/// Takes the secrets out of a document: values of fields named so, and the `value` beside a `name` (or `key`) that
/// is one. Returns where they stood, as dotted names. Booleans, numbers and references to a secret stay.
pub(crate) fn remove(json: &mut Json, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    visit(json, prefix, &mut found);
    found
}

fn visit(json: &mut Json, path: &str, found: &mut Vec<String>) {
    match json {
        Json::Array(list) => list.iter_mut().for_each(|one| {
            if let Json::String(text) = one
                && let Some((name, value)) = text.split_once('=')
                && is_name(name)
                && !value.is_empty()
            {
                found.push(format!("{path}.{name}"));
                *text = format!("{name}=");
            }
            visit(one, path, found);
        }),
        Json::Object(map) => {
            let named = ["name", "key", "Name", "Key"].iter().find_map(|k| map.get(*k)?.as_str());
            let is_pair = named.is_some_and(is_name);
            for (key, value) in map.iter_mut() {
                let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let secret = is_name(key) || (is_pair && matches!(key.as_str(), "value" | "Value" | "val"));
                if secret && is_text(value) {
                    *value = Json::Null;
                    found.push(here);
                } else {
                    visit(value, &here, found);
                }
            }
        }
        Json::String(text) => {
            if let Some(without) = without_password(text) {
                *text = without;
                found.push(path.to_owned());
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A link without the password in it: `postgres://user:password@host` → `postgres://user@host`.
fn without_password(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#', ' ', '"']).unwrap_or(rest.len());
    let (user, host) = rest[..end].rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    (!password.is_empty()).then(|| format!("{scheme}://{name}@{host}{}", &rest[end..]))
}

fn is_text(value: &Json) -> bool {
    match value {
        Json::String(text) => !text.is_empty(),
        Json::Array(list) => !list.is_empty() && list.iter().all(Json::is_string),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}
