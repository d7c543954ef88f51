//! Answers: the gateway's envelope, and what becomes of it on the way out.

use std::time::Duration;

use crate::json::Json;
use crate::overrides::Overrides;
use crate::payment::Payment;

pub(crate) const UNKNOWN_PAYMENT: &str = "존재하지 않는 결제정보입니다.";

/// What the gateway says, before it is put into words.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    code: i64,
    message: Option<String>,
    response: Response,
}

#[derive(Debug)]
enum Response {
    Json(Json),
    // Payments are kept apart, so that a fault can bend them.
    Payment(Payment),
    Payments(Vec<Payment>),
    Page(Page),
}

/// A page of a list. Pages count from 1, and 0 means there is none (OAS `PagedPaymentAnnotation`).
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) total: usize,
    pub(crate) previous: usize,
    pub(crate) next: usize,
    pub(crate) list: Vec<Payment>,
}

impl Answer {
    pub(crate) fn ok(response: Json) -> Self {
        Self::good(Response::Json(response))
    }

    pub(crate) fn payment(payment: Payment) -> Self {
        Self::good(Response::Payment(payment))
    }

    pub(crate) fn payments(payments: Vec<Payment>) -> Self {
        Self::good(Response::Payments(payments))
    }

    pub(crate) fn page(page: Page) -> Self {
        Self::good(Response::Page(page))
    }

    fn good(response: Response) -> Self {
        Self {
            status: 200,
            code: 0,
            message: None,
            response,
        }
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// An error as every endpoint words it: `code` -1 and an HTTP status.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self {
            status,
            ..Self::refused(-1, message)
        }
    }

    /// A refusal that only `code` tells: the HTTP status is 200.
    pub(crate) fn refused(code: i64, message: &str) -> Self {
        Self {
            status: 200,
            code,
            message: Some(message.to_owned()),
            response: Response::Json(Json::null()),
        }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::error(401, "Unauthorized")
    }

    pub(crate) fn unknown_payment() -> Self {
        Self::error(404, UNKNOWN_PAYMENT)
    }

    pub(crate) fn bend(&mut self, overrides: &Overrides) {
        let payments = match &mut self.response {
            Response::Json(_) => return,
            Response::Payment(payment) => std::slice::from_mut(payment),
            Response::Payments(payments) | Response::Page(Page { list: payments, .. }) => payments,
        };
        for payment in payments {
            payment.apply(overrides);
        }
    }

    fn envelope(&self) -> Json {
        Json::object([
            ("code", Json::literal(self.code)),
            ("message", Json::optional(self.message.as_deref())),
            (
                "response",
                match &self.response {
                    Response::Json(json) => json.clone(),
                    Response::Payment(payment) => payment.json(),
                    Response::Payments(payments) => list(payments),
                    Response::Page(page) => Json::object([
                        ("total", Json::literal(page.total)),
                        ("previous", Json::literal(page.previous)),
                        ("next", Json::literal(page.next)),
                        ("list", list(&page.list)),
                    ]),
                },
            ),
        ])
    }
}

fn list(payments: &[Payment]) -> Json {
    Json::list(payments.iter().map(Payment::json))
}

/// What goes over the wire, and how well it gets there.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
    pub(crate) delay: Duration,
    pub(crate) ending: Ending,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Whole,
    /// The connection closes instead of an answer.
    Dropped,
    /// The connection closes half way through the body.
    Truncated,
    /// Nothing comes after the first half of the body, and the connection stays open.
    Stalled,
    /// White space for ever after.
    Endless,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: String) -> Self {
        Self {
            status,
            content_type: content_type.to_owned(),
            location: None,
            body,
            delay: Duration::ZERO,
            ending: Ending::Whole,
        }
    }

    pub(crate) fn json(status: u16, body: &Json) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    /// For what is no part of the gateway's API: plain, so that nobody takes it for one of its answers.
    pub(crate) fn plain(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain", body.to_owned())
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::json(answer.status, &answer.envelope())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_printed_as_documented() {
        let reply = Reply::from(Answer::unauthorized());
        assert_eq!(
            (reply.status, reply.content_type.as_str()),
            (401, "application/json")
        );
        assert_eq!(
            reply.body,
            r#"{"code":-1,"message":"Unauthorized","response":null}"#
        );
        assert_eq!(
            Reply::from(Answer::ok(Json::literal(1))).body,
            r#"{"code":0,"message":null,"response":1}"#
        );
    }
}
