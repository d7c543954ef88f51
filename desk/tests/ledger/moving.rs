//! A ledger that is read while money goes back.

use std::collections::BTreeSet;
use std::time::Duration;

use desk::kst::Day;
use iamport_sim::{Fault, Route};
use local::Shop;
use serde_json::json;

use crate::desk;

/// More than one page of a list has.
const PAYMENTS: usize = 700;
const DAY: i64 = 24 * 3600;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_meanwhile_takes_no_payment_out_of_the_ledger() {
    let shop = Shop::open().await.unwrap();
    let first = Day::of(shop.gateway.now() - 3 * DAY);
    let mut paid = BTreeSet::new();
    for number in 0..PAYMENTS {
        let imp_uid = format!("imp_{number}");
        // All day long, and something of each went back at once.
        let second = i64::try_from(number).unwrap() * DAY / i64::try_from(PAYMENTS).unwrap();
        shop.gateway.stop_time(first.begins() + second);
        let payment = json!({"imp_uid": imp_uid, "merchant_uid": imp_uid, "amount": 1000});
        shop.gateway.create(payment.to_string()).unwrap();
        shop.gateway.cancel(&imp_uid, Some("100")).unwrap();
        paid.insert(imp_uid);
    }
    shop.gateway.set_time_offset(0);
    // Lists take longer than a second, which is what the gateway tells times in.
    shop.gateway
        .fault(Fault::slow(Duration::from_millis(600)).on(Route::Status));
    let gateway = shop.gateway.clone();
    let mut backwards: Vec<_> = paid.iter().cloned().collect();
    fastrand::Rng::with_seed(1).shuffle(&mut backwards);
    let cancels = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(5));
        for imp_uid in backwards {
            pace.tick().await;
            gateway.cancel(&imp_uid, Some("100")).unwrap();
        }
    });
    let ledger = desk(&shop, &[]).ledger(first, first).await.unwrap();
    cancels.abort();
    let listed = ledger.lines.iter().filter(|(line, _)| line.number == 0);
    let listed: BTreeSet<_> = listed.map(|(line, _)| line.imp_uid.clone()).collect();
    assert_eq!(
        listed.len(),
        PAYMENTS,
        "{} are missing",
        paid.difference(&listed).count()
    );
    assert_eq!(ledger.lines.len(), 2 * PAYMENTS);
}
