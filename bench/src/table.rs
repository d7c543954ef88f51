//! The table.

use crate::figures::{Board, Figures};
use crate::stats::Sample;

pub(crate) fn print(board: &Board) -> String {
    let mut text = String::new();
    for (name, figures) in board {
        text += &format!("{name}\n");
        let Figures { calls_new, calls_repeated, peak, .. } = figures;
        text += &format!("  calls {calls_new:?} / {calls_repeated:?}, peak {peak:.1} MB\n");
        for (what, sample) in [
            ("latency", &figures.latency),
            ("latency repeated", &figures.latency_repeated),
            ("cpu paced", &figures.cpu_paced),
            ("cpu", &figures.cpu),
            ("cpu repeated", &figures.cpu_repeated),
            ("init", &figures.init),
            ("cold cpu", &figures.cold_cpu),
            ("cold", &figures.cold),
            ("cold quota", &figures.cold_quota),
        ] {
            text += &format!("  {what:18} {}\n", cell(sample));
        }
    }
    text
}

fn cell(sample: &Sample) -> String {
    let (low, high) = sample.spread();
    format!("{:.3} ({low:.3}-{high:.3}) p99 {:.3} n {}", sample.median(), sample.percentile(99.0), sample.len())
}
