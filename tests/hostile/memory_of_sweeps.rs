//! What a sweep reads is bounded too: whatever the gateway lists, the real binary stays small, and the sweep ends.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use iamport_sim::{Fault, Route};
use local::Shop;
use local::lambda::{Invocation, Lambda, Report};
use serde_json::{Value, json};

use crate::canary_shop::start;

/// The largest page that is read, in bytes.
const PAGE: usize = 4 * 1024 * 1024;
/// What a sweep may hold at most: half of the smallest function that the template allows.
const BOUND_KIB: u64 = 64 * 1024;
/// What a sweep is given here; Lambda gives 60 s.
const WITHIN: Duration = Duration::from_secs(6);
/// A sweep that takes so long has forgotten about its deadline, even where the machine is busy.
const HANGS: Duration = Duration::from_secs(25);
/// Orders of the shop: `ORD-0` and so on.
const ORDERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_end_is_not_read() {
    for fault in [Fault::endless(), Fault::padded(16 * PAGE), Fault::stalled()] {
        Swept::of(fault).await.assert_unfinished();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_junk_is_skipped() {
    let long = format!(r#"{{"imp_uid":"{}"}}"#, "x".repeat(5000));
    for entry in ["0", r#"{"imp_uid":"imp_1"}"#, "[[[[[[[[]]]]]]]]", &long] {
        let swept = Swept::of(list(500, &vec![entry; 500].join(","))).await;
        let ended = (swept.is_error, swept.written);
        assert_eq!(ended, (false, 0), "{}", swept.told);
        swept.assert_small();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_two_million_entries_is_refused() {
    for entry in ["0", r#"{"imp_uid":"imp_1"}"#] {
        let entries = (PAGE - 100) / (entry.len() + 1);
        let junk = vec![entry; entries].join(",");
        Swept::of(list(entries, &junk)).await.assert_unfinished();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_nests_without_end_is_refused() {
    let deep = "[".repeat(PAGE - 100);
    Swept::of(list(1, &deep)).await.assert_unfinished();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_no_list_comes_up_to_ends_with_the_time() {
    for (total, entries) in [
        (1_000_000, String::new()),
        (1_000_000, payment(&json!({}))),
        (usize::MAX, String::new()),
    ] {
        Swept::of(list(total, &entries)).await.assert_unfinished();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_is_no_count_is_refused() {
    for total in ["-1", "1e3", r#""1""#] {
        let response = format!(r#"{{"total":{total},"previous":0,"next":0,"list":[]}}"#);
        Swept::of(answer(&response)).await.assert_unfinished();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_as_large_as_a_page_takes_no_more_than_its_share() {
    let text = "x".repeat(PAGE - 4000);
    for field in ["name", "pg_tid", "merchant_uid", "imp_uid"] {
        let large = payment(&json!({field: text}));
        Swept::of(list(1, &large)).await.assert_small();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_texts_takes_no_more_than_its_share() {
    for bytes in [PAGE / ORDERS, 60_000] {
        let text = "x".repeat(bytes - 1000);
        let page = large(bytes, &json!({"pg_tid": text}));
        Swept::of(page).await.assert_small();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_long_histories_takes_no_more_than_its_share() {
    let entry =
        json!({"pg_tid": "x", "amount": 1, "cancelled_at": 1, "reason": "x", "receipt_url": "x"});
    for bytes in [PAGE, PAGE / ORDERS, 60_000] {
        let count = (bytes - 4000) / (entry.to_string().len() + 1);
        let history = vec![entry.clone(); count];
        let page = large(bytes, &json!({"cancel_history": history}));
        Swept::of(page).await.assert_small();
    }
}

/// What became of a sweep over one hostile list.
struct Swept {
    is_error: bool,
    written: usize,
    peak_kib: u64,
    taken: Duration,
    /// All of it, for a person.
    told: String,
}

impl Swept {
    /// A sweep for which every list is befallen by this, after one that was as usual.
    async fn of(fault: Fault) -> Self {
        let shop = Shop::open().await.unwrap();
        for number in 0..ORDERS {
            let order = json!({"merchant_uid": format!("ORD-{number}"), "amount": 1000});
            shop.orders.put(order).await.unwrap();
        }
        let mut function = start(&shop.environment()).await;
        let usual = sweep(&mut function).await;
        assert!(matches!(usual, Report::Response(_)), "{usual:?}");
        let usual_kib = peak_kib(function.id());
        shop.gateway.fault(fault.on(Route::Status));
        let began = Instant::now();
        let report = sweep(&mut function).await;
        let taken = began.elapsed();
        let peak_kib = peak_kib(function.id());
        let log = function.end().await.unwrap();
        let left = log.lines().find(|line| line.contains("left for"));
        let rows = shop.orders.rows().await.unwrap();
        let is_paid = |row: &&Value| row["payment_status"] == "paid";
        let written = rows.iter().filter(is_paid).count();
        let told = format!(
            "{usual_kib} KiB usually, {peak_kib} KiB after {taken:.1?}; {written} written; {report:?}; {left:?}"
        );
        println!("{told}");
        Self {
            is_error: !matches!(report, Report::Response(_)),
            written,
            peak_kib,
            taken,
            told,
        }
    }

    #[track_caller]
    fn assert_unfinished(&self) {
        assert!(self.is_error, "{}", self.told);
        self.assert_small();
    }

    #[track_caller]
    fn assert_small(&self) {
        assert!(self.peak_kib < BOUND_KIB, "{}", self.told);
        assert!(self.taken < HANGS, "{}", self.told);
    }
}

async fn sweep(function: &mut Lambda) -> Report {
    let event = json!({"sweep": {"minutes": 130}});
    let invocation = Invocation::of(&event).within(WITHIN);
    function.api.invoke(invocation).await.unwrap()
}

/// A page with these entries, and as many in all as it says.
fn list(total: usize, entries: &str) -> Fault {
    answer(&format!(
        r#"{{"total":{total},"previous":0,"next":0,"list":[{entries}]}}"#
    ))
}

fn answer(response: &str) -> Fault {
    let body = format!(r#"{{"code":0,"message":null,"response":{response}}}"#);
    Fault::answer(200, "application/json", &body)
}

/// A payment of the order `ORD-1`, with these fields.
fn payment(fields: &Value) -> String {
    let mut payment = json!({
        "imp_uid": "imp_1", "merchant_uid": "ORD-1", "status": "paid", "amount": 1000, "cancel_amount": 0,
        "currency": "KRW", "sandbox": false, "pay_method": "card", "started_at": 1_700_000_000, "paid_at": 1_700_000_000,
    });
    for (name, value) in fields.as_object().into_iter().flatten() {
        payment[name] = value.clone();
    }
    payment.to_string()
}

/// A page full of payments with these fields, of so many bytes each.
fn large(bytes: usize, fields: &Value) -> Fault {
    let count = (PAGE / bytes - 1).max(1);
    let page: Vec<_> = (0..count)
        .map(|number| {
            let mut fields = fields.clone();
            fields["imp_uid"] = format!("imp_{number}").into();
            fields["merchant_uid"] = format!("ORD-{}", number % ORDERS).into();
            payment(&fields)
        })
        .collect();
    list(count, &page.join(","))
}

/// The most memory the process ever had.
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("a peak");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
