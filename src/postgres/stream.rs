//! The bytes below the messages: TCP, a socket file, or TLS over TCP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, split};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::address::Address;
use super::terms::{Attempt, SslMode};

/// How much is read at once.
pub(super) const READ_AHEAD: usize = 16 * 1024;

/// An open connection.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Opens one. A host that begins with a slash is the directory of a socket file, which is never encrypted.
    pub(super) async fn open(address: &Address, attempt: Attempt) -> io::Result<Self> {
        if address.host.starts_with('/') {
            let path = format!("{}/.s.PGSQL.{}", address.host, address.port);
            return Ok(Self::Unix(UnixStream::connect(path).await?));
        }
        let mut stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        stream.set_nodelay(true)?;
        let (Some(config), false) = (&address.terms.encryption, attempt == Attempt::Plain) else {
            return Ok(Self::Tcp(stream));
        };
        let mut request = BytesMut::new();
        frontend::ssl_request(&mut request);
        stream.write_all(&request).await?;
        // One byte and no more: whatever somebody slipped in behind it must not be taken for the server's.
        let mut answer = [0_u8; 1];
        stream.read_exact(&mut answer).await?;
        match answer[0] {
            b'S' => {}
            b'N' if attempt == Attempt::Offered => return Ok(Self::Tcp(stream)),
            b'N' => {
                let words = "it does not encrypt (ssl is off there), which sslmode demands";
                return Err(io::Error::new(io::ErrorKind::InvalidData, words));
            }
            _ => {
                let words = "it answers a request for encryption as no PostgreSQL does";
                return Err(io::Error::new(io::ErrorKind::InvalidData, words));
            }
        }
        let name = server_name(address)?;
        let connector = TlsConnector::from(config.clone());
        let encrypted = connector.connect(name, stream).await.map_err(|error| {
            if error.kind() == io::ErrorKind::InvalidData {
                let words = format!("no encrypted connection: {error}");
                io::Error::new(io::ErrorKind::InvalidData, words)
            } else {
                error
            }
        })?;
        Ok(Self::Tls(Box::new(encrypted)))
    }

    /// Whether nobody between can read along.
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Sends what was written, while taking in what arrives, so that neither side waits for the other.
    pub(super) async fn send(
        &mut self,
        outgoing: &mut BytesMut,
        incoming: &mut BytesMut,
    ) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => {
                let (reader, writer) = stream.split();
                both_ways(reader, writer, outgoing, incoming).await
            }
            Self::Unix(stream) => {
                let (reader, writer) = stream.split();
                both_ways(reader, writer, outgoing, incoming).await
            }
            Self::Tls(stream) => {
                let (reader, writer) = split(stream.as_mut());
                both_ways(reader, writer, outgoing, incoming).await
            }
        }
    }
}

/// The name that a certificate is held to, where it is.
fn server_name(address: &Address) -> io::Result<ServerName<'static>> {
    match ServerName::try_from(address.host.clone()) {
        Ok(name) => Ok(name),
        Err(error) if address.terms.mode == SslMode::VerifyFull => {
            let words = format!("no certificate can name {}: {error}", address.host);
            Err(io::Error::new(io::ErrorKind::InvalidData, words))
        }
        Err(_) => ServerName::try_from("unnamed.invalid")
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}

async fn both_ways(
    mut reader: impl AsyncRead + Unpin,
    mut writer: impl AsyncWrite + Unpin,
    outgoing: &mut BytesMut,
    incoming: &mut BytesMut,
) -> io::Result<()> {
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
    // Encryption keeps back what the system did not take at once.
    writer.flush().await
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}
