//! The control API of a gateway that runs elsewhere, say as the program.

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Method, Response};
use serde::Deserialize;

use crate::error::Error;
use crate::http::{self, Failure};

/// The control API of a gateway that runs elsewhere.
#[derive(Clone, Debug)]
pub struct Control {
    url: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Control {
    /// The gateway at a base URL, such as `http://127.0.0.1:8788`.
    ///
    /// # Errors
    ///
    /// If it is not an `http://` URL.
    pub fn at(url: &str) -> Result<Self, Error> {
        http::parse(url).map_err(|why| Error::Invalid(why.to_string()))?;
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { url })
    }

    /// The gateway's base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends a request, such as `POST` and `payments`, and returns the JSON that it was answered.
    ///
    /// # Errors
    ///
    /// If nobody is there, or the gateway refused it: then with the gateway's own words.
    pub async fn send(&self, method: &str, path: &str, body: &str) -> Result<String, Error> {
        let answer = self.exchange(method, path, body).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await;
        let body = body.map_err(|why| self.unreachable(&why.into()))?;
        let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        if status == 200 {
            return Ok(body);
        }
        Err(Error::Refused(serde_json::from_str(&body).map_or_else(
            |_| format!("{}: {status} is no answer of iamport-sim", self.url),
            |Refusal { error }| error,
        )))
    }

    /// Follows what happens from now on.
    ///
    /// # Errors
    ///
    /// If nobody is there, or it is not this simulator.
    pub async fn follow(&self) -> Result<Follow, Error> {
        let answer = self.exchange("GET", "follow", "").await?;
        if answer.status() != 200 {
            return Err(Error::Refused(format!(
                "{}: {} is no answer of iamport-sim",
                self.url,
                answer.status()
            )));
        }
        Ok(Follow {
            body: answer.into_body(),
            unread: Vec::new(),
        })
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<Response<Incoming>, Error> {
        let attempt = async {
            let method = Method::from_bytes(method.as_bytes())?;
            let uri = http::parse(&format!("{}/control/{path}", self.url))?;
            let stream = http::connect(&uri).await?;
            http::exchange(stream, &method, &uri, "application/json", body).await
        };
        attempt.await.map_err(|why| self.unreachable(&why))
    }

    fn unreachable(&self, why: &Failure) -> Error {
        Error::Unreachable(format!("no gateway at {}: {why}", self.url))
    }
}

/// What happens at a gateway, as it happens.
#[derive(Debug)]
pub struct Follow {
    body: Incoming,
    unread: Vec<u8>,
}

impl Follow {
    /// The next event's name and its JSON; `None` once the gateway has stopped. May be dropped and asked again.
    pub async fn next(&mut self) -> Option<(String, String)> {
        loop {
            let end = self.unread.windows(2).position(|pair| pair == b"\n\n");
            if let Some(end) = end {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                let event = String::from_utf8_lossy(&event);
                let (name, data) = event.trim_end().split_once('\n')?;
                let name = name.strip_prefix("event: ")?.to_owned();
                return Some((name, data.strip_prefix("data: ")?.to_owned()));
            }
            let frame = self.body.frame().await?.ok()?;
            self.unread.extend(frame.into_data().unwrap_or_default());
        }
    }
}
