//! The screen, as somebody at a terminal meets it: the real program in a pseudo-terminal, its screen read as a terminal would show it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there"
)]

#[expect(dead_code, reason = "the commands' tests use what the screen's do not")]
#[path = "../cli/bench.rs"]
mod bench;
#[path = "../support/machine.rs"]
#[expect(dead_code, reason = "other tests use what the screen's do not")]
mod machine;

mod attached;
mod editing;
mod faults;
mod hands;
mod laboratory;
mod leaving;
mod looks;
mod mouse;
mod pty;
mod sight;
mod sizes;
mod suspending;
mod tours;
