//! `desk order ID` and `desk ledger FROM [TO]`; `make order` and `make ledger` call it.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use desk::{Desk, DeskError};
use payment_verifier::aws;
use payment_verifier::config::Config;
use payment_verifier::http_client::http_client;

const USAGE: &str = "\
usage: desk order MERCHANT_UID
       desk ledger DAY [LAST_DAY]

Reads, and writes nothing. Settings are the function's: ORDERS_TABLE, UNMATCHED_TABLE, IAMPORT_SECRET_ID and the rest;
AWS's own are the SDK's. Days are Korea's, such as 2026-11-24. `ledger` prints CSV, and its sums beside it (stderr).";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match run(&arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("desk: {error}");
            ExitCode::FAILURE
        }
    }
}

/// By the function's own settings.
async fn open() -> Result<Desk, DeskError> {
    let config = Config::read(|name| env::var(name).ok())?;
    let http = http_client()?;
    let aws = aws::loader(http.clone()).load().await;
    Ok(Desk::new(config, http, &aws))
}

async fn run(arguments: &[&str]) -> Result<ExitCode, DeskError> {
    let (text, is_whole) = match arguments {
        ["order", merchant_uid] => open().await?.order(merchant_uid).await?,
        ["ledger", first, rest @ ..] if rest.len() <= 1 => {
            let last = rest.first().unwrap_or(first);
            let (first, last) = (first.parse()?, last.parse()?);
            let ledger = open().await?.ledger(first, last).await?;
            eprint!("{}", ledger.summary()?);
            (ledger.csv(), ledger.unclear.is_empty())
        }
        ["--help"] => (format!("{USAGE}\n"), true),
        _ => return Err(DeskError::Asked(format!("what is asked for?\n{USAGE}"))),
    };
    // Whoever reads it may have read enough.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(if is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
