//! The order's row. Whether a write goes through, and why not, is the product's decision; asked once for each case.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use aws_sdk_dynamodb::types::AttributeValue;
use payment_verifier::dynamodb::{Item, number, text};
use payment_verifier::orders::{condition, explain, restated};
use payment_verifier::state::State;
use payment_verifier::verdict::Verdict;

use crate::gateway::{AMOUNT, EDITED, Seen, decided, payment};
use crate::world::Worlds;

/// The order's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Order {
    /// Whether the shop changed its amount.
    pub(crate) edited: bool,
    pub(crate) recorded: Option<Record>,
    pub(crate) notice: Option<Notice>,
}

/// What an order has of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    pub(crate) seen: Seen,
    pub(crate) state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Notice {
    /// The running invocation that gives it; nobody, if that one died.
    Due(Option<usize>),
    Done,
}

/// What the product does about a payment, given the row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decision {
    Written(State),
    Refused(Verdict),
}

impl Order {
    const KINDS: usize = 2 * (1 + 2 * Seen::KINDS);

    pub(crate) fn amount(&self) -> u16 {
        if self.edited { EDITED } else { AMOUNT }
    }

    pub(crate) fn holds_money(&self) -> bool {
        self.recorded
            .is_some_and(|recorded| recorded.state.holds_money())
    }

    /// What is recorded, and in which of the two states that it can have there.
    fn code(&self) -> usize {
        let recorded = self.recorded.map_or(0, |Record { seen, state }| {
            1 + 2 * seen.code() + usize::from(state == State::Refunded)
        });
        2 * recorded + usize::from(self.edited)
    }

    /// The row as DynamoDB would hand it over.
    fn item(&self, worlds: &Worlds) -> Item {
        let mut item = Item::from([
            ("merchant_uid".to_owned(), text("order")),
            ("amount".to_owned(), number(i64::from(self.amount()).into())),
        ]);
        if let Some(Record { seen, state }) = self.recorded {
            let payment = payment(worlds, seen);
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

/// The conditional write of one payment, by this running invocation.
pub(crate) fn record(
    row: &mut Option<Order>,
    worlds: &Worlds,
    seen: Seen,
    holder: Option<usize>,
) -> Decision {
    let decision = decision(row.as_ref(), worlds, seen);
    if let (Decision::Written(state), Some(order)) = (decision, row) {
        order.recorded = Some(Record { seen, state });
        order.notice = (state == State::AccountIssued).then_some(Notice::Due(holder));
    }
    decision
}

fn decision(row: Option<&Order>, worlds: &Worlds, seen: Seen) -> Decision {
    type Decisions = Vec<OnceLock<Decision>>;
    static DECISIONS: LazyLock<Decisions> = LazyLock::new(|| {
        let cases = 2 * (1 + Order::KINDS) * Seen::KINDS;
        (0..cases).map(|_| OnceLock::new()).collect()
    });
    let row_code = row.map_or(0, |order| 1 + order.code());
    let case = (row_code * Seen::KINDS + seen.code()) * 2 + usize::from(worlds.forged);
    *DECISIONS[case].get_or_init(|| decide(row, worlds, seen))
}

/// As `Orders::record` does it.
fn decide(row: Option<&Order>, worlds: &Worlds, seen: Seen) -> Decision {
    let (payment, state) = decided(worlds, seen);
    let item = row.map(|order| order.item(worlds));
    let restated = item
        .as_ref()
        .and_then(|item| restated(item, payment, state));
    let state = restated.unwrap_or(state);
    let is_written = item
        .as_ref()
        .is_some_and(|item| condition(payment, state).holds(item));
    if is_written {
        Decision::Written(state)
    } else {
        Decision::Refused(explain(item.as_ref(), payment, state))
    }
}
