//! Deliveries come late, twice and in any order; the row ends up the same.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{DOORS, TestShop};

/// What the gateway said about a payment at some moment.
struct Moment {
    imp_uid: String,
    payment: String,
}

/// A gateway whose clock goes on by itself.
struct Tape {
    shop: TestShop,
    now: i64,
    moments: Vec<Moment>,
}

impl Tape {
    async fn new() -> Self {
        let shop = TestShop::open().await;
        let now = 1_700_000_000;
        shop.gateway.stop_time(now);
        Self {
            shop,
            now,
            moments: Vec::new(),
        }
    }

    /// A payment that starts now.
    fn starts(&mut self, status: &str, pay_method: &str) -> String {
        self.tick();
        let payment = json!({"status": status, "pay_method": pay_method}).to_string();
        let imp_uid = self.shop.payment(&payment);
        self.keep(&imp_uid);
        imp_uid
    }

    fn deposits(&mut self, imp_uid: &str) {
        self.tick();
        self.shop.gateway.pay(imp_uid).unwrap();
        self.keep(imp_uid);
    }

    fn fails(&mut self, imp_uid: &str) {
        self.tick();
        self.shop.gateway.fail(imp_uid, "실패").unwrap();
        self.keep(imp_uid);
    }

    fn cancels(&mut self, imp_uid: &str, amount: Option<&str>) {
        self.tick();
        self.shop.gateway.cancel(imp_uid, amount).unwrap();
        self.keep(imp_uid);
    }

    fn tick(&mut self) {
        self.now += 100;
        self.shop.gateway.stop_time(self.now);
    }

    fn keep(&mut self, imp_uid: &str) {
        let payment = self.shop.gateway.get(imp_uid).unwrap();
        self.moments.push(Moment {
            imp_uid: imp_uid.to_owned(),
            payment,
        });
    }

    /// A delivery whose look-up saw this moment.
    async fn deliver(&self, moment: &Moment, turn: usize) {
        self.shop
            .gateway
            .update(&moment.imp_uid, &moment.payment)
            .unwrap();
        let answer = self.shop.knock(DOORS[turn % 2], &moment.imp_uid).await;
        assert!(answer.code < 500, "{answer:?}");
    }

    /// Delivers the moments in this order to a new order, and returns what has to be the same in the end.
    async fn play(&self, order: &[usize]) -> Vec<Option<AttributeValue>> {
        self.shop.order(json!({})).await;
        for (turn, index) in order.iter().enumerate() {
            self.deliver(&self.moments[*index], turn).await;
        }
        let item = self.shop.item().await;
        let same = ["imp_uid", "payment_status", "cancel_amount", "payment"];
        same.map(|name| item.get(name).cloned()).into()
    }

    /// Every order of the deliveries, each of them also with every delivery twice.
    async fn all_ways_end_alike(&self) {
        let mut first: Vec<_> = (0..self.moments.len()).collect();
        let expected = self.play(&first).await;
        assert!(expected[0].is_some(), "nothing was recorded");
        for order in permutations(&mut first) {
            assert_eq!(self.play(&order).await, expected, "{order:?}");
        }
        let again: Vec<_> = first.iter().chain(first.iter().rev()).copied().collect();
        assert_eq!(self.play(&again).await, expected, "{again:?}");
    }
}

fn permutations(items: &mut Vec<usize>) -> Vec<Vec<usize>> {
    fn go(items: &mut Vec<usize>, from: usize, all: &mut Vec<Vec<usize>>) {
        if from == items.len() {
            all.push(items.clone());
        }
        for index in from..items.len() {
            items.swap(from, index);
            go(items, from + 1, all);
            items.swap(from, index);
        }
    }
    let mut all = Vec::new();
    go(items, 0, &mut all);
    all
}

#[tokio::test]
async fn an_account_its_deposit_and_its_refunds_in_any_order() {
    let mut tape = Tape::new().await;
    let a = tape.starts("ready", "vbank");
    tape.deposits(&a);
    tape.cancels(&a, Some("300"));
    tape.cancels(&a, None);
    tape.all_ways_end_alike().await;
}

#[tokio::test]
async fn three_partial_refunds_in_any_order() {
    let mut tape = Tape::new().await;
    let a = tape.starts("paid", "card");
    tape.cancels(&a, Some("1"));
    tape.cancels(&a, Some("99"));
    tape.cancels(&a, Some("300"));
    tape.all_ways_end_alike().await;
}

#[tokio::test]
async fn a_late_approval_in_any_order() {
    let mut tape = Tape::new().await;
    let a = tape.starts("ready", "vbank");
    tape.fails(&a);
    tape.deposits(&a);
    tape.cancels(&a, Some("300"));
    tape.all_ways_end_alike().await;
}

#[tokio::test]
async fn failed_attempts_around_one_that_is_paid_in_any_order() {
    let mut tape = Tape::new().await;
    tape.starts("failed", "card");
    let b = tape.starts("ready", "vbank");
    tape.starts("failed", "card");
    tape.deposits(&b);
    tape.all_ways_end_alike().await;
}

#[tokio::test]
async fn two_accounts_of_which_the_older_one_is_paid_in_any_order() {
    let mut tape = Tape::new().await;
    let a = tape.starts("ready", "vbank");
    tape.starts("ready", "vbank");
    tape.deposits(&a);
    tape.cancels(&a, None);
    tape.all_ways_end_alike().await;
}

#[tokio::test]
async fn attempts_that_never_hold_money_in_any_order() {
    let mut tape = Tape::new().await;
    tape.starts("failed", "card");
    tape.starts("ready", "vbank");
    tape.starts("ready", "card");
    tape.starts("failed", "card");
    tape.all_ways_end_alike().await;
}

#[tokio::test]
async fn a_stale_look_up_is_answered_with_what_is_known() {
    let mut tape = Tape::new().await;
    let a = tape.starts("ready", "vbank");
    tape.fails(&a);
    tape.deposits(&a);
    tape.cancels(&a, Some("300"));
    tape.cancels(&a, None);
    let said = [
        "vbankIssued",
        "failed",
        "success",
        "partiallyCancelled",
        "cancelled",
    ];
    tape.shop.order(json!({})).await;
    for (now, status) in said.into_iter().enumerate() {
        tape.deliver(&tape.moments[now], 0).await;
        let known = tape.shop.item().await;
        for past in &tape.moments[..=now] {
            for door in DOORS {
                tape.shop.gateway.update(&a, &past.payment).unwrap();
                tape.shop.knock(door, &a).await.says(200, status);
                assert_eq!(tape.shop.item().await, known);
            }
        }
    }
}
