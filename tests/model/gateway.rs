//! What the gateway tells of an attempt to pay.

use std::sync::OnceLock;

use payment_verifier::payment::Payment;
use payment_verifier::state::State;

use crate::world::Worlds;

/// Amounts of the order before and after the shop edits it.
pub(crate) const AMOUNT: u16 = 1000;
pub(crate) const EDITED: u16 = 2000;
/// What the forged attempt pays.
const FORGED: u16 = 10;
/// When payments are paid, and what time it is: in between, a refund may be asked for.
const PAID_AT: i64 = 9;
pub(crate) const NOW: i64 = PAID_AT + 3600;

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
    pub(crate) const ALL: [Self; 8] = [
        Self::Window,
        Self::Account,
        Self::Failed,
        Self::Paid,
        Self::Partly,
        Self::Refunded,
        Self::Forgotten,
        Self::Voided,
    ];

    pub(crate) fn next(self) -> &'static [Self] {
        match self {
            Self::Window => &[Self::Account, Self::Failed, Self::Paid],
            Self::Account => &[Self::Paid, Self::Failed, Self::Voided],
            Self::Failed => &[Self::Paid],
            Self::Paid => &[Self::Partly, Self::Refunded, Self::Forgotten],
            Self::Partly => &[Self::Refunded],
            Self::Refunded | Self::Forgotten | Self::Voided => &[],
        }
    }

    pub(crate) fn holds_money(self) -> bool {
        matches!(self, Self::Paid | Self::Partly)
    }

    /// Whether a sweep asks for payments like this one.
    pub(crate) fn is_listed(self) -> bool {
        self != Self::Failed
    }
}

/// What a look-up told; the truth may have moved on since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    pub(crate) attempt: usize,
    pub(crate) life: Life,
}

impl Seen {
    /// All that can be seen, numbered.
    pub(crate) const KINDS: usize = 2 * Life::ALL.len();

    pub(crate) fn code(self) -> usize {
        self.attempt * Life::ALL.len() + self.life as usize
    }
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
        let attempts = [(0, false), (1, false), (0, true), (1, true)];
        let told = |(attempt, forged)| Life::ALL.map(|life| told(Seen { attempt, life }, forged));
        attempts.into_iter().flat_map(told).collect()
    });
    &all[usize::from(forged) * Seen::KINDS + seen.code()]
}

/// The later attempt starts later.
fn told(seen: Seen, forged: bool) -> Payment {
    let amount = if forged { FORGED } else { AMOUNT };
    let (status, cancelled, paid_at) = match seen.life {
        Life::Window | Life::Account => ("ready", 0, 0),
        Life::Failed => ("failed", 0, 0),
        Life::Paid => ("paid", 0, PAID_AT),
        Life::Partly => ("cancelled", amount / 2, PAID_AT),
        Life::Refunded => ("cancelled", amount, PAID_AT),
        Life::Forgotten => ("cancelled", amount, 0),
        Life::Voided => ("cancelled", 0, 0),
    };
    let method = match seen.life {
        Life::Account => r#""pay_method":"vbank","vbank_num":"X1""#,
        _ => r#""pay_method":"card""#,
    };
    let text = format!(
        r#"{{"imp_uid":"imp_{}","merchant_uid":"order","status":"{status}","amount":{amount},"cancel_amount":{cancelled},
            "currency":"KRW","started_at":{},"paid_at":{paid_at},"escrow":false,{method}}}"#,
        seen.attempt,
        seen.attempt + 1,
    );
    serde_json::from_str(&text).expect("a payment")
}
