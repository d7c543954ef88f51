//! The tour: everything that can happen to a payment, through the running front, each step of `tour.txt` checked.

mod row;
mod stage;
mod window;

use std::fmt;

use local::{Function, Shop};

use crate::Problem;
use stage::Stage;

/// How the tour went.
#[derive(Default)]
pub(crate) struct Report {
    /// How many scenarios were played.
    pub(crate) scenarios: usize,
    /// What is not as the contract says, a line each.
    pub(crate) differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} scenarios, ", self.scenarios)?;
        match self.differences.len() {
            0 => f.write_str("all as the contract says."),
            count => write!(
                f,
                "{count} differences from the contract:\n  {}",
                self.differences.join("\n  ")
            ),
        }
    }
}

/// Plays every scenario against the front and prints them as a table.
pub(crate) async fn play(
    shop: &Shop,
    front_url: &str,
    function: Function,
) -> Result<Report, Problem> {
    let mut stage = Stage::open(shop, front_url, function)?;
    let lines = include_str!("tour.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        stage.play(&cells).await?;
    }
    Ok(stage.report)
}
