//! `iamport-sim play`: every scenario, and what comes of it at a shop.

use std::fs;
use std::path::Path;

use crate::fixture::{Gateway, Shop, field};
use crate::running::{output, printed, program};

/// A scenario; the statuses that its webhooks say, in their order; and its payments in the end, the oldest first:
/// status, amount, and what was cancelled of it.
type Expected = (
    &'static str,
    &'static [&'static str],
    &'static [[&'static str; 3]],
);

#[rustfmt::skip]
const SCENARIOS: [Expected; 10] = [
    ("paid-by-card", &["paid"], &[["paid", "5000", "0"]]),
    ("account-then-deposit", &["ready", "paid"], &[["paid", "5000", "0"]]),
    ("partial-then-full-cancel", &["paid", "cancelled", "cancelled"], &[["cancelled", "5000", "5000"]]),
    ("webhook-twice", &["paid", "paid"], &[["paid", "5000", "0"]]),
    ("webhook-before-order", &["paid", "paid"], &[["paid", "5000", "0"]]),
    ("webhook-lost", &[], &[["paid", "5000", "0"]]),
    ("paid-twice", &["paid", "paid"], &[["paid", "5000", "0"], ["paid", "5000", "0"]]),
    ("tampered-amount", &["paid"], &[["paid", "1", "0"]]),
    ("refund-without-webhook", &["paid"], &[["cancelled", "5000", "5000"]]),
    ("test-button", &["ready"], &[]),
];

#[tokio::test]
async fn every_scenario_plays_as_it_says() {
    for (name, told, payments) in SCENARIOS {
        let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
        // As a shop has it: what a scenario loses must not come by itself.
        let target = iamport_sim::WebhookTarget {
            automatic: true,
            ..shop.form()
        };
        gateway.sim.set_webhook(target).unwrap();
        let args = ["play", name, "--merchant-uid", "ORD-1", "--amount", "5000"];
        let mut play = program(&args);
        play.env("IAMPORT_SIM_URL", gateway.sim.url());
        let printed = printed(play).await;
        let title = format!("{name}, order ORD-1: ");
        assert!(printed.starts_with(&title), "{printed}");
        let answers = printed.matches("   webhook answered 200 noted\n").count();
        assert_eq!(answers, told.len(), "{printed}");

        for status in told {
            let (_, webhook) = shop.next().await;
            assert!(
                webhook.contains(&format!("&status={status}")),
                "{name}: {webhook}"
            );
        }
        assert!(shop.is_idle(), "{name}");
        let listed = gateway.request(reqwest::Method::GET, "/control/payments");
        let listed = listed.send().await.unwrap().text().await.unwrap();
        let mut found: Vec<[String; 3]> = listed
            .split(r#"{"amount":"#)
            // An entry of a cancellation has no status.
            .filter(|payment| payment.contains(r#""status":"#))
            .map(|rest| {
                let payment = format!(r#"{{"amount":{rest}"#);
                let text = |name| field(&payment, name).trim_matches('"').to_owned();
                assert_eq!(text("merchant_uid"), "ORD-1");
                [text("status"), text("amount"), text("cancel_amount")]
            })
            .collect();
        found.reverse();
        assert_eq!(found, payments, "{name}: {listed}");
    }
}

#[tokio::test]
async fn play_lists_what_is_in_the_folder() {
    let listed = printed(program(&["play"])).await;
    let mut names: Vec<_> = listed
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, about)| {
            assert!(about.trim().ends_with('.'), "{about}");
            format!("{name}.json")
        })
        .collect();
    names.sort();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(names, files);
}

#[tokio::test]
async fn a_file_is_played_until_a_step_is_refused() {
    let gateway = Gateway::start().await;
    let file = std::env::temp_dir().join(format!("scenario-{}.json", std::process::id()));
    let text = r#"{"about": "Mine.", "steps": [
        {"note": "One.", "request": "POST payments", "body": {"merchant_uid": "{{merchant_uid}}-x"}, "keep": "one"},
        {"note": "Two.", "request": "POST payments/{{one}}/deposit"},
        {"note": "Three.", "request": "DELETE calls"}]}"#;
    fs::write(&file, text).unwrap();
    let name = file.to_str().unwrap();
    let output = output(program(&["play", name, "--url", &gateway.sim.url()])).await;
    fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = stdout.lines().collect();
    let order = lines[0].split_once(", order ").unwrap().1;
    let order = order.strip_suffix(": Mine.").unwrap();
    assert_eq!(
        (order.len(), lines[1], lines[3]),
        (16, "1. One.", "2. Two.")
    );
    let imp_uid = lines[2].strip_prefix("   one: ").unwrap();
    let payment = gateway.sim.get(imp_uid).unwrap();
    let of_the_order = format!(r#""{order}-x""#);
    assert_eq!(field(&payment, "merchant_uid"), of_the_order);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let why = format!(
        ": step 2: POST payments/{}/deposit: {imp_uid}: is paid, not ready\n",
        imp_uid.replace('_', "%5F")
    );
    assert!(stderr.ends_with(&why), "{stderr}");
}
