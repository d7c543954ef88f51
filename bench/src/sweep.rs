//! Ten thousand payments in one sweep of the real program, beside the bare writes: the very same `UpdateItem` requests,
//! as many at once.
//!
//! Twice: no order knows its payment, then all do. Every sweep has a process of its own, and every time the bare writes a
//! client of its own, as new connections are part of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use serde_json::{Value, json};

use crate::contestant::Running;
use crate::engine::Engine;
use crate::figures::Size;
use crate::floor::{Floor, RecordedCall};
use crate::process::Program;
use crate::stage::{Sale, Stage};
use crate::stats::Sample;
use crate::warm::{megabytes, ms};
use crate::workspace::Workspace;
use crate::{Result, say};

/// As many as a sweep of ours settles at once.
const AT_ONCE: usize = 24;
/// The window of the schedule in `template.yaml`, in which the payments are spread evenly.
const MINUTES: i64 = 130;
/// What a sweep is given here.
const WITHIN: Duration = Duration::from_mins(10);
/// What it has on AWS for its lists: 60 s, but for what it keeps for open items.
const LISTS: f64 = 39.5;
/// One row of so many is looked at; the sweep's own count says the rest.
const CHECK_EVERY: usize = 20;

/// What sweeps over the same payments cost.
pub(crate) struct Swept {
    /// How many payments, of which kind, on which engine.
    pub(crate) name: String,
    pub(crate) payments: usize,
    /// Network calls of one.
    pub(crate) calls: BTreeMap<String, usize>,
    /// CPU of each, in ms.
    pub(crate) cpu: Sample,
    /// The same of the bare writes.
    pub(crate) bare_cpu: Sample,
    /// Most memory held, in MB.
    pub(crate) peak: Sample,
    /// From the event to the answer, in s.
    taken: Sample,
    /// The same of the bare writes.
    bare_taken: Sample,
}

impl Swept {
    fn new(payments: usize, kind: &str, engine: &str) -> Self {
        Self {
            name: format!("sweep of {payments} {kind}, {engine}"),
            payments,
            calls: BTreeMap::new(),
            cpu: Sample::default(),
            bare_cpu: Sample::default(),
            peak: Sample::default(),
            taken: Sample::default(),
            bare_taken: Sample::default(),
        }
    }

    /// It all, in one line.
    pub(crate) fn told(&self) -> String {
        let calls = self
            .calls
            .iter()
            .map(|(call, count)| format!("{count} × `{call}`"));
        let calls = calls.collect::<Vec<_>>().join(", ");
        let taken = self.taken.median();
        let mut told = format!(
            "{}: {calls}; {:.0} ms of CPU and {taken:.1} s, the bare writes {:.0} ms and {:.1} s",
            self.name,
            self.cpu.median(),
            self.bare_cpu.median(),
            self.bare_taken.median(),
        );
        if taken > LISTS {
            let _ = write!(
                told,
                "; more than the {LISTS} s that lists have on AWS, so it was given longer here"
            );
        }
        told
    }
}

/// Sweeps on the embedded engine, and on DynamoDB Local where there is one.
pub(crate) async fn on_every_engine(
    workspace: &Workspace,
    ours: &Program,
    size: Size,
) -> Result<Vec<Swept>> {
    say(&format!("sweeps of {} payments", size.swept));
    let stage = Stage::open(workspace, None).await?;
    let mut swept = sweeps(&stage, ours, "embedded", size).await?;
    stage.close().await?;
    let Some(engine) = Engine::find().await? else {
        eprintln!(
            "bench: NO SWEEPS ON DYNAMODB LOCAL: no DYNAMODB_ENDPOINT, and `make test` has not installed one"
        );
        return Ok(swept);
    };
    say("the same on DynamoDB Local");
    let stage = Stage::open(workspace, Some(engine.url.clone())).await?;
    swept.extend(sweeps(&stage, ours, "DynamoDB Local", size).await?);
    stage.close().await?;
    engine.end().await?;
    Ok(swept)
}

async fn sweeps(stage: &Stage, ours: &Program, engine: &str, size: Size) -> Result<Vec<Swept>> {
    let until = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let until = i64::try_from(until)? - 60;
    let mut sales = Vec::new();
    for number in 0..size.swept {
        let sale = stage.sell(0).await?;
        let at = until - MINUTES * 60 * i64::try_from(number)? / i64::try_from(size.swept)?;
        let times = json!({"started_at": at, "paid_at": at});
        stage
            .shop
            .gateway
            .update(&sale.imp_uid, times.to_string())?;
        sales.push(sale);
    }
    let until = DateTime::from_secs(until).fmt(DateTimeFormat::DateTime)?;
    let event = json!({"sweep": {"minutes": MINUTES, "until": until}});

    // An engine that has just started is slow.
    let tenth = json!({"sweep": {"minutes": MINUTES / 10, "until": until}});
    let mut running = Running::start(ours, stage, None).await?;
    running.sweep(&tenth, WITHIN).await?;
    running.process.end().await?;

    let mut new = Swept::new(size.swept, "new", engine);
    let mut known = Swept::new(size.swept, "known", engine);
    for _ in 0..size.sweeps {
        forget(stage, &sales).await?;
        stage.aws.listen();
        one(stage, ours, &event, &mut new, size.swept).await?;
        let writes = writes(stage);
        check(stage, &sales).await?;
        one(stage, ours, &event, &mut known, 0).await?;

        forget(stage, &sales).await?;
        bare(stage, writes.clone(), &mut new, 0).await?;
        check(stage, &sales).await?;
        bare(stage, writes, &mut known, size.swept).await?;
        stage.tidy();
    }
    Ok(vec![new, known])
}

async fn forget(stage: &Stage, sales: &[Sale]) -> Result<()> {
    for sale in sales {
        stage.forget(sale).await?;
    }
    Ok(())
}

async fn check(stage: &Stage, sales: &[Sale]) -> Result<()> {
    for sale in sales.iter().step_by(CHECK_EVERY) {
        stage.check(sale).await?;
    }
    Ok(())
}

/// One sweep of ours, which repairs so many orders.
async fn one(
    stage: &Stage,
    ours: &Program,
    event: &Value,
    swept: &mut Swept,
    repairs: usize,
) -> Result<()> {
    let mut running = Running::start(ours, stage, None).await?;
    running.ready().await?;
    for hop in [&stage.gateway, &stage.aws] {
        hop.take_calls();
    }
    let before = running.process.cpu();
    let (taken, summary) = running.sweep(event, WITHIN).await?;
    swept.cpu.add(ms(running.process.cpu().since(&before)));
    swept.peak.add(megabytes(running.process.peak_kb()));
    swept.taken.add(taken.as_secs_f64());
    swept.calls = stage.gateway.take_calls();
    swept.calls.extend(stage.aws.take_calls());
    running.process.end().await?;
    // A write whose reply came too late is made again, and then is no repair any more: the rows tell.
    let paid = summary["repaired"]["paid"].as_u64().unwrap_or(u64::MAX);
    let expected = json!({
        "listed": swept.payments, "repaired": {"ready": 0, "paid": paid, "cancelled": 0},
        "unmatched": 0, "resolved": 0, "refunded": 0, "open": 0,
    });
    if summary == expected && usize::try_from(paid)? <= repairs {
        return Ok(());
    }
    Err(format!("{}: {summary}", swept.name).into())
}

/// What the sweep wrote, word for word.
fn writes(stage: &Stage) -> Vec<RecordedCall> {
    let mut heard = stage.aws.heard();
    heard.retain(|call| {
        let target = call.headers.get("x-amz-target");
        target.is_some_and(|target| target.as_bytes().ends_with(b".UpdateItem"))
    });
    let call = |heard| RecordedCall::new(&stage.aws.url, heard);
    heard.into_iter().map(call).collect()
}

/// The same writes and nothing else, of which so many are refused.
async fn bare(
    stage: &Stage,
    writes: Vec<RecordedCall>,
    swept: &mut Swept,
    refused: usize,
) -> Result<()> {
    let floor = Floor::start(stage)?;
    let before = floor.cpu();
    let made = floor.make(writes, AT_ONCE).await?;
    swept.bare_cpu.add(ms(floor.cpu().since(&before)));
    swept.bare_taken.add(made.taken.as_secs_f64());
    if made.refused == refused {
        return Ok(());
    }
    Err(format!(
        "{}: {} of the bare writes were refused",
        swept.name, made.refused
    )
    .into())
}
