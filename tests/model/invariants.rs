//! What must hold, whatever happens.

use payment_verifier::state::State;
use payment_verifier::unmatched::{MAX_REFUND_ASKS, Reason};
use payment_verifier::verdict::Verdict;

use crate::gateway::{Life, Seen, decided, payment};
use crate::list::{Listed, Place};
use crate::order::{Order, Record};
use crate::world::{World, Worlds};

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
    let asked_for = payment.amount == i64::from(before.amount()).into();
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
        // Unless it went back since, and the order took another attempt.
        Verdict::Duplicate
            if applied && state.holds_money() && world.lives[seen.attempt].holds_money() =>
        {
            Some("our own write looked like a duplicate")
        }
        _ => None,
    }
}

/// What may become of an item.
pub(crate) fn broken_by_change(was: Option<Listed>, is: Option<Listed>) -> Option<&'static str> {
    let (Some(was), Some(is)) = (was, is) else {
        return was.and(Some("an item was lost"));
    };
    if was.place == Place::Refunded && is != was {
        Some("a refunded item changed")
    } else if was.place == Place::Closed && is != was && is.place != Place::Refunded {
        Some("an item that a person closed changed")
    } else if was.place == Place::Open && is.cancelled < was.cancelled {
        // One that was matched may open again for a look-up of long ago; the next look tells.
        Some("an open item went back")
    } else if i64::from(is.asks) > MAX_REFUND_ASKS || is.asks < was.asks {
        Some("asks were miscounted")
    } else {
        None
    }
}

/// A refund that takes effect: one at most, and of what the order does not count on. That something changed at the gateway
/// since it was asked for all attempts, nobody can know.
pub(crate) fn broken_by_refund(
    world: &World,
    attempt: usize,
    both_paid: bool,
    disturbed: bool,
) -> Option<&'static str> {
    let other = 1 - attempt;
    let the_orders = world
        .recorded()
        .is_some_and(|recorded| recorded.seen.attempt == other && recorded.state == State::Paid);
    if world.refunded[attempt] > 1 {
        Some("refunded twice")
    } else if !both_paid {
        Some("refunded, although the other attempt was not paid, or not in full")
    } else if !disturbed && (!the_orders || world.lives[other] != Life::Paid) {
        Some("refunded, although the order counts on it")
    } else {
        None
    }
}

/// Each request has a claim of its own.
pub(crate) fn broken_by_ask(world: &World, attempt: usize) -> Option<&'static str> {
    let claims = world.unmatched[attempt].map_or(0, |item| item.asks);
    (world.asked[attempt] > claims).then_some("a refund was asked for without a claim")
}

/// Whoever wrote an account and lived tells once; that a crash delays it is what the take-over after a minute is for.
/// (An account that the order falls back to is told again, which takes more deliveries than are explored without
/// sweeps and requests by order.)
pub(crate) fn tells_once(worlds: &Worlds, world: &World) -> bool {
    worlds.sweeps > 0 || worlds.by_order > 0 || world.texts.iter().all(|texts| *texts <= 1)
}

/// What breaks once this world is left in peace: asked once of each.
pub(crate) fn unsettled(worlds: &Worlds, world: &World) -> Option<&'static str> {
    let world = world.in_peace();
    let known = worlds.settled.lock().expect("a lock").get(&world).copied();
    known.unwrap_or_else(|| {
        let unsettled = delivered_again(worlds, &world).or_else(|| swept_again(worlds, &world));
        let mut settled = worlds.settled.lock().expect("a lock");
        settled.insert(world, unsettled);
        unsettled
    })
}

/// Invariants 5 and 8: once the gateway's truth is delivered again, undisturbed, the row is a function of that truth, and
/// all money that is held is on the order or on the list.
fn delivered_again(worlds: &Worlds, world: &World) -> Option<&'static str> {
    let [forwards, backwards] = [false, true].map(|backwards| {
        let mut settled = world.clone();
        for _ in 0..2 {
            for index in 0..worlds.attempts {
                let attempt = if backwards {
                    worlds.attempts - 1 - index
                } else {
                    index
                };
                let life = settled.lives[attempt];
                settled.deliver_in_peace(worlds, Seen { attempt, life });
            }
        }
        settled
    });
    if !is_placed(worlds, &forwards) || !is_placed(worlds, &backwards) {
        return Some("money is in no place after deliveries");
    }
    if !is_up_to_date(&forwards) || !is_up_to_date(&backwards) {
        return Some("what was paid is recorded as it was");
    }
    if differs(worlds, world, &forwards, &backwards) {
        return Some("the order of deliveries matters");
    }
    // A page that names the order alone has every attempt delivered.
    let mut by_order = world.clone();
    by_order.ask_by_order_in_peace(worlds);
    if !is_placed(worlds, &by_order) || !is_up_to_date(&by_order) {
        return Some("money is in no place after a request by order");
    }
    by_order.ask_by_order_in_peace(worlds);
    differs(worlds, world, &forwards, &by_order).then_some("by order it comes to another row")
}

/// Invariants 8 and 9: sweeps alone do the same, and leave nothing open that the order has.
fn swept_again(worlds: &Worlds, world: &World) -> Option<&'static str> {
    let mut delivered = world.clone();
    for attempt in (0..worlds.attempts).cycle().take(2 * worlds.attempts) {
        let life = delivered.lives[attempt];
        delivered.deliver_in_peace(worlds, Seen { attempt, life });
    }
    for backwards in [false, true] {
        let mut swept = world.clone();
        swept.sweep_in_peace(worlds, backwards);
        if !is_placed(worlds, &swept) || !is_looked_at(worlds, &swept) {
            return Some("money is in no place, or in two, after a sweep");
        }
        // Refunds change the truth.
        let mut is_comparable = swept.lives == world.lives;
        // Nor are failures listed.
        is_comparable &= !world.lives[..worlds.attempts].contains(&Life::Failed);
        // The gateway need not say in one sweep what the order needs to hear last.
        swept.sweep_in_peace(worlds, backwards);
        is_comparable &= swept.lives == world.lives;
        if is_comparable && differs(worlds, world, &delivered, &swept) {
            return Some("sweeps and deliveries differ");
        }
        let lost = (0..worlds.attempts).filter(|attempt| {
            swept.refunded[*attempt] > 0
                && seen(&swept).is_some_and(|seen| seen.attempt == *attempt)
        });
        if lost.count() > 0 {
            return Some("an undisturbed sweep refunded the order's own money");
        }
    }
    None
}

/// Whether two ways to tell the same truth led to different rows, where they must not.
fn differs(worlds: &Worlds, world: &World, one: &World, other: &World) -> bool {
    if world.edited {
        // What an edited order deserves depends on when it was edited; but once paid, a refund must still land.
        let once_paid = |record: &Record| record.state.stage() >= State::Paid.stage();
        let paid = world.recorded().filter(once_paid);
        return paid.is_some_and(|paid| {
            let attempt = paid.seen.attempt;
            let life = world.lives[attempt];
            let truth = Some(Seen { attempt, life });
            seen(one) != truth || seen(other) != truth
        });
    }
    let holders = (0..worlds.attempts).filter(|attempt| world.held[*attempt]);
    holders.count() <= 1 && seen(one) != seen(other)
}

fn seen(world: &World) -> Option<Seen> {
    Some(world.recorded()?.seen)
}

/// Every attempt that has money now is the order's, or on the list as it is; nobody refunds one that has none.
fn is_placed(worlds: &Worlds, world: &World) -> bool {
    (0..worlds.attempts).all(|attempt| {
        let life = world.lives[attempt];
        let is_recorded = seen(world) == Some(Seen { attempt, life });
        let item = world.unmatched[attempt];
        let is_at = |place| item.is_some_and(|item| item.place == place);
        if life.holds_money() {
            let is_open = is_at(Place::Open) && item.is_some_and(|item| item.cancelled == life);
            is_recorded || is_open || is_at(Place::Closed)
        } else {
            is_recorded || !is_at(Place::Open)
        }
    })
}

/// Once paid, whatever becomes of the order's attempt is recorded.
fn is_up_to_date(world: &World) -> bool {
    world.recorded().is_none_or(|Record { seen, state }| {
        state.stage() < State::Paid.stage() || seen.life == world.lives[seen.attempt]
    })
}

/// An open item says why, and is not the order's.
fn is_looked_at(worlds: &Worlds, world: &World) -> bool {
    let row_is_gone = world.row.is_none();
    (0..worlds.attempts).all(|attempt| {
        let open = world.unmatched[attempt].filter(|item| item.place == Place::Open);
        open.is_none_or(|open| {
            let life = world.lives[attempt];
            let is_the_orders = seen(world) == Some(Seen { attempt, life });
            !is_the_orders && (open.reason == Reason::OrderNotFound) == row_is_gone
        })
    })
}
