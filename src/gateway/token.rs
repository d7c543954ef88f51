//! The token that every call but its own needs, and the gateway's clock, which comes with it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_http::http::{HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::credentials::Credentials;
use super::envelope::response;
use super::error::GatewayError;

/// A token with less life than this is renewed first: in its last minute the gateway extends it (AUTH).
const MARGIN: Duration = Duration::from_secs(30);

/// A token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// `Bearer …`, marked sensitive.
    pub(super) authorization: HeaderValue,
    expires: SystemTime,
    /// How far the gateway's clock was ahead of ours, in seconds.
    pub(super) ahead: i64,
}

/// The body of the request for one.
pub(super) fn request(credentials: &Credentials) -> String {
    serde_json::json!({
        "imp_key": credentials.imp_key.expose_secret(),
        "imp_secret": credentials.imp_secret.expose_secret(),
    })
    .to_string()
}

impl Token {
    pub(super) fn has_life_left(&self) -> bool {
        let left = self.expires.duration_since(SystemTime::now());
        left.is_ok_and(|left| left >= MARGIN)
    }

    /// The token in an answer; `None` if the gateway refused the credentials.
    pub(super) fn read(
        status: StatusCode,
        body: &[u8],
        asked_at: SystemTime,
    ) -> Result<Option<Self>, GatewayError> {
        #[derive(Deserialize)]
        struct Issued {
            access_token: String,
            now: u64,
            expired_at: u64,
        }
        match status {
            StatusCode::OK => {
                let issued: Issued = response(body)?;
                let mut authorization =
                    HeaderValue::try_from(format!("Bearer {}", issued.access_token))
                        .map_err(|_| GatewayError::Nonsense("a token that is no header value"))?;
                authorization.set_sensitive(true);
                // Both times are the gateway's: what is left of the token does not depend on this machine's clock.
                let life = Duration::from_secs(issued.expired_at.saturating_sub(issued.now));
                let expires = asked_at
                    .checked_add(life)
                    .ok_or(GatewayError::Nonsense("a token for all time"))?;
                let ours = asked_at.duration_since(UNIX_EPOCH).unwrap_or_default();
                let ahead = issued
                    .now
                    .cast_signed()
                    .wrapping_sub(ours.as_secs().cast_signed());
                Ok(Some(Self {
                    authorization,
                    expires,
                    ahead,
                }))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(None),
            status => Err(GatewayError::Status(status)),
        }
    }
}
