//! TLS as libpq does it: which certificates are believed under which `sslmode`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use super::terms::SslMode;

/// Where the certificates of `sslrootcert=system` lie, by distribution.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// What the connection string says of certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificates {
    /// Whom to believe: a file, or `system`.
    pub root: Option<PathBuf>,
    /// Who we are, and the key to it.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// A certificate file does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFileError {
    /// `verify-ca` and `verify-full` need somebody to believe.
    #[error(
        "sslmode={mode} needs a root certificate, and {} does not exist. Name one with sslrootcert (sslrootcert=system believes whom this machine believes), or use sslmode=require, which encrypts and believes anybody", .path.display()
    )]
    NoRoot {
        /// The mode.
        mode: &'static str,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file that cannot be read or holds no such thing.
    #[error("{what} {} cannot be used: {reason}", .path.display())]
    Unusable {
        /// What it should be.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// How sessions are encrypted under a mode; nothing where they never are. As with libpq, `require` verifies the chain where there is
/// a root certificate, and believes anybody where there is none.
///
/// # Errors
/// When a file is missing or wrong.
pub fn encryption(
    mode: SslMode,
    certificates: &Certificates,
    default_root: Option<&Path>,
) -> Result<Option<Arc<ClientConfig>>, CertificateFileError> {
    if mode == SslMode::Disable {
        return Ok(None);
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Verifier {
        belief: belief(mode, certificates.root.as_deref(), default_root)?,
        provider: Arc::clone(&provider),
    });
    let unusable = |error: Error| CertificateFileError::Unusable {
        what: "the client certificate",
        path: certificates
            .own
            .clone()
            .map(|own| own.0)
            .unwrap_or_default(),
        reason: error.to_string(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match &certificates.own {
        Some((certificate, key)) => {
            let chain = certificates_in("the client certificate", certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| {
                CertificateFileError::Unusable {
                    what: "the client key",
                    path: key.clone(),
                    reason: error.to_string(),
                }
            })?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(unusable)?
        }
        None => builder.with_no_client_auth(),
    };
    Ok(Some(Arc::new(config)))
}

fn belief(
    mode: SslMode,
    named: Option<&Path>,
    default_root: Option<&Path>,
) -> Result<Belief, CertificateFileError> {
    let verifies = mode >= SslMode::VerifyCa;
    if mode < SslMode::Require {
        return Ok(Belief::Anybody);
    }
    let system = named == Some(Path::new("system"));
    let path = if system {
        let exists = |path: &&&str| Path::new(path).is_file();
        SYSTEM_ROOTS.iter().find(exists).map(Path::new)
    } else {
        named.or(default_root)
    };
    let Some(path) = path.filter(|path| path.is_file()) else {
        // As libpq: `require` does without, even where one is named.
        return if verifies || system {
            Err(CertificateFileError::NoRoot {
                mode: mode.as_str(),
                path: named
                    .or(default_root)
                    .unwrap_or(Path::new("~/.postgresql/root.crt"))
                    .to_owned(),
            })
        } else {
            Ok(Belief::Anybody)
        };
    };
    let certificates = certificates_in("the root certificate", path)?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.iter().cloned());
    Ok(Belief::Vouched {
        roots,
        certificates,
        // With the system's roots anybody can have a certificate: only its name tells who it is.
        by_name: mode == SslMode::VerifyFull || system,
    })
}

fn certificates_in(
    what: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, CertificateFileError> {
    let unusable = |reason: String| CertificateFileError::Unusable {
        what,
        path: path.to_owned(),
        reason,
    };
    let text = fs::read(path).map_err(|error: io::Error| unusable(error.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(unusable("it holds no certificate in PEM".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(unusable(error.to_string())),
    }
}

/// Whose certificates are believed.
#[derive(Debug)]
enum Belief {
    Anybody,
    Vouched {
        roots: RootCertStore,
        certificates: Vec<CertificateDer<'static>>,
        by_name: bool,
    },
}

#[derive(Debug)]
struct Verifier {
    belief: Belief,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Belief::Vouched {
            roots,
            certificates,
            by_name,
        } = &self.belief
        else {
            return Ok(ServerCertVerified::assertion());
        };
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let chain = verify_server_cert_signed_by_trust_anchor(
            &parsed,
            roots,
            intermediates,
            now,
            self.provider.signature_verification_algorithms.all,
        );
        match chain {
            // The server shows the very certificate that is believed: self-signed ones, as the PostgreSQL manual makes them, say that
            // they are an authority. Whether they are in force was looked at before that.
            Err(Error::InvalidCertificate(CertificateError::Other(OtherError(why))))
                if certificates.iter().any(|one| one == end_entity)
                    && why.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity) => {}
            chain => chain?,
        }
        if *by_name {
            verify_server_name(&parsed, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
