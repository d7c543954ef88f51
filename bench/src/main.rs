//! The benchmark: the function beside its peers, against the same stubs, on the same machine, in one run.
//!
//! `bench/run` builds everyone and starts it. The map: a [`stage`] of stubs behind [`hop`]s with TLS; [`contestant`]s
//! as processes ([`process`]) that ask a [`local::lambda::RuntimeApi`] for work or listen; measured [`warm`] and [`cold`] beside the
//! [`floor`]; [`sweep`]s of ours on each [`engine`]; told by [`table`].
#![allow(clippy::float_arithmetic, reason = "times and ratios, not money")]

mod cold;
mod contestant;
mod document;
mod engine;
mod figures;
mod floor;
mod growth;
mod hop;
mod item;
mod million;
mod process;
mod quota;
mod row;
mod stage;
mod stats;
mod svg;
mod sweep;
mod table;
mod tls;
mod warm;
mod workspace;

use std::sync::OnceLock;
use std::time::Instant;

use figures::{Board, Size};
use process::{Asked, Program};
use stage::Stage;
use table::Results;
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
        // The floor replays what ours sent, and most figures are beside ours.
        programs.retain(|it| it.name == "ours" || only.split(',').any(|name| name == it.name));
    }
    let stage = Stage::open(&workspace, None).await?;
    stage.make_idempotency_table().await?;
    let results = measure(&stage, &workspace, &programs, size).await?;

    let rows = results.rows();
    let table = table::print(&rows);
    let measured = document::measured(&table, &results);
    println!("{measured}");
    let picture = document::picture(&rows);
    if quick {
        let path = workspace.results.join("benchmark.svg");
        std::fs::write(&path, picture)?;
        say("QUICK: fewer rounds, fewer invocations; docs/ is left as it is");
    } else {
        std::fs::write(workspace.docs.join("benchmark.svg"), picture)?;
        document::write(&workspace.docs.join("benchmark.md"), &measured)?;
    }
    Ok(())
}

async fn measure(
    stage: &Stage,
    workspace: &Workspace,
    programs: &[Program],
    size: Size,
) -> Result<Results> {
    let mut board = Board::new();
    say("warm");
    let mut warm = Warm::up(stage, programs, size).await?;
    warm.calls(&mut board).await?;
    warm.paced(&mut board, size).await?;
    for (name, (new, repeated)) in warm.back_to_back((size.blocks, size.block), 0).await? {
        let figures = board.entry(name).or_default();
        (figures.cpu, figures.cpu_repeated) = (new, repeated);
    }
    warm.memory(&mut board);
    say("growing orders");
    let mut rows = Vec::new();
    for kb in [1, 10, 100] {
        let blocks = (size.blocks / 2, size.block / 4);
        rows.push((kb, warm.back_to_back(blocks, kb * 1000).await?));
    }
    warm.down().await?;

    say("cold");
    cold::free(stage, programs, &mut board, size).await?;
    say("cold, with a quota");
    cold::with_quota(stage, programs, &mut board, size).await?;

    let ours = &programs[0];
    let mut functions = Vec::new();
    for count in [1, 8, 64] {
        say(&format!("{count} functions side by side"));
        let cpu = growth::side_by_side(stage, ours, count, size.blocks).await?;
        functions.push((count, cpu));
    }
    say(&format!("{} invocations of one process", size.endurance));
    let endurance = growth::endurance(stage, ours, size.endurance).await?;

    let sweeps = sweep::on_every_engine(workspace, ours, size).await?;

    let is_server = |name: &str| {
        programs
            .iter()
            .any(|it| it.name == name && it.asked == Asked::Http)
    };
    let bills = board
        .iter()
        .filter(|(name, _)| **name != "floor")
        .map(|(name, figures)| (*name, million::bill(figures, is_server(name))))
        .collect();
    Ok(Results {
        board,
        functions,
        rows,
        endurance: Some(endurance),
        sweeps,
        zip_mb: workspace.zip_mb(),
        bills,
    })
}

/// Tells the person who waits what is going on.
fn say(what: &str) {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let seconds = BEGAN.get_or_init(Instant::now).elapsed().as_secs();
    eprintln!("bench: {seconds:4} s  {what}");
}
