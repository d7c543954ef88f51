//! The gateway's lists: payments by the time of their final status, and all attempts to pay one order.

use lambda_http::http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::response;
use super::error::GatewayError;
use crate::json::{self, AtMost};
use crate::payment::{Payment, PaymentIds};

/// Payments on one page: at most 1,000 (OAS). A page is held in memory while it is settled.
const PER_PAGE: u64 = 500;
/// The most that a page can have, whatever was asked for (OAS).
const MAX_PER_PAGE: usize = 1000;
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
    pub entries: Vec<Entry>,
}

impl Page {
    /// Whether this first page is the whole list.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.total <= self.entries.len() as u64
    }
}

/// An entry of a list, not read yet: read, one can be many times as large.
#[derive(Debug)]
pub struct Entry(Box<RawValue>);

/// An entry of a list.
#[derive(Debug)]
pub enum Listed {
    /// A payment, and the ids it names, which keep to the rules for ids.
    Payment(Box<Payment>, PaymentIds),
    /// One that cannot be read; with its `imp_uid`, if that much can be told.
    Unreadable(Option<String>),
}

impl Entry {
    /// The entry that this text is.
    #[must_use]
    pub fn new(json: Box<RawValue>) -> Self {
        Self(json)
    }

    /// Reads it.
    #[must_use]
    pub fn read(&self) -> Listed {
        let payment = json::object::<Payment>(self.0.get().as_bytes()).and_then(|payment| {
            let ids = PaymentIds::new(payment.imp_uid.clone(), payment.merchant_uid.clone())?;
            Some(Listed::Payment(payment.into(), ids))
        });
        payment.unwrap_or_else(|| Listed::Unreadable(self.imp_uid()))
    }

    /// Which payment it is, if that much can be told.
    #[must_use]
    pub fn imp_uid(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Named {
            imp_uid: String,
        }
        let Named { imp_uid } = json::object(self.0.get().as_bytes())?;
        PaymentIds::is_imp_uid(&imp_uid).then_some(imp_uid)
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

/// The attempts in an answer; none if the gateway knows no such order (OAS: 404).
pub(super) fn read_attempts(status: StatusCode, body: &[u8]) -> Result<Page, GatewayError> {
    match status {
        StatusCode::BAD_REQUEST => Err(GatewayError::Status(status)),
        status => read(status, body),
    }
}

fn page(body: &[u8]) -> Result<Page, GatewayError> {
    #[derive(Deserialize)]
    struct List {
        total: u64,
        list: AtMost<Box<RawValue>, MAX_PER_PAGE>,
    }
    let List { total, list } = response(body)?;
    Ok(Page {
        total,
        entries: list.0.into_iter().map(Entry).collect(),
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
