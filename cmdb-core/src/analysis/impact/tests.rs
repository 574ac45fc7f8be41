//! The engine against a naive oracle on random graphs, against the small shop, and on shapes made to hurt.

mod corners;
mod gates;
mod hostile;
pub(in crate::analysis) mod oracle;
mod random;
pub(in crate::analysis) mod shapes;
mod shop;
