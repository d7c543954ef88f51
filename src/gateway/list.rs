//! The gateway's lists: payments by the time of their final status, and all attempts to pay one order.

use lambda_http::http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::response;
use super::error::GatewayError;
use crate::json;
use crate::payment::{Payment, PaymentIds};

/// Payments on one page: at most 1,000 (OAS). A page is held in memory while it is settled.
const PER_PAGE: u64 = 500;
/// The largest page that is read, in bytes.
pub(super) const ONE_PAGE: usize = 4 * 1024 * 1024;
/// Attempts of one order that are asked for: more than anybody makes, so that those of test channels push none out.
const ATTEMPTS: usize = 100;
/// What the gateway says of a status that it does not know; every other 400 means that there is no such page.
const UNKNOWN_STATUS: &str = "지원되지 않는 상태값입니다.";
/// An id as one segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// A status that payments are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Started; an account may wait for its deposit.
    Ready,
    /// Paid.
    Paid,
    /// Cancelled, in part or in full.
    Cancelled,
}

impl Status {
    /// The gateway's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// How many payments the whole list has.
    pub total: u64,
    /// Those on this page.
    pub payments: Vec<Listed>,
}

impl Page {
    /// Whether this first page is the whole list.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.total <= self.payments.len() as u64
    }
}

/// An entry of a list.
#[derive(Debug)]
pub enum Listed {
    /// A payment, and the ids it names, which keep to the rules for ids.
    Payment(Box<Payment>, PaymentIds),
    /// One that cannot be read; with its `imp_uid`, if that much can be told.
    Unreadable(Option<String>),
}

impl Listed {
    /// Which payment it is, if that much can be told.
    #[must_use]
    pub fn imp_uid(&self) -> Option<&str> {
        match self {
            Self::Payment(_, ids) => Some(ids.imp_uid()),
            Self::Unreadable(imp_uid) => imp_uid.as_deref(),
        }
    }
}

/// Where one page of the payments with this status, and in this window, is.
pub(super) fn by_status(status: Status, (from, to): (i64, i64), page: u64) -> String {
    let status = status.name();
    format!("/payments/status/{status}?from={from}&to={to}&limit={PER_PAGE}&page={page}")
}

/// Where the attempts to pay this order are, the latest first; `None` if no path can name it.
pub(super) fn attempts(merchant_uid: &str) -> Option<String> {
    // No encoding keeps a URL's parser from taking these for steps up and down.
    let is_step = matches!(merchant_uid, "." | "..");
    let segment = utf8_percent_encode(merchant_uid, SEGMENT);
    (!is_step).then(|| format!("/payments/findAll/{segment}?limit={ATTEMPTS}&sorting=-started"))
}

/// The page in an answer; one that does not exist is empty.
pub(super) fn read(status: StatusCode, body: &[u8]) -> Result<Page, GatewayError> {
    match status {
        StatusCode::OK => page(body),
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND if is_beyond(body) => Ok(Page::default()),
        status => Err(GatewayError::Status(status)),
    }
}

fn page(body: &[u8]) -> Result<Page, GatewayError> {
    #[derive(Deserialize)]
    struct List<'a> {
        total: u64,
        #[serde(borrow)]
        list: Vec<&'a RawValue>,
    }
    let List { total, list } = response(body)?;
    Ok(Page {
        total,
        payments: list.into_iter().map(entry).collect(),
    })
}

fn entry(json: &RawValue) -> Listed {
    #[derive(Deserialize)]
    struct Named {
        imp_uid: String,
    }
    let json = json.get().as_bytes();
    let read = json::object::<Payment>(json).and_then(|payment| {
        let ids = PaymentIds::new(payment.imp_uid.clone(), payment.merchant_uid.clone())?;
        Some(Listed::Payment(payment.into(), ids))
    });
    read.unwrap_or_else(|| {
        let named = json::object::<Named>(json).map(|named| named.imp_uid);
        Listed::Unreadable(named.filter(|imp_uid| PaymentIds::is_imp_uid(imp_uid)))
    })
}

/// Whether it is the gateway that says that there is no such page.
fn is_beyond(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Refusal<'a> {
        code: i64,
        message: Option<String>,
        #[serde(borrow, rename = "response")]
        _response: &'a RawValue,
    }
    json::object::<Refusal>(body).is_some_and(|refusal| {
        refusal.code != 0 && refusal.message.as_deref() != Some(UNKNOWN_STATUS)
    })
}
