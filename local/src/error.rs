//! What can keep the shop from opening.

use std::fmt;
use std::io;
use std::net::SocketAddr;

/// Whatever was behind it.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// A part that did not start, or a row that could not be written or read.
#[derive(Debug)]
pub enum Error {
    /// A part cannot listen where it was told to.
    Listen {
        /// The part, as a person would call it.
        part: &'static str,
        /// Where it should have listened.
        address: SocketAddr,
        /// Why it cannot.
        source: io::Error,
    },
    /// The gateway did not start.
    Gateway(iamport_sim::Error),
    /// The tables could not be made, written or read.
    DynamoDb {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: Source,
    },
    /// This is not the URL of a DynamoDB engine.
    Endpoint(String),
    /// The function refused its settings.
    Settings(Source),
    /// A program does not start, or is gone.
    Program(io::Error),
    /// A program does not say anything.
    Stuck,
}

impl Error {
    pub(crate) fn dynamodb(doing: String, source: impl Into<Source>) -> Self {
        Self::DynamoDb {
            doing,
            source: source.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { part, address, .. } => write!(f, "{part} cannot listen on {address}"),
            Self::Gateway(source) => write!(f, "the gateway {source}"),
            Self::Endpoint(url) => write!(f, "{url} is not a DynamoDB endpoint (http://host:port)"),
            Self::DynamoDb { doing, .. } => write!(f, "DynamoDB: cannot {doing}"),
            Self::Settings(_) => write!(f, "the function refused its settings"),
            Self::Program(_) => write!(f, "the program is not there"),
            Self::Stuck => write!(f, "the program says nothing"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::Program(source) => Some(source),
            // The gateway's error tells its source itself.
            Self::Gateway(_) | Self::Endpoint(_) | Self::Stuck => None,
            Self::DynamoDb { source, .. } | Self::Settings(source) => Some(source.as_ref()),
        }
    }
}
