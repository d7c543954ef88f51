//! A gateway, somebody who calls it, and a shop that gets its webhooks.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use iamport_sim::{Settings, Simulator, WebhookTarget};
use reqwest::{Client, Method, RequestBuilder};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// Where tests stop the clock.
pub(crate) const NOW: i64 = 1_733_895_332;

/// What is not there by then will not come: the test fails instead of hanging.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const NO_SUCH_PAYMENT: &str = r#"{"code":-1,"message":"\uc874\uc7ac\ud558\uc9c0 \uc54a\ub294 \uacb0\uc81c\uc815\ubcf4\uc785\ub2c8\ub2e4.","response":null}"#;

pub(crate) struct Gateway {
    pub(crate) sim: Simulator,
    pub(crate) http: Client,
}

pub(crate) type Answer = (u16, String);

impl Gateway {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        // The client wants one, although nothing here speaks TLS; only the first test installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sim = Simulator::start(settings).await.unwrap();
        sim.stop_time(NOW);
        let http = Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { sim, http }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.sim.url()))
    }

    /// Creates a payment and returns its `imp_uid`.
    pub(crate) fn create(&self, fields: &str) -> String {
        self.sim.create(fields).unwrap()
    }

    pub(crate) async fn get_token(&self) -> Answer {
        let body = format!(
            r#"{{"imp_key":"{}","imp_secret":"{}"}}"#,
            self.sim.imp_key(),
            self.sim.imp_secret()
        );
        self.post_json("/users/getToken", &body).await
    }

    pub(crate) async fn token(&self) -> String {
        let (status, body) = self.get_token().await;
        assert_eq!(status, 200, "{body}");
        between(&body, r#""access_token":""#, "\"").to_owned()
    }

    /// An authorised GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let token = self.token().await;
        answer(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// An authorised call with a JSON body.
    pub(crate) async fn send(&self, method: Method, path: &str, json: &str) -> Answer {
        let token = self.token().await;
        let request = self
            .request(method, path)
            .bearer_auth(token)
            .header("content-type", "application/json");
        answer(request.body(json.to_owned())).await
    }

    /// An authorised POST of a form.
    pub(crate) async fn post_form(&self, path: &str, form: &str) -> Answer {
        let token = self.token().await;
        let content_type = "application/x-www-form-urlencoded";
        let request = self
            .request(Method::POST, path)
            .bearer_auth(token)
            .header("content-type", content_type);
        answer(request.body(form.to_owned())).await
    }

    /// A POST without a token.
    pub(crate) async fn post_json(&self, path: &str, json: &str) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/json");
        answer(request.body(json.to_owned())).await
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after)
        .unwrap_or_else(|| panic!("no {after} in {rest}"))
        .0
}

/// The raw text of a member that is neither a list nor an object.
pub(crate) fn field<'a>(body: &'a str, name: &str) -> &'a str {
    let (_, value) = body
        .split_once(&format!(r#""{name}":"#))
        .unwrap_or_else(|| panic!("no {name} in {body}"));
    value.split([',', '}']).next().unwrap_or_default()
}

/// A shop that writes down what it gets.
pub(crate) struct Shop {
    url: String,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    got: tokio::sync::mpsc::UnboundedReceiver<(String, String)>,
    /// Whoever has it holds the answers back.
    gate: Arc<tokio::sync::Mutex<()>>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/payments/webhook?shop=1",
            listener.local_addr().unwrap()
        );
        let (tell, got) = tokio::sync::mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let shop = Self {
            url,
            answers: answers.clone(),
            got,
            gate: Arc::default(),
        };
        let gate = shop.gate.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tell, answers, gate) = (tell.clone(), answers.clone(), gate.clone());
                let service = service_fn(move |request: hyper::Request<Incoming>| {
                    let (tell, answers, gate) = (tell.clone(), answers.clone(), gate.clone());
                    async move {
                        let request_uri = "/payments/webhook?shop=1";
                        assert_eq!(
                            (request.method(), request.uri().to_string().as_str()),
                            (&Method::POST, request_uri)
                        );
                        let content_type = request.headers()["content-type"]
                            .to_str()
                            .unwrap()
                            .to_owned();
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        let _ =
                            tell.send((content_type, String::from_utf8(body.to_vec()).unwrap()));
                        let _open = gate.lock().await;
                        let (status, body) = answers
                            .lock()
                            .unwrap()
                            .pop_front()
                            .unwrap_or_else(|| (200, "noted".to_owned()));
                        // Somebody who follows redirects comes back for the next answer.
                        let response = hyper::Response::builder()
                            .status(status)
                            .header("location", request_uri);
                        Ok::<_, Infallible>(response.body(Full::new(Bytes::from(body))).unwrap())
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        shop
    }

    pub(crate) fn json(&self) -> WebhookTarget {
        WebhookTarget::json(&self.url)
    }

    pub(crate) fn form(&self) -> WebhookTarget {
        WebhookTarget::form(&self.url)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The statuses of the next answers; after these, 200.
    pub(crate) fn answer(&self, statuses: &[u16]) {
        let answers = statuses.iter().map(|status| (*status, "noted".to_owned()));
        self.answers.lock().unwrap().extend(answers);
    }

    /// No answer leaves before this is dropped.
    pub(crate) fn hold(&self) -> impl Drop + use<> {
        self.gate.clone().try_lock_owned().unwrap()
    }

    /// The next answer, body and all.
    pub(crate) fn answer_with(&self, status: u16, body: &str) {
        self.answers
            .lock()
            .unwrap()
            .push_back((status, body.to_owned()));
    }

    /// The content type and body of the next webhook, once it is there.
    pub(crate) async fn next(&mut self) -> (String, String) {
        timeout(PATIENCE, self.got.recv()).await.unwrap().unwrap()
    }

    /// Whether there is nothing that nobody asked for yet.
    pub(crate) fn is_idle(&self) -> bool {
        self.got.is_empty()
    }
}
