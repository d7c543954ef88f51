//! What another delivery does at the worst moment, just before a call arrives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use local::Shop;
use local::event::Door;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::call::{Call, Hop};
use crate::environment::Environment;
use crate::life::{Event, Order};
use crate::network_fault::NetworkFault;

/// A notice is marked as done by its own attempt alone: while one is given, the customer asks for another account,
/// whose own notice is still due.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_notice_of_another_account_stays_due() {
    let shop = Shop::open().await.unwrap();
    let [first, second] = [
        Environment::warm(&shop).await,
        Environment::warm(&shop).await,
    ];
    let order = Order::new(1);
    order.write(&shop).await;
    order.happen(&shop, 'a', Event::Account);
    order.happen(&shop, 'b', Event::Account);
    let no_text = |call: &Call, _| (call.hop == Hop::Text).then_some(NetworkFault::Failed);
    second.proxies.aws.plan(no_text);
    let (another, came) = (order.clone(), Arc::new(AtomicBool::new(false)));
    let between = Arc::clone(&came);
    first.proxies.aws.plan(move |call, nth| {
        if call.hop == Hop::Done && nth == 1 {
            let delivery = another.tell(&second.function, Door::Webhook, 'b');
            let answer = block_in_place(|| Handle::current().block_on(delivery));
            assert_eq!(answer.status(), "unavailable");
            between.store(true, Ordering::Relaxed);
        }
        None
    });
    let answer = order.tell(&first.function, Door::Webhook, 'a').await;
    assert_eq!(answer.status(), "vbankIssued");
    assert!(came.load(Ordering::Relaxed), "nothing came between");
    let row = order.row(&shop).await;
    assert_eq!(row["imp_uid"], order.imp_uid('b').as_str());
    let notice = row["vbank_notice"].as_str().unwrap();
    assert!(notice.starts_with("due:"), "{notice}");
}

/// A notice that could not be marked as done is not done: the webhook hears of it, and a later delivery gives it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_done_that_fails_is_not_done() {
    let shop = Shop::open().await.unwrap();
    let environment = Environment::warm(&shop).await;
    let order = Order::new(1);
    order.write(&shop).await;
    order.happen(&shop, 'a', Event::Account);
    let no_done = |call: &Call, _| (call.hop == Hop::Done).then_some(NetworkFault::Failed);
    environment.proxies.aws.plan(no_done);
    let answer = order.tell(&environment.function, Door::Webhook, 'a').await;
    assert_eq!(answer.status(), "unavailable");
    let due = order.row(&shop).await["vbank_notice"].to_string();
    assert!(due.contains("due:"), "{due}");
    environment.proxies.calm().await;
    let answer = order.tell(&environment.function, Door::Webhook, 'a').await;
    assert_eq!(answer.status(), "vbankIssued");
    assert_eq!(order.row(&shop).await["vbank_notice"], "done");
}
