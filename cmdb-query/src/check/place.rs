//! What the place an expression stands in allows.

/// Whether aggregates may stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// In an item of WITH or RETURN.
    Allowed,
    Refused,
    /// Within the argument of an aggregate.
    Inside,
    /// Aggregates here were checked before; only what stands around them is looked at.
    Settled,
}

#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub aggregation: Aggregation,
    /// Only whether it holds is asked for: here a pattern may stand for "there is such a path".
    pub truth: bool,
}

impl Place {
    pub const ITEM: Place = Place { aggregation: Aggregation::Allowed, truth: false };
    pub const VALUE: Place = Place { aggregation: Aggregation::Refused, truth: false };
    pub const CONDITION: Place = Place { aggregation: Aggregation::Refused, truth: true };
    pub const SETTLED: Place = Place { aggregation: Aggregation::Settled, truth: false };

    pub fn value(self) -> Place {
        Place { truth: false, ..self }
    }

    pub fn truth(self) -> Place {
        Place { truth: true, ..self }
    }

    /// Within what is evaluated once for each element of a list: no aggregate of the rows can be meant.
    pub fn per_element(self) -> Place {
        match self.aggregation {
            Aggregation::Allowed => Place { aggregation: Aggregation::Refused, ..self },
            _ => self,
        }
    }
}
