//! What the gateway answers to a token request or a look-up, through the real client and over loopback: the parsers
//! behind it are private, and this way they stay so.
#![no_main]

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use aws_config::Region;
use aws_sdk_secretsmanager::config::Credentials;
use libfuzzer_sys::fuzz_target;
use payment_verifier::config::Config;
use payment_verifier::gateway::Iamport;
use payment_verifier::gateway::credentials::Secret;
use payment_verifier::http_client::http_client;
use tokio::runtime::Runtime;
use tokio::time::Instant;

#[expect(dead_code, reason = "the tests read more of a request")]
#[path = "../../tests/hostile/http_server.rs"]
mod http_server;

use http_server::{Request, Response};

const SECRET: &str =
    r#"{"Name": "iamport", "SecretString": "{\"imp_key\": \"k\", \"imp_secret\": \"s\"}"}"#;
const TOKEN: &str =
    r#"{"code": 0, "message": null, "response": {"access_token": "t", "now": 1, "expired_at": 2}}"#;

/// Which answer is the fuzzer's, with which status, and what it says.
#[derive(Default)]
struct Script {
    token: bool,
    status: u16,
    body: String,
}

struct World {
    script: Arc<Mutex<Script>>,
    iamport: Iamport,
    runtime: Runtime,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let script = Arc::<Mutex<Script>>::default();
    let lines = Arc::clone(&script);
    let address =
        http_server::serve(move |request| answer(&request, &lines.lock().expect("a script")));
    let url = format!("http://{address}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let http = http_client().expect("a client");
    let sdk = payment_verifier::aws::loader(http.clone())
        .region(Region::from_static("ap-northeast-2"))
        .credentials_provider(Credentials::new("k", "s", None, None, "fuzz"))
        .endpoint_url(&url);
    let sdk = runtime.block_on(sdk.load());
    let config = Config::read(|name| match name {
        "IAMPORT_BASE_URL" => Some(url.clone()),
        "ORDERS_TABLE" | "UNMATCHED_TABLE" | "IAMPORT_SECRET_ID" => Some("x".to_owned()),
        _ => None,
    });
    let config = config.expect("settings");
    let secret = Secret::new(
        aws_sdk_secretsmanager::Client::new(&sdk),
        "iamport".to_owned(),
    );
    let iamport = Iamport::new(http, &config.iamport_base_url, false, secret);
    World {
        script,
        iamport,
        runtime,
    }
});

fn answer(request: &Request, script: &Script) -> Response {
    let is_token = request.path.ends_with("/users/getToken");
    if !request.target.is_empty() {
        Response::json(200, SECRET)
    } else if is_token == script.token {
        Response::json(script.status, &script.body)
    } else if is_token {
        Response::json(200, TOKEN)
    } else {
        // The look-up refuses the token, so that another is asked for.
        Response::json(
            401,
            r#"{"code": -1, "message": "Unauthorized", "response": null}"#,
        )
    }
}

fuzz_target!(|data: &[u8]| {
    let [shape, body @ ..] = data else { return };
    let World {
        script,
        iamport,
        runtime,
    } = &*WORLD;
    let token = shape & 1 != 0;
    *script.lock().expect("a script") = Script {
        token,
        status: [200, 200, 200, 404][usize::from(shape >> 1) % 4],
        body: String::from_utf8_lossy(body).into_owned(),
    };
    let deadline = Instant::now() + Duration::from_secs(5);
    match runtime.block_on(iamport.payment("imp_1", deadline)) {
        Ok(payment) => {
            assert!(!token, "no token makes a refused look-up right");
            assert!(payment.is_none_or(|payment| payment.imp_uid == "imp_1"));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
