//! The gateway as a program: prints its URL, and runs until it is told to stop.

use std::process::ExitCode;
use std::time::Duration;

use iamport_sim::{Settings, Simulator, WebhookTarget};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
Usage: iamport-sim [OPTIONS]

A faithful Iamport (PortOne V1) gateway. Prints its URL on one line, and runs until Ctrl-C.

  --addr ADDR          where to listen [IAMPORT_SIM_ADDR, 127.0.0.1:8788; port 0: any free one]
  --imp-key KEY        REST API key [IAMPORT_SIM_KEY, imp_key]
  --imp-secret SECRET  REST API secret [IAMPORT_SIM_SECRET, imp_secret]
  --webhook URL        where webhooks go, by themselves [IAMPORT_SIM_WEBHOOK, nowhere]
  --webhook-type TYPE  json or form [IAMPORT_SIM_WEBHOOK_TYPE, json]
  --token-life SECONDS how long a token is good for [IAMPORT_SIM_TOKEN_LIFE, 1800]
  --help               this text

Payments are made and moved through its control API:

  curl -d '{\"merchant_uid\":\"ORD-1\",\"amount\":1000}' http://127.0.0.1:8788/control/payments
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("iamport-sim: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let settings = settings(args, |name| std::env::var(name).ok())?;
    // Before the URL is out: who reads it may already want this to end.
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let gateway = Simulator::start(settings).await?;
    println!("{}", gateway.url());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    gateway.stop().await;
    Ok(())
}

/// A flag beats its variable, which beats the default.
fn settings(args: &[String], env: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
    const OPTIONS: [(&str, &str, &str); 6] = [
        ("--addr", "IAMPORT_SIM_ADDR", "127.0.0.1:8788"),
        ("--imp-key", "IAMPORT_SIM_KEY", "imp_key"),
        ("--imp-secret", "IAMPORT_SIM_SECRET", "imp_secret"),
        ("--webhook", "IAMPORT_SIM_WEBHOOK", ""),
        ("--webhook-type", "IAMPORT_SIM_WEBHOOK_TYPE", "json"),
        ("--token-life", "IAMPORT_SIM_TOKEN_LIFE", "1800"),
    ];
    let mut values =
        OPTIONS.map(|(_, variable, default)| env(variable).unwrap_or_else(|| default.to_owned()));
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let option = OPTIONS.iter().position(|(flag, ..)| flag == arg);
        let option = option.ok_or_else(|| format!("unknown option {arg}; try --help"))?;
        args.next()
            .ok_or_else(|| format!("{arg}: no value"))?
            .clone_into(&mut values[option]);
    }

    let [addr, imp_key, imp_secret, webhook, webhook_type, token_life] = values;
    let target = match webhook_type.as_str() {
        "json" => WebhookTarget::json(&webhook),
        "form" => WebhookTarget::form(&webhook),
        other => return Err(format!("--webhook-type: {other} is neither json nor form")),
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
