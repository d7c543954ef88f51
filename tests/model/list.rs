//! The table of unmatched payments. Whether a write goes through is the product's decision; asked once for each case.

use std::sync::{LazyLock, OnceLock};

use payment_verifier::dynamodb::{Condition, Item, number, text};
use payment_verifier::unmatched::{MAX_REFUND_ASKS, Reason, condition};

use crate::gateway::{Life, Seen, payment};
use crate::world::Worlds;

/// An item of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Listed {
    pub(crate) place: Place,
    pub(crate) cancelled: Life,
    pub(crate) reason: Reason,
    /// How often a refund was asked for.
    pub(crate) asks: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Open,
    Matched,
    Refunded,
    /// By a person.
    Closed,
}

/// A conditional write on an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Change {
    Note(Reason),
    GivenBack,
    Match,
    StayOpen(Reason),
    /// Nothing was found; the item is as it was.
    PassOver,
    /// The next request for a refund, after so many.
    Claim(u8),
    GiveUp,
}

impl Change {
    const KINDS: usize = 8;

    /// Some share their condition.
    fn code(self) -> usize {
        match self {
            Self::Note(_) => 0,
            Self::GivenBack => 1,
            Self::Match | Self::PassOver | Self::GiveUp => 2,
            Self::StayOpen(_) => 3,
            Self::Claim(asks) => 4 + usize::from(asks),
        }
    }

    fn condition(self, worlds: &Worlds, seen: Seen) -> Condition {
        let payment = payment(worlds, seen);
        match self {
            Self::Note(_) => condition::is_news(payment),
            Self::GivenBack => condition::is_not_refunded(),
            Self::Match | Self::PassOver | Self::GiveUp => condition::is_open(),
            Self::StayOpen(_) => condition::is_open_so_far(payment),
            Self::Claim(asks) => condition::is_unclaimed(asks.into()),
        }
    }
}

impl Listed {
    const KINDS: usize = 4 * 4 * Life::ALL.len();

    fn code(self) -> usize {
        (self.place as usize * 4 + usize::from(self.asks)) * Life::ALL.len()
            + self.cancelled as usize
    }

    /// The item as DynamoDB has it.
    fn item(self, worlds: &Worlds, attempt: usize) -> Item {
        let life = self.cancelled;
        let payment = payment(worlds, Seen { attempt, life });
        let state = match self.place {
            Place::Open => "open",
            Place::Matched => "matched",
            Place::Refunded => "refunded",
            Place::Closed => "closed",
        };
        let mut item = Item::from([
            ("state".to_owned(), text(state)),
            ("cancel_amount".to_owned(), number(payment.cancel_amount)),
        ]);
        if self.asks > 0 {
            let asks = number(i64::from(self.asks).into());
            item.insert("refund_asks".to_owned(), asks);
        }
        item
    }
}

/// The conditional write on one item: whether it goes through.
pub(crate) fn write(
    listed: &mut [Option<Listed>; 2],
    worlds: &Worlds,
    seen: Seen,
    change: Change,
) -> bool {
    let item = &mut listed[seen.attempt];
    let may = may(*item, worlds, seen, change);
    if may {
        let was = *item;
        *item = match change {
            Change::Note(reason) | Change::StayOpen(reason) => Some(Listed {
                place: Place::Open,
                cancelled: seen.life,
                reason,
                asks: was.map_or(0, |was| was.asks),
            }),
            Change::GivenBack => was.map(|was| Listed {
                place: Place::Refunded,
                cancelled: seen.life,
                ..was
            }),
            Change::Match => was.map(|was| Listed {
                place: Place::Matched,
                ..was
            }),
            Change::PassOver => was,
            Change::Claim(asks) => was.map(|was| Listed {
                asks: asks + 1,
                ..was
            }),
            Change::GiveUp => was.map(|was| Listed {
                asks: u8::try_from(MAX_REFUND_ASKS).expect("a few"),
                ..was
            }),
        };
    }
    may
}

fn may(item: Option<Listed>, worlds: &Worlds, seen: Seen, change: Change) -> bool {
    static ALLOWED: LazyLock<Vec<OnceLock<bool>>> = LazyLock::new(|| {
        let cases = 2 * (1 + Listed::KINDS) * Change::KINDS * Seen::KINDS;
        (0..cases).map(|_| OnceLock::new()).collect()
    });
    let item_code = item.map_or(0, |item| 1 + item.code());
    let case = (item_code * Change::KINDS + change.code()) * Seen::KINDS + seen.code();
    *ALLOWED[case * 2 + usize::from(worlds.forged)].get_or_init(|| {
        let item = item.map(|item| item.item(worlds, seen.attempt));
        change
            .condition(worlds, seen)
            .holds(&item.unwrap_or_default())
    })
}
