//! Talking to one server: session, statement splitting, rows, notices, errors in full, cancel.
//!
//! In: SQL text. Out: an [`Outcome`], everything that the server sent in the order in which it came, or a
//! [`PostgresError`] that names the node. [`split`] and [`format`] are pure.

mod address;
mod cancel;
mod error;
mod exchange;
pub mod format;
mod outcome;
mod receive;
mod report;
mod session;
pub mod split;
mod table;
mod visible;
mod wire;

pub use address::{Address, ApplicationName, Target};
pub use cancel::CancelHandle;
pub use error::PostgresError;
pub use outcome::{Column, Event, Notification, Outcome, ResultSet, TransactionStatus};
pub use postgres_protocol::escape::{escape_identifier, escape_literal};
pub use receive::{Collector, Incoming, Receiver};
pub use report::{Report, Severity, state_matches};
pub use session::Session;
pub use split::{Statement, split};
pub use visible::visible_text;
