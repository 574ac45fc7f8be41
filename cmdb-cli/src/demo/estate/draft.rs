//! The estate while it is being written: lists of items and relationships, and the seeded numbers that vary
//! them.
//!
//! Variation comes from one generator owned by the draft, so the order of calls fixes every value.

use super::{DemoItem, DemoRelationship};

/// Fixed attributes, as the builders write them.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

#[derive(Default)]
pub struct Draft {
    pub items: Vec<DemoItem>,
    pub relationships: Vec<DemoRelationship>,
    seed: u64,
}

impl Draft {
    /// Adds an item and returns its key.
    pub fn item(&mut self, class: &'static str, name: &str, attributes: Attributes<'_>) -> String {
        let key = key(class, name);
        self.items.push(DemoItem {
            class,
            key: key.clone(),
            name: name.to_owned(),
            attributes: owned(attributes),
        });
        key
    }

    /// Adds a piece of hardware: an item with maker, model, serial number and age.
    pub fn hardware(
        &mut self,
        class: &'static str,
        name: &str,
        (manufacturer, model): (&str, &str),
        attributes: Attributes<'_>,
    ) -> String {
        let serial = format!("{:010X}", self.number() >> 24);
        let installed = self.date(2018, 8);
        let mut all = vec![("manufacturer", manufacturer), ("model", model), ("serial_number", &serial)];
        all.push(("installed_on", &installed));
        all.extend_from_slice(attributes);
        self.item(class, name, &all)
    }

    pub fn relate(&mut self, source: &str, kind: &'static str, target: &str) {
        self.relate_with(source, kind, target, &[]);
    }

    pub fn relate_with(
        &mut self,
        source: &str,
        kind: &'static str,
        target: &str,
        attributes: Attributes<'_>,
    ) {
        self.relationships.push(DemoRelationship {
            source: source.to_owned(),
            kind,
            target: target.to_owned(),
            attributes: owned(attributes),
        });
    }

    /// Relates a dependent to every member of one redundancy group.
    pub fn group(&mut self, source: &str, kind: &'static str, targets: &[String], group: &str, needs: &str) {
        for target in targets {
            self.relate_with(source, kind, target, &[("group", group), ("needs", needs)]);
        }
    }

    /// One of `0..bound`; the bound is at least one.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    /// A day in one of `years` years from `first` on.
    pub fn date(&mut self, first: u64, years: u64) -> String {
        let (year, month, day) = (first + self.below(years), 1 + self.below(12), 1 + self.below(28));
        format!("{year}-{month:02}-{day:02}")
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014): tiny, and good enough to make serial numbers look like some.
    fn number(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The key of an item; builders use it to refer to what another builder made.
pub fn key(class: &str, name: &str) -> String {
    format!("{class}:{name}")
}

fn owned(attributes: Attributes<'_>) -> Vec<(&'static str, String)> {
    attributes.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}
