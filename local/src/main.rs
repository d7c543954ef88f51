//! Opens the shop on your machine, plays the tour, and keeps serving until Ctrl-C.

mod by_hand;
mod client;
mod settings;
mod tour;

use std::process::ExitCode;

use iamport_sim::WebhookTarget;
use local::{Front, Shop};
use payment_verifier::log;
use tokio::signal::unix::{SignalKind, signal};

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
    let settings = Settings::read(std::env::args().skip(1), |name| std::env::var(name).ok())?;
    let shop = Shop::open_with(settings.options()).await?;
    let result = serve(&shop, &settings).await;
    shop.close().await?;
    result
}

async fn serve(shop: &Shop, settings: &Settings) -> Result<ExitCode, Problem> {
    let function = shop.function()?;
    let front = Front::open(settings.front(), function.clone()).await?;
    function.warm().await;

    let webhook = WebhookTarget::form(format!("{}/payments/webhook", front.url()));
    shop.gateway.set_webhook(webhook.clone())?;
    let tour::Report { scenarios, differences } = tour::play(shop, &front.url()).await?;
    if !differences.is_empty() {
        println!("\n{scenarios} scenarios, not as the contract says:");
        differences.iter().for_each(|difference| println!("  {difference}"));
        return Ok(ExitCode::FAILURE);
    }
    println!("\n{scenarios} scenarios, all as the contract says.");
    if settings.tour_only {
        return Ok(ExitCode::SUCCESS);
    }

    let mut terminated = signal(SignalKind::terminate())?;
    shop.gateway.set_webhook(WebhookTarget { automatic: true, ..webhook })?;
    by_hand::stock(shop).await?;
    by_hand::explain(shop, &front.url());
    log::init(|name| std::env::var(name).ok());
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    Ok(ExitCode::SUCCESS)
}
