//! The terminal: raw mode and its end, signals, the event loop, and effects run as tasks.
//!
//! In: a [`Launch`], what the command line and this machine say. Out: the screen, until the learner or the system ends it. Everything that
//! a [`Model`](crate::app::Model) needs from outside comes here as a [`Msg`](crate::app::Msg) over one bounded channel, and every
//! [`Effect`](crate::app::Effect) becomes a task that answers over it, so that nothing ever waits for anything else: not a key for a
//! server, not a server for the terminal, not the map for a statement.

mod bytes;
mod effects;
mod event_loop;
mod guard;
mod input;
mod launch;
mod looks;
mod screen;
mod signals;
mod watchdog;
mod writer;

pub use guard::Guard;
pub use launch::{Ended, Launch, TerminalError, open};
pub use looks::{Looks, Wanted, look};
