//! The gateway: a token, one look-up, and what can go wrong between here and there.
//!
//! Facts: Iamport's V1 OpenAPI ("OAS") and its page on tokens ("AUTH", `api/rest-v1/_components/v1auth.mdx`).

pub mod credentials;
mod exchange;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lambda_http::http::header::{AUTHORIZATION, CONTENT_TYPE};
use lambda_http::http::{HeaderValue, StatusCode};
use reqwest::{Client, RequestBuilder, Url};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::json;
use crate::payment::Payment;
use crate::retry::{MayPass, Retry};

use self::credentials::{Credentials, CredentialsError, Secret};
use self::exchange::{ExchangeError, exchange};

/// A token with less life than this is renewed first: in its last minute the gateway extends it (AUTH).
const TOKEN_MARGIN: Duration = Duration::from_secs(30);

/// Iamport, for one merchant account.
#[derive(Debug)]
pub struct Iamport {
    http: Client,
    retry: Retry,
    base_url: String,
    include_sandbox: bool,
    secret: Secret,
    token: Mutex<Option<Token>>,
}

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

/// What the gateway wraps every answer in: `code` ≠ 0 is an error, even with HTTP 200, and `response` is always there,
/// if only as null (OAS `ResponseAnnotation`).
#[derive(Deserialize)]
struct Envelope<'a> {
    code: i64,
    #[serde(borrow)]
    response: &'a RawValue,
}

#[derive(Debug, Clone)]
struct Token {
    /// `Bearer …`, marked sensitive.
    authorization: HeaderValue,
    expires: SystemTime,
}

impl Token {
    fn has_life_left(&self) -> bool {
        let left = self.expires.duration_since(SystemTime::now());
        left.is_ok_and(|left| left >= TOKEN_MARGIN)
    }
}

impl Iamport {
    /// The gateway at `base_url`; sends nothing yet.
    #[must_use]
    pub fn new(http: Client, base_url: &Url, include_sandbox: bool, secret: Secret) -> Self {
        Self {
            http,
            retry: Retry::default(),
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            include_sandbox,
            secret,
            token: Mutex::default(),
        }
    }

    /// Loads credentials and a token ahead of the first look-up.
    ///
    /// # Errors
    /// As for [`Iamport::payment`]; the first look-up tries again.
    pub async fn warm(&self, deadline: Instant) -> Result<(), GatewayError> {
        self.token(None, deadline).await.map(|_| ())
    }

    /// Asks for one payment; `None` if the gateway knows no such payment.
    ///
    /// A token that is refused is renewed once. `GET` is safe to repeat, so failures are tried again within the
    /// budget and the deadline.
    ///
    /// # Errors
    /// The gateway, or Secrets Manager before it, did not give an answer that can be trusted.
    pub async fn payment(
        &self,
        imp_uid: &str,
        deadline: Instant,
    ) -> Result<Option<Payment>, GatewayError> {
        let token = self.token(None, deadline).await?;
        let told = match self.look_up(imp_uid, &token, deadline).await? {
            LookUp::Unauthorized => {
                let token = self.token(Some(&token), deadline).await?;
                self.look_up(imp_uid, &token, deadline).await?
            }
            told => told,
        };
        match told {
            LookUp::Found(payment) => Ok(Some(*payment)),
            LookUp::Unknown => Ok(None),
            LookUp::Unauthorized => Err(GatewayError::Unauthorized),
        }
    }

    async fn look_up(
        &self,
        imp_uid: &str,
        token: &HeaderValue,
        deadline: Instant,
    ) -> Result<LookUp, GatewayError> {
        let query = if self.include_sandbox {
            "?include_sandbox=true"
        } else {
            ""
        };
        let url = format!("{}/payments/{imp_uid}{query}", self.base_url);
        let request = self.http.get(&url).header(AUTHORIZATION, token);
        let read = |status, body: &[u8]| match status {
            StatusCode::OK => found(imp_uid, body).map(|payment| LookUp::Found(payment.into())),
            StatusCode::NOT_FOUND if is_unknown(body) => Ok(LookUp::Unknown),
            StatusCode::UNAUTHORIZED => Ok(LookUp::Unauthorized),
            status => Err(GatewayError::Status(status)),
        };
        self.send(request, deadline, read).await
    }

    /// The token to use; never `refused`, which the gateway did not take. Concurrent callers share one fetch.
    async fn token(
        &self,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<HeaderValue, GatewayError> {
        let mut current = self.token.lock().await;
        if let Some(token) = current.as_ref()
            && refused != Some(&token.authorization)
            && token.has_life_left()
        {
            return Ok(token.authorization.clone());
        }
        *current = None;
        let credentials = self.secret.credentials().await?;
        let token = match self.fetch_token(&credentials, deadline).await {
            Err(GatewayError::CredentialsRefused) => match self.secret.reread().await? {
                Some(credentials) => self.fetch_token(&credentials, deadline).await?,
                None => return Err(GatewayError::CredentialsRefused),
            },
            fetched => fetched?,
        };
        Ok(current.insert(token).authorization.clone())
    }

    /// `POST /users/getToken`: the same token as before while that one lives (AUTH), so it is safe to repeat.
    async fn fetch_token(
        &self,
        credentials: &Arc<Credentials>,
        deadline: Instant,
    ) -> Result<Token, GatewayError> {
        #[derive(Deserialize)]
        struct Issued {
            access_token: String,
            now: u64,
            expired_at: u64,
        }
        let body = serde_json::json!({
            "imp_key": credentials.imp_key.expose_secret(),
            "imp_secret": credentials.imp_secret.expose_secret(),
        });
        let asked_at = SystemTime::now();
        let request = self
            .http
            .post(format!("{}/users/getToken", self.base_url))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let read = |status, body: &[u8]| match status {
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
                Ok(Some(Token {
                    authorization,
                    expires,
                }))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(None),
            status => Err(GatewayError::Status(status)),
        };
        let token = self.send(request, deadline, read).await?;
        token.ok_or(GatewayError::CredentialsRefused)
    }

    /// Sends a request that is safe to repeat, and reads its answer; an answer that cannot be read is a failure, too.
    async fn send<T>(
        &self,
        request: RequestBuilder,
        deadline: Instant,
        read: impl Fn(StatusCode, &[u8]) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let request = request.build().map_err(ExchangeError::from)?;
        let once = || async {
            let (status, body) = exchange(&self.http, &request, deadline).await?;
            read(status, &body)
        };
        self.retry.run(Some(deadline), once).await
    }
}

/// What a look-up tells.
enum LookUp {
    Found(Box<Payment>),
    Unknown,
    /// The token is not, or no longer, good.
    Unauthorized,
}

/// The payment that was asked for, and no other.
fn found(imp_uid: &str, body: &[u8]) -> Result<Payment, GatewayError> {
    let payment: Payment = response(body)?;
    if payment.imp_uid == imp_uid {
        Ok(payment)
    } else {
        Err(GatewayError::Nonsense(
            "another payment than the one asked for",
        ))
    }
}

/// Whether it is the gateway that says 404, and not something in between.
fn is_unknown(body: &[u8]) -> bool {
    json::object::<Envelope>(body).is_some_and(|envelope| envelope.code != 0)
}

/// What is in the envelope of an answer with HTTP 200.
fn response<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, GatewayError> {
    let envelope: Envelope =
        json::object(body).ok_or(GatewayError::Nonsense("not its envelope"))?;
    if envelope.code != 0 {
        return Err(GatewayError::Nonsense("an error with HTTP 200"));
    }
    json::object(envelope.response.get().as_bytes()).ok_or(GatewayError::Nonsense(
        "a field that matters is missing or of another type",
    ))
}
