use std::net::SocketAddr;
use std::{fmt, io};

/// Why the gateway did not do what it was asked to do.
#[derive(Debug)]
pub enum Error {
    /// Something is not the JSON it should be.
    Json {
        /// What was being read.
        what: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// An argument means nothing here.
    Invalid(String),
    /// The port is not to be had.
    Listen {
        /// Where it wanted to listen.
        addr: SocketAddr,
        /// Why it could not.
        source: io::Error,
    },
    /// There is no payment with this `imp_uid`.
    UnknownPayment(String),
    /// The payment is not in a state from which this can happen, or its window would not open.
    Refused(String),
    /// There is no gateway where one should be.
    Unreachable(String),
}

impl Error {
    pub(crate) fn json(what: &str, source: serde_json::Error) -> Self {
        Self::Json {
            what: what.to_owned(),
            source,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { what, source } => write!(f, "{what}: {source}"),
            Self::Listen { addr, source } => write!(f, "cannot listen on {addr}: {source}"),
            Self::UnknownPayment(imp_uid) => write!(f, "no payment {imp_uid}"),
            Self::Invalid(why) | Self::Refused(why) | Self::Unreachable(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json { source, .. } => Some(source),
            Self::Listen { source, .. } => Some(source),
            Self::Invalid(_)
            | Self::UnknownPayment(_)
            | Self::Refused(_)
            | Self::Unreachable(_) => None,
        }
    }
}
