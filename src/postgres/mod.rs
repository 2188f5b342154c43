//! Talking to one server: session, statement splitting, rows, notices, errors in full, cancel.
//!
//! In: SQL text. Out: an [`Outcome`], everything that the server sent in the order in which it came, or a
//! [`PostgresError`] that names the node. [`split`] and [`format`] are pure.

mod address;
mod cancel;
mod doubt;
mod encryption;
mod error;
mod exchange;
pub mod format;
mod given;
mod outcome;
mod receive;
mod report;
mod seal;
mod sealed;
mod session;
pub mod split;
mod stream;
mod table;
mod terms;
mod visible;
mod wire;

pub use address::{Address, ApplicationName, Target};
pub use cancel::CancelHandle;
pub use encryption::{CertificateFileError, Certificates, encryption};
pub use error::PostgresError;
pub use given::{Given, GivenError, Surroundings};
pub use outcome::{Column, Event, Notification, Outcome, ResultSet, TransactionStatus};
pub use postgres_protocol::escape::{escape_identifier, escape_literal};
pub use receive::{Collector, Incoming, Receiver};
pub use report::{Report, Severity, state_matches};
pub use seal::refusal;
pub use session::Session;
pub use split::{Statement, split};
pub use terms::{SslMode, Terms};
pub use visible::visible_text;
