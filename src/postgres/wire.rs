//! The protocol's messages over one TCP connection: opening, logging in, sending, receiving.
//!
//! The crates above `postgres-protocol` hide command tags, column types of plain statements, the
//! order of notices among rows and the transaction status; all of them are what a learner looks at.

use std::collections::BTreeMap;
use std::io;

use bytes::{Buf, BytesMut};
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::{md5_hash, sasl};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Header, Message};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::address::{Address, ApplicationName};
use super::report::Report;

/// Why a session could not be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// The system's trouble with the connection.
    Io(io::Error),
    /// The server's answer.
    Rejected(Box<Report>),
    /// Something that we do not speak.
    Protocol(String),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Self::Protocol(error.to_string())
            }
            _ => Self::Io(error),
        }
    }
}

/// What the server told us about the session that it opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Greeting {
    pub(super) process_id: i32,
    pub(super) secret_key: i32,
    pub(super) parameters: BTreeMap<String, String>,
}

/// A connection that carries messages.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    incoming: BytesMut,
    outgoing: BytesMut,
}

impl Wire {
    /// Opens a connection and logs in.
    pub(super) async fn open(
        address: &Address,
        application: ApplicationName,
    ) -> Result<(Self, Greeting), OpenError> {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        stream.set_nodelay(true)?;
        let mut wire = Self {
            stream,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
        };
        let parameters = [
            ("user", address.user.as_str()),
            ("database", address.database.as_str()),
            ("application_name", application.as_str()),
            ("client_encoding", "UTF8"),
        ];
        frontend::startup_message(parameters, &mut wire.outgoing)?;
        wire.flush().await?;
        wire.log_in(address).await?;
        let greeting = wire.greeting().await?;
        Ok((wire, greeting))
    }

    async fn log_in(&mut self, address: &Address) -> Result<(), OpenError> {
        let password = address.password.as_bytes();
        loop {
            match self.receive().await? {
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword => {
                    frontend::password_message(password, &mut self.outgoing)?;
                    self.flush().await?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(address.user.as_bytes(), password, body.salt());
                    frontend::password_message(hash.as_bytes(), &mut self.outgoing)?;
                    self.flush().await?;
                }
                Message::AuthenticationSasl(body) => self.log_in_by_scram(&body, password).await?,
                Message::ErrorResponse(body) => {
                    return Err(OpenError::Rejected(Box::new(Report::parse(body.fields())?)));
                }
                Message::NoticeResponse(_) => {}
                _ => {
                    return Err(OpenError::Protocol(
                        "it asks for a way of logging in other than a password".into(),
                    ));
                }
            }
        }
    }

    async fn log_in_by_scram(
        &mut self,
        body: &AuthenticationSaslBody,
        password: &[u8],
    ) -> Result<(), OpenError> {
        if !body
            .mechanisms()
            .any(|mechanism| Ok(mechanism == sasl::SCRAM_SHA_256))?
        {
            return Err(OpenError::Protocol("it offers no SCRAM-SHA-256".into()));
        }
        let mut scram = sasl::ScramSha256::new(password, sasl::ChannelBinding::unsupported());
        frontend::sasl_initial_response(sasl::SCRAM_SHA_256, scram.message(), &mut self.outgoing)?;
        self.flush().await?;
        match self.receive().await? {
            Message::AuthenticationSaslContinue(body) => scram.update(body.data())?,
            other => return Err(unexpected_login(other)),
        }
        frontend::sasl_response(scram.message(), &mut self.outgoing)?;
        self.flush().await?;
        match self.receive().await? {
            Message::AuthenticationSaslFinal(body) => Ok(scram.finish(body.data())?),
            other => Err(unexpected_login(other)),
        }
    }

    async fn greeting(&mut self) -> Result<Greeting, OpenError> {
        let mut greeting = Greeting::default();
        loop {
            match self.receive().await? {
                Message::BackendKeyData(body) => {
                    greeting.process_id = body.process_id();
                    greeting.secret_key = body.secret_key();
                }
                Message::ParameterStatus(body) => {
                    greeting
                        .parameters
                        .insert(body.name()?.to_owned(), body.value()?.to_owned());
                }
                Message::ReadyForQuery(_) => return Ok(greeting),
                Message::NoticeResponse(_) => {}
                other => return Err(unexpected_login(other)),
            }
        }
    }

    /// The next message. Dropping the future loses nothing.
    pub(super) async fn receive(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.incoming)? {
                return Ok(message);
            }
            self.read_more().await?;
        }
    }

    async fn read_more(&mut self) -> io::Result<()> {
        self.incoming.reserve(READ_AHEAD);
        if self.stream.read_buf(&mut self.incoming).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// The next message that says how a statement ends: what it brings is passed over, without a look at it.
    pub(super) async fn receive_ending(&mut self) -> io::Result<Message> {
        loop {
            while let Some(header) = Header::parse(&self.incoming)? {
                // The tag is not counted in the length.
                let length = usize::try_from(header.len()).map_or(usize::MAX, |length| length + 1);
                if !PASSED_OVER.contains(&header.tag()) || self.incoming.len() < length {
                    break;
                }
                self.incoming.advance(length);
            }
            let first = self.incoming.first();
            if first.is_some_and(|tag| !PASSED_OVER.contains(tag))
                && let Some(message) = Message::parse(&mut self.incoming)?
            {
                return Ok(message);
            }
            self.read_more().await?;
        }
    }

    /// Where messages are written before they are sent.
    pub(super) fn outgoing(&mut self) -> &mut BytesMut {
        &mut self.outgoing
    }

    /// Sends what was written, while taking in what arrives, so that neither side waits for the other.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let Self {
            stream,
            incoming,
            outgoing,
        } = self;
        let (mut reader, mut writer) = stream.split();
        let mut open = true;
        while !outgoing.is_empty() {
            incoming.reserve(READ_AHEAD);
            tokio::select! {
                biased;
                written = writer.write_buf(outgoing) => {
                    written?;
                }
                read = reader.read_buf(incoming), if open => open = read? > 0,
            }
        }
        Ok(())
    }
}

const READ_AHEAD: usize = 16 * 1024;

/// Rows and their description, text of a COPY, tags of commands, notices, notifications.
const PASSED_OVER: &[u8] = b"DTdHcCINA";

fn unexpected_login(message: Message) -> OpenError {
    match message {
        Message::ErrorResponse(body) => match Report::parse(body.fields()) {
            Ok(report) => OpenError::Rejected(Box::new(report)),
            Err(error) => OpenError::Protocol(error.to_string()),
        },
        _ => OpenError::Protocol("an unexpected message while logging in".into()),
    }
}
