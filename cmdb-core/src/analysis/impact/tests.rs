//! The engine against a naive oracle on random graphs, against the small shop, and on shapes made to hurt.

mod corners;
mod gates;
mod hostile;
mod oracle;
mod random;
mod shapes;
mod shop;
