//! Opens the shop on your machine, plays the tour, and keeps serving until Ctrl-C.

mod by_hand;
mod client;
mod control;
mod page;
mod settings;
mod tour;

use std::io::{self, Write};
use std::process::ExitCode;

use iamport_sim::WebhookTarget;
use local::{Front, Shop, samples};
use payment_verifier::log;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::page::Lines;
use crate::settings::Settings;

/// Whatever keeps the shop from opening or the tour from going on; shown as one line.
type Problem = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("local: {}", log::Chain(problem.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode, Problem> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments == ["--help"] {
        writeln!(io::stdout(), "{}", settings::USAGE)?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = Settings::read(&arguments, |name| std::env::var(name).ok())?;
    let shop = Shop::open_with(settings.options()).await?;
    let result = serve(&shop, &settings).await;
    shop.close().await?;
    result
}

async fn serve(shop: &Shop, settings: &Settings) -> Result<ExitCode, Problem> {
    // Whoever comes back from the payment window comes back to us: on loopback, whatever else the front listens on.
    let back = format!("http://localhost:{}/", settings.front().port());
    let function = shop.function_with(&[("REDIRECT_URL", &back)])?;
    let lines = Lines::new();
    let beside = control::routes(shop, function.clone(), lines.clone());
    let beside = beside.merge(page::routes(shop, lines.clone()));
    let front = Front::open_beside(settings.front(), function.clone(), beside)
        .await
        .map_err(|error| format!("{}; PORT= chooses another", log::Chain(&error)))?;
    function.warm().await;

    let webhook = WebhookTarget::form(format!("{}/payments/webhook", front.url()));
    shop.gateway.set_webhook(webhook.clone())?;
    let report = tour::play(shop, &front.url(), function).await?;
    writeln!(io::stdout(), "\n{report}")?;
    if !report.differences.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    if settings.tour_only {
        return Ok(ExitCode::SUCCESS);
    }

    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    samples::stock(shop).await?;
    by_hand::stock(shop).await?;
    shop.gateway.set_webhook(WebhookTarget {
        automatic: true,
        ..webhook
    })?;
    by_hand::explain(shop, &front.url())?;
    show_log(lines);
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The function's log; the engine calls every refused condition a warning, and is not asked.
fn show_log(kept: Lines) {
    let targets = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("payment_verifier", LevelFilter::INFO)
        .with_target("dynoxide", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer().with_target(false);
    let for_the_page = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(false)
        .with_writer(kept);
    tracing_subscriber::registry()
        .with(lines.with_filter(targets.clone()))
        .with(for_the_page.with_filter(targets))
        .init();
}
