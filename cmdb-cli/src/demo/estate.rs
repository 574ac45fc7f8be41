//! The demo estate: the configuration items of a retail company that does not exist.
//!
//! A reader who has never seen the product should recognise it as a real company's estate: a web shop, sixty
//! stores, two data centres and a cloud region, with redundancy that holds and redundancy that only looks as
//! if it did. It is generated rather than stored, from tables that can be read (`company`) and a fixed seed,
//! so that every run and every machine gets the same items under the same keys. It knows the built-in
//! catalogue and nothing else: no clock, no files, no database.

mod company;
mod draft;
mod facilities;
mod people;
mod platform;
mod services;
mod software;
mod stores;
#[cfg(test)]
mod tests;

use draft::Draft;

/// One item to create, with a key that its relationships refer to it by.
pub struct DemoItem {
    pub class: &'static str,
    /// `class:name`, hence unique, stable from run to run, and a REF as well.
    pub key: String,
    pub name: String,
    /// Attribute names with values as an import would read them.
    pub attributes: Vec<(&'static str, String)>,
}

/// One relationship between two items of the estate.
pub struct DemoRelationship {
    /// Key of the source item.
    pub source: String,
    pub kind: &'static str,
    /// Key of the target item.
    pub target: String,
    pub attributes: Vec<(&'static str, String)>,
}

/// Everything the demo fills its folder with.
pub struct Estate {
    pub items: Vec<DemoItem>,
    pub relationships: Vec<DemoRelationship>,
    pub change: PreparedChange,
}

/// The change whose impact the demo asks for.
pub struct PreparedChange {
    pub title: &'static str,
    /// Two or three sentences for the terminal: what is planned, and why nobody worries.
    pub story: &'static str,
    /// REFs of the items worked on, each with the state it is in meanwhile: `down`, `degraded` or
    /// `maintenance`.
    pub roots: Vec<(String, &'static str)>,
}

/// Builds the whole estate, from the ground up: what carries comes before what it carries.
pub fn estate() -> Estate {
    let mut draft = Draft::default();
    people::build(&mut draft);
    let centres = facilities::build(&mut draft);
    let mut platform = platform::build(&mut draft, centres);
    software::build(&mut draft, &mut platform);
    services::build(&mut draft, &platform);
    stores::build(&mut draft, &platform);
    let Draft { items, relationships, .. } = draft;
    Estate { items, relationships, change: prepared_change() }
}

fn prepared_change() -> PreparedChange {
    PreparedChange {
        title: "Firmware update of storage array san-fra1-02",
        story: "Storage wants to update the firmware of san-fra1-02 on Sunday morning; the array is offline \
                for forty minutes. The change request says no customer will notice: every critical \
                application on it has at least two instances, on different hosts, in different racks. \
                Is that so?",
        roots: vec![("StorageArray:san-fra1-02".to_owned(), "maintenance")],
    }
}
