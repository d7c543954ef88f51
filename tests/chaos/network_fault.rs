//! What can befall a call.

use std::fmt;

use crate::call::{Call, Hop};
use crate::http::Message;

/// One way for a call to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum NetworkFault {
    /// The peer goes down with this call, refuses connections, and is back in a moment.
    Refused,
    /// The peer goes down with this call, and stays down: connections are refused.
    Down,
    /// The connection is reset; the call never got there.
    ResetBefore,
    /// The connection is reset after the call took effect.
    ResetAfter,
    /// The connection closes without an answer after the call took effect.
    Dropped,
    /// No answer, ever; the call never got there.
    StalledBefore,
    /// No answer, ever, although the call took effect.
    StalledAfter,
    /// The right answer, byte by byte, slower than anybody waits.
    Dripped,
    /// Half of the right answer, then the connection closes.
    Cut,
    /// 429 from something in between.
    TooMany,
    /// 500 from something in between.
    Failed,
    /// 502 with the page of a proxy.
    BadGateway,
    /// 200 with a page instead of JSON.
    NotJson,
    /// 200 with JSON that is none of the peer's answers.
    WrongJson,
    /// 302 to somewhere else.
    Redirected,
    /// 200, and a body without an end.
    Endless,
    /// Gateway: 404 with a page instead of its envelope.
    NoSuchPage,
    /// Gateway: 200, and a `code` that is not 0.
    Code,
    /// Gateway: the right answer about another payment, so it seems.
    AnotherPayment,
    /// `DynamoDB`: `ProvisionedThroughputExceededException`.
    Throughput,
    /// `DynamoDB`: `ThrottlingException`.
    Throttled,
    /// `DynamoDB`: `InternalServerError`.
    Internal,
    /// `DynamoDB`: `TransactionConflictException`, somebody's transaction has the row.
    Conflict,
}

impl NetworkFault {
    /// All that can be drawn; [`NetworkFault::Down`] has to be ended by hand.
    pub(crate) const ALL: [Self; 22] = [
        Self::Refused,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Dropped,
        Self::StalledBefore,
        Self::StalledAfter,
        Self::Dripped,
        Self::Cut,
        Self::TooMany,
        Self::Failed,
        Self::BadGateway,
        Self::NotJson,
        Self::WrongJson,
        Self::Redirected,
        Self::Endless,
        Self::NoSuchPage,
        Self::Code,
        Self::AnotherPayment,
        Self::Throughput,
        Self::Throttled,
        Self::Internal,
        Self::Conflict,
    ];

    /// Whether it can befall this kind of call.
    pub(crate) fn befalls(self, hop: Hop) -> bool {
        match self {
            Self::NoSuchPage | Self::Code => hop.is_gateway(),
            Self::AnotherPayment => hop == Hop::LookUp,
            Self::Throughput | Self::Throttled | Self::Internal | Self::Conflict => {
                hop.is_dynamodb()
            }
            _ => true,
        }
    }

    /// All that can befall this kind of call.
    pub(crate) fn of(hop: Hop) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |fault| fault.befalls(hop))
    }

    /// What is said instead of passing the call on, if that is all there is to it.
    pub(crate) fn says(self, elsewhere: &str) -> Option<Message> {
        let json = |status, body: &str| {
            Message::saying(status, &[("content-type", "application/json")], body)
        };
        let page = |status| {
            let body = format!("<!doctype html><title>{status}</title>");
            Message::saying(status, &[("content-type", "text/html")], &body)
        };
        let dynamodb = |status, kind: &str| {
            let body = format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"told to"}}"#
            );
            Message::saying(
                status,
                &[("content-type", "application/x-amz-json-1.0")],
                &body,
            )
        };
        Some(match self {
            Self::TooMany => {
                Message::saying(429, &[("content-type", "text/plain")], "Too Many Requests")
            }
            Self::Failed => Message::saying(
                500,
                &[("content-type", "text/plain")],
                "Internal Server Error",
            ),
            Self::BadGateway => page(502),
            Self::NotJson => page(200),
            Self::WrongJson => json(200, "[]"),
            Self::Redirected => {
                Message::saying(302, &[("location", &format!("{elsewhere}/elsewhere"))], "")
            }
            Self::NoSuchPage => page(404),
            Self::Code => json(200, r#"{"code":-1,"message":"told to","response":null}"#),
            Self::Throughput => dynamodb(400, "ProvisionedThroughputExceededException"),
            Self::Throttled => dynamodb(400, "ThrottlingException"),
            Self::Internal => dynamodb(500, "InternalServerError"),
            Self::Conflict => dynamodb(400, "TransactionConflictException"),
            _ => return None,
        })
    }

    /// The right answer, with the payment that was asked for replaced by another one.
    pub(crate) fn about_another_payment(call: &Call, mut answer: Message) -> Message {
        let other = "x".repeat(call.key.len());
        answer.body = String::from_utf8_lossy(&answer.body)
            .replace(&call.key, &other)
            .into_bytes();
        answer
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refused => "refused",
            Self::Down => "down",
            Self::ResetBefore => "reset before",
            Self::ResetAfter => "reset after",
            Self::Dropped => "reply dropped",
            Self::StalledBefore => "stalled before",
            Self::StalledAfter => "stalled after",
            Self::Dripped => "dripped",
            Self::Cut => "cut in the middle",
            Self::TooMany => "429",
            Self::Failed => "500",
            Self::BadGateway => "502 with a page",
            Self::NotJson => "200 with a page",
            Self::WrongJson => "wrong JSON",
            Self::Redirected => "redirected",
            Self::Endless => "endless body",
            Self::NoSuchPage => "404 with a page",
            Self::Code => "code \u{2260} 0 with 200",
            Self::AnotherPayment => "another payment",
            Self::Throughput => "throughput exceeded",
            Self::Throttled => "throttled",
            Self::Internal => "InternalServerError",
            Self::Conflict => "TransactionConflict",
        })
    }
}
