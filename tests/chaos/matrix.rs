//! Every fault × every hop × first, second and every try: what is answered, and the row after one more delivery.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use local::Shop;
use local::event::Door;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use crate::call::{Call, Hop};
use crate::environment::Environment;
use crate::life::{self, Life, Order};
use crate::network_fault::NetworkFault;
use crate::setting::whole;

/// Deliveries on the way at the same time: most of them only wait.
const AT_ONCE: usize = 48;
/// No answer may take longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// Which tries of a call a fault befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    First,
    /// The first one fails in the simplest way, and the second like this.
    Second,
    Every,
}

impl When {
    const ALL: [Self; 3] = [Self::First, Self::Second, Self::Every];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    hop: Hop,
    fault: NetworkFault,
    when: When,
}

impl Cell {
    fn all() -> impl Iterator<Item = Self> {
        Hop::ALL.into_iter().flat_map(|hop| {
            NetworkFault::of(hop)
                .flat_map(move |fault| When::ALL.map(|when| Self { hop, fault, when }))
        })
    }

    fn plan(self) -> impl Fn(&Call, usize) -> Option<NetworkFault> + Send + Sync + 'static {
        move |call, nth| match self.when {
            _ if call.hop != self.hop => None,
            When::First => (nth == 1).then_some(self.fault),
            When::Second if nth == 1 => Some(NetworkFault::Failed),
            When::Second => (nth == 2).then_some(self.fault),
            When::Every if self.fault == NetworkFault::Refused => Some(NetworkFault::Down),
            When::Every => Some(self.fault),
        }
    }

    /// A life that makes this call.
    fn life(self) -> Life {
        match self.hop {
            Hop::Token | Hop::Secret | Hop::LookUp | Hop::Record => Life::Card,
            Hop::Note => Life::Forgery,
            Hop::TakeOver | Hop::Customer | Hop::Text | Hop::Done => Life::Account,
            Hop::List
            | Hop::Attempts
            | Hop::Prepare
            | Hop::Read
            | Hop::Cancel
            | Hop::Open
            | Hop::Claim => unreachable!("no delivery makes this call"),
        }
    }
}

/// What became of a delivery.
struct Outcome {
    first: String,
    tries: usize,
    took: Duration,
    /// The answer to one more delivery, if the first was not settled.
    again: Option<String>,
    problems: Vec<String>,
}

impl Outcome {
    fn settled_at_once(&self) -> bool {
        self.first != "unavailable"
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let again = self.again.iter().map(|again| format!(" \u{2192} {again}"));
        let first = if self.settled_at_once() {
            &self.first
        } else {
            "503"
        };
        f.pad(&format!(
            "{first} ({}){}",
            self.tries,
            again.collect::<String>()
        ))
    }
}

async fn play(shop: Arc<Shop>, desk: Arc<Mutex<()>>, number: usize, cell: Cell) -> Outcome {
    let (order, life) = (Order::new(number), cell.life());
    let step = life.steps()[0];
    order.write(&shop).await;
    order.happen(&shop, step.attempt, step.event);
    let environment = {
        // Building clients takes the processor for long: one at a time, or others miss their timeouts.
        let _turn = desk.lock().await;
        if cell.hop.is_init() {
            Environment::cold(&shop).await
        } else {
            Environment::warm(&shop).await
        }
    };
    if cell.hop == Hop::TakeOver {
        environment.leave_notice_due(&order).await;
    }
    let (function, proxies) = (&environment.function, &environment.proxies);
    proxies.of(cell.hop).plan(cell.plan());
    let started = Instant::now();
    let first = order.tell(function, Door::Webhook, step.attempt).await;
    let took = started.elapsed();
    let tries = proxies.of(cell.hop).count(|hop| hop == cell.hop);
    proxies.calm().await;
    let again = order.tell(function, Door::Webhook, step.attempt).await;

    let mut problems = life::problems(&shop, &order, life, &proxies.seen()).await;
    if first.status() != step.says && first.code != 503 {
        problems.push(format!("answered {first}"));
    }
    if again.status() != step.says {
        problems.push(format!("answered {again} when all was well again"));
    }
    // Where nobody has to wait for the fault, a third try is in time; a text gets one, as it may have gone out.
    let quick = cell.fault.says("").is_some() && cell.when != When::Every && cell.hop != Hop::Text;
    if quick && first.code == 503 {
        problems.push("reached the caller, although a third try would have been well".to_owned());
    }
    problems.extend(proxies.strays());
    Outcome {
        first: first.status().to_owned(),
        tries,
        took,
        again: (first.code == 503).then(|| again.status().to_owned()),
        problems,
    }
}

async fn play_all(cells: impl Iterator<Item = Cell>) -> BTreeMap<Cell, Outcome> {
    let shop = Arc::new(Shop::open().await.unwrap());
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let desk = Arc::default();
    let mut playing = JoinSet::new();
    for (number, cell) in cells.enumerate() {
        let (shop, at_once, desk) = (Arc::clone(&shop), Arc::clone(&at_once), Arc::clone(&desk));
        playing.spawn(async move {
            let _turn = at_once.acquire_owned().await;
            (cell, play(shop, desk, number, cell).await)
        });
    }
    playing.join_all().await.into_iter().collect()
}

fn print(outcomes: &BTreeMap<Cell, Outcome>) {
    println!(
        "{:18} {:20} {:26} {:26} every try",
        "hop", "fault", "first try", "first two tries"
    );
    for (cell, first) in outcomes.iter().filter(|(cell, _)| cell.when == When::First) {
        let of = |when| &outcomes[&Cell { when, ..*cell }];
        let (second, every) = (of(When::Second), of(When::Every));
        println!(
            "{:18} {:20} {first:26} {second:26} {every}",
            cell.hop, cell.fault
        );
    }
    let slowest = outcomes.values().map(|outcome| outcome.took).max();
    println!(
        "{} deliveries, slowest answer {:.1?}\n",
        outcomes.len(),
        slowest.unwrap()
    );
}

fn problems(outcomes: &BTreeMap<Cell, Outcome>) -> Vec<String> {
    let of = |(cell, outcome): (&Cell, &Outcome)| {
        (!outcome.problems.is_empty()).then(|| format!("{cell:?}: {}", outcome.problems.join("; ")))
    };
    outcomes.iter().filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_befalls_a_call_one_more_delivery_settles_it() {
    // Or each fault at each hop once: on the first try, the second and every one by turns.
    let cells = Cell::all().enumerate();
    let cells = cells.filter(|(index, _)| whole() || index % 3 == index / 3 % 3);
    let outcomes = play_all(cells.map(|(_, cell)| cell)).await;
    let mut problems = problems(&outcomes);
    if whole() {
        print(&outcomes);
        problems.extend(outcomes.iter().filter_map(late));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// What only a machine with time to spare can promise.
fn late((cell, outcome): (&Cell, &Outcome)) -> Option<String> {
    if outcome.took > LIMIT {
        return Some(format!("{cell:?}: answered after {:?}", outcome.took));
    }
    // A text gets one try: whether it went out is not known. And a moment of refusal may outlast a pause.
    let excused = cell.hop == Hop::Text || cell.fault == NetworkFault::Refused;
    let reached = cell.when != When::Every && !excused && !outcome.settled_at_once();
    reached.then(|| format!("{cell:?}: reached the caller"))
}
