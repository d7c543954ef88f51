//! What must hold, whatever happens.

use payment_verifier::payment::State;
use payment_verifier::verdict::Verdict;

use crate::world::{Life, Order, Seen, World, Worlds, decided, payment, record};

/// Invariants 1, 2 and 3: what a write may do to the row it met.
pub(crate) fn broken_by_write(
    worlds: &Worlds,
    before: Option<&Order>,
    seen: Seen,
) -> Option<&'static str> {
    let Some(before) = before else {
        return Some("a write made an order");
    };
    let (payment, state) = decided(worlds, seen);
    let asked_for = payment.amount == i64::from(before.amount).into();
    let Some(old) = before.recorded else {
        return (!asked_for && state != State::Failed)
            .then_some("recorded, but not what the order asked for");
    };
    let (old_payment, old_state) = decided(worlds, old);
    if old.attempt == seen.attempt {
        let (was, is) = (
            (old_state.stage(), old_payment.cancel_amount),
            (state.stage(), payment.cancel_amount),
        );
        if is <= was {
            return Some("an attempt went back, or was written twice");
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
        Verdict::Own if state.holds_money() => Some("money reported, but not recorded"),
        Verdict::Misconfigured(_) => Some("our own row was not understood"),
        Verdict::Recorded(recorded) if recorded.stage() < state.stage() => {
            Some("an answer went back")
        }
        Verdict::Forgery { .. } if applied && !world.edited => {
            Some("our own write, met again, looked like a forgery")
        }
        Verdict::OrderNotFound if !world.edited => Some("an order was lost"),
        Verdict::Duplicate { .. } if applied && state.holds_money() => {
            Some("our own write looked like a duplicate")
        }
        _ => None,
    }
}

/// Invariant 5 and the promise of the README: once the gateway's truth is delivered again, undisturbed, the row is a
/// function of that truth, and no money is forgotten.
pub(crate) fn settles(worlds: &Worlds, world: &World) -> bool {
    let Some(row) = &world.row else {
        return true;
    };
    let truth = |attempt| Seen {
        attempt,
        life: world.lives[attempt],
    };
    if world.edited {
        // What an edited order deserves depends on when it was edited; but once paid, a refund must still land.
        let paid = |seen: &Seen| decided(worlds, *seen).1.stage() >= State::Paid.stage();
        return row.recorded.filter(paid).is_none_or(|seen| {
            settled(worlds, world, false).recorded == Some(truth(seen.attempt))
        });
    }
    let forwards = settled(worlds, world, false);
    let backwards = settled(worlds, world, true);
    let attempts = 0..worlds.attempts;
    // Every attempt that has money now is the order's, or is noted for a refund.
    let placed = |row: &Order| {
        attempts
            .clone()
            .filter(|attempt| matches!(world.lives[*attempt], Life::Paid | Life::Partly))
            .all(|attempt| {
                row.recorded == Some(truth(attempt))
                    || row.refused[attempt]
                    || row.duplicate[attempt]
            })
    };
    let one_holder = attempts
        .clone()
        .filter(|attempt| world.held[*attempt])
        .count()
        <= 1;
    // Whoever wrote and lived tells once; that a crash delays it is what the take-over after a minute is for.
    let told = world.texts.iter().all(|texts| *texts <= 1);
    placed(&forwards)
        && placed(&backwards)
        && told
        && (!one_holder || forwards.recorded == backwards.recorded)
}

/// Delivers the truth until nothing changes.
fn settled(worlds: &Worlds, world: &World, backwards: bool) -> Order {
    let mut row = world.row.clone();
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
            let Some(state) = payment(worlds, seen).state() else {
                continue;
            };
            if record(&mut row, worlds, seen, 0) || !state.holds_money() {
                continue;
            }
            let (payment, _) = decided(worlds, seen);
            let Some(order) = &mut row else { continue };
            match payment_verifier::verdict::explain(Some(&order.item(worlds)), payment, state) {
                Verdict::Forgery { .. } => order.refused[attempt] = true,
                Verdict::Duplicate { .. } => order.duplicate[attempt] = true,
                _ => {}
            }
        }
    }
    row.expect("no write deletes an order")
}
