//! The protocol, explored exhaustively: deliveries × requests by order × sweeps × refunds × crashes × lost replies × retries × stale look-ups
//! × the gateway's state changes × two attempts × a shop that edits or deletes its order × a person who closes items.
//! Every decision is the product's own code.
//!
//! `make model` goes further, and prints states and depth.

mod by_order;
mod gateway;
mod invariants;
mod list;
mod order;
mod running;
mod world;

use stateright::{Checker, Model, Property};

use crate::list::Place;
use crate::order::Order;
use crate::world::{Action, World, Worlds};

const ALWAYS: [&str; 3] = [
    "no step breaks a rule",
    "an account is told once",
    "left in peace, all is settled",
];

impl Model for Worlds {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        World::first(self)
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        world.actions(self, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        Some(world.after(self, action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let [no_step, told_once, settled] = ALWAYS;
        vec![
            Property::always(no_step, |_, world: &World| world.broken.is_none()),
            Property::always(told_once, |worlds, world: &World| {
                invariants::tells_once(worlds, world)
            }),
            Property::always(settled, |worlds, world: &World| {
                invariants::unsettled(worlds, world).is_none()
            }),
            Property::sometimes("paid is recorded", |_, world: &World| {
                world.row.as_ref().is_some_and(Order::holds_money)
            }),
            Property::sometimes("a write is met again", |_, world: &World| world.met_again),
            Property::sometimes("open", |_, world: &World| is_at(world, Place::Open)),
            Property::sometimes("matched", |_, world: &World| is_at(world, Place::Matched)),
            Property::sometimes("refunded", |_, world: &World| world.refunded != [0; 2]),
            Property::sometimes("asked for in vain", |_, world: &World| {
                (0..2).any(|attempt| world.asked[attempt] == 3 && world.refunded[attempt] == 0)
            }),
            Property::sometimes("closed, then refunded", |_, world: &World| {
                let closed = world.closed.and_then(|attempt| world.unmatched[attempt]);
                closed.is_some_and(|item| item.place == Place::Refunded)
            }),
        ]
    }
}

fn is_at(world: &World, place: Place) -> bool {
    let mut items = world.unmatched.iter().flatten();
    items.any(|item| item.place == place)
}

/// Explores all of it; what must be met on the way shows that it is worth the while.
fn explore(name: &str, worlds: Worlds, met: &[&'static str]) {
    let checker = worlds.checker().threads(2).spawn_bfs().join();
    println!(
        "{name}: {} states ({} unique), depth {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
    for property in ALWAYS {
        if let Some(path) = checker.discovery(property) {
            let last = path.last_state();
            let why = last.broken;
            let why = why.or_else(|| invariants::unsettled(checker.model(), last));
            let (last, actions) = (format!("{last:?}"), path.into_actions());
            panic!("{name}: {property}: {why:?}\n{actions:?}\nlead to {last}");
        }
    }
    for property in met {
        assert!(checker.discovery(property).is_some(), "{name}: {property}");
    }
    assert!(checker.is_done());
}

/// A larger bound where there is time.
fn or_whole(bound: u8, whole: u8) -> u8 {
    if std::env::var_os("WHOLE").is_some() {
        whole
    } else {
        bound
    }
}

/// One attempt, through every life, with three deliveries of which two run at the same time.
#[test]
fn one_attempt() {
    let worlds = Worlds {
        attempts: 1,
        deliveries: 3,
        ..Worlds::default()
    };
    explore(
        "one attempt",
        worlds,
        &["paid is recorded", "a write is met again"],
    );
}

/// Two attempts that pay the right amount: at most one may be the order's.
#[test]
fn two_attempts() {
    let worlds = Worlds {
        attempts: 2,
        deliveries: 2,
        ..Worlds::default()
    };
    explore("two attempts", worlds, &["paid is recorded", "open"]);
}

/// The second attempt pays another amount.
#[test]
fn one_forged() {
    let worlds = Worlds {
        attempts: 2,
        deliveries: 2,
        forged: true,
        ..Worlds::default()
    };
    explore("one forged", worlds, &["paid is recorded", "open"]);
}

/// The shop changes the amount, or deletes the order, at the worst moment.
#[test]
fn a_shop_that_edits_its_order() {
    let worlds = Worlds {
        attempts: 1,
        deliveries: 3,
        edits: true,
        ..Worlds::default()
    };
    explore("edited order", worlds, &["paid is recorded", "open"]);
}

/// A page that names no payment, and deliveries beside it.
#[test]
fn by_order_beside_deliveries() {
    let worlds = Worlds {
        attempts: 2,
        by_order: or_whole(1, 2),
        deliveries: 1,
        moves: Some(2),
        begun: true,
        ..Worlds::default()
    };
    let met = ["paid is recorded", "a write is met again", "open"];
    explore("by order", worlds, &met);
}

/// The same beside a sweep that refunds.
#[test]
fn by_order_beside_a_sweep() {
    let worlds = Worlds {
        attempts: 2,
        by_order: 1,
        sweeps: 1,
        moves: Some(or_whole(0, 1)),
        refunds: true,
        begun: true,
        ..Worlds::default()
    };
    explore("by order, a sweep", worlds, &["open", "refunded"]);
}

/// A sweep alone, while both attempts go through every life.
#[test]
fn a_sweep() {
    let worlds = Worlds {
        attempts: 2,
        sweeps: 1,
        refunds: true,
        begun: true,
        ..Worlds::default()
    };
    explore("a sweep", worlds, &["open", "matched", "refunded"]);
}

/// A sweep, and deliveries before, after and beside it.
#[test]
fn a_sweep_beside_deliveries() {
    let worlds = Worlds {
        attempts: 2,
        sweeps: 1,
        deliveries: 1,
        moves: Some(or_whole(1, 2)),
        refunds: true,
        begun: true,
        ..Worlds::default()
    };
    explore(
        "a sweep beside deliveries",
        worlds,
        &["open", "matched", "refunded"],
    );
}

/// Two sweeps at the same time, or one after the other, that refund.
#[test]
fn two_sweeps() {
    let worlds = Worlds {
        attempts: 2,
        sweeps: 2,
        moves: Some(or_whole(1, 2)),
        refunds: true,
        begun: true,
        ..Worlds::default()
    };
    let met = ["open", "matched", "refunded", "asked for in vain"];
    explore("two sweeps", worlds, &met);
}

/// The shop edits or deletes its order beside sweeps.
#[test]
fn sweeps_of_an_edited_order() {
    let worlds = Worlds {
        attempts: 2,
        sweeps: 1,
        deliveries: 1,
        moves: Some(or_whole(0, 1)),
        refunds: true,
        edits: true,
        begun: true,
        ..Worlds::default()
    };
    explore("sweeps, edited order", worlds, &["open", "refunded"]);
}

/// The second attempt pays another amount: nobody refunds it but a person.
#[test]
fn sweeps_of_a_forgery() {
    let worlds = Worlds {
        attempts: 2,
        sweeps: 1,
        deliveries: 1,
        moves: Some(or_whole(1, 2)),
        forged: true,
        refunds: true,
        begun: true,
        ..Worlds::default()
    };
    explore("sweeps, one forged", worlds, &["open"]);
}

/// A person closes an item at the worst moment.
#[test]
fn a_person_closes_an_item() {
    let worlds = Worlds {
        attempts: 2,
        sweeps: 1,
        deliveries: 1,
        moves: Some(or_whole(0, 1)),
        refunds: true,
        closes: true,
        begun: true,
        ..Worlds::default()
    };
    explore(
        "closed",
        worlds,
        &["open", "refunded", "closed, then refunded"],
    );
}
