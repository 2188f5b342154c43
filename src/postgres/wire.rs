//! The protocol's messages over one connection: opening, logging in, sending, receiving.
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
use tokio::io::AsyncReadExt;

use super::address::{Address, ApplicationName, Target};
use super::error::PostgresError;
use super::report::Report;
use super::stream::{READ_AHEAD, Stream};
use super::terms::Attempt;

/// Why a session could not be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// The system's trouble with the connection.
    Io(io::Error),
    /// The server's answer.
    Rejected(Box<Report>),
    /// Something that we do not speak.
    Protocol(String),
    /// The server asks for a password, and there is none.
    PasswordNeeded,
}

/// `pg_hba.conf` lets nobody in this way: perhaps in the other.
const NOT_THIS_WAY: &str = "28000";

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

impl OpenError {
    /// The same in words for people.
    pub(super) fn on(self, target: &Target) -> PostgresError {
        let (node, endpoint) = (target.node.clone(), target.endpoint());
        match self {
            Self::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
                let reason = "it ended while logging in".to_owned();
                PostgresError::Lost { node, reason }
            }
            Self::Io(source) => PostgresError::Refused {
                node,
                endpoint,
                source,
            },
            Self::Rejected(report) => PostgresError::Rejected {
                node,
                endpoint,
                report,
            },
            Self::PasswordNeeded => PostgresError::PasswordNeeded {
                node,
                endpoint,
                user: target.address.user.clone(),
            },
            Self::Protocol(reason) => PostgresError::Protocol {
                node,
                endpoint,
                reason,
            },
        }
    }

    /// Whether another attempt may do better.
    fn leaves_hope(&self, attempt: Attempt) -> bool {
        match self {
            Self::Rejected(report) => report.code == NOT_THIS_WAY,
            // The two cannot agree on how to encrypt.
            Self::Protocol(_) => attempt != Attempt::Plain,
            Self::Io(_) | Self::PasswordNeeded => false,
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
    stream: Stream,
    incoming: BytesMut,
    outgoing: BytesMut,
}

impl Wire {
    /// Opens a connection and logs in, encrypted or not as the address says.
    pub(super) async fn open(
        address: &Address,
        application: ApplicationName,
    ) -> Result<(Self, Greeting), OpenError> {
        let attempts = address.terms.mode.attempts();
        let mut failure = OpenError::Protocol("nothing was tried".to_owned());
        for (at, attempt) in attempts.iter().enumerate() {
            match Self::open_by(address, application, *attempt).await {
                Err(error) if at + 1 < attempts.len() && error.leaves_hope(*attempt) => {
                    failure = error;
                }
                // Without encryption the server may say less than it said with it.
                Err(OpenError::Io(_)) if matches!(failure, OpenError::Rejected(_)) => break,
                opened => return opened,
            }
        }
        Err(failure)
    }

    async fn open_by(
        address: &Address,
        application: ApplicationName,
        attempt: Attempt,
    ) -> Result<(Self, Greeting), OpenError> {
        let mut wire = Self {
            stream: Stream::open(address, attempt).await?,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
        };
        let ours = [
            ("user", address.user.as_str()),
            ("database", address.database.as_str()),
            ("application_name", application.as_str()),
            ("client_encoding", "UTF8"),
        ];
        let settings = address.terms.settings.iter();
        let settings = settings.map(|(name, value)| (name.as_str(), value.as_str()));
        frontend::startup_message(ours.into_iter().chain(settings), &mut wire.outgoing)?;
        wire.flush().await?;
        wire.log_in(address).await?;
        let greeting = wire.greeting().await?;
        Ok((wire, greeting))
    }

    /// Whether nobody between can read along.
    pub(super) fn is_encrypted(&self) -> bool {
        self.stream.is_encrypted()
    }

    async fn log_in(&mut self, address: &Address) -> Result<(), OpenError> {
        let password = address.password.as_bytes();
        loop {
            match self.receive().await? {
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword
                | Message::AuthenticationMd5Password(_)
                | Message::AuthenticationSasl(_)
                    if password.is_empty() =>
                {
                    return Err(OpenError::PasswordNeeded);
                }
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
        self.stream
            .send(&mut self.outgoing, &mut self.incoming)
            .await
    }
}

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
