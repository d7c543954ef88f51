//! Cold: from the start of a process to its first verified payment, everything on the way included.

use std::time::Duration;

use crate::Result;
use crate::contestant::Running;
use crate::figures::{Board, Size};
use crate::process::{Asked, Program};
use crate::quota::Quota;
use crate::stage::Stage;
use crate::warm::ms;

/// One start.
struct Start {
    init: Duration,
    cpu: Duration,
    wall: Duration,
}

async fn start(program: &Program, stage: &Stage, quota: Option<&Quota>) -> Result<Start> {
    let sale = stage.sell(0).await?;
    let mut running = Running::start(program, stage, quota).await?;
    // A server takes requests only once it listens; a function finds its first one waiting.
    if program.asked == Asked::Http {
        running.ready().await?;
    }
    running.verify(&sale).await?;
    let wall = running.process.spawned.elapsed();
    let cpu = running.process.cpu().total();
    let init = running.ready().await?;
    running.process.end().await?;
    stage.check(&sale).await?;
    Ok(Start { init, cpu, wall })
}

/// Starts everyone in turn, with nothing in the way but the machine.
pub(crate) async fn free(
    stage: &Stage,
    programs: &[Program],
    board: &mut Board,
    size: Size,
) -> Result<()> {
    for round in 0..=size.cold {
        for program in programs {
            stage.set_latency(false);
            let at_once = start(program, stage, None).await?;
            stage.set_latency(true);
            let paced = start(program, stage, None).await?;
            // The first round brings the programs' files into memory.
            if round > 0 {
                let figures = board.entry(program.name).or_default();
                figures.init.add(ms(at_once.init));
                figures.cold_cpu.add(ms(at_once.cpu));
                figures.cold.add(ms(paced.wall));
            }
        }
    }
    stage.set_latency(false);
    stage.tidy();
    Ok(())
}

/// The same with Lambda's share of a core; a server of one's own has no such share.
pub(crate) async fn with_quota(
    stage: &Stage,
    programs: &[Program],
    board: &mut Board,
    size: Size,
) -> Result<()> {
    let quota = match Quota::new() {
        Ok(quota) => quota,
        Err(error) => {
            eprintln!(
                "bench: NO COLD STARTS UNDER A CPU QUOTA: {error} (root can make control groups)"
            );
            return Ok(());
        }
    };
    stage.set_latency(true);
    for _ in 0..size.quota {
        for program in programs.iter().filter(|it| it.asked == Asked::RuntimeApi) {
            let start = start(program, stage, Some(&quota)).await?;
            board
                .entry(program.name)
                .or_default()
                .cold_quota
                .add(ms(start.wall));
        }
    }
    stage.set_latency(false);
    Ok(())
}
