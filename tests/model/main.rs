//! The protocol, explored exhaustively: deliveries × crashes × lost replies × retries × stale look-ups × the gateway's
//! state changes × two attempts × a shop that edits or deletes its order. Every decision is the product's own code.
//!
//! `make model` prints states and depth.

mod invariants;
mod world;

use stateright::{Checker, Model, Property};
use world::{Action, Order, World, Worlds};

impl Model for Worlds {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        world.actions(self, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        Some(world.after(self, action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no step breaks a rule", |_, world: &World| {
                world.broken.is_none()
            }),
            Property::always("delivering again settles", |worlds, world: &World| {
                invariants::settles(worlds, world)
            }),
            Property::sometimes("paid is recorded", |_, world: &World| {
                world.row.as_ref().is_some_and(Order::holds_money)
            }),
            Property::sometimes(
                "a reply was lost and its write met again",
                |_, world: &World| world.met_again,
            ),
            Property::sometimes("a duplicate is on the list", |_, world: &World| {
                world.unmatched != [None; 2]
            }),
        ]
    }
}

fn explore(name: &str, worlds: Worlds) {
    let checker = worlds.checker().threads(2).spawn_bfs().join();
    println!(
        "{name}: {} states ({} unique), depth {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
    for property in ["no step breaks a rule", "delivering again settles"] {
        if let Some(path) = checker.discovery(property) {
            panic!(
                "{name}: {property}: {:?}\n{path:#?}",
                path.last_state().broken
            );
        }
    }
    assert!(checker.is_done());
}

/// One attempt, through every life, with three deliveries of which two run at the same time.
#[test]
fn one_attempt() {
    explore(
        "one attempt",
        Worlds {
            attempts: 1,
            deliveries: 3,
            ..Worlds::default()
        },
    );
}

/// Two attempts that pay the right amount: at most one may be the order's.
#[test]
fn two_attempts() {
    explore(
        "two attempts",
        Worlds {
            attempts: 2,
            deliveries: 2,
            ..Worlds::default()
        },
    );
}

/// The second attempt pays another amount.
#[test]
fn one_forged() {
    explore(
        "one forged",
        Worlds {
            attempts: 2,
            deliveries: 2,
            forged: true,
            ..Worlds::default()
        },
    );
}

/// The shop changes the amount, or deletes the order, at the worst moment.
#[test]
fn a_shop_that_edits_its_order() {
    explore(
        "edited order",
        Worlds {
            attempts: 1,
            deliveries: 3,
            edits: true,
            ..Worlds::default()
        },
    );
}
