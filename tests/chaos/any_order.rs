//! Invariant 5: the same deliveries in any order end in the same row.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use local::event::Door;
use local::{Function, Shop};
use payment_verifier::dynamodb::Item;
use payment_verifier::orders::condition;
use payment_verifier::payment::Payment;
use payment_verifier::state::State;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::life::Order;

/// What a look-up may tell of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Account,
    Failed,
    Voided,
    Paid,
    Part,
    Rest,
}

use Moment::{Account, Failed, Paid, Part, Rest, Voided};

/// One delivery: whose, and what its look-up told.
type Delivery = (char, Moment);

impl Moment {
    fn shows_money(self) -> bool {
        self >= Paid
    }

    /// The payment's fields; attempt `b` started later.
    fn fields(self, attempt: char) -> Value {
        let (status, paid_at, cancelled) = match self {
            Account => ("ready", 0, 0),
            Failed => ("failed", 0, 0),
            Voided => ("cancelled", 0, 0),
            Paid => ("paid", 9, 0),
            Part => ("cancelled", 9, 300),
            Rest => ("cancelled", 9, 1000),
        };
        json!({
            "status": status, "amount": 1000, "cancel_amount": cancelled, "currency": "KRW", "paid_at": paid_at,
            "pay_method": "vbank", "vbank_num": "X1", "vbank_issued_at": 1_700_000_000,
            "started_at": 1_700_000_000 + u64::from(attempt == 'b'),
        })
    }
}

/// Every row that some order of these deliveries ends in, by the product's own decision alone: the attempt, and what
/// is recorded of it.
fn ends(deliveries: &[Delivery]) -> BTreeSet<Option<Delivery>> {
    // What is left to deliver does not depend on how the row came about, so neither does what can become of it.
    let mut rows = BTreeMap::from([(0_u32, BTreeSet::from([None]))]);
    for delivered in 0..1_u32 << deliveries.len() {
        for row in rows.get(&delivered).cloned().unwrap_or_default() {
            for (index, delivery) in deliveries.iter().enumerate() {
                if delivered & (1 << index) == 0 {
                    let next = record(row, *delivery);
                    rows.entry(delivered | (1 << index))
                        .or_default()
                        .insert(next);
                }
            }
        }
    }
    rows.remove(&((1 << deliveries.len()) - 1)).unwrap()
}

/// The row after one more delivery.
fn record(row: Option<Delivery>, delivery: Delivery) -> Option<Delivery> {
    let (payment, state) = payment(delivery);
    let mut item = Item::from([
        (
            "merchant_uid".to_owned(),
            AttributeValue::S("order".to_owned()),
        ),
        ("amount".to_owned(), AttributeValue::N("1000".to_owned())),
    ]);
    if let Some(recorded) = row {
        let (payment, state) = self::payment(recorded);
        let number = |number: i64| AttributeValue::N(number.to_string());
        item.extend([
            (
                "imp_uid".to_owned(),
                AttributeValue::S(payment.imp_uid.clone()),
            ),
            ("payment_stage".to_owned(), number(state.stage())),
            ("payment_rank".to_owned(), number(state.rank())),
            (
                "cancel_amount".to_owned(),
                AttributeValue::N(payment.cancel_amount.to_string()),
            ),
            ("started_at".to_owned(), number(payment.started())),
        ]);
    }
    let taken = condition(&payment, state).holds(&item);
    if taken { Some(delivery) } else { row }
}

fn payment((attempt, moment): Delivery) -> (Payment, State) {
    let mut fields = moment.fields(attempt);
    fields["imp_uid"] = format!("imp_{attempt}").into();
    fields["merchant_uid"] = "order".into();
    let payment: Payment = serde_json::from_str(&fields.to_string()).unwrap();
    let state = payment.state().unwrap();
    (payment, state)
}

/// All the deliveries that a life may come to: any may be lost.
fn subsets(attempt: char, life: &[Moment]) -> Vec<Vec<Delivery>> {
    let chosen = |mask: u32| {
        let moments = life
            .iter()
            .enumerate()
            .filter(move |(index, _)| mask & (1 << index) != 0);
        moments.map(|(_, moment)| (attempt, *moment)).collect()
    };
    (0..1_u32 << life.len()).map(chosen).collect()
}

/// Deliveries of two attempts of which `a` or `b` may hold money, and the other one never does.
fn deliveries() -> Vec<Vec<Delivery>> {
    let mut all = Vec::new();
    for (holder, other) in [('a', 'b'), ('b', 'a')] {
        for one in subsets(holder, &[Account, Failed, Paid, Part, Rest]) {
            for life in [[Account, Failed], [Account, Voided]] {
                all.extend(
                    subsets(other, &life)
                        .into_iter()
                        .map(|other| [one.clone(), other].concat()),
                );
            }
        }
    }
    all
}

#[test]
fn deliveries_of_which_one_shows_money_end_alike_in_any_order() {
    let (mut histories, mut most) = (0, 0);
    for deliveries in deliveries()
        .iter()
        .filter(|all| all.iter().any(|(_, moment)| moment.shows_money()))
    {
        let ends = ends(deliveries);
        assert_eq!(ends.len(), 1, "{deliveries:?} end in {ends:?}");
        (histories, most) = (histories + 1, most.max(deliveries.len()));
    }
    println!("{histories} sets of up to {most} deliveries, in every order\n");
}

/// A counterexample to "at most one attempt that ever holds money": while no delivery shows money, the order can
/// matter, because an attempt is refused, or replaced, by one that comes to nothing later.
#[test]
fn while_no_delivery_shows_money_the_order_can_matter() {
    let all = [('a', Account), ('b', Account), ('b', Failed)];
    assert_eq!(ends(&all), all.map(Some).into());
}

/// What holds instead: tell the newest of each attempt twice more, and the row is the same.
#[test]
fn told_twice_more_they_end_alike() {
    let mut differed = 0;
    let no_money = |all: &&Vec<Delivery>| !all.iter().any(|(_, moment)| moment.shows_money());
    for deliveries in deliveries().iter().filter(no_money) {
        let newest = ['a', 'b'].map(|attempt| {
            let own = deliveries.iter().filter(|(of, _)| *of == attempt);
            own.max_by_key(|(_, moment)| *moment).copied()
        });
        let again = |first: usize| {
            let told = [newest[first], newest[1 - first]].repeat(2);
            told.into_iter().flatten()
        };
        let ends = ends(deliveries);
        let settled: BTreeSet<_> = ends
            .iter()
            .flat_map(|end| [again(0).fold(*end, record), again(1).fold(*end, record)])
            .collect();
        assert_eq!(
            settled.len(),
            1,
            "{deliveries:?}: {ends:?}, then {settled:?}"
        );
        differed += usize::from(ends.len() > 1);
    }
    assert!(
        differed > 0,
        "the counterexample is gone: say so in the contract"
    );
}

/// Delivers in this order to an order of its own, and returns what has to be the same in the end.
async fn deliver(
    shop: Arc<Shop>,
    function: Function,
    number: usize,
    deliveries: Vec<Delivery>,
) -> Value {
    let order = Order::new(number);
    order.write(&shop).await;
    for (turn, (attempt, moment)) in deliveries.into_iter().enumerate() {
        let imp_uid = order.imp_uid(attempt);
        let fields = moment.fields(attempt);
        if shop.gateway.get(&imp_uid).is_err() {
            let new = json!({"imp_uid": imp_uid, "merchant_uid": order.name(), "$force": true});
            shop.gateway.create(new.to_string()).unwrap();
        }
        shop.gateway.update(&imp_uid, fields.to_string()).unwrap();
        let door = if turn % 2 == 0 {
            Door::Page
        } else {
            Door::Webhook
        };
        let answer = order.tell(&function, door, attempt).await;
        assert!(answer.code < 500, "{answer:?}");
    }
    let row = order.row(&shop).await;
    let attempt = row["imp_uid"]
        .as_str()
        .and_then(|imp_uid| imp_uid.chars().last());
    json!([
        attempt.map(String::from),
        row["payment_status"],
        row["cancel_amount"],
        row["payment"]
    ])
}

fn permutations(deliveries: &[Delivery]) -> Vec<Vec<Delivery>> {
    if deliveries.is_empty() {
        return vec![Vec::new()];
    }
    (0..deliveries.len())
        .flat_map(|first| {
            let mut rest = deliveries.to_vec();
            let first = rest.remove(first);
            permutations(&rest)
                .into_iter()
                .map(move |rest| [vec![first], rest].concat())
        })
        .collect()
}

/// Every order, each on an order of its own, on the real engine.
async fn in_any_order(deliveries: &[Delivery]) -> HashMap<String, usize> {
    let shop = Arc::new(Shop::open().await.unwrap());
    let function = shop.function().unwrap();
    let mut ways = JoinSet::new();
    for (number, way) in permutations(deliveries).into_iter().enumerate() {
        ways.spawn(deliver(Arc::clone(&shop), function.clone(), number, way));
    }
    let mut ends = HashMap::new();
    for end in ways.join_all().await {
        *ends.entry(end.to_string()).or_default() += 1;
    }
    ends
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_life_ends_alike_in_any_order_on_the_engine() {
    for deliveries in [
        &[('a', Account), ('a', Paid), ('a', Part), ('a', Rest)][..],
        &[('a', Failed), ('a', Paid)],
        &[('a', Account), ('a', Failed), ('a', Paid), ('a', Rest)],
        &[('a', Failed), ('b', Account), ('b', Paid)],
        &[('a', Account), ('a', Paid), ('b', Account), ('b', Failed)],
        &[('a', Account), ('b', Account), ('b', Paid), ('b', Rest)],
        &[('a', Account), ('a', Voided), ('b', Paid), ('b', Part)],
    ] {
        let ends = in_any_order(deliveries).await;
        assert_eq!(ends.len(), 1, "{deliveries:?} end in {ends:#?}");
    }
}
