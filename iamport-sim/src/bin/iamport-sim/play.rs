//! `iamport-sim play`: a scenario, step by step.

use serde_json::json;

use crate::Failure;
use crate::args::{Allowed, Args};
use crate::lines;
use crate::scenario::{Known, Scenario};

const ALLOWED: Allowed = Allowed {
    words: 1,
    options: &["--url", "--merchant-uid", "--amount"],
    switches: &[],
};

pub(crate) async fn run(args: &[String]) -> Result<(), Failure> {
    let mut args = Args::read(args, &ALLOWED)?;
    let control = args.control()?;
    let order = args.take("--merchant-uid").unwrap_or_else(new_order);
    let amount = args.amount("--amount")?.unwrap_or("1000".to_owned());
    let Some(name) = args.word() else {
        for line in Scenario::list()? {
            lines::print(&line)?;
        }
        return Ok(());
    };
    let scenario = Scenario::open(&name)?;
    if scenario.sends_webhooks() && control.send("GET", "webhook", "").await? == "null" {
        return Err("the gateway has no URL for webhooks; try iamport-sim forward --to URL".into());
    }

    lines::print(&format!("{name}, order {order}: {}", scenario.about))?;
    let mut known = Known::new();
    known.insert("merchant_uid".to_owned(), json!(order).to_string());
    known.insert("amount".to_owned(), amount);
    for (number, step) in (1..).zip(&scenario.steps) {
        lines::print(&format!("{number}. {}", step.note))?;
        let request = step.request(&known)?;
        let within = |why: &dyn std::fmt::Display| {
            format!(
                "{name}: step {number}: {} {}: {why}",
                request.method, request.path
            )
        };
        let answer = control
            .send(&request.method, &request.path, &request.body)
            .await;
        let answer = answer.map_err(|why| within(&why))?;
        if let Some(keep) = &step.keep {
            let imp_uid = lines::member(&answer, "imp_uid");
            let imp_uid = imp_uid.ok_or_else(|| within(&"no imp_uid in the answer"))?;
            lines::print(&format!("   {keep}: {imp_uid}"))?;
            known.insert(keep.clone(), json!(imp_uid).to_string());
        }
        if step.sends_webhooks() {
            for line in lines::receipts(&answer)? {
                lines::print(&format!("   {line}"))?;
            }
        }
    }
    Ok(())
}

/// An order that nobody has paid.
fn new_order() -> String {
    let letters = std::iter::repeat_with(fastrand::alphanumeric).take(12);
    format!("ORD-{}", letters.collect::<String>())
}
