//! What there is, and what can happen next.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::by_order::ByOrder;
use crate::gateway::{Life, Seen};
use crate::invariants;
use crate::list::{self, Change, Listed, Place};
use crate::order::{Notice, Order, Record};
use crate::running::{Lists, Reply, Running};

/// The bounds of one exploration.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what may happen, each of itself"
)]
pub(crate) struct Worlds {
    /// Attempts to pay the one order.
    pub(crate) attempts: usize,
    /// Deliveries in all, of which two run at the same time, sweeps counted.
    pub(crate) deliveries: u8,
    /// Requests in all that name the order and no payment.
    pub(crate) by_order: u8,
    /// Sweeps in all.
    pub(crate) sweeps: u8,
    /// Moves at the gateway, if they are few.
    pub(crate) moves: Option<u8>,
    /// Whether the last attempt pays another amount than the order's.
    pub(crate) forged: bool,
    /// Whether sweeps refund duplicates.
    pub(crate) refunds: bool,
    /// Whether the shop may edit, and delete, its order once.
    pub(crate) edits: bool,
    /// Whether a person may close an item once.
    pub(crate) closes: bool,
    /// Whether it begins anywhere that deliveries can lead to, rather than with nothing.
    pub(crate) begun: bool,
    /// What became of worlds that were left in peace.
    pub(crate) settled: Mutex<HashMap<World, Option<&'static str>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) lives: [Life; 2],
    pub(crate) before: [Life; 2],
    pub(crate) row: Option<Order>,
    pub(crate) unmatched: [Option<Listed>; 2],
    pub(crate) running: [Running; 2],
    pub(crate) delivered: u8,
    pub(crate) asked_by_order: u8,
    pub(crate) swept: u8,
    pub(crate) moved: u8,
    pub(crate) edited: bool,
    /// The attempt whose item a person closed.
    pub(crate) closed: Option<usize>,
    /// Texts sent for each attempt's account by whoever wrote it, retries included.
    pub(crate) texts: [u8; 2],
    /// Whether an attempt ever held money: what invariant 5 asks about.
    pub(crate) held: [bool; 2],
    /// Requests for a refund that were sent.
    pub(crate) asked: [u8; 2],
    /// Refunds that took effect.
    pub(crate) refunded: [u8; 2],
    pub(crate) met_again: bool,
    pub(crate) broken: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Move(usize, Life),
    /// A page or a webhook arrives; its look-up may tell the state before the last move.
    Deliver {
        slot: usize,
        attempt: usize,
        stale: bool,
    },
    /// A page names the order; of one attempt it may be told the state before the last move.
    AskByOrder {
        slot: usize,
        stale: Option<usize>,
    },
    /// A sweep begins, with the gateway's lists.
    Sweep {
        slot: usize,
        lists: Lists,
    },
    /// The next step of an invocation.
    Step {
        slot: usize,
        reply: Reply,
    },
    Crash(usize),
    Edit,
    Delete,
    Close(usize),
}

impl World {
    pub(crate) fn new(lives: [Life; 2]) -> Self {
        Self {
            lives,
            before: lives,
            row: Some(Order::default()),
            unmatched: [None; 2],
            running: [Running::Idle; 2],
            delivered: 0,
            asked_by_order: 0,
            swept: 0,
            moved: 0,
            edited: false,
            closed: None,
            texts: [0; 2],
            held: lives.map(|life| life >= Life::Paid && life != Life::Voided),
            asked: [0; 2],
            refunded: [0; 2],
            met_again: false,
            broken: None,
        }
    }

    /// Where explorations begin.
    pub(crate) fn first(worlds: &Worlds) -> Vec<Self> {
        if !worlds.begun {
            return vec![Self::new([Life::Window; 2])];
        }
        let mut first = Vec::new();
        let lives = [Life::Account, Life::Paid, Life::Partly, Life::Refunded];
        for pair in lives.iter().flat_map(|a| lives.map(|b| [*a, b])) {
            // Nothing was told, or all of it, one way or the other, or what was so while both had money.
            let told: [&[(usize, Life)]; 6] = [
                &[],
                &[(0, pair[0]), (1, pair[1])],
                &[(1, pair[1]), (0, pair[0])],
                &[(0, Life::Paid), (1, Life::Paid)],
                &[(1, Life::Paid), (0, Life::Paid)],
                &[(0, pair[0])],
            ];
            for told in told {
                let mut world = Self::new(pair);
                for (attempt, life) in told {
                    if *life == Life::Paid && pair[*attempt] < Life::Paid {
                        continue;
                    }
                    let seen = Seen {
                        attempt: *attempt,
                        life: *life,
                    };
                    world.deliver_in_peace(worlds, seen);
                }
                if let Some(order) = &mut world.row
                    && order.notice.is_some()
                {
                    order.notice = Some(Notice::Done);
                }
                for asks in [0, 2] {
                    let mut world = world.clone();
                    for (attempt, item) in world.unmatched.iter_mut().enumerate() {
                        if let Some(item) = item
                            && item.place == Place::Open
                        {
                            item.asks = asks;
                            world.asked[attempt] = asks;
                        }
                    }
                    if !first.contains(&world) {
                        first.push(world);
                    }
                }
            }
        }
        first
    }

    pub(crate) fn actions(&self, worlds: &Worlds, actions: &mut Vec<Action>) {
        if worlds.moves.is_none_or(|moves| self.moved < moves) {
            for attempt in 0..worlds.attempts {
                let next = self.lives[attempt].next().iter();
                actions.extend(next.map(|life| Action::Move(attempt, *life)));
            }
        }
        for (slot, running) in self.running.iter().enumerate() {
            if *running != Running::Idle {
                let replies = running.replies().iter();
                actions.extend(replies.map(|reply| Action::Step {
                    slot,
                    reply: *reply,
                }));
                actions.push(Action::Crash(slot));
            // The two are alike: the second only starts while the first runs.
            } else if slot == 0 || self.running[0] != Running::Idle {
                if self.delivered < worlds.deliveries {
                    self.deliveries(worlds, slot, actions);
                }
                if self.asked_by_order < worlds.by_order {
                    let stale = (0..worlds.attempts)
                        .filter(|attempt| self.before[*attempt] != self.lives[*attempt]);
                    let stale = std::iter::once(None).chain(stale.map(Some));
                    actions.extend(stale.map(|stale| Action::AskByOrder { slot, stale }));
                }
                if self.swept < worlds.sweeps {
                    let lists = Lists::all(self, worlds).into_iter();
                    actions.extend(lists.map(|lists| Action::Sweep { slot, lists }));
                }
            }
        }
        if worlds.edits && !self.edited && self.row.is_some() {
            actions.extend([Action::Edit, Action::Delete]);
        }
        if worlds.closes && self.closed.is_none() {
            let open = (0..worlds.attempts).filter(|attempt| self.is_open(*attempt));
            actions.extend(open.map(Action::Close));
        }
    }

    fn deliveries(&self, worlds: &Worlds, slot: usize, actions: &mut Vec<Action>) {
        for attempt in 0..worlds.attempts {
            let deliver = |stale| Action::Deliver {
                slot,
                attempt,
                stale,
            };
            actions.push(deliver(false));
            if self.before[attempt] != self.lives[attempt] {
                actions.push(deliver(true));
            }
        }
    }

    pub(crate) fn after(&self, worlds: &Worlds, action: Action) -> Self {
        let mut world = self.clone();
        match action {
            Action::Move(attempt, life) => {
                world.moved += u8::from(worlds.moves.is_some());
                world.go_on(attempt, life);
            }
            Action::Deliver {
                slot,
                attempt,
                stale,
            } => {
                world.delivered += 1;
                let lives = if stale { &self.before } else { &self.lives };
                let life = lives[attempt];
                world.running[slot] = Running::delivery(worlds, Seen { attempt, life });
            }
            Action::AskByOrder { slot, stale } => {
                world.asked_by_order += 1;
                let mut lives = world.lives;
                if let Some(attempt) = stale {
                    lives[attempt] = world.before[attempt];
                }
                world.running[slot] = ByOrder::begin(worlds, lives);
            }
            Action::Sweep { slot, lists } => {
                world.swept += 1;
                world.running[slot] = Running::sweep(&world, worlds, lists);
            }
            Action::Step { slot, reply } => {
                let running = std::mem::replace(&mut world.running[slot], Running::Idle);
                world.running[slot] = running.step(&mut world, worlds, slot, reply);
            }
            Action::Crash(slot) => world.running[slot] = Running::Idle,
            Action::Edit => {
                world.edited = true;
                world.disturb();
                if let Some(order) = &mut world.row {
                    order.edited = true;
                }
            }
            Action::Delete => {
                world.edited = true;
                world.disturb();
                world.row = None;
            }
            Action::Close(attempt) => {
                world.closed = Some(attempt);
                if let Some(item) = &mut world.unmatched[attempt] {
                    item.place = Place::Closed;
                }
            }
        }
        world.tidy(worlds);
        world
    }

    /// An attempt goes on at the gateway.
    pub(crate) fn go_on(&mut self, attempt: usize, life: Life) {
        self.before[attempt] = self.lives[attempt];
        self.lives[attempt] = life;
        self.held[attempt] |= life.holds_money();
        self.disturb();
    }

    /// What was found out before a refund may not be so any more.
    fn disturb(&mut self) {
        self.running.iter_mut().for_each(Running::disturb);
    }

    /// One name for worlds that differ in nothing that can ever matter.
    fn tidy(&mut self, worlds: &Worlds) {
        if let Some(order) = &mut self.row
            && let Some(Notice::Due(Some(slot))) = order.notice
            && self.running[slot] == Running::Idle
        {
            order.notice = Some(Notice::Due(None));
        }
        if self.running[0] == Running::Idle && self.running[1] != Running::Idle {
            self.running.swap(0, 1);
            if let Some(order) = &mut self.row
                && let Some(Notice::Due(Some(slot))) = &mut order.notice
            {
                *slot = 0;
            }
        }
        if self.delivered == worlds.deliveries
            && self.asked_by_order == worlds.by_order
            && self.swept == worlds.sweeps
        {
            self.before = self.lives;
        }
    }

    fn is_open(&self, attempt: usize) -> bool {
        self.unmatched[attempt].is_some_and(|item| item.place == Place::Open)
    }

    /// The conditional write on an item; what was refunded, or closed by a person, stays so.
    pub(crate) fn list(&mut self, worlds: &Worlds, seen: Seen, change: Change) -> bool {
        let was = self.unmatched[seen.attempt];
        let written = list::write(&mut self.unmatched, worlds, seen, change);
        let broken = invariants::broken_by_change(was, self.unmatched[seen.attempt]);
        self.broken = self.broken.or(broken);
        written
    }

    /// What is recorded on the order.
    pub(crate) fn recorded(&self) -> Option<Record> {
        self.row.as_ref()?.recorded
    }

    /// The same world with nobody at work in it, and forgetful of how it came to be.
    pub(crate) fn in_peace(&self) -> Self {
        let mut world = Self::new(self.lives);
        world.row = self.row;
        if let Some(order) = &mut world.row
            && order.notice.is_some()
        {
            order.notice = Some(Notice::Done);
        }
        world.unmatched = self.unmatched;
        world.edited = self.edited;
        world.held = self.held;
        world
    }

    /// A delivery from its beginning to its end.
    pub(crate) fn deliver_in_peace(&mut self, worlds: &Worlds, seen: Seen) {
        self.run(worlds, Running::delivery(worlds, seen));
    }

    /// A request by order from its beginning to its end.
    pub(crate) fn ask_by_order_in_peace(&mut self, worlds: &Worlds) {
        self.run(worlds, ByOrder::begin(worlds, self.lives));
    }

    /// A sweep from its beginning to its end.
    pub(crate) fn sweep_in_peace(&mut self, worlds: &Worlds, backwards: bool) {
        let lists = Lists::Fresh { backwards };
        self.run(worlds, Running::sweep(self, worlds, lists));
    }

    fn run(&mut self, worlds: &Worlds, mut running: Running) {
        while running != Running::Idle {
            running = running.step(self, worlds, 0, Reply::Came);
        }
    }
}
