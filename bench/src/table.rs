//! The table: every figure, everyone, every gate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::figures::{Board, Figures};
use crate::growth::Endurance;
use crate::million::Bill;
use crate::row::{Row, Rule, Value};
use crate::stats::{Sample, as_f64};
use crate::sweep::Swept;

/// The columns.
pub(crate) const NAMES: [&str; 5] = ["ours", "guide", "node", "ordinary", "floor"];

/// Figures of the contestants, by what they were measured at: KB of a row, functions side by side.
pub(crate) type Growth<T> = Vec<(usize, T)>;

/// Everything that was measured.
pub(crate) struct Results {
    pub(crate) board: Board,
    /// CPU a request by functions side by side.
    pub(crate) functions: Growth<Sample>,
    /// CPU a request, new and repeated, by the size of the order.
    pub(crate) rows: Growth<BTreeMap<&'static str, (Sample, Sample)>>,
    pub(crate) endurance: Option<Endurance>,
    pub(crate) sweeps: Vec<Swept>,
    pub(crate) zip_mb: Option<f64>,
    pub(crate) bills: BTreeMap<&'static str, Bill>,
}

impl Results {
    /// All rows of the table.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = self.warm();
        rows.extend(self.cold());
        rows.extend(self.growth());
        rows.extend(self.sweeps.iter().flat_map(sweep));
        let dollars = self.bills.iter().map(|(name, bill)| (*name, bill.dollars));
        rows.push(Row::new("a million payments on AWS, $", dollars, &[]));
        rows
    }

    fn row<V: Into<Value>>(&self, figure: &str, of: impl Fn(&Figures) -> V, rules: &[Rule]) -> Row {
        let values = self
            .board
            .iter()
            .map(|(name, figures)| (*name, of(figures)));
        Row::new(figure, values, rules)
    }

    fn warm(&self) -> Vec<Row> {
        let count = |calls: &BTreeMap<String, usize>| as_f64(calls.values().sum());
        let cpu = [
            Rule::Times(1.0 / 20.0, "guide"),
            Rule::Times(1.0 / 5.0, "ordinary"),
            Rule::Aim(0.15),
        ];
        vec![
            self.row(
                "network calls, new payment",
                |it| count(&it.calls_new),
                &[Rule::AtMost(2.0)],
            ),
            self.row(
                "network calls, repeated",
                |it| count(&it.calls_repeated),
                &[Rule::AtMost(2.0)],
            ),
            self.row(
                "latency p50, ms (gateway 40, AWS 5)",
                |it| Value::from(&it.latency),
                &[Rule::Times(1.03, "floor"), Rule::Times(0.5, "guide")],
            ),
            self.row(
                "latency p99, ms",
                |it| it.latency.percentile(99.0),
                &[Rule::Times(1.15, "floor")],
            ),
            self.row(
                "latency p50, repeated, ms",
                |it| Value::from(&it.latency_repeated),
                &[],
            ),
            self.row(
                "CPU a warm request, ms (back to back)",
                |it| Value::from(&it.cpu),
                &cpu,
            ),
            self.row(
                "CPU a warm request, ms (between waits)",
                |it| Value::from(&it.cpu_paced),
                &cpu[..2],
            ),
            self.row(
                "CPU a repeated request, ms",
                |it| Value::from(&it.cpu_repeated),
                &[],
            ),
            self.row(
                "peak memory, MB",
                |it| if it.peak > 0.0 { it.peak } else { f64::NAN },
                &[Rule::Times(1.0 / 8.0, "guide"), Rule::Aim(12.0)],
            ),
        ]
    }

    fn cold(&self) -> Vec<Row> {
        let mut rows = vec![
            self.row(
                "start to ready for requests, ms",
                |it| Value::from(&it.init),
                &[Rule::Times(1.0 / 10.0, "node")],
            ),
            self.row(
                "cold: CPU to the first answer, ms",
                |it| Value::from(&it.cold_cpu),
                &[
                    Rule::Times(1.0 / 15.0, "guide"),
                    Rule::Times(1.0 / 4.0, "ordinary"),
                    Rule::Aim(12.0),
                ],
            ),
            self.row(
                "cold: time to the first answer, ms",
                |it| Value::from(&it.cold),
                &[],
            ),
            self.row(
                "cold at 7 % of a core: time, ms",
                |it| Value::from(&it.cold_quota),
                &[Rule::Times(1.0 / 8.0, "node"), Rule::Aim(400.0)],
            ),
        ];
        let zip = self.zip_mb.map(|zip| ("ours", zip));
        rows.push(Row::new("zipped bootstrap, MB", zip, &[Rule::Aim(2.5)]));
        rows
    }

    fn growth(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (count, cpu) in &self.functions {
            let figure = format!("CPU a request, {count} functions side by side, ms");
            rows.push(Row::new(figure, [("ours", Value::from(cpu))], &[]));
        }
        for (kb, spent) in &self.rows {
            let new = spent.iter().map(|(name, (new, _))| (*name, new));
            rows.push(Row::new(
                format!("CPU, order of {kb} KB, new, ms"),
                new,
                &[],
            ));
            let repeated = spent.iter().map(|(name, (_, repeated))| (*name, repeated));
            rows.push(Row::new(
                format!("CPU, order of {kb} KB, repeated, ms"),
                repeated,
                &[],
            ));
        }
        if let Some(it) = &self.endurance {
            let ours = |value| [("ours", value)];
            let count = it.invocations;
            rows.extend([
                Row::new(
                    format!("memory after {count} invocations ÷ after 1000"),
                    ours(it.resident.1 / it.resident.0),
                    &[Rule::AtMost(1.05)],
                ),
                Row::new(
                    format!("p99 of the last tenth of {count} ÷ of the first"),
                    [
                        ("ours", it.p99.1 / it.p99.0),
                        ("floor", it.floor_p99.1 / it.floor_p99.0),
                    ],
                    &[Rule::AtMost(1.1)],
                ),
            ]);
        }
        rows
    }
}

/// A sweep beside the bare writes.
fn sweep(it: &Swept) -> [Row; 3] {
    let row = |what, ours: Value, floor: Option<Value>| {
        let floor = floor.map(|floor| ("floor", floor));
        let values = [("ours", ours)].into_iter().chain(floor);
        Row::new(format!("{}: {what}", it.name), values, &[])
    };
    let calls = as_f64(it.calls.values().sum());
    let each = |spent: &Sample| Value::from(&spent.divided_by(as_f64(it.payments)));
    let cpu = (each(&it.cpu), each(&it.bare_cpu));
    [
        row("calls", calls.into(), Some(as_f64(it.payments).into())),
        row("CPU a payment, ms", cpu.0, Some(cpu.1)),
        row("peak memory, MB", Value::from(&it.peak), None),
    ]
}

/// Prints rows as a Markdown table that reads well as text.
pub(crate) fn print(rows: &[Row]) -> String {
    let mut head = vec!["figure".to_owned()];
    head.extend(NAMES.map(str::to_owned));
    head.push("gates and aims".to_owned());
    let mut lines = vec![head];
    for row in rows {
        let mut line = vec![row.figure.clone()];
        line.extend(NAMES.map(|name| row.cell(name)));
        line.push(row.verdict());
        lines.push(line);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<_> = (0..lines[0].len())
        .map(|column| width(column).unwrap_or_default())
        .collect();
    lines.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect());
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}
