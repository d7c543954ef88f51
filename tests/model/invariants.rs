//! What must hold, whatever happens.

use payment_verifier::orders::explain;
use payment_verifier::state::State;
use payment_verifier::verdict::Verdict;

use crate::world::{
    Life, Listed, Order, Seen, World, Worlds, decided, is_listed, list, payment, record,
};

/// Invariants 1, 2 and 3: what a write may do to the row it met.
pub(crate) fn broken_by_write(
    worlds: &Worlds,
    before: Option<&Order>,
    seen: Seen,
    state: State,
) -> Option<&'static str> {
    let Some(before) = before else {
        return Some("a write made an order");
    };
    let payment = payment(worlds, seen);
    let asked_for = payment.amount == i64::from(before.amount).into();
    let Some(old) = before.recorded else {
        return (!asked_for && state != State::Failed)
            .then_some("recorded, but not what the order asked for");
    };
    let (old_payment, old_state) = (self::payment(worlds, old.seen), old.state);
    if old.seen.attempt == seen.attempt {
        let (was, is) = (
            (old_state.stage(), old_payment.cancel_amount),
            (state.stage(), payment.cancel_amount),
        );
        if is <= was {
            return Some("an attempt went back, or was written twice");
        }
        if old_state.holds_money() && state == State::Voided {
            return Some("money that was refunded looks as if it had never been paid");
        }
        let once_paid = old_state.stage() >= State::Paid.stage();
        if !asked_for && !once_paid && state != State::Failed {
            return Some("recorded, but not what the order asked for");
        }
    } else if old_state.holds_money() {
        return Some("an attempt that holds money was replaced");
    } else if !asked_for && state != State::Failed {
        return Some("another attempt recorded, but not what the order asked for");
    } else if state.rank() < old_state.rank() {
        return Some("an attempt was replaced by one that is worth less");
    }
    None
}

/// Invariant 4, and no paid answer for money that nobody recorded.
pub(crate) fn broken_by_answer(
    world: &World,
    worlds: &Worlds,
    seen: Seen,
    verdict: Verdict,
    applied: bool,
) -> Option<&'static str> {
    let state = decided(worlds, seen).1;
    match verdict {
        Verdict::Passed(_) if state.holds_money() => Some("money reported, but not recorded"),
        Verdict::Misconfigured(_) => Some("our own row was not understood"),
        Verdict::Known(recorded) if recorded.stage() < state.stage() => Some("an answer went back"),
        Verdict::WrongMoney if applied && !world.edited => {
            Some("our own write, met again, looked like a forgery")
        }
        Verdict::OrderNotFound if !world.edited => Some("an order was lost"),
        Verdict::Duplicate if applied && state.holds_money() => {
            Some("our own write looked like a duplicate")
        }
        _ => None,
    }
}

/// Invariants 5 and 8: once the gateway's truth is delivered again, undisturbed, the row is a function of that truth, and
/// all money that is held is on the order or on the list.
pub(crate) fn settles(worlds: &Worlds, world: &World) -> bool {
    let Some(row) = &world.row else {
        return is_placed(worlds, world, &settled(worlds, world, false));
    };
    let truth = |attempt| Seen {
        attempt,
        life: world.lives[attempt],
    };
    let forwards = settled(worlds, world, false);
    if world.edited {
        // What an edited order deserves depends on when it was edited; but once paid, a refund must still land.
        let paid = row
            .recorded
            .filter(|recorded| recorded.state.stage() >= State::Paid.stage());
        return paid.is_none_or(|paid| seen(&forwards) == Some(truth(paid.seen.attempt)))
            && is_placed(worlds, world, &forwards);
    }
    let backwards = settled(worlds, world, true);
    let holders = (0..worlds.attempts).filter(|attempt| world.held[*attempt]);
    // Whoever wrote and lived tells once; that a crash delays it is what the take-over after a minute is for.
    let told = world.texts.iter().all(|texts| *texts <= 1);
    is_placed(worlds, world, &forwards)
        && is_placed(worlds, world, &backwards)
        && told
        && (holders.count() > 1 || seen(&forwards) == seen(&backwards))
}

/// What is left of a world where everything was delivered.
struct Settled {
    row: Option<Order>,
    unmatched: [Option<Listed>; 2],
}

fn seen(settled: &Settled) -> Option<Seen> {
    Some(settled.row.as_ref()?.recorded?.seen)
}

/// Every attempt that has money now is the order's, or on the list as it is; nobody refunds one that has none.
fn is_placed(worlds: &Worlds, world: &World, settled: &Settled) -> bool {
    (0..worlds.attempts).all(|attempt| {
        let life = world.lives[attempt];
        let recorded = seen(settled) == Some(Seen { attempt, life });
        let listed = settled.unmatched[attempt];
        if matches!(life, Life::Paid | Life::Partly) {
            recorded || listed == Some(Listed::Open { cancelled: life })
        } else {
            recorded || !matches!(listed, Some(Listed::Open { .. }))
        }
    })
}

/// Delivers the truth until nothing changes.
fn settled(worlds: &Worlds, world: &World, backwards: bool) -> Settled {
    let mut settled = Settled {
        row: world.row.clone(),
        unmatched: world.unmatched,
    };
    for _ in 0..2 {
        for index in 0..worlds.attempts {
            let attempt = if backwards {
                worlds.attempts - 1 - index
            } else {
                index
            };
            let seen = Seen {
                attempt,
                life: world.lives[attempt],
            };
            if payment(worlds, seen).state().is_none()
                || record(&mut settled.row, worlds, seen, 0).is_some()
            {
                continue;
            }
            let (payment, state) = decided(worlds, seen);
            let item = settled.row.as_ref().map(Order::item);
            let verdict = explain(item.as_ref(), payment, state);
            if is_listed(verdict, payment, state) {
                list(&mut settled.unmatched, worlds, seen);
            }
        }
    }
    settled
}
