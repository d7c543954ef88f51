//! Writes what was measured into `docs/benchmark.md` and `docs/benchmark.svg`.

use std::fmt::Write as _;
use std::path::Path;

use crate::Result;
use crate::row::Row;
use crate::svg;
use crate::table::{NAMES, Results};

/// What a run replaces in the page lies between these.
const BEGIN: &str = "<!-- measured: written by make bench -->\n";
const END: &str = "<!-- end -->";

/// Rows that the picture shows, and what it calls them.
const DRAWN: [(&str, &str); 8] = [
    ("network calls, new payment", "network calls"),
    ("latency p50, ms (gateway 40, AWS 5)", "latency, ms"),
    ("CPU a warm request, ms (back to back)", "CPU a request, ms"),
    ("peak memory, MB", "memory, MB"),
    ("start to ready for requests, ms", "start, ms"),
    ("cold: CPU to the first answer, ms", "cold start: CPU, ms"),
    (
        "cold at 7 % of a core: time, ms",
        "cold start at 7 % of a core, ms",
    ),
    ("a million payments on AWS, $", "a million payments, $"),
];

/// The picture.
pub(crate) fn picture(rows: &[Row]) -> String {
    let find = |figure: &str| rows.iter().find(|row| row.figure == figure);
    let drawn: Vec<_> = DRAWN
        .iter()
        .filter_map(|(figure, name)| Some((*name, find(figure)?)))
        .collect();
    svg::draw(&drawn)
}

/// The table, the machine, the calls and the bills, as the page has them.
pub(crate) fn measured(table: &str, results: &Results) -> String {
    let mut text = format!("{}\n\n{table}\nCalls of a new payment:\n\n", machine());
    for name in NAMES {
        if let Some(figures) = results.board.get(name) {
            let calls = figures.calls_new.iter().map(|(call, count)| match count {
                1 => format!("`{call}`"),
                count => format!("{count} × `{call}`"),
            });
            let _ = writeln!(text, "* {name}: {}", calls.collect::<Vec<_>>().join(", "));
        }
    }
    text += "\nSweeps:\n\n";
    for it in &results.sweeps {
        let _ = writeln!(text, "* {}", it.told());
    }
    text += "\nA million payments:\n\n";
    for name in NAMES {
        if let Some(bill) = results.bills.get(name) {
            let _ = writeln!(text, "* {name}: {}, in all ${:.2}", bill.told, bill.dollars);
        }
    }
    if let Some(it) = &results.endurance {
        let _ = writeln!(
            text,
            "\n{} invocations of one process of ours: {:.2} MB after 1000, {:.2} MB at the end; p99 of the first tenth \
             {:.2} ms, of the last {:.2} ms; of the floor's calls beside them, {:.2} ms and {:.2} ms.",
            it.invocations,
            it.resident.0,
            it.resident.1,
            it.p99.0,
            it.p99.1,
            it.floor_p99.0,
            it.floor_p99.1
        );
    }
    text
}

/// Replaces what the last run put into the page.
pub(crate) fn write(page: &Path, measured: &str) -> Result<()> {
    let text = std::fs::read_to_string(page)?;
    let (head, rest) = text
        .split_once(BEGIN)
        .ok_or("docs/benchmark.md has no place for the table")?;
    let (_, tail) = rest
        .split_once(END)
        .ok_or("docs/benchmark.md has no end of the table")?;
    Ok(std::fs::write(
        page,
        format!("{head}{BEGIN}\n{measured}\n{END}{tail}"),
    )?)
}

/// What it was measured on.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown CPU", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let node = std::process::Command::new("node").arg("--version").output();
    let node = node.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    format!(
        "Measured on {cores} cores of {model}, with Node {}.",
        node.unwrap_or_default()
    )
}
