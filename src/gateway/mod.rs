//! The gateway: its calls, and what can go wrong between here and there.
//!
//! Facts: Iamport's V1 OpenAPI ("OAS") and its page on tokens ("AUTH", `api/rest-v1/_components/v1auth.mdx`).

mod cancel;
pub mod credentials;
mod envelope;
mod error;
mod exchange;
mod list;
mod prepare;
mod token;

use std::time::SystemTime;

use lambda_http::http::header::{AUTHORIZATION, CONTENT_TYPE};
use lambda_http::http::{HeaderValue, Method, StatusCode};
use reqwest::{Client, RequestBuilder, Url};
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use self::cancel::Cancelled;
pub use self::error::GatewayError;
pub use self::list::{Entry, Listed, Page, Status};

use self::credentials::{Credentials, Secret};
use self::envelope::{is_refused, response};
use self::exchange::{ExchangeError, exchange};
use self::token::Token;
use crate::clock::now;
use crate::orders::Price;
use crate::payment::{MerchantUid, Payment};
use crate::retry::Retry;

/// The largest answer that is read where it is about one payment, in bytes: that is about 2 KB, a long `cancel_history`
/// included.
const ONE_PAYMENT: usize = 256 * 1024;

/// Iamport, for one merchant account.
#[derive(Debug)]
pub struct Iamport {
    http: Client,
    retry: Retry,
    /// What works for payments must not pay for an order whose price is not taken.
    retry_of_prepare: Retry,
    base_url: String,
    include_sandbox: bool,
    secret: Secret,
    token: Mutex<Option<Token>>,
}

impl Iamport {
    /// The gateway at `base_url`; sends nothing yet.
    #[must_use]
    pub fn new(http: Client, base_url: &Url, include_sandbox: bool, secret: Secret) -> Self {
        Self {
            http,
            retry: Retry::default(),
            retry_of_prepare: Retry::default(),
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
    /// # Errors
    /// The gateway, or Secrets Manager before it, did not give an answer that can be trusted.
    pub async fn payment(
        &self,
        imp_uid: &str,
        deadline: Instant,
    ) -> Result<Option<Payment>, GatewayError> {
        let query = if self.include_sandbox {
            "?include_sandbox=true"
        } else {
            ""
        };
        let read = |status, body: &[u8]| match status {
            StatusCode::OK => found(imp_uid, body).map(Some),
            StatusCode::NOT_FOUND if is_refused(body) => Ok(None),
            status => Err(GatewayError::Status(status)),
        };
        let path = format!("/payments/{imp_uid}{query}");
        self.get(&path, ONE_PAYMENT, deadline, read).await
    }

    /// One page of the payments whose final status is this one, and came in this window of UNIX seconds, both included
    /// (OAS: `ready` counts by `started_at`, `paid` by `paid_at`, `cancelled` by `cancelled_at`).
    ///
    /// # Errors
    /// As for [`Iamport::payment`].
    pub async fn by_status(
        &self,
        status: Status,
        window: (i64, i64),
        page: u64,
        deadline: Instant,
    ) -> Result<Page, GatewayError> {
        let path = list::by_status(status, window, page);
        self.get(&path, list::ONE_PAGE, deadline, list::read).await
    }

    /// All attempts to pay one order, the latest first.
    ///
    /// # Errors
    /// As for [`Iamport::payment`].
    pub async fn attempts(
        &self,
        merchant_uid: &MerchantUid,
        deadline: Instant,
    ) -> Result<Vec<Listed>, GatewayError> {
        let Some(path) = list::attempts(merchant_uid.as_str()) else {
            return Ok(Vec::new());
        };
        let page = self
            .get(&path, list::ONE_PAGE, deadline, list::read_attempts)
            .await?;
        Ok(page.entries.iter().map(Entry::read).collect())
    }

    /// Asks the gateway to give all of a payment back, once: whether a request that got no answer took effect, only a
    /// look-up tells.
    ///
    /// # Errors
    /// There is no answer that can be trusted.
    pub async fn cancel(
        &self,
        payment: &Payment,
        reason: &str,
        deadline: Instant,
    ) -> Result<Cancelled, GatewayError> {
        let body = cancel::request(payment, reason).ok_or(GatewayError::Nonsense("an amount"))?;
        let token = self.token(None, deadline).await?;
        let request = self
            .http
            .post(format!("{}/payments/cancel", self.base_url))
            .header(AUTHORIZATION, token)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .build()
            .map_err(ExchangeError::from)?;
        let (status, body) = exchange(&self.http, &request, ONE_PAYMENT, deadline).await?;
        cancel::read(status, &body)
    }

    /// Registers what an order costs: a payment window of its name then refuses every other amount.
    ///
    /// # Errors
    /// As for [`Iamport::payment`]; or the gateway registered something else.
    pub async fn prepare(
        &self,
        merchant_uid: &MerchantUid,
        price: &Price,
        deadline: Instant,
    ) -> Result<(), GatewayError> {
        let body =
            prepare::request(merchant_uid, price).ok_or(GatewayError::Nonsense("an amount"))?;
        // A request whose answer was lost finds its own registration, and changes it to the same.
        for method in [Method::POST, Method::PUT] {
            let request = || {
                self.http
                    .request(
                        method.clone(),
                        format!("{}/payments/prepare", self.base_url),
                    )
                    .header(CONTENT_TYPE, "application/json")
                    .body(body.clone())
            };
            let read = |status, body: &[u8]| prepare::read(status, body, &method, price);
            let retry = &self.retry_of_prepare;
            if self
                .ask(retry, request, ONE_PAYMENT, deadline, read)
                .await?
            {
                return Ok(());
            }
        }
        Err(GatewayError::Nonsense("a registration that is not there"))
    }

    async fn get<T>(
        &self,
        path: &str,
        limit: usize,
        deadline: Instant,
        read: impl Fn(StatusCode, &[u8]) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let request = || self.http.get(format!("{}{path}", self.base_url));
        self.ask(&self.retry, request, limit, deadline, read).await
    }

    /// Asks for something that is safe to repeat, with a token; one that is refused is renewed once.
    async fn ask<T>(
        &self,
        retry: &Retry,
        request: impl Fn() -> RequestBuilder,
        limit: usize,
        deadline: Instant,
        read: impl Fn(StatusCode, &[u8]) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let read = |status, body: &[u8]| match status {
            StatusCode::UNAUTHORIZED => Ok(None),
            status => read(status, body).map(Some),
        };
        let mut refused = None;
        for _ in 0..2 {
            let token = self.token(refused.as_ref(), deadline).await?;
            let request = request().header(AUTHORIZATION, &token);
            if let Some(answer) = self.send(retry, request, limit, deadline, &read).await? {
                return Ok(answer);
            }
            refused = Some(token);
        }
        Err(GatewayError::Unauthorized)
    }

    /// Sends a request that is safe to repeat, and reads its answer; an answer that cannot be read is a failure, too.
    async fn send<T>(
        &self,
        retry: &Retry,
        request: RequestBuilder,
        limit: usize,
        deadline: Instant,
        read: impl Fn(StatusCode, &[u8]) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let request = request.build().map_err(ExchangeError::from)?;
        let once = || async {
            let (status, body) = exchange(&self.http, &request, limit, deadline).await?;
            read(status, &body)
        };
        retry.run(Some(deadline), once).await
    }

    /// The token to use; never `refused`, which the gateway did not take. Concurrent callers share one fetch.
    async fn token(
        &self,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<HeaderValue, GatewayError> {
        Ok(self.current(refused, deadline).await?.authorization)
    }

    /// What the gateway's clock shows, in UNIX seconds.
    ///
    /// # Errors
    /// As for [`Iamport::payment`].
    pub async fn now(&self, deadline: Instant) -> Result<i64, GatewayError> {
        let ahead = self.current(None, deadline).await?.ahead;
        Ok(now() + ahead)
    }

    async fn current(
        &self,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<Token, GatewayError> {
        let mut current = self.token.lock().await;
        if let Some(token) = current.as_ref()
            && refused != Some(&token.authorization)
            && token.has_life_left()
        {
            return Ok(token.clone());
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
        Ok(current.insert(token).clone())
    }

    /// `POST /users/getToken`: the same token as before while that one lives (AUTH), so it is safe to repeat.
    async fn fetch_token(
        &self,
        credentials: &Credentials,
        deadline: Instant,
    ) -> Result<Token, GatewayError> {
        let asked_at = SystemTime::now();
        let request = self
            .http
            .post(format!("{}/users/getToken", self.base_url))
            .header(CONTENT_TYPE, "application/json")
            .body(token::request(credentials));
        let read = |status, body: &[u8]| Token::read(status, body, asked_at);
        let token = self
            .send(&self.retry, request, ONE_PAYMENT, deadline, read)
            .await?;
        token.ok_or(GatewayError::CredentialsRefused)
    }
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
