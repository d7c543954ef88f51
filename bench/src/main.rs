//! The benchmark: the function beside its peers, against the same stubs, on the same machine, in one run.
//!
//! `bench/run` builds everyone and starts it. The map: a [`stage`] of stubs behind [`hop`]s with TLS; [`contestant`]s
//! as processes ([`process`]) that ask a [`runtime_api`] for work or listen; measured [`warm`] and [`cold`] beside the
//! [`floor`]; told by [`table`].
#![allow(clippy::float_arithmetic, reason = "times and ratios, not money")]

mod cold;
mod contestant;
mod figures;
mod floor;
mod hop;
mod process;
mod quota;
mod runtime_api;
mod stage;
mod stats;
mod table;
mod tls;
mod warm;
mod workspace;

use figures::{Board, Size};
use stage::Stage;
use warm::Warm;
use workspace::Workspace;

/// Whatever went wrong: the benchmark ends and says so.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let workspace = Workspace::read()?;
    let quick = std::env::var("QUICK").is_ok_and(|quick| !quick.is_empty() && quick != "0");
    let size = if quick { Size::QUICK } else { Size::FULL };
    let mut programs = contestant::all(&workspace);
    if let Ok(only) = std::env::var("ONLY") {
        programs.retain(|program| only.split(',').any(|name| name == program.name));
    }
    let stage = Stage::open(&workspace).await?;
    let mut board = Board::new();

    say("warm");
    let mut warm = Warm::up(&stage, &programs, size).await?;
    warm.calls(&mut board).await?;
    warm.paced(&mut board, size).await?;
    for (name, (new, repeated)) in warm.back_to_back((size.blocks, size.block), 0).await? {
        let figures = board.entry(name).or_default();
        (figures.cpu, figures.cpu_repeated) = (new, repeated);
    }
    warm.memory(&mut board);
    warm.down().await?;
    say("cold");
    cold::free(&stage, &programs, &mut board, size).await?;
    say("cold, with a quota");
    cold::with_quota(&stage, &programs, &mut board, size).await?;

    println!("{}", table::print(&board));
    Ok(())
}

/// Tells the person who waits what is going on.
fn say(what: &str) {
    eprintln!("bench: {what}");
}
