//! What happens to ours as work grows: functions side by side, and a hundred thousand invocations of one process.

use std::time::Duration;

use crate::Result;
use crate::contestant::Running;
use crate::floor::{Floor, Recording};
use crate::process::{Cpu, Program};
use crate::stage::{Sale, Stage};
use crate::stats::{Sample, as_f64};
use crate::warm::{megabytes, ms};

/// Requests of each function before anything is measured.
const WARM_UP: usize = 20;
/// After so many invocations a process has everything that it will keep.
const SETTLED: usize = 1_000;
/// The floor comes after every so many.
const FLOOR_EVERY: usize = 4;
/// Every so many, the row is looked at, not only the answer.
const CHECK_EVERY: usize = 500;

/// CPU a request, in ms, where `count` functions work at the same time, `rounds` times.
pub(crate) async fn side_by_side(
    stage: &Stage,
    program: &Program,
    count: usize,
    rounds: usize,
) -> Result<Sample> {
    let mut functions = Vec::new();
    for _ in 0..count {
        functions.push(Running::start(program, stage, None).await?);
    }
    at_once(stage, &mut functions, WARM_UP).await?;
    let mut spent = Sample::default();
    // As many requests in all, however many share them.
    let each = (128 / count).max(4);
    for _ in 0..rounds {
        let cpu = at_once(stage, &mut functions, each).await?;
        spent.add(ms(cpu) / as_f64(count * each));
    }
    for function in functions {
        function.process.end().await?;
    }
    stage.tidy();
    Ok(spent)
}

/// Has all functions verify so many payments each, at the same time; the CPU time of all together.
async fn at_once(stage: &Stage, functions: &mut Vec<Running>, each: usize) -> Result<Duration> {
    let mut tasks = Vec::new();
    let before: Vec<Cpu> = functions.iter().map(|it| it.process.cpu()).collect();
    for mut function in functions.drain(..) {
        let mut sales: Vec<Sale> = Vec::new();
        for _ in 0..each {
            sales.push(stage.sell(0).await?);
        }
        tasks.push(tokio::spawn(async move {
            for sale in &sales {
                function.verify(sale).await?;
            }
            Ok::<_, crate::Failure>((function, sales))
        }));
    }
    let mut spent = Duration::ZERO;
    for (task, before) in tasks.into_iter().zip(before) {
        let (function, sales) = task.await??;
        spent += function.process.cpu().since(&before);
        for sale in &sales {
            stage.check(sale).await?;
        }
        functions.push(function);
    }
    Ok(spent)
}

/// What became of one process.
pub(crate) struct Endurance {
    /// How often it was invoked.
    pub(crate) invocations: usize,
    /// Memory it held after the first thousand, and at the end, in MB.
    pub(crate) resident: (f64, f64),
    /// Latency at the 99th percentile of the first and the last tenth, in ms.
    pub(crate) p99: (f64, f64),
    /// The same of the floor, which takes every fourth turn: what stubs and machine became meanwhile.
    pub(crate) floor_p99: (f64, f64),
}

/// Invokes one process again and again.
pub(crate) async fn endurance(
    stage: &Stage,
    program: &Program,
    invocations: usize,
) -> Result<Endurance> {
    let mut function = Running::start(program, stage, None).await?;
    function.ready().await?;
    let floor = Floor::start(stage)?;
    let recording = Recording::of(&mut function, stage).await?;
    let mut settled = 0.0;
    let (mut taken, mut floor_taken) = (Sample::default(), Sample::default());
    for number in 1..=invocations {
        let sale = stage.sell(0).await?;
        taken.add(ms(function.verify(&sale).await?));
        if number % FLOOR_EVERY == 0 {
            let sale = stage.sell(0).await?;
            floor_taken.add(ms(floor.verify(&recording, &sale).await?));
        }
        if number == SETTLED {
            settled = megabytes(function.process.resident_kb());
        }
        if number % CHECK_EVERY == 0 {
            stage.check(&sale).await?;
            stage.tidy();
        }
    }
    let end = megabytes(function.process.resident_kb());
    function.process.end().await?;
    Ok(Endurance {
        invocations,
        resident: (settled, end),
        p99: first_and_last(&taken),
        floor_p99: first_and_last(&floor_taken),
    })
}

/// The 99th percentile of the first tenth, without the very first ones, which connect; and of the last.
fn first_and_last(taken: &Sample) -> (f64, f64) {
    let (count, tenth) = (taken.len(), taken.len() / 10);
    let p99 = |from| taken.part(from..from + tenth).percentile(99.0);
    (p99(WARM_UP), p99(count - tenth))
}
