//! What must not be lost, must not be half there, and must never be silently wrong: the reliability goals of every
//! commit through the façade, with simulated disks beneath it.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod durability {
    mod backup;
    mod corruption;
    mod disk;
    mod failures;
    mod flat;
    mod history;
    mod imports;
    mod model;
    mod power;
    mod purge;
    mod rules;
    mod smoke;
    mod support;
    mod tamper;
    mod undo;
}
