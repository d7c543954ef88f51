//! The tour: everything that can happen to a payment, through the running front, each step checked.

mod row;
mod scenarios;
mod stage;

use local::{Answer, Shop};

use crate::Problem;
use row::Row;
use stage::Stage;

/// How the tour went.
pub(crate) struct Report {
    /// How many scenarios were played.
    pub(crate) scenarios: usize,
    /// What is not as the contract says, a line each.
    pub(crate) differences: Vec<String>,
}

/// Plays every scenario against the front and prints them as a table.
pub(crate) async fn play(shop: &Shop, front_url: &str) -> Result<Report, Problem> {
    println!("{:WIDTH$}  HTTP  {:17} order row: status stage/rank imp_uid", "scenario", "status");
    println!("{}", "-".repeat(WIDTH + 72));
    let mut stage = Stage::new(shop, front_url);
    scenarios::all(&mut stage).await?;
    Ok(Report { scenarios: stage.scenarios, differences: stage.differences })
}

/// The width of the first column.
const WIDTH: usize = 52;

fn print_line(name: &str, answer: &Answer, row: &Row) {
    println!("{name:WIDTH$}  {:4}  {:17} {row}", answer.code, answer.status());
}
