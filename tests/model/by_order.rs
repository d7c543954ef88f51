//! A request that names an order and no payment: every attempt is settled, then the row is read, which changes nothing.

use payment_verifier::by_order::settling_order;

use crate::gateway::{Life, Seen, decided, payment};
use crate::running::{Reply, Running, Settling, Way};
use crate::world::{World, Worlds};

/// The attempts still to settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ByOrder {
    settling: Settling,
    queue: [Option<Seen>; 2],
}

impl ByOrder {
    /// The gateway has listed the attempts as they are in these lives.
    pub(crate) fn begin(worlds: &Worlds, lives: [Life; 2]) -> Running {
        Self::next(worlds, attempts(worlds, lives))
    }

    pub(crate) fn step(
        self,
        world: &mut World,
        worlds: &Worlds,
        slot: usize,
        reply: Reply,
    ) -> Running {
        let Self { settling, queue } = self;
        match settling.step(world, worlds, slot, reply) {
            Way::On(settling) => Running::ByOrder(Self { settling, queue }),
            Way::Settled { .. } => Self::next(worlds, queue),
            // One that fails is trouble with all of it.
            Way::Failed => Running::Idle,
        }
    }

    fn next(worlds: &Worlds, [first, second]: [Option<Seen>; 2]) -> Running {
        let settling = first.and_then(|seen| Settling::begin(worlds, seen));
        settling.map_or(Running::Idle, |settling| {
            let queue = [second, None];
            Running::ByOrder(Self { settling, queue })
        })
    }
}

/// The attempts that an order decides about, as they are in these lives, in the order to settle them in.
pub(crate) fn attempts(worlds: &Worlds, lives: [Life; 2]) -> [Option<Seen>; 2] {
    let mut found: Vec<_> = (0..worlds.attempts)
        .rev()
        .map(|attempt| Seen {
            attempt,
            life: lives[attempt],
        })
        .filter(|seen| payment(worlds, *seen).state().is_some())
        .collect();
    found.sort_by_key(|seen| settling_order(decided(worlds, *seen).1));
    [found.first().copied(), found.get(1).copied()]
}
