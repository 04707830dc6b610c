//! TLS as libpq's `sslmode` means it, over rustls.
//!
//! | mode | TLS | certificate |
//! |---|---|---|
//! | disable | never | |
//! | allow | when the server refuses without | not looked at |
//! | prefer | when the server has it | not looked at |
//! | require | always | not looked at, but as `verify-ca` when there is a root certificate file |
//! | verify-ca | always | signed by a trusted root |
//! | verify-full | always | and made out to the host's name |
//!
//! Trusted roots: the file of `sslrootcert`; `system`: the platform's; nothing given:
//! `~/.postgresql/root.crt` when it is there, else the platform's. Three things differ from libpq, all on the
//! safe side: a root certificate file that is named and not there is a problem in every mode, a certificate's
//! common name does not count (it needs a subject alternative name), and without a root file `verify-ca` and
//! `verify-full` ask the platform instead of giving up.

use crate::address::{Address, Roots, SslMode};
use base::Fault;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of a certificate or key file that are read at most; the roots of a platform are a third of it.
const BYTES_MAX: u64 = 4 << 20;

/// How much of the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// Only that the server holds its key.
    Nothing,
    /// That a trusted root signed it.
    Chain,
    /// And that it is the host's.
    ChainAndName,
}

/// The TLS settings of an address; reads the files that it names. Not for `disable`, which needs none.
pub fn config(address: &Address) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(ring::default_provider());
    let (check, roots) = trust(address)?;
    let verifier = Verifier { check, roots, provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::bug(format!("TLS cannot be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match identity(address)? {
        None => Ok(builder.with_no_client_auth()),
        Some((chain, key, path)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
            Fault::usage(format!("the client certificate {} cannot be used: {error}", path.display()))
                .hint("sslcert and sslkey in DATABASE_URL must belong together")
        }),
    }
}

/// What is checked, against what.
fn trust(address: &Address) -> Result<(Check, Trusted), Fault> {
    let file = match &address.roots {
        Roots::System => None,
        Roots::File(path) => Some(path.clone()),
        Roots::Default => address.tls_home.as_ref().map(|home| home.join("root.crt")).filter(|p| p.is_file()),
    };
    let check = match address.ssl {
        SslMode::Disable | SslMode::Allow | SslMode::Prefer => Check::Nothing,
        SslMode::Require if file.is_some() => Check::Chain,
        SslMode::Require => Check::Nothing,
        SslMode::VerifyCa => Check::Chain,
        SslMode::VerifyFull => Check::ChainAndName,
    };
    let certificates = match (&file, check) {
        // A file that merely lies in the home has no say here, so a broken one does no harm either.
        (Some(_), Check::Nothing) if address.roots == Roots::Default => Vec::new(),
        (Some(path), _) => certificates(path, "sslrootcert")?,
        (None, Check::Nothing) => Vec::new(),
        (None, _) => {
            let found = rustls_native_certs::load_native_certs();
            if found.certs.is_empty() {
                return Err(Fault::usage("this machine has no trusted root certificates").hint(
                    "install ca-certificates, or name the server's root with sslrootcert in DATABASE_URL",
                ));
            }
            found.certs
        }
    };
    let mut store = RootCertStore::empty();
    // Platforms carry certificates that webpki cannot read; in a file that a person named, one must be
    // readable.
    let (taken, _) = store.add_parsable_certificates(certificates.iter().cloned());
    if taken == 0 && !certificates.is_empty() {
        let place = file.map(|path| path.display().to_string()).unwrap_or_default();
        return Err(Fault::usage(format!("no certificate in {place} can be used as a root")));
    }
    Ok((check, Trusted { store, certificates }))
}

fn certificates(path: &Path, setting: &str) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let bytes = read(path, setting)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Fault::usage(format!("{} has no certificate in PEM form", path.display())).hint(format!(
            "{setting} in DATABASE_URL names a file that begins with -----BEGIN CERTIFICATE-----"
        ))),
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, PathBuf);

/// The client's own certificate and key: those that are named, or libpq's default files when both are there.
fn identity(address: &Address) -> Result<Option<Identity>, Fault> {
    let home = |name: &str| address.tls_home.as_ref().map(|home| home.join(name));
    let certificate = match (&address.certificate, home("postgresql.crt")) {
        (Some(path), _) => path.clone(),
        (None, Some(path)) if path.is_file() => path,
        _ => return Ok(None),
    };
    let Some(key) = address.key.clone().or_else(|| home("postgresql.key")) else {
        return Err(Fault::usage("DATABASE_URL has sslcert but no sslkey"));
    };
    let meta = std::fs::metadata(&key).map_err(|error| unreadable(&key, "sslkey", &error))?;
    // As libpq: a key that others can read is none; root's may be 0640.
    let open = if meta.uid() == 0 { 0o037 } else { 0o077 };
    if meta.permissions().mode() & open != 0 {
        return Err(Fault::usage(format!("the private key {} can be read by others", key.display()))
            .hint(format!("chmod 600 {}", key.display())));
    }
    let bytes = read(&key, "sslkey")?;
    let parsed = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
        Fault::usage(format!("{} has no private key in PEM form without a passphrase", key.display()))
    })?;
    Ok(Some((certificates(&certificate, "sslcert")?, parsed, certificate)))
}

fn read(path: &Path, setting: &str) -> Result<Vec<u8>, Fault> {
    let meta = std::fs::metadata(path).map_err(|error| unreadable(path, setting, &error))?;
    if meta.len() > BYTES_MAX {
        return Err(Fault::usage(format!("{} is too large for a certificate file", path.display())));
    }
    std::fs::read(path).map_err(|error| unreadable(path, setting, &error))
}

fn unreadable(path: &Path, setting: &str, error: &std::io::Error) -> Fault {
    Fault::usage(format!("{} cannot be read: {}", path.display(), error.kind()))
        .hint(format!("{setting} in DATABASE_URL names this file"))
}

/// The roots, also as they stand in the file.
#[derive(Debug)]
struct Trusted {
    store: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

/// Checks as much of the server's certificate as the mode asks for, and always that the server has its key.
#[derive(Debug)]
struct Verifier {
    check: Check,
    roots: Trusted,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.check == Check::Nothing {
            return Ok(ServerCertVerified::assertion());
        }
        let parsed = ParsedCertificate::try_from(certificate)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, &self.roots.store, intermediates, now, algorithms)
            .or_else(|error| {
                // A self-signed server certificate that is its own root: OpenSSL takes it, webpki refuses it
                // for being an authority. That refusal comes after the check of its dates.
                let own_root =
                    self.roots.certificates.iter().any(|root| root.as_ref() == certificate.as_ref());
                if own_root && is_authority(&error) { Ok(()) } else { Err(error) }
            })?;
        if self.check == Check::ChainAndName {
            verify_server_name(&parsed, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether webpki refused a server certificate because it is an authority's. rustls has no variant for it.
fn is_authority(error: &rustls::Error) -> bool {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
            format!("{:?}", other.0).contains("CaUsedAsEndEntity")
        }
        _ => false,
    }
}

/// What a failed handshake was about, in words, with a hint.
pub(crate) fn explain(error: &rustls::Error) -> (String, Option<String>) {
    let hint = |text: &str| Some(text.to_owned());
    match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::UnknownIssuer => (
                "no trusted root signed its certificate".into(),
                hint("name the root that signed it with sslrootcert=FILE in DATABASE_URL"),
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
                "its certificate is made out to another name".into(),
                hint("use the name in the certificate's subject alternative names, or sslmode=verify-ca"),
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                ("its certificate has expired".into(), hint("renew the server's certificate"))
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                ("its certificate is not valid yet".into(), hint("check this machine's clock"))
            }
            other => (format!("its certificate is refused ({other:?})"), None),
        },
        rustls::Error::AlertReceived(alert) => (
            format!("the server broke off with the alert {alert:?}"),
            hint("if it asks for a client certificate, name it with sslcert and sslkey in DATABASE_URL"),
        ),
        other => (other.to_string(), None),
    }
}
