//! One request and all of its answer, over a connection.

use std::io;
use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use super::receive::{End, Incoming, Receiver};
use super::report::Report;
use super::wire::Wire;

/// How much of a COPY's input is sent at once.
const COPY_CHUNK: usize = 64 * 1024;

/// Sends what stands in the buffer and receives until the server is ready again.
pub(super) async fn exchange(wire: &mut Wire, receiver: &mut Receiver<'_>) -> io::Result<End> {
    // Also after a failure to send: the server's last word may still be there to read.
    let sent = wire.flush().await;
    receive_all(wire, receiver)
        .await
        .map_err(|error| sent.err().unwrap_or(error))
}

/// The same for nothing but the end: an error, if there was one.
pub(super) async fn exchange_for_end(wire: &mut Wire) -> io::Result<(End, Option<Report>)> {
    let sent = wire.flush().await;
    let mut end = End::default();
    let mut failure = None;
    loop {
        let message = match wire.receive_ending().await {
            Ok(message) => message,
            Err(_) if end.session_ended => return Ok((end, failure)),
            Err(error) => return Err(sent.err().unwrap_or(error)),
        };
        if matches!(message, Message::CopyInResponse(_)) {
            frontend::copy_fail("no input was given for COPY FROM STDIN", wire.outgoing())?;
            wire.flush().await?;
            continue;
        }
        let mut receiver = |incoming: Incoming| {
            if let Incoming::Error(report) = incoming {
                failure.get_or_insert(report);
            }
        };
        if end.take_in(message, &mut receiver)? {
            return Ok((end, failure));
        }
    }
}

/// The same for a COPY that wants input.
pub(super) async fn exchange_with_input(
    wire: &mut Wire,
    input: impl Stream<Item = Bytes>,
    receiver: &mut Receiver<'_>,
) -> io::Result<End> {
    // As above: a server that has gone may have said why.
    let sent = wire.flush().await;
    let mut end = End::default();
    loop {
        match wire.receive().await {
            Ok(Message::CopyInResponse(_)) => break,
            Ok(other) => {
                if end.take_in(other, receiver)? {
                    return Ok(end);
                }
            }
            Err(_) if end.session_ended => return Ok(end),
            Err(error) => return Err(sent.err().unwrap_or(error)),
        }
    }
    let mut input = pin!(input);
    while let Some(chunk) = input.next().await {
        frontend::CopyData::new(chunk)?.write(wire.outgoing());
        if wire.outgoing().len() >= COPY_CHUNK && wire.flush().await.is_err() {
            // Why it ended stands in what it sent before.
            wire.outgoing().clear();
            return receive_all(wire, receiver).await;
        }
    }
    frontend::copy_done(wire.outgoing());
    exchange(wire, receiver).await
}

async fn receive_all(wire: &mut Wire, receiver: &mut Receiver<'_>) -> io::Result<End> {
    let mut end = End::default();
    loop {
        let message = match wire.receive().await {
            Ok(message) => message,
            // A server that ended the session on purpose has said so before.
            Err(_) if end.session_ended => return Ok(end),
            Err(error) => return Err(error),
        };
        if matches!(message, Message::CopyInResponse(_)) {
            frontend::copy_fail("no input was given for COPY FROM STDIN", wire.outgoing())?;
            wire.flush().await?;
        } else if end.take_in(message, receiver)? {
            return Ok(end);
        }
    }
}
