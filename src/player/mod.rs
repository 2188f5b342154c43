//! Plays a lesson on a cluster: run, check, reset, rebuild. The one player behind the screen, the plain mode and `verify`.
//!
//! In: a tour and a running cluster. Out: events as things happen, and outcomes that say what passed.

mod acts;
pub mod addresses;
mod check;
mod error;
mod event;
pub mod expect;
pub mod experiment;
mod incident;
mod judge;
mod perform;
mod play;
pub mod progress;
mod rebuild;
mod run;
pub mod seed;
mod stage;
mod watched;

pub use acts::mark_kind;
pub use check::CheckState;
pub use error::PlayError;
pub use event::{Event, Item, Verdict};
pub use incident::{
    Gap, Incident, Moment, MomentKind, NamedSubject, Score, Service, Turn, TurnRow,
};
pub use judge::Judge;
pub use perform::{Performed, perform};
pub use play::{Listener, Player, Tally};
pub use stage::{Stage, runtime_act};
pub use watched::{cluster_name, watched};
