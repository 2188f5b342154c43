//! Asking a server to stop what a session does, over a connection of its own.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::Target;
use super::error::PostgresError;

/// Cancels the statement that a session runs at the moment. Cheap to clone, usable from any task.
#[derive(Debug, Clone)]
pub struct CancelHandle {
    pub(super) target: Target,
    pub(super) process_id: i32,
    pub(super) secret_key: i32,
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
        let address = &self.target.address;
        let mut stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        let mut request = BytesMut::new();
        frontend::cancel_request(self.process_id, self.secret_key, &mut request);
        stream.write_all(&request).await?;
        // The server closes the connection once the signal is on its way: only then is a later statement safe from it.
        let mut end = [0_u8; 1];
        match stream.read(&mut end).await {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
            _ => Ok(()),
        }
    }
}
