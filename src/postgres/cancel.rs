//! Asking a server to stop what a session does, over a connection of its own.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::address::Target;
use super::error::PostgresError;
use super::stream::Stream;
use super::terms::Attempt;

/// Cancels the statement that a session runs at the moment. Cheap to clone, usable from any task.
#[derive(Debug, Clone)]
pub struct CancelHandle {
    pub(super) target: Target,
    pub(super) process_id: i32,
    pub(super) secret_key: i32,
    /// As the session is.
    pub(super) encrypted: bool,
}

impl CancelHandle {
    /// The server process behind the session, as `pg_stat_activity.pid` shows it.
    #[must_use]
    pub fn process_id(&self) -> i32 {
        self.process_id
    }

    /// Asks for the cancellation. The server says nothing in return; the session's statement fails with 57014
    /// if it was still running.
    ///
    /// # Errors
    /// When the server cannot be reached or takes longer than `deadline`.
    pub async fn cancel(&self, deadline: Duration) -> Result<(), PostgresError> {
        match timeout(deadline, self.send()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(source)) => Err(PostgresError::Refused {
                node: self.target.node.clone(),
                endpoint: self.target.endpoint(),
                source,
            }),
            Err(_) => Err(PostgresError::NoAnswer {
                node: self.target.node.clone(),
                during: "cancelling a statement",
                after: deadline,
            }),
        }
    }

    async fn send(&self) -> io::Result<()> {
        let attempt = if self.encrypted {
            Attempt::Encrypted
        } else {
            Attempt::Plain
        };
        let mut stream = Stream::open(&self.target.address, attempt).await?;
        let (mut request, mut early) = (BytesMut::new(), BytesMut::new());
        frontend::cancel_request(self.process_id, self.secret_key, &mut request);
        stream.send(&mut request, &mut early).await?;
        // The server closes the connection once the signal is on its way: only then is a later statement safe from it.
        let mut end = [0_u8; 1];
        match stream.read(&mut end).await {
            // Encrypted or not, the server closes without a farewell.
            Err(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof
                ) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }
}
