//! What can go wrong between here and the gateway.

use lambda_http::http::StatusCode;

use super::credentials::CredentialsError;
use super::exchange::ExchangeError;
use crate::retry::MayPass;

/// The gateway did not tell about a payment; trying again later can help.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// No answer that can be read.
    #[error("the gateway did not give an answer")]
    Exchange(#[from] ExchangeError),
    /// An answer with a status that means nothing known.
    #[error("the gateway answered {0}")]
    Status(StatusCode),
    /// An answer that makes no sense, with what is wrong with it.
    #[error("the gateway talked nonsense: {0}")]
    Nonsense(&'static str),
    /// The look-up was refused, even with a new token.
    #[error("the gateway refused a new token")]
    Unauthorized,
    /// The credentials were refused, and so were the ones read again.
    #[error("the gateway refused the credentials")]
    CredentialsRefused,
    /// The credentials could not be read.
    #[error("the gateway's credentials could not be read")]
    Credentials(#[from] CredentialsError),
}

impl MayPass for GatewayError {
    /// An answer that makes no sense, too: a proxy's page, or half of one.
    fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Exchange(_) | Self::Status(_) | Self::Nonsense(_)
        )
    }
}
