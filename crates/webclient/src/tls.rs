//! TLS with ring and the machine's own root certificates.

use crate::error::Error;
use std::sync::Arc;

/// The settings of every connection to `https` addresses (`wanted`); others never need a root. A machine
/// without root certificates gets none: then each `https` address fails as untrusted, which is the truth.
pub(crate) fn settings(wanted: bool) -> Result<rustls::ClientConfig, Error> {
    let mut roots = rustls::RootCertStore::empty();
    if wanted {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Setup { what: "TLS offers no protocol version".into() })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
