//! The gateway's credentials, from Secrets Manager: cached, redacted, read again when the gateway refuses them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::Client;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::aws::CallError;
use crate::json;
use crate::retry::Retry;

/// Refused credentials are read again at most this often.
const REREAD_EVERY: Duration = Duration::from_mins(1);

/// Iamport's REST API key and secret; `Debug` shows neither.
#[derive(Debug, Deserialize)]
pub struct Credentials {
    /// `imp_key`.
    pub imp_key: SecretString,
    /// `imp_secret`.
    pub imp_secret: SecretString,
}

/// The credentials could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Secrets Manager failed or could not be reached.
    #[error("Secrets Manager did not give the secret")]
    Read(#[from] CallError),
    /// The secret is not JSON with the texts `imp_key` and `imp_secret`. What it is instead is not shown.
    #[error("the secret is not JSON with the texts imp_key and imp_secret")]
    Malformed,
}

/// The secret, and what is known of it.
#[derive(Debug)]
pub struct Secret {
    client: Client,
    retry: Retry,
    id: String,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    credentials: Option<Arc<Credentials>>,
    reread: Option<Instant>,
}

impl Secret {
    /// The secret with this name or ARN.
    #[must_use]
    pub fn new(client: Client, id: String) -> Self {
        Self {
            client,
            retry: Retry::default(),
            id,
            known: Mutex::default(),
        }
    }

    /// The credentials, read once.
    ///
    /// # Errors
    /// They could not be read; the next call tries again.
    pub async fn credentials(&self) -> Result<Arc<Credentials>, CredentialsError> {
        let mut known = self.known.lock().await;
        if let Some(credentials) = &known.credentials {
            return Ok(Arc::clone(credentials));
        }
        let credentials = self.read().await?;
        known.credentials = Some(Arc::clone(&credentials));
        Ok(credentials)
    }

    /// The credentials after the gateway refused some: read again, unless that was done within the last minute.
    ///
    /// # Errors
    /// They could not be read; the refused ones stay.
    pub async fn reread(&self) -> Result<Option<Arc<Credentials>>, CredentialsError> {
        let mut known = self.known.lock().await;
        let due = |at: Instant| at.elapsed() >= REREAD_EVERY;
        if !known.reread.is_none_or(due) {
            return Ok(None);
        }
        let read = self.read().await;
        known.reread = Some(Instant::now());
        let credentials = read?;
        known.credentials = Some(Arc::clone(&credentials));
        Ok(Some(credentials))
    }

    async fn read(&self) -> Result<Arc<Credentials>, CredentialsError> {
        let request = self.client.get_secret_value().secret_id(&self.id);
        let once = || async { request.clone().send().await.map_err(CallError::from) };
        let secret = self.retry.run(None, once).await?;
        let text = secret.secret_string().ok_or(CredentialsError::Malformed)?;
        json::object(text.as_bytes())
            .map(Arc::new)
            .ok_or(CredentialsError::Malformed)
    }
}
