//! The nodes: what can be done to each, and what would stop working.

mod act;
mod command;
mod news;
mod offer;
mod state;

#[cfg(test)]
mod tests;

pub use act::{acted, ask, confirmed, confirmed_all, planned};
pub use command::{KEYS, NodesCommand, NodesTarget, command, press, scroll};
pub use news::{counts, exited, log_tail, next_deadline, viewed};
pub use offer::{Deed, Offer, deeds, offers, refusal};
pub(super) use state::choose;
pub use state::{ActId, NodesPane, UnderWay, chosen};
