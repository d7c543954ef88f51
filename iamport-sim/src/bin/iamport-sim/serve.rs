//! Without a verb: the gateway itself.

use std::time::Duration;

use iamport_sim::{Settings, Simulator, WebhookTarget};

use crate::Failure;
use crate::args::{Allowed, Args};
use crate::stop::Stop;

const ALLOWED: Allowed = Allowed {
    words: 0,
    options: &[
        "--addr",
        "--imp-key",
        "--imp-secret",
        "--webhook",
        "--webhook-type",
        "--token-life",
    ],
    switches: &[],
};

pub(crate) async fn run(args: &[String]) -> Result<(), Failure> {
    let settings = settings(Args::read(args, &ALLOWED)?)?;
    // Before the URL is out: who reads it may already want this to end.
    let mut stop = Stop::listen()?;
    let gateway = Simulator::start(settings).await?;
    println!("{}", gateway.url());
    stop.asked().await;
    gateway.stop().await;
    Ok(())
}

/// A flag beats its variable, which beats the default.
fn settings(mut args: Args) -> Result<Settings, String> {
    let mut value = |option: &str, variable: &str, default: &str| {
        let given = args.take(option).or_else(|| std::env::var(variable).ok());
        given.unwrap_or_else(|| default.to_owned())
    };
    let addr = value("--addr", "IAMPORT_SIM_ADDR", "127.0.0.1:8788");
    let imp_key = value("--imp-key", "IAMPORT_SIM_KEY", "imp_key");
    let imp_secret = value("--imp-secret", "IAMPORT_SIM_SECRET", "imp_secret");
    let webhook = value("--webhook", "IAMPORT_SIM_WEBHOOK", "");
    let webhook_type = value("--webhook-type", "IAMPORT_SIM_WEBHOOK_TYPE", "json");
    let token_life = value("--token-life", "IAMPORT_SIM_TOKEN_LIFE", "1800");

    let target = match content_type(&webhook_type)? {
        "form" => WebhookTarget::form(&webhook),
        _ => WebhookTarget::json(&webhook),
    };
    Ok(Settings {
        addr: addr
            .parse()
            .map_err(|error| format!("--addr: {addr}: {error}"))?,
        imp_key,
        imp_secret,
        token_life: token_life
            .parse()
            .map(Duration::from_secs)
            .map_err(|error| format!("--token-life: {token_life}: {error}"))?,
        webhook: (!webhook.is_empty()).then_some(WebhookTarget {
            automatic: true,
            ..target
        }),
        ..Settings::default()
    })
}

/// What `--webhook-type` says.
pub(crate) fn content_type(name: &str) -> Result<&str, String> {
    match name {
        "json" | "form" => Ok(name),
        other => Err(format!("--webhook-type: {other} is neither json nor form")),
    }
}
