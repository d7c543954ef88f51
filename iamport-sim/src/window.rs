//! The payment window: what opens it, and what the browser is told when it is through (PAYRQ, PAYRT).

mod due;
mod params;
mod redirect;

use serde::Deserialize;

pub(crate) use self::params::read;
pub use self::redirect::Redirect;
use crate::json::Json;
use crate::payment::Payment;

/// What the customer who closes the window is said to have done, as shops have logged it.
const LEFT: &str = "사용자가 결제를 취소하셨습니다";
// The PG's own code (PAYRT), and no system in it (OLD `redirect`): this one is made up.
const PG_CODE: &str = "9999";

/// What `IMP.request_pay` comes to.
#[derive(Clone, Debug)]
pub enum Window {
    /// It is open, and there is a `ready` payment with this `imp_uid`.
    Open(String),
    /// It did not open, and there is no payment. The page is told at once.
    Refused(Outcome),
}

/// A window that was opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opened {
    pub(crate) confirm_url: Option<String>,
    /// Where this payment's webhooks go; none: where the console says.
    pub(crate) notice_urls: Vec<String>,
    pub(crate) m_redirect_url: Option<String>,
    /// When its virtual account closes, in UNIX seconds.
    pub(crate) vbank_due: Option<i64>,
    /// Once it is through.
    pub(crate) outcome: Option<Outcome>,
}

/// Why a window does not open.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The order is paid (PAYRQ), by this payment.
    Paid(String),
    /// Another amount was registered beforehand (OAS `POST /payments/prepare`).
    Amount,
    /// Another currency was.
    Currency,
}

/// What the browser is told when the window is through, or does not open: a hint about the payment as it was then.
#[derive(Clone, Debug)]
pub struct Outcome {
    imp_uid: Option<String>,
    merchant_uid: String,
    m_redirect_url: Option<String>,
    /// As it was then; there is none if the window did not open.
    payment: Option<Box<Payment>>,
    failure: Option<Failure>,
}

#[derive(Clone, Debug)]
struct Failure {
    code: &'static str,
    message: String,
    /// The classic callback has no code for a window that the customer closed (as shops have logged it).
    left: bool,
}

/// Which script the page has: they differ in what they hand to the callback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Sdk {
    /// `iamport.payment-1.x.js`, and every script with the PGs of old: the payment, and `success`.
    #[default]
    #[serde(rename = "classic")]
    Classic,
    /// 1.3.0 (`v1/iamport.js`) with the newer PGs: `imp_uid`, `merchant_uid`, `error_code`, `error_msg` (PAYRT).
    #[serde(rename = "1.3.0")]
    Newest,
}

impl Refusal {
    /// Of these, only the first is known: shops have logged it. The other code and texts are not documented.
    fn failure(&self) -> Failure {
        let (code, message) = match self {
            Self::Paid(_) => ("F1002", "이미 결제가 이루어진 거래건입니다."),
            Self::Amount => ("F0000", "결제금액이 사전등록된 금액과 일치하지 않습니다."),
            Self::Currency => ("F0000", "결제통화가 사전등록된 통화와 일치하지 않습니다."),
        };
        Failure {
            code,
            message: message.to_owned(),
            left: false,
        }
    }
}

impl Outcome {
    pub(crate) fn refused(
        refusal: &Refusal,
        merchant_uid: String,
        m_redirect_url: Option<String>,
    ) -> Self {
        Self {
            imp_uid: None,
            merchant_uid,
            m_redirect_url,
            payment: None,
            failure: Some(refusal.failure()),
        }
    }

    /// Paid, an account issued, or failed.
    pub(crate) fn through(imp_uid: &str, payment: &Payment, window: &Opened) -> Self {
        let failed = payment.text("status").as_deref() == Some("failed");
        Self {
            imp_uid: Some(imp_uid.to_owned()),
            merchant_uid: payment.text("merchant_uid").unwrap_or_default(),
            m_redirect_url: window.m_redirect_url.clone(),
            failure: failed.then(|| Failure {
                code: PG_CODE,
                message: payment.text("fail_reason").unwrap_or_default(),
                left: false,
            }),
            payment: Some(Box::new(payment.clone())),
        }
    }

    /// The customer closed it.
    pub(crate) fn left(imp_uid: &str, payment: &Payment, window: &Opened) -> Self {
        Self {
            failure: Some(Failure {
                code: PG_CODE,
                message: LEFT.to_owned(),
                left: true,
            }),
            ..Self::through(imp_uid, payment, window)
        }
    }

    /// The object that the page's callback gets, in JSON. Its members are in the order in which shops have logged them.
    #[must_use]
    pub fn callback(&self, sdk: Sdk) -> String {
        self.callback_json(sdk).to_string()
    }

    pub(crate) fn callback_json(&self, sdk: Sdk) -> Json {
        let imp_uid = ("imp_uid", Json::optional(self.imp_uid.as_deref()));
        let merchant_uid = ("merchant_uid", Json::string(&self.merchant_uid));
        let mut members = match (sdk, &self.payment) {
            (Sdk::Newest, _) => vec![imp_uid, merchant_uid],
            (Sdk::Classic, Some(payment)) if self.failure.is_none() => return paid(payment),
            (Sdk::Classic, payment) => {
                let mut members = vec![("success", Json::literal(false)), imp_uid, merchant_uid];
                members.extend(payment.iter().flat_map(|payment| {
                    [
                        ("pay_method", payment.field("pay_method")),
                        ("pg_provider", payment.field("pg_provider")),
                        ("pg_type", Json::string("payment")),
                    ]
                }));
                members
            }
        };
        if let Some(failure) = &self.failure {
            if sdk == Sdk::Newest || !failure.left {
                members.push(("error_code", Json::string(failure.code)));
            }
            members.push(("error_msg", Json::string(&failure.message)));
        }
        Json::object(members)
    }
}

/// The classic callback of a payment that is paid, or whose account was issued.
fn paid(payment: &Payment) -> Json {
    let same = |name: &'static str| (name, payment.field(name));
    // The buyer's data is never null there, as shops have logged it.
    let buyer = |name: &'static str| {
        let text = payment.text(name).unwrap_or_default();
        (name, Json::string(&text))
    };
    let mut members = vec![
        ("success", Json::literal(true)),
        same("imp_uid"),
        same("pay_method"),
        same("merchant_uid"),
        same("name"),
        ("paid_amount", payment.field("amount")),
        same("currency"),
        same("pg_provider"),
        ("pg_type", Json::string("payment")),
        same("pg_tid"),
        same("apply_num"),
        buyer("buyer_name"),
        buyer("buyer_email"),
        buyer("buyer_tel"),
        buyer("buyer_addr"),
        buyer("buyer_postcode"),
        same("custom_data"),
        same("status"),
    ];
    if payment.has_account() {
        let account = ["vbank_num", "vbank_name", "vbank_holder", "vbank_date"];
        members.extend(account.map(same));
    } else {
        let approval = [
            "paid_at",
            "receipt_url",
            "card_name",
            "bank_name",
            "card_quota",
            "card_number",
        ];
        members.extend(approval.map(same));
    }
    Json::object(members)
}
