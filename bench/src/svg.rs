//! The picture: how many times ours the others take, on a logarithmic scale. A template by hand: a library would bring
//! fonts and a layout engine for a dozen rectangles.

use std::fmt::Write as _;

use crate::row::{Row, short};
use crate::stats::as_f64;

const WIDTH: f64 = 760.0;
/// Where the bars begin, and how long 1× to the last tick is.
const LEFT: f64 = 210.0;
const LENGTH: f64 = 470.0;
const TOP: f64 = 78.0;
const BAR: f64 = 11.0;
const GROUP: f64 = 3.0 * BAR + 13.0;

/// The peers with a colour each.
const PEERS: [(&str, &str); 3] = [
    ("guide", "the guide's Express server"),
    ("node", "Node function with Powertools"),
    ("ordinary", "ordinary Rust function"),
];

/// Readable on white and on black; the page's own theme decides.
const STYLE: &str = "text{font:12px -apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}\
.title{font-size:15px;font-weight:600}.small{font-size:11px;fill:#59636e}\
.guide{fill:#0969da}.node{fill:#1a7f37}.ordinary{fill:#bc4c00}\
.grid{stroke:#d1d9e0}.one{stroke:#59636e;stroke-width:1.5}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.small{fill:#9198a1}\
.guide{fill:#4493f8}.node{fill:#3fb950}.ordinary{fill:#db6d28}.grid{stroke:#3d444d}.one{stroke:#9198a1}}";

/// Draws these rows, each under a short name; what was not measured is left out.
pub(crate) fn draw(rows: &[(&str, &Row)]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .filter(|(_, row)| row.values.contains_key("ours"))
        .collect();
    let all = rows
        .iter()
        .flat_map(|(_, row)| PEERS.iter().filter_map(|(peer, _)| row.times_ours(peer)));
    let most = all.fold(10.0, f64::max);
    let decades = most.log10().ceil();
    let x = |times: f64| LEFT + (times.log10() / decades).clamp(0.0, 1.0) * LENGTH;
    let bottom = TOP + as_f64(rows.len()) * GROUP;
    let height = bottom + 32.0;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>How many times ours the others take</title>\n<style>{STYLE}</style>\n\
         <text class=\"title\" x=\"12\" y=\"24\">How many times what payment-verifier takes (less is better)</text>\n"
    );
    let mut legend = 12.0;
    for (peer, name) in PEERS {
        let _ = writeln!(
            svg,
            "<rect class=\"{peer}\" x=\"{legend}\" y=\"38\" width=\"10\" height=\"10\"/><text class=\"small\" x=\"{}\" y=\"47\">{name}</text>",
            legend + 15.0
        );
        legend += 205.0;
    }
    let mut tick = 1.0;
    while tick <= 10f64.powf(decades) * 1.001 {
        let class = if tick > 1.0 { "grid" } else { "one" };
        let at = x(tick);
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{at:.1}\" y1=\"{:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\"/>\
             <text class=\"small\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}×</text>",
            TOP - 8.0,
            bottom + 16.0
        );
        tick *= 10.0;
    }
    for (index, (name, row)) in rows.iter().enumerate() {
        let top = TOP + as_f64(index) * GROUP;
        let ours = short(row.values["ours"].middle);
        let _ = writeln!(
            svg,
            "<text x=\"{0}\" y=\"{1:.1}\" text-anchor=\"end\">{name}</text>\
             <text class=\"small\" x=\"{0}\" y=\"{2:.1}\" text-anchor=\"end\">ours: {ours}</text>",
            LEFT - 10.0,
            top + 13.0,
            top + 28.0
        );
        for (line, (peer, _)) in PEERS.iter().enumerate() {
            let Some(times) = row.times_ours(peer) else {
                continue;
            };
            let y = top + as_f64(line) * BAR;
            let _ = writeln!(
                svg,
                "<rect class=\"{peer}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{}\"/>\
                 <text class=\"small\" x=\"{:.1}\" y=\"{:.1}\">{}×</text>",
                (x(times) - LEFT).max(1.0),
                BAR - 2.0,
                x(times).max(LEFT + 1.0) + 5.0,
                y + 9.0,
                short(times)
            );
        }
    }
    svg + "</svg>\n"
}
