//! Looking for several payments. None of these hides a test channel's payments.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::answer::{Answer, Page};
use crate::payment::Payment;
use crate::request::Params;
use crate::settings::NoPage;
use crate::state::State;

const STATUSES: [&str; 4] = ["ready", "paid", "cancelled", "failed"];
const UNKNOWN_STATUS: &str = "지원되지 않는 상태값입니다.";
// The wording of these is not documented.
const BAD_PAGE: &str = "조회할 수 없는 page 또는 limit입니다.";
const BAD_PERIOD: &str = "검색기간은 최대 90일까지입니다.";
const TOO_MANY: &str = "최대 100건까지 조회할 수 있습니다.";

const MAX_SEVERAL: usize = 100;
const MAX_LIMIT: usize = 1_000;
const DEFAULT_LIMIT: usize = 20;
const MAX_PERIOD_SECONDS: i64 = 90 * 24 * 60 * 60;

/// `GET /payments?imp_uid[]=…&merchant_uid[]=…`: each payment once, newest first (not in the order asked for, as a test of
/// the Go client shows; whether all of an order's are shown is not documented). What is missing makes it 207.
pub(super) fn several(state: &State, query: &Params) -> Answer {
    let imp_uids: Vec<&str> = query.list("imp_uid").collect();
    let merchant_uids: Vec<&str> = query.list("merchant_uid").collect();
    let asked = imp_uids.len() + merchant_uids.len();
    if asked > MAX_SEVERAL {
        return Answer::error(400, TOO_MANY);
    }
    let by_imp_uid = imp_uids
        .iter()
        .map(|imp_uid| Vec::from_iter(state.payments.get(*imp_uid)));
    let by_merchant_uid = merchant_uids
        .iter()
        .map(|merchant_uid| of_order(state, merchant_uid, None, Sorting::default()));
    let found: Vec<Vec<&Payment>> = by_imp_uid.chain(by_merchant_uid).collect();
    let missing = found.iter().any(Vec::is_empty);

    let mut seen = BTreeSet::new();
    let mut list: Vec<&Payment> = found
        .into_iter()
        .flatten()
        .filter(|payment| seen.insert(payment.sequence))
        .collect();
    if list.is_empty() {
        return Answer::unknown_payment();
    }
    Sorting::default().sort(&mut list);
    Answer::payments(list.into_iter().cloned().collect()).with_status(if missing {
        207
    } else {
        200
    })
}

/// `GET /payments/find/{merchant_uid}[/{status}]`: the first by `sorting`.
pub(super) fn find(
    state: &State,
    merchant_uid: &str,
    status: Option<&str>,
    query: &Params,
) -> Answer {
    match of_order(state, merchant_uid, status, Sorting::of(query)).first() {
        Some(payment) => Answer::payment((*payment).clone()),
        None => Answer::unknown_payment(),
    }
}

/// `GET /payments/findAll/{merchant_uid}[/{status}]`
pub(super) fn find_all(
    state: &State,
    merchant_uid: &str,
    status: Option<&str>,
    query: &Params,
) -> Answer {
    if status.is_some_and(|status| !STATUSES.contains(&status)) {
        return Answer::error(400, UNKNOWN_STATUS);
    }
    let found = of_order(state, merchant_uid, status, Sorting::of(query));
    if found.is_empty() {
        Answer::unknown_payment()
    } else {
        page(state, &found, query)
    }
}

/// `GET /payments/status/{status}`: 90 days at most, by the time of the payment's present status (OAS `from`). Whether
/// the real gateway refuses a longer time or cuts it is not documented; this one refuses it.
pub(super) fn by_status(state: &State, status: &str, query: &Params) -> Answer {
    let wanted = (status != "all").then_some(status);
    if wanted.is_some_and(|status| !STATUSES.contains(&status)) {
        return Answer::error(400, UNKNOWN_STATUS);
    }
    let (Ok(from), Ok(to)) = (number(query, "from"), number(query, "to")) else {
        return Answer::error(400, BAD_PERIOD);
    };
    let to = to.unwrap_or_else(|| state.now());
    let from = from.unwrap_or_else(|| to.saturating_sub(MAX_PERIOD_SECONDS));
    if to.saturating_sub(from) > MAX_PERIOD_SECONDS {
        return Answer::error(400, BAD_PERIOD);
    }
    let mut found: Vec<&Payment> = state
        .payments
        .values()
        .filter(|payment| has_status(payment, wanted) && (from..=to).contains(&settled_at(payment)))
        .collect();
    Sorting::of(query).sort(&mut found);
    page(state, &found, query)
}

fn of_order<'a>(
    state: &'a State,
    merchant_uid: &str,
    status: Option<&str>,
    sorting: Sorting,
) -> Vec<&'a Payment> {
    let mut found: Vec<&Payment> = state
        .payments
        .values()
        .filter(|payment| {
            payment.text("merchant_uid").as_deref() == Some(merchant_uid)
                && has_status(payment, status)
        })
        .collect();
    sorting.sort(&mut found);
    found
}

fn has_status(payment: &Payment, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| payment.text("status").as_deref() == Some(wanted))
}

/// When the payment came into its present status; under `all`, too, each counts by its own.
fn settled_at(payment: &Payment) -> i64 {
    payment.seconds(match payment.text("status").as_deref() {
        Some("paid") => "paid_at",
        Some("cancelled") => "cancelled_at",
        Some("failed") => "failed_at",
        _ => "started_at",
    })
}

fn page(state: &State, found: &[&Payment], query: &Params) -> Answer {
    let (Ok(page), Ok(limit)) = (number(query, "page"), number(query, "limit")) else {
        return Answer::error(400, BAD_PAGE);
    };
    let (page, limit) = (page.unwrap_or(1), limit.unwrap_or(DEFAULT_LIMIT));
    if page < 1 || !(1..=MAX_LIMIT).contains(&limit) {
        return Answer::error(400, BAD_PAGE);
    }
    let pages = found.len().div_ceil(limit);
    if page > pages {
        let rules = state.settings.pages;
        match if page == 1 { rules.empty } else { rules.beyond } {
            NoPage::EmptyList => {}
            NoPage::BadRequest => return Answer::error(400, BAD_PAGE),
            NoPage::NotFound => return Answer::error(404, BAD_PAGE),
        }
    }
    let list = found
        .iter()
        .skip((page - 1).saturating_mul(limit))
        .take(limit);
    Answer::page(Page {
        total: found.len(),
        previous: (page - 1).min(pages),
        next: if page < pages { page + 1 } else { 0 },
        list: list.map(|&payment| payment.clone()).collect(),
    })
}

fn number<T: std::str::FromStr>(query: &Params, name: &str) -> Result<Option<T>, T::Err> {
    query.get(name).map(str::parse).transpose()
}

/// The `sorting` parameter; payments of the same second go by their creation.
#[derive(Clone, Copy)]
struct Sorting {
    key: fn(&Payment) -> i64,
    descending: bool,
}

impl Default for Sorting {
    fn default() -> Self {
        Self {
            key: started,
            descending: true,
        }
    }
}

impl Sorting {
    /// What is not in the enumeration sorts like the default, `-started`.
    fn of(query: &Params) -> Self {
        let sorting = query.get("sorting").unwrap_or_default();
        let (descending, name) = sorting
            .strip_prefix('-')
            .map_or((false, sorting), |name| (true, name));
        match name {
            "started" => Self {
                key: started,
                descending,
            },
            "paid" => Self {
                key: |payment| payment.seconds("paid_at"),
                descending,
            },
            "updated" => Self {
                key: updated,
                descending,
            },
            _ => Self::default(),
        }
    }

    fn sort(self, payments: &mut [&Payment]) {
        let key = |payment: &&Payment| ((self.key)(payment), payment.sequence);
        if self.descending {
            payments.sort_by_key(|payment| Reverse(key(payment)));
        } else {
            payments.sort_by_key(key);
        }
    }
}

fn started(payment: &Payment) -> i64 {
    payment.seconds("started_at")
}

/// The time of the latest change of state.
fn updated(payment: &Payment) -> i64 {
    let times = [
        "started_at",
        "paid_at",
        "failed_at",
        "cancelled_at",
        "vbank_issued_at",
    ];
    times
        .into_iter()
        .map(|field| payment.seconds(field))
        .max()
        .unwrap_or_default()
}
