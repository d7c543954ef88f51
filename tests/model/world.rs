//! What there is, and what can happen next.

use std::collections::HashMap;
use std::sync::OnceLock;

use aws_sdk_dynamodb::types::AttributeValue;
use payment_verifier::dynamodb::{Item, number, text};
use payment_verifier::orders::{condition, explain, restated};
use payment_verifier::payment::Payment;
use payment_verifier::state::State;
use payment_verifier::unmatched::Reason;
use payment_verifier::verdict::Verdict;

use crate::invariants;

/// The bounds of one exploration.
#[derive(Debug, Clone, Default)]
pub(crate) struct Worlds {
    /// Attempts to pay the one order.
    pub(crate) attempts: usize,
    /// Deliveries in all, of which two run at the same time.
    pub(crate) deliveries: u8,
    /// Whether the last attempt pays another amount than the order's.
    pub(crate) forged: bool,
    /// Whether the shop may edit, and delete, its order once.
    pub(crate) edits: bool,
}

/// Where an attempt can be at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Life {
    Window,
    Account,
    Failed,
    Paid,
    Partly,
    Refunded,
    /// Refunded, but the gateway does not say any more that it was paid.
    Forgotten,
    Voided,
}

impl Life {
    const ALL: [Self; 8] = [
        Self::Window,
        Self::Account,
        Self::Failed,
        Self::Paid,
        Self::Partly,
        Self::Refunded,
        Self::Forgotten,
        Self::Voided,
    ];

    pub(crate) fn next(self) -> &'static [Life] {
        match self {
            Life::Window => &[Life::Account, Life::Failed, Life::Paid],
            Life::Account => &[Life::Paid, Life::Failed, Life::Voided],
            Life::Failed => &[Life::Paid],
            Life::Paid => &[Life::Partly, Life::Refunded, Life::Forgotten],
            Life::Partly => &[Life::Refunded],
            Life::Refunded | Life::Forgotten | Life::Voided => &[],
        }
    }
}

/// What a look-up told; the truth may have moved on since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    pub(crate) attempt: usize,
    pub(crate) life: Life,
}

/// Where one invocation of the function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Running {
    Idle,
    /// About to send the conditional write, perhaps again: whether an earlier try went through is not known to it.
    Recording {
        request: u8,
        seen: Seen,
        applied: bool,
        tries: u8,
    },
    /// About to put money that no order took on the list, or a payment cancelled in full off it.
    Listing {
        seen: Seen,
    },
    /// About to tell the customer of the account.
    Telling {
        seen: Seen,
    },
    /// About to mark the notice as done.
    Marking {
        seen: Seen,
    },
}

/// What an order has of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    pub(crate) seen: Seen,
    pub(crate) state: State,
}

/// An item of the unmatched table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Listed {
    Open { cancelled: Life },
    Refunded,
}

/// The order's row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Order {
    pub(crate) amount: u16,
    pub(crate) recorded: Option<Record>,
    pub(crate) notice: Option<Notice>,
    pub(crate) notices: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Notice {
    Due(u8),
    Done,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) lives: [Life; 2],
    pub(crate) before: [Life; 2],
    pub(crate) row: Option<Order>,
    pub(crate) unmatched: [Option<Listed>; 2],
    pub(crate) running: [Running; 2],
    pub(crate) delivered: u8,
    pub(crate) edited: bool,
    /// Texts sent for each attempt's account by whoever wrote it, retries included.
    pub(crate) texts: [u8; 2],
    /// Whether an attempt ever held money: what invariant 5 asks about.
    pub(crate) held: [bool; 2],
    pub(crate) met_again: bool,
    pub(crate) broken: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Move(usize, Life),
    /// A page or a webhook arrives; its look-up may tell the state before the last move.
    Deliver {
        running: usize,
        attempt: usize,
        stale: bool,
    },
    /// The next step takes effect; its reply arrives, or is lost.
    Step {
        running: usize,
        replied: bool,
    },
    Crash(usize),
    Edit,
    Delete,
}

/// Amounts of the order before and after the shop edits it.
const AMOUNT: u16 = 1000;
const EDITED: u16 = 2000;
/// What the forged attempt pays.
const FORGED: u16 = 10;
/// Tries of one write.
const TRIES: u8 = 2;

impl World {
    pub(crate) fn new() -> Self {
        Self {
            lives: [Life::Window; 2],
            before: [Life::Window; 2],
            row: Some(Order {
                amount: AMOUNT,
                recorded: None,
                notice: None,
                notices: 0,
            }),
            unmatched: [None; 2],
            running: [Running::Idle; 2],
            delivered: 0,
            edited: false,
            texts: [0; 2],
            held: [false; 2],
            met_again: false,
            broken: None,
        }
    }

    pub(crate) fn actions(&self, worlds: &Worlds, actions: &mut Vec<Action>) {
        for attempt in 0..worlds.attempts {
            actions.extend(
                self.lives[attempt]
                    .next()
                    .iter()
                    .map(|life| Action::Move(attempt, *life)),
            );
        }
        for (index, running) in self.running.iter().enumerate() {
            if *running != Running::Idle {
                actions.extend([true, false].map(|replied| Action::Step {
                    running: index,
                    replied,
                }));
                actions.push(Action::Crash(index));
            // The two are alike: the second only starts while the first runs.
            } else if self.delivered < worlds.deliveries
                && (index == 0 || self.running[0] != Running::Idle)
            {
                for attempt in 0..worlds.attempts {
                    actions.push(Action::Deliver {
                        running: index,
                        attempt,
                        stale: false,
                    });
                    if self.before[attempt] != self.lives[attempt] {
                        actions.push(Action::Deliver {
                            running: index,
                            attempt,
                            stale: true,
                        });
                    }
                }
            }
        }
        if worlds.edits && !self.edited && self.row.is_some() {
            actions.extend([Action::Edit, Action::Delete]);
        }
    }

    pub(crate) fn after(&self, worlds: &Worlds, action: Action) -> Self {
        let mut world = self.clone();
        match action {
            Action::Move(attempt, life) => {
                world.before[attempt] = world.lives[attempt];
                world.lives[attempt] = life;
                world.held[attempt] |= matches!(life, Life::Paid | Life::Partly);
            }
            Action::Deliver {
                running,
                attempt,
                stale,
            } => {
                let lives = if stale { &self.before } else { &self.lives };
                let seen = Seen {
                    attempt,
                    life: lives[attempt],
                };
                world.delivered += 1;
                let request = world.delivered;
                // An open window is `pending`: nothing is asked of the order.
                world.running[running] = match payment(worlds, seen).state() {
                    Some(_) => Running::Recording {
                        request,
                        seen,
                        applied: false,
                        tries: 0,
                    },
                    None => Running::Idle,
                };
            }
            Action::Step { running, replied } => {
                world.running[running] = world.step(worlds, self.running[running], replied);
            }
            Action::Crash(running) => world.running[running] = Running::Idle,
            Action::Edit => {
                world.edited = true;
                if let Some(row) = &mut world.row {
                    row.amount = EDITED;
                }
            }
            Action::Delete => {
                world.edited = true;
                world.row = None;
            }
        }
        world
    }

    /// One step of an invocation, as `settle` takes it.
    fn step(&mut self, worlds: &Worlds, running: Running, replied: bool) -> Running {
        match running {
            Running::Idle => Running::Idle,
            Running::Recording {
                request,
                seen,
                applied,
                tries,
            } => {
                let (payment, state) = decided(worlds, seen);
                let before = self.row.clone();
                let written = record(&mut self.row, worlds, seen, request);
                if let Some(state) = written {
                    self.broken = self.broken.or(invariants::broken_by_write(
                        worlds,
                        before.as_ref(),
                        seen,
                        state,
                    ));
                }
                let applied = applied || written.is_some();
                if !replied {
                    return if tries + 1 < TRIES {
                        Running::Recording {
                            request,
                            seen,
                            applied,
                            tries: tries + 1,
                        }
                    } else {
                        Running::Idle // 503: trying again can help
                    };
                }
                if let Some(state) = written {
                    return self.tell(seen, state, request);
                }
                let old = before.as_ref().map(Order::item);
                let state = restate(old.as_ref(), payment, state);
                let verdict = explain(old.as_ref(), payment, state);
                self.met_again |= applied;
                self.broken = self.broken.or(invariants::broken_by_answer(
                    self, worlds, seen, verdict, applied,
                ));
                match verdict {
                    Verdict::Known(State::AccountIssued) => {
                        self.tell(seen, State::AccountIssued, request)
                    }
                    _ if is_listed(verdict, payment, state) => Running::Listing { seen },
                    _ => Running::Idle,
                }
            }
            Running::Listing { seen } => {
                list(&mut self.unmatched, worlds, seen);
                Running::Idle
            }
            Running::Telling { seen } => {
                self.texts[seen.attempt] = (self.texts[seen.attempt] + 1).min(3);
                if replied {
                    Running::Marking { seen }
                } else {
                    Running::Idle
                }
            }
            Running::Marking { seen } => {
                if let Some(row) = &mut self.row
                    && row
                        .recorded
                        .is_some_and(|recorded| recorded.seen.attempt == seen.attempt)
                    && matches!(row.notice, Some(Notice::Due(_)))
                {
                    row.notice = Some(Notice::Done);
                }
                Running::Idle
            }
        }
    }

    /// Whoever made the notice due gives it. (That others take over after a minute is a matter of the clock, which
    /// the black-box tests move.)
    fn tell(&self, seen: Seen, state: State, request: u8) -> Running {
        let due = self.row.as_ref().is_some_and(|row| {
            row.notice == Some(Notice::Due(request))
                && row
                    .recorded
                    .is_some_and(|recorded| recorded.seen.attempt == seen.attempt)
        });
        if state == State::AccountIssued && due {
            Running::Telling { seen }
        } else {
            Running::Idle
        }
    }
}

/// The conditional write: whether it goes through, and what it writes, is the product's decision.
pub(crate) fn record(
    row: &mut Option<Order>,
    worlds: &Worlds,
    seen: Seen,
    request: u8,
) -> Option<State> {
    let (payment, state) = decided(worlds, seen);
    let order = row.as_mut()?;
    let item = order.item();
    let state = restate(Some(&item), payment, state);
    if !condition(payment, state).holds(&item) {
        return None;
    }
    order.recorded = Some(Record { seen, state });
    order.notice = (state == State::AccountIssued).then_some(Notice::Due(request));
    order.notices += u8::from(state == State::AccountIssued);
    Some(state)
}

fn restate(item: Option<&Item>, payment: &Payment, state: State) -> State {
    item.and_then(|item| restated(item, payment, state))
        .unwrap_or(state)
}

/// Whether this verdict has a payment put on the list of unmatched ones, or taken off it.
pub(crate) fn is_listed(verdict: Verdict, payment: &Payment, state: State) -> bool {
    match verdict {
        Verdict::Written(_) | Verdict::Known(_) => false,
        _ if state.is_cancelled_in_full() => true,
        _ => Reason::of(verdict).is_some() && payment.holds_money(),
    }
}

/// The conditional write on the list.
pub(crate) fn list(unmatched: &mut [Option<Listed>; 2], worlds: &Worlds, seen: Seen) {
    let (_, state) = decided(worlds, seen);
    let item = &mut unmatched[seen.attempt];
    *item = match *item {
        Some(_) if state.is_cancelled_in_full() => Some(Listed::Refunded),
        None if state.is_cancelled_in_full() => None,
        Some(Listed::Refunded) => Some(Listed::Refunded),
        Some(Listed::Open { cancelled }) => Some(Listed::Open {
            cancelled: cancelled.max(seen.life),
        }),
        None => Some(Listed::Open {
            cancelled: seen.life,
        }),
    };
}

impl Order {
    pub(crate) fn holds_money(&self) -> bool {
        self.recorded
            .is_some_and(|recorded| recorded.state.holds_money())
    }

    /// The row as DynamoDB would hand it over.
    pub(crate) fn item(&self) -> Item {
        let mut item = Item::from([
            ("merchant_uid".to_owned(), text("order")),
            ("amount".to_owned(), number(i64::from(self.amount).into())),
        ]);
        if let Some(Record { seen, state }) = self.recorded {
            // What the gateway says of amounts does not depend on the world.
            let payment = payment(&Worlds::default(), seen);
            item.extend([
                ("imp_uid".to_owned(), text(&payment.imp_uid)),
                ("payment_status".to_owned(), text(state.status())),
                ("payment_stage".to_owned(), number(state.stage().into())),
                ("payment_rank".to_owned(), number(state.rank().into())),
                ("cancel_amount".to_owned(), number(payment.cancel_amount)),
                ("started_at".to_owned(), number(payment.started().into())),
                ("payment".to_owned(), AttributeValue::M(HashMap::new())),
            ]);
        }
        item
    }
}

fn imp_uid(attempt: usize) -> String {
    format!("imp_{attempt}")
}

/// A payment that the order decides about, and its state.
pub(crate) fn decided(worlds: &Worlds, seen: Seen) -> (&'static Payment, State) {
    let payment = payment(worlds, seen);
    let state = payment.state().expect("only decided payments get here");
    (payment, state)
}

/// The payment as the gateway tells it, read once: explorations ask for the same few millions of times.
pub(crate) fn payment(worlds: &Worlds, seen: Seen) -> &'static Payment {
    static READ: OnceLock<Vec<Payment>> = OnceLock::new();
    let forged = worlds.forged && seen.attempt + 1 == worlds.attempts;
    let all = READ.get_or_init(|| {
        let attempts = [(0, false), (0, true), (1, false), (1, true)];
        let told = |(attempt, forged)| Life::ALL.map(|life| told(Seen { attempt, life }, forged));
        attempts.into_iter().flat_map(told).collect()
    });
    &all[(seen.attempt * 2 + usize::from(forged)) * Life::ALL.len() + seen.life as usize]
}

/// The later attempt starts later.
fn told(seen: Seen, forged: bool) -> Payment {
    let amount = if forged { FORGED } else { AMOUNT };
    let (status, cancelled, paid_at) = match seen.life {
        Life::Window | Life::Account => ("ready", 0, 0),
        Life::Failed => ("failed", 0, 0),
        Life::Paid => ("paid", 0, 9),
        Life::Partly => ("cancelled", amount / 2, 9),
        Life::Refunded => ("cancelled", amount, 9),
        Life::Forgotten => ("cancelled", amount, 0),
        Life::Voided => ("cancelled", 0, 0),
    };
    let account = if seen.life == Life::Window {
        "null"
    } else {
        "\"X1\""
    };
    let text = format!(
        r#"{{"imp_uid":"{}","merchant_uid":"order","status":"{status}","amount":{amount},"cancel_amount":{cancelled},
            "currency":"KRW","started_at":{},"paid_at":{paid_at},"pay_method":"vbank","vbank_num":{account}}}"#,
        imp_uid(seen.attempt),
        seen.attempt + 1,
    );
    serde_json::from_str(&text).expect("a payment")
}
