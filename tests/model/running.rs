//! The function at work: a delivery or a sweep, one step on the network after the other.

use payment_verifier::payment::PaymentIds;
use payment_verifier::refund::{is_due, is_duplicate, may_ask};
use payment_verifier::state::State;
use payment_verifier::unmatched::{Money, Open, Reason};
use payment_verifier::verdict::Verdict;

use crate::by_order::{ByOrder, attempts};
use crate::gateway::{Life, NOW, Seen, decided, payment};
use crate::invariants;
use crate::list::{Change, Place};
use crate::order::{Decision, Notice, record};
use crate::world::{World, Worlds};

/// Tries of one write.
const TRIES: u8 = 2;
/// The largest refund.
const MAX: i64 = 50_000;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Came,
    /// It took effect, and the reply was lost.
    Lost,
    /// It was lost itself.
    Never,
}

/// What the gateway's lists tell a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// The window has nothing.
    Empty,
    /// They cannot be had.
    Failed,
    /// Settled in this order.
    Fresh { backwards: bool },
    /// One attempt as it was before its last move.
    Stale { attempt: usize },
}

/// One invocation of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Running {
    Idle,
    Delivery(Settling),
    ByOrder(ByOrder),
    Sweep(Sweep),
}

/// A payment on its way to where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Settling {
    /// About to send the conditional write, perhaps again: whether an earlier try went through is not known to it.
    Recording {
        seen: Seen,
        applied: bool,
        tries: u8,
    },
    /// About to put money that no order took on the list, or a payment cancelled in full off it.
    Listing {
        seen: Seen,
        change: Change,
        verdict: Verdict,
    },
    /// About to tell the customer of the account.
    Telling { seen: Seen, verdict: Verdict },
    /// About to mark the notice as done.
    Marking { seen: Seen, verdict: Verdict },
}

/// Where settling a payment led to.
pub(crate) enum Way {
    On(Settling),
    Settled {
        seen: Seen,
        verdict: Verdict,
        is_told: bool,
    },
    Failed,
}

/// A sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sweep {
    phase: Phase,
    failed: bool,
    /// The payment in hand.
    settling: Option<Settling>,
    /// Those to settle next.
    queue: [Option<Seen>; 2],
    /// Items to look at, with how often a refund was asked for.
    due: [Option<u8>; 2],
    /// Those of them that are duplicates still, as they were looked up.
    open: [Option<(u8, Life)>; 2],
    refund: Option<Refund>,
}

/// The next call of a sweep, or what the payment in hand is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    Listed,
    Query,
    Look(usize),
    Looked,
    Write {
        seen: Seen,
        change: Change,
    },
    FindAll,
    FoundAll,
    Claim {
        tries: u8,
    },
    Cancel,
    GiveUp,
    /// No call: the next item, or the next refund.
    Next,
}

/// One refund on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Refund {
    attempt: usize,
    asks: u8,
    /// What became of the order's attempts.
    found: [Option<(Life, Verdict)>; 2],
    asked: Option<Asked>,
    /// For the invariants: whether both had all their money when the gateway was asked, and whether anything changed since.
    both_paid: bool,
    disturbed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    Taken,
    Refused,
    Unknown,
}

impl Lists {
    /// All that can be told in this world.
    pub(crate) fn all(world: &World, worlds: &Worlds) -> Vec<Self> {
        let mut all = vec![Self::Empty, Self::Failed, Self::Fresh { backwards: false }];
        if worlds.attempts > 1 {
            all.push(Self::Fresh { backwards: true });
        }
        let stale =
            (0..worlds.attempts).filter(|attempt| world.before[*attempt] != world.lives[*attempt]);
        all.extend(stale.map(|attempt| Self::Stale { attempt }));
        all
    }
}

impl Running {
    /// A delivery; an open window is `pending`, and nothing is asked of the order.
    pub(crate) fn delivery(worlds: &Worlds, seen: Seen) -> Self {
        let settling = Settling::begin(worlds, seen);
        settling.map_or(Self::Idle, Self::Delivery)
    }

    /// A sweep that has read the lists.
    pub(crate) fn sweep(world: &World, worlds: &Worlds, lists: Lists) -> Self {
        let mut sweep = Sweep {
            phase: Phase::Listed,
            failed: lists == Lists::Failed,
            settling: None,
            queue: [None; 2],
            due: [None; 2],
            open: [None; 2],
            refund: None,
        };
        if matches!(lists, Lists::Fresh { .. } | Lists::Stale { .. }) {
            for attempt in 0..worlds.attempts {
                let is_stale = lists == Lists::Stale { attempt };
                let lives = if is_stale {
                    &world.before
                } else {
                    &world.lives
                };
                let life = lives[attempt];
                sweep.queue[attempt] = life.is_listed().then_some(Seen { attempt, life });
            }
        }
        if lists == (Lists::Fresh { backwards: true }) {
            sweep.queue.reverse();
        }
        sweep.go_on(worlds)
    }

    /// What can become of its next call.
    pub(crate) fn replies(&self) -> &'static [Reply] {
        match self {
            Self::Idle => &[],
            Self::Delivery(_) | Self::ByOrder(_) => &[Reply::Came, Reply::Lost],
            Self::Sweep(sweep) => match sweep.phase {
                Phase::Claim { .. } | Phase::Cancel => &[Reply::Came, Reply::Lost, Reply::Never],
                _ => &[Reply::Came, Reply::Lost],
            },
        }
    }

    /// Something changed that a refund in preparation does not know of.
    pub(crate) fn disturb(&mut self) {
        if let Self::Sweep(Sweep {
            refund: Some(refund),
            ..
        }) = self
        {
            refund.disturbed = true;
        }
    }

    pub(crate) fn step(
        self,
        world: &mut World,
        worlds: &Worlds,
        slot: usize,
        reply: Reply,
    ) -> Self {
        match self {
            Self::Idle => Self::Idle,
            Self::Delivery(settling) => match settling.step(world, worlds, slot, reply) {
                Way::On(settling) => Self::Delivery(settling),
                // Trouble is a 503: trying again can help.
                Way::Settled { .. } | Way::Failed => Self::Idle,
            },
            Self::ByOrder(by_order) => by_order.step(world, worlds, slot, reply),
            Self::Sweep(mut sweep) => {
                sweep.step(world, worlds, slot, reply);
                sweep.go_on(worlds)
            }
        }
    }
}

impl Settling {
    pub(crate) fn begin(worlds: &Worlds, seen: Seen) -> Option<Self> {
        payment(worlds, seen).state().map(|_| Self::Recording {
            seen,
            applied: false,
            tries: 0,
        })
    }

    pub(crate) fn step(self, world: &mut World, worlds: &Worlds, slot: usize, reply: Reply) -> Way {
        match self {
            Self::Recording {
                seen,
                applied,
                tries,
            } => {
                let before = world.row;
                let decision = record(&mut world.row, worlds, seen, Some(slot));
                let broken = match decision {
                    Decision::Written(state) => {
                        invariants::broken_by_write(worlds, before.as_ref(), seen, state)
                    }
                    Decision::Refused(_) => None,
                };
                world.broken = world.broken.or(broken);
                let is_written = matches!(decision, Decision::Written(_));
                if reply != Reply::Came {
                    let again = Self::Recording {
                        seen,
                        applied: applied || is_written,
                        tries: tries + 1,
                    };
                    return if tries + 1 < TRIES {
                        Way::On(again)
                    } else {
                        Way::Failed
                    };
                }
                let verdict = match decision {
                    Decision::Written(state) => Verdict::Written(state),
                    Decision::Refused(verdict) => {
                        world.met_again |= applied;
                        let broken =
                            invariants::broken_by_answer(world, worlds, seen, verdict, applied);
                        world.broken = world.broken.or(broken);
                        verdict
                    }
                };
                Self::recorded(world, worlds, slot, seen, verdict)
            }
            Self::Listing {
                seen,
                change,
                verdict,
            } => {
                world.list(worlds, seen, change);
                Way::settled(seen, verdict, reply, true)
            }
            Self::Telling { seen, verdict } => {
                world.texts[seen.attempt] = (world.texts[seen.attempt] + 1).min(3);
                if reply == Reply::Came {
                    Way::On(Self::Marking { seen, verdict })
                } else {
                    Way::untold(seen, verdict)
                }
            }
            Self::Marking { seen, verdict } => {
                if let Some(order) = &mut world.row
                    && order
                        .recorded
                        .is_some_and(|recorded| recorded.seen.attempt == seen.attempt)
                    && matches!(order.notice, Some(Notice::Due(_)))
                {
                    order.notice = Some(Notice::Done);
                }
                if reply == Reply::Came {
                    Way::settled(seen, verdict, reply, true)
                } else {
                    Way::untold(seen, verdict)
                }
            }
        }
    }

    /// What follows from the order's verdict.
    fn recorded(world: &World, worlds: &Worlds, slot: usize, seen: Seen, verdict: Verdict) -> Way {
        let (payment, state) = decided(worlds, seen);
        let change = match Money::of(payment, state, verdict) {
            Money::Recorded | Money::None => None,
            Money::GivenBack => Some(Change::GivenBack),
            Money::Unmatched(reason) => Some(Change::Note(reason)),
        };
        let is_account = matches!(
            verdict,
            Verdict::Written(State::AccountIssued) | Verdict::Known(State::AccountIssued)
        );
        // Whoever made the notice due gives it. (That others take over after a minute is a matter of the clock, which
        // the black-box tests move.)
        let is_due = world.row.as_ref().is_some_and(|order| {
            order.notice == Some(Notice::Due(Some(slot)))
                && order
                    .recorded
                    .is_some_and(|recorded| recorded.seen.attempt == seen.attempt)
        });
        match change {
            Some(change) => Way::On(Self::Listing {
                seen,
                change,
                verdict,
            }),
            None if is_account && is_due => Way::On(Self::Telling { seen, verdict }),
            None => Way::settled(seen, verdict, Reply::Came, true),
        }
    }
}

impl Way {
    fn settled(seen: Seen, verdict: Verdict, reply: Reply, is_told: bool) -> Self {
        if reply != Reply::Came {
            return Self::Failed;
        }
        Self::Settled {
            seen,
            verdict,
            is_told,
        }
    }

    fn untold(seen: Seen, verdict: Verdict) -> Self {
        Self::settled(seen, verdict, Reply::Came, false)
    }
}

impl Sweep {
    /// One call, and what it told.
    fn step(&mut self, world: &mut World, worlds: &Worlds, slot: usize, reply: Reply) {
        if let Some(settling) = self.settling.take() {
            match settling.step(world, worlds, slot, reply) {
                Way::On(settling) => self.settling = Some(settling),
                Way::Settled {
                    seen,
                    verdict,
                    is_told,
                } => {
                    self.failed |= !is_told;
                    self.settled(worlds, seen, verdict);
                }
                Way::Failed => self.not_settled(),
            }
            return;
        }
        let came = reply == Reply::Came;
        match self.phase {
            Phase::Query => {
                self.failed |= !came;
                let due = world.unmatched.map(|item| {
                    let open = item.filter(|item| item.place == Place::Open);
                    open.map(|item| item.asks)
                });
                self.due = if came { due } else { [None; 2] };
                self.phase = Phase::Next;
            }
            Phase::Look(attempt) => {
                let life = world.lives[attempt];
                let seen = Seen { attempt, life };
                self.settling = Settling::begin(worlds, seen).filter(|_| came);
                self.phase = if !came {
                    self.failed = true;
                    self.looked(None)
                } else if self.settling.is_some() {
                    Phase::Looked
                } else {
                    let change = Change::PassOver;
                    Phase::Write { seen, change }
                };
            }
            Phase::Write { seen, change } => {
                world.list(worlds, seen, change);
                self.failed |= !came;
                let is_duplicate = change == Change::StayOpen(Reason::DuplicatePayment);
                let is_open = matches!(change, Change::StayOpen(_));
                let is_kept = came && is_open && (is_duplicate || self.refund.is_some());
                self.phase = self.looked(is_kept.then_some(seen.life));
            }
            Phase::FindAll => self.find_all(world, worlds, came),
            Phase::Claim { tries } => self.claim(world, worlds, tries, reply),
            Phase::Cancel => self.cancel(world, reply),
            Phase::GiveUp => {
                let seen = self.seen_by_refund(world);
                world.list(worlds, seen, Change::GiveUp);
                self.phase = if came {
                    Phase::Look(seen.attempt)
                } else {
                    self.failed = true;
                    self.refund = None;
                    Phase::Next
                };
            }
            Phase::Listed | Phase::Looked | Phase::FoundAll | Phase::Next => {}
        }
    }

    /// What the payment in hand came to.
    fn settled(&mut self, worlds: &Worlds, seen: Seen, verdict: Verdict) {
        match self.phase {
            Phase::Looked => {
                let (payment, state) = decided(worlds, seen);
                let change = match Money::of(payment, state, verdict) {
                    Money::Recorded => Change::Match,
                    Money::Unmatched(reason) => Change::StayOpen(reason),
                    Money::None => Change::PassOver,
                    Money::GivenBack => {
                        self.phase = self.looked(None);
                        return;
                    }
                };
                self.phase = Phase::Write { seen, change };
            }
            Phase::FoundAll => {
                if let Some(refund) = &mut self.refund {
                    refund.found[seen.attempt] = Some((seen.life, verdict));
                }
            }
            _ => {}
        }
    }

    fn not_settled(&mut self) {
        self.failed = true;
        match self.phase {
            Phase::Looked => self.phase = self.looked(None),
            Phase::FoundAll => {
                self.queue = [None; 2];
                self.refund = None;
                self.phase = Phase::Next;
            }
            _ => {}
        }
    }

    /// An item was looked at, and is open still, or was looked at again after its refund was asked for.
    fn looked(&mut self, open: Option<Life>) -> Phase {
        if let Some(refund) = self.refund.take() {
            // What was refused is a person's.
            self.failed |= open.is_some() && refund.asked == Some(Asked::Unknown);
        } else if let Some(attempt) = self.due.iter().position(Option::is_some)
            && let Some(asks) = self.due[attempt].take()
        {
            self.open[attempt] = open.map(|life| (asks, life));
        }
        Phase::Next
    }

    fn seen_by_refund(&self, world: &World) -> Seen {
        let attempt = self.refund.map_or(0, |refund| refund.attempt);
        let life = world.lives[attempt];
        Seen { attempt, life }
    }

    fn find_all(&mut self, world: &World, worlds: &Worlds, came: bool) {
        if let Some(refund) = &mut self.refund {
            refund.both_paid = world.lives == [Life::Paid; 2];
            refund.disturbed = false;
        }
        if came {
            self.queue = attempts(worlds, world.lives);
            self.phase = Phase::FoundAll;
        } else {
            self.failed = true;
            self.refund = None;
            self.phase = Phase::Next;
        }
    }

    fn claim(&mut self, world: &mut World, worlds: &Worlds, tries: u8, reply: Reply) {
        let seen = self.seen_by_refund(world);
        let asks = self.refund.map_or(0, |refund| refund.asks);
        let claimed = reply != Reply::Never && world.list(worlds, seen, Change::Claim(asks));
        self.phase = if reply == Reply::Came && claimed {
            Phase::Cancel
        } else if reply != Reply::Came && tries + 1 < TRIES {
            Phase::Claim { tries: tries + 1 }
        } else {
            self.failed |= reply != Reply::Came;
            self.refund = None;
            Phase::Next
        };
    }

    /// The gateway gives back all that it holds, if that is all there was.
    fn cancel(&mut self, world: &mut World, reply: Reply) {
        let seen = self.seen_by_refund(world);
        world.asked[seen.attempt] += 1;
        let mut says = Asked::Unknown;
        if reply != Reply::Never {
            says = match seen.life {
                Life::Paid => {
                    world.refunded[seen.attempt] += 1;
                    let both_paid = self.refund.is_some_and(|refund| refund.both_paid);
                    let disturbed = self.refund.is_some_and(|refund| refund.disturbed);
                    let broken =
                        invariants::broken_by_refund(world, seen.attempt, both_paid, disturbed);
                    world.broken = world.broken.or(broken);
                    world.go_on(seen.attempt, Life::Refunded);
                    Asked::Taken
                }
                Life::Refunded | Life::Forgotten => Asked::Taken,
                _ => Asked::Refused,
            };
        }
        if reply != Reply::Came {
            says = Asked::Unknown;
        }
        world.broken = world
            .broken
            .or(invariants::broken_by_ask(world, seen.attempt));
        if let Some(refund) = &mut self.refund {
            refund.asked = Some(says);
        }
        self.phase = match says {
            Asked::Refused => Phase::GiveUp,
            Asked::Taken | Asked::Unknown => Phase::Look(seen.attempt),
        };
    }

    /// All that needs no call, up to the next one.
    fn go_on(mut self, worlds: &Worlds) -> Running {
        loop {
            if self.settling.is_some() {
                return Running::Sweep(self);
            }
            match self.phase {
                Phase::Listed | Phase::FoundAll => {
                    if let Some(next) = self.queue.iter_mut().find_map(Option::take) {
                        self.settling = Settling::begin(worlds, next);
                    } else {
                        self.phase = self.emptied(worlds);
                    }
                }
                Phase::Next => match self.next(worlds) {
                    Some(phase) => self.phase = phase,
                    None => return Running::Idle,
                },
                _ => return Running::Sweep(self),
            }
        }
    }

    /// All in the queue are settled.
    fn emptied(&mut self, worlds: &Worlds) -> Phase {
        let Some(refund) = self.refund else {
            return Phase::Query;
        };
        let told = |life| {
            let attempt = refund.attempt;
            payment(worlds, Seen { attempt, life })
        };
        let found = refund.found.iter().enumerate();
        let found = found.filter_map(|(attempt, found)| {
            let (life, verdict) = (*found)?;
            Some((payment(worlds, Seen { attempt, life }), verdict))
        });
        // Only its name matters.
        if !self.failed && is_duplicate(told(Life::Paid), found) {
            Phase::Claim { tries: 0 }
        } else {
            self.refund = None;
            Phase::Next
        }
    }

    /// The next item to look at, the next refund, or nothing.
    fn next(&mut self, worlds: &Worlds) -> Option<Phase> {
        if let Some(attempt) = self.due.iter().position(Option::is_some) {
            return Some(Phase::Look(attempt));
        }
        if self.failed || !worlds.refunds {
            return None;
        }
        let (attempt, asks) = (0..worlds.attempts).find_map(|attempt| {
            let (asks, life) = self.open[attempt].take()?;
            let payment = payment(worlds, Seen { attempt, life });
            let ids = PaymentIds::new(payment.imp_uid.clone(), payment.merchant_uid.clone());
            let item = Open {
                ids: ids.expect("ids"),
                refund_asked_at: (asks > 0).then_some(0),
                refund_asks: asks.into(),
            };
            (may_ask(&item, NOW) && is_due(payment, NOW, MAX.into())).then_some((attempt, asks))
        })?;
        self.refund = Some(Refund {
            attempt,
            asks,
            found: [None; 2],
            asked: None,
            both_paid: false,
            disturbed: false,
        });
        Some(Phase::FindAll)
    }
}
