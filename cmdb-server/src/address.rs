//! Where an item is reached over the network, as its attributes say.

use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, Symbol, Value};

/// Attributes that hold an address, best first.
pub const ADDRESS_ATTRIBUTES: [&str; 2] = ["ip_address", "fqdn"];

/// Looks addresses up.
pub struct Addresses(Vec<Symbol>);

impl Addresses {
    /// By the first of these attributes that an item has.
    pub fn by<'n>(snapshot: &Snapshot, attributes: impl IntoIterator<Item = &'n str>) -> Addresses {
        Addresses(attributes.into_iter().filter_map(|name| snapshot.names().get(name)).collect())
    }
    /// The address alone: a network's length (`10.0.0.1/24`) is left out.
    pub fn of(&self, item: &Item) -> Option<String> {
        self.0.iter().find_map(|key| match item.attribute(*key)? {
            Value::Text(text) => {
                let address = text.split('/').next().unwrap_or(text).trim();
                (!address.is_empty()).then(|| address.to_owned())
            }
            _ => None,
        })
    }
}
