//! What is measured of each contestant.

use std::collections::BTreeMap;

use crate::stats::Sample;

/// How much of everything a run does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Requests before anything is timed: programs that compile as they run deserve it.
    pub(crate) warm_up: usize,
    /// Rounds of one paced request by each contestant.
    pub(crate) paced: usize,
    /// Blocks of back-to-back requests …
    pub(crate) blocks: usize,
    /// … of so many each.
    pub(crate) block: usize,
    /// Cold starts.
    pub(crate) cold: usize,
    /// Cold starts under the quota.
    pub(crate) quota: usize,
    /// Invocations of one process of ours.
    pub(crate) endurance: usize,
    /// Payments in one sweep …
    pub(crate) swept: usize,
    /// … so often.
    pub(crate) sweeps: usize,
}

impl Size {
    /// The whole benchmark.
    pub(crate) const FULL: Self = Self {
        warm_up: 300,
        paced: 500,
        blocks: 12,
        block: 50,
        cold: 15,
        quota: 7,
        endurance: 100_000,
        swept: 10_000,
        sweeps: 3,
    };
    /// `QUICK=1`: the same in under three minutes, with more noise.
    pub(crate) const QUICK: Self = Self {
        warm_up: 150,
        paced: 100,
        blocks: 5,
        block: 20,
        cold: 4,
        quota: 3,
        endurance: 5_000,
        swept: 1_000,
        sweeps: 1,
    };
}

/// One contestant's figures: times in ms, memory in MB, a request at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Network calls of a new payment, warm.
    pub(crate) calls_new: BTreeMap<String, usize>,
    /// Network calls of the same payment again.
    pub(crate) calls_repeated: BTreeMap<String, usize>,
    /// The order's row once written, in bytes.
    pub(crate) row_bytes: usize,
    /// The answer to a new payment, with the hops' latencies.
    pub(crate) latency: Sample,
    /// The answer to the same payment again.
    pub(crate) latency_repeated: Sample,
    /// CPU a request, with the hops' latencies between.
    pub(crate) cpu_paced: Sample,
    /// CPU a request, back to back.
    pub(crate) cpu: Sample,
    /// CPU of a repeated one.
    pub(crate) cpu_repeated: Sample,
    /// Most memory held while warm.
    pub(crate) peak: f64,
    /// Start to ready; the hops answer at once.
    pub(crate) init: Sample,
    /// CPU from start to the first verified answer.
    pub(crate) cold_cpu: Sample,
    /// Start to the first verified answer, with the hops' latencies.
    pub(crate) cold: Sample,
    /// The same under the quota.
    pub(crate) cold_quota: Sample,
}

/// Everyone's, by name.
pub(crate) type Board = BTreeMap<&'static str, Figures>;
