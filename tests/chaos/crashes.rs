//! The real program, killed, and frozen and thawed, around every step it takes on the network.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use local::event::{self, Door};
use local::lambda::{Invocation, Lambda};
use local::{Answer, Shop};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::call::Hop;
use crate::environment::{Environment, Proxies};
use crate::life::{self, Event, Life, Order};
use crate::network_fault::NetworkFault;

/// A test that hangs says so in the end.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
/// Programs at the same time.
pub(crate) const AT_ONCE: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Killed,
    /// The environment freezes, and thaws when its connections are gone.
    Frozen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Crash {
    how: How,
    hop: Hop,
    /// Whether the step took effect; its answer did not arrive.
    applied: bool,
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.applied { "after" } else { "before" };
        write!(
            f,
            "{:6} {side:6} {:18}",
            format!("{:?}", self.how).to_lowercase(),
            self.hop
        )
    }
}

impl Crash {
    fn all() -> impl Iterator<Item = Self> {
        [How::Killed, How::Frozen].into_iter().flat_map(|how| {
            Hop::ALL
                .into_iter()
                .flat_map(move |hop| [false, true].map(|applied| Self { how, hop, applied }))
        })
    }
}

/// The real program, behind these proxies.
async fn start(proxies: &Proxies, shop: &Shop) -> Lambda {
    program(&proxies.environment(shop)).await
}

/// The real program in this environment.
pub(crate) async fn program(environment: &BTreeMap<&'static str, String>) -> Lambda {
    let program = Path::new(env!("CARGO_BIN_EXE_payment-verifier"));
    Lambda::start(program, environment).await.unwrap()
}

/// Hands it an event: somebody tells about an attempt.
fn tell(program: &Lambda, order: &Order, door: Door, attempt: char) {
    let event = order.told(door, attempt);
    program.api.hand_out(Invocation::of(&event));
}

/// What it answers.
async fn answer(program: &mut Lambda) -> Answer {
    let report = program.api.report().await.unwrap();
    event::response(&report.answer().unwrap()).into()
}

/// Returns what was answered by the program that crashed, if it still could, and by the next delivery.
async fn play(shop: &Shop, number: usize, crash: Crash) -> (Option<String>, String) {
    let life = if crash.hop == Hop::Note {
        Life::Forgery
    } else {
        Life::Account
    };
    let step = life.steps()[0];
    let order = Order::new(number);
    order.write(shop).await;
    order.happen(shop, step.attempt, step.event);
    let proxies = Proxies::before(shop).await;
    if crash.hop == Hop::TakeOver {
        let function = proxies.function(shop);
        let proxies = Arc::clone(&proxies);
        Environment { function, proxies }
            .leave_notice_due(&order)
            .await;
    }
    let step_taken = if crash.applied {
        NetworkFault::StalledAfter
    } else {
        NetworkFault::StalledBefore
    };
    let proxy = proxies.of(crash.hop);
    proxy.plan(move |call, nth| (call.hop == crash.hop && nth == 1).then_some(step_taken));

    let mut program = start(&proxies, shop).await;
    tell(&program, &order, Door::Webhook, step.attempt);
    timeout(PATIENCE, proxy.hanging())
        .await
        .expect("the step is never taken");
    let first = match crash.how {
        How::Killed => {
            program.kill().unwrap();
            proxies.calm().await;
            program = start(&proxies, shop).await;
            None
        }
        How::Frozen => {
            program.freeze().await.unwrap();
            proxies.calm().await;
            proxies.cut();
            program.thaw().unwrap();
            Some(answer(&mut program).await)
        }
    };
    tell(&program, &order, Door::Webhook, step.attempt);
    let again = answer(&mut program).await;

    if let Some(first) = &first {
        assert!(
            first.status() == step.says || first.code == 503,
            "{crash}: {first}"
        );
    }
    assert_eq!(again.status(), step.says, "{crash}");
    let problems = life::problems(shop, &order, life, &proxies.seen()).await;
    assert!(problems.is_empty(), "{crash}: {problems:?}");
    (
        first.map(|answer| answer.status().to_owned()),
        again.status().to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_around_any_step_is_settled_by_the_next_delivery() {
    let shop = Arc::new(Shop::open().await.unwrap());
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut crashes = JoinSet::new();
    for (number, crash) in Crash::all().enumerate() {
        let (shop, at_once) = (Arc::clone(&shop), Arc::clone(&at_once));
        crashes.spawn(async move {
            let _turn = at_once.acquire_owned().await;
            (crash, play(&shop, number, crash).await)
        });
    }
    let mut crashes = crashes.join_all().await;
    crashes.sort();
    for (crash, (first, again)) in crashes {
        let first = first.unwrap_or_else(|| "no answer".to_owned());
        println!("{crash}: {first}, then {again}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thawed_with_dead_connections_the_first_delivery_is_settled() {
    let shop = Shop::open().await.unwrap();
    let proxies = Proxies::before(&shop).await;
    let mut program = start(&proxies, &shop).await;
    for number in 0..5 {
        let order = Order::new(number);
        order.write(&shop).await;
        order.happen(&shop, 'a', Event::Paid);
        tell(&program, &order, Door::Page, 'a');
        assert_eq!(answer(&mut program).await.status(), "success");
        let seen = proxies.seen_about(&order);
        let problems = life::problems(&shop, &order, Life::Card, &seen).await;
        assert!(problems.is_empty(), "{problems:?}");
        program.freeze().await.unwrap();
        proxies.cut();
        program.thaw().unwrap();
    }
}
