//! A certificate authority for one run, and the two ways to make a program trust it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::Result;

/// Where Linux distributions keep the certificates they trust; Lambda's is the second.
const SYSTEM_BUNDLES: [&str; 2] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];

/// The server's side of TLS, and what its clients trust.
pub(crate) struct Authority {
    /// For the hops: HTTP/1.1, TLS 1.2 or 1.3, a P-256 key.
    pub(crate) server: Arc<ServerConfig>,
    /// The authority's certificate.
    pub(crate) certificate: CertificateDer<'static>,
    /// A file with the authority's certificate alone: `NODE_EXTRA_CA_CERTS`, beside the ones that are compiled into Node.
    pub(crate) alone: PathBuf,
    /// A file with the system's certificates and the authority's: `SSL_CERT_FILE`. Parsing it costs what it costs in Lambda.
    pub(crate) bundle: PathBuf,
}

impl Authority {
    /// Makes an authority, and its files in `directory`.
    pub(crate) fn new(directory: &Path) -> Result<Self> {
        let mut ca = CertificateParams::new(Vec::new())?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.distinguished_name
            .push(DnType::CommonName, "the benchmark's authority");
        let ca_key = KeyPair::generate()?;
        let ca_certificate = ca.self_signed(&ca_key)?;
        let key = KeyPair::generate()?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate =
            CertificateParams::new(names)?.signed_by(&key, &Issuer::from_params(&ca, &ca_key))?;

        let alone = directory.join("ca.pem");
        std::fs::write(&alone, ca_certificate.pem())?;
        let system = SYSTEM_BUNDLES
            .iter()
            .find_map(|path| std::fs::read_to_string(path).ok())
            .ok_or("no bundle of certificates: install ca-certificates")?;
        let bundle = directory.join("bundle.pem");
        std::fs::write(&bundle, format!("{system}\n{}", ca_certificate.pem()))?;

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            server: Arc::new(server),
            certificate: ca_certificate.der().clone(),
            alone,
            bundle,
        })
    }
}
