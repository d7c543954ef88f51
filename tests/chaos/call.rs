//! What the function calls, told from the request alone.

use std::fmt;

use serde_json::Value;

use crate::http::Message;

/// One kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Hop {
    /// Gateway: a token.
    Token,
    /// Gateway: the look-up of a payment.
    LookUp,
    /// Secrets Manager: the credentials.
    Secret,
    /// DynamoDB: the conditional write on the order.
    Record,
    /// DynamoDB: the note of money that no order took.
    Note,
    /// DynamoDB: the notice that another request left due.
    TakeOver,
    /// DynamoDB: the account in the customer's record.
    Customer,
    /// SNS: the text message.
    Text,
    /// DynamoDB: the notice's `done` on the order.
    Done,
    /// Gateway, in a sweep: payments by their status.
    List,
    /// Gateway, in a sweep or by order: all attempts to pay an order.
    Attempts,
    /// Gateway: an order's price, registered.
    Prepare,
    /// DynamoDB: the order, only read.
    Read,
    /// Gateway, in a sweep: the cancellation of a payment.
    Cancel,
    /// DynamoDB, in a sweep: the open unmatched payments, or how many there are.
    Open,
    /// DynamoDB, in a sweep: the claim of a refund.
    Claim,
}

impl Hop {
    /// Those of a request.
    pub(crate) const ALL: [Self; 9] = [
        Self::Token,
        Self::LookUp,
        Self::Secret,
        Self::Record,
        Self::Note,
        Self::TakeOver,
        Self::Customer,
        Self::Text,
        Self::Done,
    ];

    /// Whether the gateway answers it; all others are AWS's.
    pub(crate) fn is_gateway(self) -> bool {
        matches!(
            self,
            Self::Token | Self::LookUp | Self::List | Self::Attempts | Self::Prepare | Self::Cancel
        )
    }

    pub(crate) fn is_dynamodb(self) -> bool {
        !self.is_gateway() && !matches!(self, Self::Secret | Self::Text)
    }

    /// Whether only a cold function calls it.
    pub(crate) fn is_init(self) -> bool {
        matches!(self, Self::Token | Self::Secret)
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Token => "gateway token",
            Self::LookUp => "gateway look-up",
            Self::Secret => "Secrets Manager",
            Self::Record => "DynamoDB record",
            Self::Note => "DynamoDB note",
            Self::TakeOver => "DynamoDB take-over",
            Self::Customer => "DynamoDB customer",
            Self::Text => "SNS text",
            Self::Done => "DynamoDB done",
            Self::List => "gateway list",
            Self::Attempts => "gateway attempts",
            Self::Prepare => "gateway prepare",
            Self::Read => "DynamoDB read",
            Self::Cancel => "gateway cancel",
            Self::Open => "DynamoDB open items",
            Self::Claim => "DynamoDB claim",
        })
    }
}

/// One call: its kind, what it is about, and what it would write.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) hop: Hop,
    /// The `imp_uid`, order, customer or phone; nothing for credentials and tokens.
    pub(crate) key: String,
    /// The values of a conditional write on an order.
    pub(crate) values: Value,
}

impl Call {
    /// `None`: nothing the function has any business with.
    pub(crate) fn of(request: &Message) -> Option<Self> {
        let target = request.header("x-amz-target").unwrap_or_default();
        let call = |hop, key: &str| {
            Some(Self {
                hop,
                key: key.to_owned(),
                values: Value::Null,
            })
        };
        match request.target() {
            ("POST", "/users/getToken") => call(Hop::Token, ""),
            ("POST", "/payments/cancel") => call(Hop::Cancel, ""),
            ("POST" | "PUT", "/payments/prepare") => call(Hop::Prepare, ""),
            ("GET", path) => {
                let path = path.strip_prefix("/payments/")?;
                match path.split_once('/') {
                    None => call(Hop::LookUp, path),
                    Some(("status", of)) => call(Hop::List, of.split('?').next()?),
                    Some(("findAll", of)) => call(Hop::Attempts, of.split('?').next()?),
                    Some(_) => None,
                }
            }
            ("POST", "/") if target == "secretsmanager.GetSecretValue" => call(Hop::Secret, ""),
            ("POST", "/") if target == "DynamoDB_20120810.GetItem" => call(Hop::Read, ""),
            ("POST", "/") if target == "DynamoDB_20120810.Query" => call(Hop::Open, ""),
            ("POST", "/") if target == "DynamoDB_20120810.UpdateItem" => {
                Self::update(&request.body)
            }
            ("POST", "/") if target.is_empty() => call(Hop::Text, &phone(&request.body)?),
            _ => None,
        }
    }

    fn update(body: &[u8]) -> Option<Self> {
        let mut body: Value = serde_json::from_slice(body).ok()?;
        let key = |name: &str| Some(body["Key"][name]["S"].as_str()?.to_owned());
        let values = &body["ExpressionAttributeValues"];
        let notice = values[":vbank_notice"]["S"].as_str();
        let (hop, key) = match key("merchant_uid") {
            None => (Hop::Customer, key("customer_id")?),
            Some(order) if !values[":refund_asks"].is_null() => (Hop::Claim, order),
            Some(order) if key("imp_uid").is_some() => (Hop::Note, order),
            Some(order) if !values[":payment"].is_null() => (Hop::Record, order),
            Some(order) if notice == Some("done") => (Hop::Done, order),
            Some(order) => (Hop::TakeOver, notice.map(|_| order)?),
        };
        let values = match hop {
            Hop::Record => body["ExpressionAttributeValues"].take(),
            _ => Value::Null,
        };
        Some(Self { hop, key, values })
    }
}

fn phone(form: &[u8]) -> Option<String> {
    let form = std::str::from_utf8(form).ok()?;
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    let (_, phone) = fields.find(|(name, _)| *name == "PhoneNumber")?;
    Some(phone.replace("%2B", "+"))
}
