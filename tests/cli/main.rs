//! The commands, as somebody at a shell meets them: the real program, real servers, its exit codes and its words.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there"
)]

#[path = "../support/machine.rs"]
mod machine;

mod bad_input;
mod bench;
mod dialogue;
mod endings;
mod experiment;
mod kept;
mod load;
mod play;
mod words;
