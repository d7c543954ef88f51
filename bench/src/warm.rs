//! Warm: the contestants take turns, so that what the machine does meanwhile hits them all alike.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Result;
use crate::contestant::Running;
use crate::figures::{Board, Size};
use crate::floor::{Floor, Recording};
use crate::process::{Cpu, Program};
use crate::stage::{Sale, Stage};
use crate::stats::{Sample, as_f64};

/// Paced requests over which CPU is averaged.
const CPU_GROUP: usize = 20;

/// The contestants, running and warm.
pub(crate) struct Warm<'a> {
    stage: &'a Stage,
    pub(crate) running: Vec<Running>,
    floor: Floor,
    recording: Recording,
}

impl<'a> Warm<'a> {
    /// Starts everyone and has each verify some payments; `programs` begin with ours.
    pub(crate) async fn up(stage: &'a Stage, programs: &[Program], size: Size) -> Result<Self> {
        stage.set_latency(false);
        let mut running = Vec::new();
        for program in programs {
            let mut one = Running::start(program, stage, None).await?;
            one.ready().await?;
            for _ in 0..size.warm_up {
                let sale = stage.sell(0).await?;
                one.verify(&sale).await?;
                stage.check(&sale).await?;
            }
            running.push(one);
        }
        let floor = Floor::start(stage)?;
        let recording = Recording::of(&mut running[0], stage).await?;
        for _ in 0..size.warm_up {
            let sale = stage.sell(0).await?;
            floor.verify(&recording, &sale).await?;
            stage.check(&sale).await?;
        }
        Ok(Self {
            stage,
            running,
            floor,
            recording,
        })
    }

    /// Has somebody verify a payment; the floor comes after the others.
    async fn verify(&mut self, index: usize, sale: &Sale) -> Result<Duration> {
        match self.running.get_mut(index) {
            Some(running) => running.verify(sale).await,
            None => self.floor.verify(&self.recording, sale).await,
        }
    }

    fn cpu(&self, index: usize) -> Cpu {
        self.running
            .get(index)
            .map_or_else(|| self.floor.cpu(), |running| running.process.cpu())
    }

    fn name(&self, index: usize) -> &'static str {
        self.running
            .get(index)
            .map_or("floor", |running| running.name)
    }

    /// Which calls a payment takes, new and again.
    pub(crate) async fn calls(&mut self, board: &mut Board) -> Result<()> {
        for index in 0..=self.running.len() {
            let sale = self.stage.sell(0).await?;
            self.take_calls();
            self.verify(index, &sale).await?;
            let new = self.take_calls();
            self.verify(index, &sale).await?;
            let repeated = self.take_calls();
            let row_bytes = self.stage.row_bytes(&sale).await?;
            let figures = board.entry(self.name(index)).or_default();
            (figures.calls_new, figures.calls_repeated) = (new, repeated);
            figures.row_bytes = row_bytes;
        }
        Ok(())
    }

    fn take_calls(&self) -> BTreeMap<String, usize> {
        let mut calls = self.stage.gateway.take_calls();
        calls.extend(self.stage.aws.take_calls());
        calls
    }

    /// Latency where the hops take what they take, and CPU beside it.
    pub(crate) async fn paced(&mut self, board: &mut Board, size: Size) -> Result<()> {
        self.stage.set_latency(true);
        let contestants = self.running.len() + 1;
        let mut before: Vec<_> = (0..contestants).map(|index| self.cpu(index)).collect();
        for round in 1..=size.paced {
            for (index, before) in before.iter_mut().enumerate() {
                let sale = self.stage.sell(0).await?;
                let taken = self.verify(index, &sale).await?;
                self.stage.check(&sale).await?;
                let figures = board.entry(self.name(index)).or_default();
                figures.latency.add(ms(taken));
                if round % CPU_GROUP == 0 {
                    let now = self.cpu(index);
                    figures
                        .cpu_paced
                        .add(ms(now.since(before)) / as_f64(CPU_GROUP));
                    *before = now;
                }
            }
            self.stage.tidy();
        }
        for _ in 0..size.paced / 5 {
            for index in 0..contestants {
                let sale = self.stage.sell(0).await?;
                self.verify(index, &sale).await?;
                let taken = self.verify(index, &sale).await?;
                let figures = board.entry(self.name(index)).or_default();
                figures.latency_repeated.add(ms(taken));
            }
        }
        self.stage.set_latency(false);
        Ok(())
    }

    /// CPU a request, back to back, new and again; orders of about `row` bytes.
    pub(crate) async fn back_to_back(
        &mut self,
        (blocks, block): (usize, usize),
        row: usize,
    ) -> Result<BTreeMap<&'static str, (Sample, Sample)>> {
        let mut spent = BTreeMap::<_, (Sample, Sample)>::new();
        for _ in 0..blocks {
            for index in 0..=self.running.len() {
                let mut sales = Vec::new();
                for _ in 0..block {
                    sales.push(self.stage.sell(row).await?);
                }
                let new = self.block(index, &sales).await?;
                let repeated = self.block(index, &sales).await?;
                for sale in &sales {
                    self.stage.check(sale).await?;
                }
                let samples = spent.entry(self.name(index)).or_default();
                samples.0.add(new);
                samples.1.add(repeated);
            }
            self.stage.tidy();
        }
        Ok(spent)
    }

    async fn block(&mut self, index: usize, sales: &[Sale]) -> Result<f64> {
        let before = self.cpu(index);
        for sale in sales {
            self.verify(index, sale).await?;
        }
        Ok(ms(self.cpu(index).since(&before)) / as_f64(sales.len()))
    }

    /// What everyone held at most so far.
    pub(crate) fn memory(&self, board: &mut Board) {
        for running in &self.running {
            let peak = megabytes(running.process.peak_kb());
            board.entry(running.name).or_default().peak = peak;
        }
    }

    /// Ends everyone.
    pub(crate) async fn down(self) -> Result<()> {
        for running in self.running {
            running.process.end().await?;
        }
        Ok(())
    }
}

/// Milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Of kibibytes, as `/proc` counts, the megabytes.
pub(crate) fn megabytes(kb: u64) -> f64 {
    as_f64(usize::try_from(kb).unwrap_or(usize::MAX)) * 1024.0 / 1e6
}
