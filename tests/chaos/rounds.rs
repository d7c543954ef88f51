//! Rounds of fifty deliveries at the same time, each by an environment of its own, while the gateway moves on; and beside
//! them who only asks, who names the order alone, and now and then a sweep.

use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use local::event::Door;
use local::{Answer, Function, Shop};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::environment::Proxies;
use crate::life::{Event, Order};
use crate::setting::{draw, number, seed, whole};
use crate::writes;

const DELIVERIES: usize = 50;
/// The last deliveries of a round start after the last thing that happens at the gateway.
const AFTERWARDS: usize = 8;

/// Those beside the deliveries.
const OTHERS: usize = 12;
/// Every so many rounds there is a sweep: it lists the payments of all rounds before.
const SWEEP_EVERY: usize = 10;

/// What an attempt may go through.
const LIVES: [&[Event]; 10] = [
    &[Event::Account],
    &[Event::Account, Event::Deposit],
    &[Event::Account, Event::Deposit, Event::Part, Event::Rest],
    &[Event::Account, Event::Failed],
    &[Event::Paid],
    &[Event::Paid, Event::Part],
    &[Event::Paid, Event::Rest],
    &[Event::Failed],
    &[Event::Failed, Event::Deposit, Event::Part],
    &[Event::Forged],
];

/// An environment of the function for each delivery of a round, behind proxies that only count.
struct Counter {
    proxies: Arc<Proxies>,
    functions: Vec<Function>,
}

impl Counter {
    async fn open(shop: &Shop) -> Self {
        let proxies = Proxies::before(shop).await;
        let functions: Vec<_> = (0..DELIVERIES).map(|_| proxies.function(shop)).collect();
        let mut warm = JoinSet::new();
        for function in functions.clone() {
            warm.spawn(async move { function.warm().await });
        }
        warm.join_all().await;
        // Look-ups are spread over the round, and some of their answers out of date when they arrive.
        proxies.gateway.keep_pace_with(&proxies.aws);
        Self { proxies, functions }
    }
}

/// One order, and two attempts to pay it.
struct Round {
    order: Order,
    lives: [&'static [Event]; 2],
}

/// One delivery and what came of it.
struct Told {
    attempt: usize,
    began: Instant,
    ended: Instant,
    answer: Answer,
}

/// Stage, rank and `cancel_amount` of an attempt to which this happened last; nothing for money that is not right.
fn standing(last: Event) -> Option<(i64, i64, i64)> {
    Some(match last {
        Event::Account => (1, 1, 0),
        Event::Failed => (2, 0, 0),
        Event::Paid | Event::Deposit => (3, 3, 0),
        Event::Part => (4, 3, 300),
        Event::Rest => (4, 2, 1000),
        Event::Forged => return None,
    })
}

/// The answers in the order in which an attempt can come to them.
const ANSWERS: [&str; 5] = [
    "vbankIssued",
    "failed",
    "success",
    "partiallyCancelled",
    "cancelled",
];

fn answer(event: Event) -> &'static str {
    match event {
        Event::Account => "vbankIssued",
        Event::Failed => "failed",
        Event::Paid | Event::Deposit => "success",
        Event::Part => "partiallyCancelled",
        Event::Rest => "cancelled",
        Event::Forged => "forgery",
    }
}

impl Round {
    fn drawn(rng: &mut Rng, order: usize) -> Self {
        let mut life = || *rng.choice(&LIVES).unwrap();
        Self {
            order: Order::new(order),
            lives: [life(), life()],
        }
    }

    fn name(attempt: usize) -> char {
        ['a', 'b'][attempt]
    }

    fn last(&self, attempt: usize) -> Event {
        *self.lives[attempt].last().unwrap()
    }

    /// Whether an attempt ever took what the order asked for.
    fn held(&self, attempt: usize) -> bool {
        self.lives[attempt]
            .iter()
            .any(|event| matches!(event, Event::Paid | Event::Deposit))
    }

    /// Everything that happens, and everybody who tells, at the same time.
    async fn play(&self, shop: &Shop, counter: &Counter, mut rng: Rng) -> Vec<Told> {
        self.order.write(shop).await;
        let mut coming = Vec::new();
        for (attempt, life) in self.lives.iter().enumerate() {
            self.order.happen(shop, Self::name(attempt), life[0]);
            coming.extend(life[1..].iter().map(|event| (attempt, *event)));
        }
        let mut deliveries = JoinSet::new();
        for turn in 0..DELIVERIES - AFTERWARDS {
            deliveries.spawn(self.delivery(counter, turn, rng.usize(..2), rng.bool()));
        }
        let mut others = JoinSet::new();
        for turn in 0..OTHERS {
            others.spawn(self.other(shop, counter, turn));
        }
        // Each attempt's own events stay in their order: sorted turns, dealt out one by one.
        let mut turns: Vec<_> = coming
            .iter()
            .map(|_| rng.usize(..DELIVERIES - AFTERWARDS))
            .collect();
        turns.sort_unstable();
        for ((attempt, event), writes) in coming.into_iter().zip(turns) {
            counter.proxies.aws.came(writes).await;
            self.order.happen(shop, Self::name(attempt), event);
        }
        for turn in DELIVERIES - AFTERWARDS..DELIVERIES {
            deliveries.spawn(self.delivery(counter, turn, turn % 2, rng.bool()));
        }
        others.join_all().await;
        deliveries.join_all().await
    }

    /// Who is no delivery; what is answered must be something that can be so.
    fn other(
        &self,
        shop: &Shop,
        counter: &Counter,
        turn: usize,
    ) -> impl Future<Output = ()> + use<> {
        let (order, function) = (self.order.clone(), counter.functions[turn].clone());
        let (number, now) = (self.order.number(), shop.gateway.now());
        async move {
            let (name, imp_uid) = (order.name(), order.imp_uid(Self::name(turn % 2)));
            let (answer, own) = match turn % 4 {
                0 => (function.confirm(&imp_uid, name, "1000").await, "confirmed"),
                1 => (function.prepare(name).await, "prepared"),
                2 => (function.complete_order(name).await, "pending"),
                _ if turn == 3 && number.is_multiple_of(SWEEP_EVERY) => {
                    let swept = function.sweep_last(20, now).await;
                    return assert!(swept.is_ok(), "{swept:?}");
                }
                _ => return,
            };
            let said = answer.status();
            let by_order = turn % 4 == 2 && (ANSWERS.contains(&said) || said == "forgery");
            assert!(
                said == own || said == "duplicatePayment" || by_order,
                "{answer:?}"
            );
        }
    }

    fn delivery(
        &self,
        counter: &Counter,
        turn: usize,
        attempt: usize,
        page: bool,
    ) -> impl Future<Output = Told> + use<> {
        let (order, function) = (self.order.clone(), counter.functions[turn].clone());
        let door = if page { Door::Page } else { Door::Webhook };
        async move {
            let began = Instant::now();
            let answer = order.tell(&function, door, Self::name(attempt)).await;
            Told {
                attempt,
                began,
                ended: Instant::now(),
                answer,
            }
        }
    }

    /// Every answer is one that this attempt can get, and none takes back what an earlier one said.
    fn check_answers(&self, told: &[Told]) {
        for one in told {
            let said = one.answer.status();
            let mut own = self.lives[one.attempt].iter().map(|event| answer(*event));
            let duplicate = said == "duplicatePayment" && self.held(1 - one.attempt);
            assert!(
                own.any(|own| own == said) || duplicate,
                "{}: {:?}",
                one.attempt,
                one.answer
            );
            for earlier in told
                .iter()
                .filter(|other| other.attempt == one.attempt && other.ended < one.began)
            {
                let place = |told: &Told| {
                    ANSWERS
                        .iter()
                        .position(|known| *known == told.answer.status())
                };
                if let (Some(before), Some(now)) = (place(earlier), place(one)) {
                    assert!(before <= now, "{} after {}", one.answer, earlier.answer);
                }
            }
        }
    }

    /// Whether the row is this attempt's, as it stands now.
    fn is_of(&self, row: &Value, attempt: usize) -> bool {
        standing(self.last(attempt)).is_some_and(|(stage, rank, cancelled)| {
            row["imp_uid"] == self.order.imp_uid(Self::name(attempt)).as_str()
                && row["payment_stage"] == stage
                && row["payment_rank"] == rank
                && row["cancel_amount"] == cancelled
        })
    }

    /// What the unmatched table says of both attempts.
    async fn unmatched(&self, shop: &Shop) -> [Value; 2] {
        let item = |attempt| self.order.unmatched(shop, Self::name(attempt));
        [item(0).await, item(1).await]
    }

    /// No money is forgotten: what an attempt has is the order's, or open for somebody to give back.
    fn check_money(&self, row: &Value, unmatched: &[Value; 2]) {
        for (attempt, item) in unmatched.iter().enumerate() {
            let open = |reason: &str, cancelled: i64| {
                item["state"] == "open"
                    && item["reason"] == reason
                    && item["cancel_amount"] == cancelled
            };
            let known = match standing(self.last(attempt)) {
                Some((_, 3, cancelled)) => {
                    self.is_of(row, attempt) || open("duplicatePayment", cancelled)
                }
                Some(_) => true,
                None => open("wrongMoney", 0),
            };
            assert!(known, "{attempt}: {item} beside {row}");
        }
    }

    /// Once the newest truth was told again, undisturbed, nobody is asked to give back what an attempt does not have.
    fn check_nothing_to_return(&self, row: &Value, unmatched: &[Value; 2]) {
        for (attempt, item) in unmatched.iter().enumerate() {
            let holds = standing(self.last(attempt)).is_none_or(|(_, rank, _)| rank == 3);
            // The next look of a sweep closes what is open beside its own record.
            let closed = item.is_null() || item["state"] == "refunded" || self.is_of(row, attempt);
            assert!(holds || closed, "{attempt}: {item} beside {row}");
        }
    }

    /// The only attempt that ever held money is the order's, as it stands now.
    fn check_holder(&self, row: &Value) {
        if let (true, false) | (false, true) = (self.held(0), self.held(1)) {
            assert!(
                self.is_of(row, usize::from(self.held(1))),
                "worse than the newest truth: {row}"
            );
        }
    }

    /// Once the newest truth was told again, undisturbed, the row is worth as much as that truth.
    fn check_settled(&self, row: &Value) {
        let best = (0..2).filter_map(|attempt| {
            let (_, rank, _) = standing(self.last(attempt))?;
            Some((rank, attempt))
        });
        let Some((rank, attempt)) = best.max() else {
            return assert_eq!(row["imp_uid"], Value::Null, "{row}");
        };
        assert_eq!(row["payment_rank"], rank, "{row}");
        assert!(
            self.is_of(row, 0) || self.is_of(row, 1),
            "not as it stands now: {row}"
        );
        if !(self.held(0) && self.held(1)) {
            assert!(self.is_of(row, attempt), "not the one that counts: {row}");
        }
    }
}

/// Says which round it was, if it fails.
struct Where(String);

impl Drop for Where {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.0);
        }
    }
}

async fn play(rounds: usize) {
    let seed = seed();
    let shop = Shop::open().await.unwrap();
    let counter = Counter::open(&shop).await;
    let (mut transitions, mut most) = (0, 0);
    for index in 0..rounds {
        let mut rng = draw(seed, index);
        let round = Round::drawn(&mut rng, index);
        let _where = Where(format!("seed {seed}, round {index}: {:?}", round.lives));
        counter.proxies.forget();
        let told = round.play(&shop, &counter, rng).await;
        round.check_answers(&told);
        let row = round.order.row(&shop).await;
        let writes: Vec<_> = writes::taken(&counter.proxies.aws.seen()).collect();
        assert!(
            writes::explain(&writes, &row),
            "no order explains {writes:#?}\n{row}"
        );
        (transitions, most) = (transitions + writes.len(), most.max(writes.len()));
        round.check_holder(&row);
        round.check_money(&row, &round.unmatched(&shop).await);
        for (turn, function) in counter.functions.iter().take(4).enumerate() {
            let attempt = Round::name(turn % 2);
            round.order.tell(function, Door::Page, attempt).await;
        }
        let row = round.order.row(&shop).await;
        round.check_holder(&row);
        let unmatched = round.unmatched(&shop).await;
        round.check_money(&row, &unmatched);
        round.check_nothing_to_return(&row, &unmatched);
        round.check_settled(&row);
    }
    println!(
        "{rounds} rounds of {DELIVERIES} deliveries: {transitions} transitions, at most {most} in a round\n"
    );
    shop.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_make_each_transition_once() {
    play(number("ROUNDS", if whole() { 200 } else { 10 })).await;
}
