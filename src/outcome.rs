//! Every answer the function can give: the contract's table, in one place.

use crate::orders::NotPayable;
use crate::state::State;
use crate::verdict::Verdict;

/// What the caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The money was taken, for this order, in its amount and currency.
    Success,
    /// A virtual account waits for the deposit.
    VbankIssued,
    /// The payment window is open or was left, or the gateway uses a word this version does not know.
    Pending,
    /// The attempt failed.
    Failed,
    /// Cancelled in full.
    Cancelled,
    /// Cancelled in part.
    PartiallyCancelled,
    /// The order's amount is registered at the gateway.
    Prepared,
    /// The approval may go on.
    Confirmed,
    /// The payment is not what the order asked for.
    Forgery,
    /// The order may not be paid any more.
    OrderClosed,
    /// The request is malformed.
    BadRequest,
    /// The order is not in the table.
    OrderNotFound,
    /// The gateway knows no such payment.
    PaymentNotFound,
    /// The test button of Iamport's console.
    Ignored,
    /// Another attempt already holds this order's money.
    DuplicatePayment,
    /// No such route.
    NotFound,
    /// The route exists, for this method.
    MethodNotAllowed(&'static str),
    /// The order's row cannot be used.
    Misconfigured,
    /// Something this needs did not work; trying again can help.
    Unavailable,
}

impl Outcome {
    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::Success
            | Self::VbankIssued
            | Self::Pending
            | Self::Failed
            | Self::Cancelled
            | Self::PartiallyCancelled
            | Self::Prepared
            | Self::Confirmed
            | Self::Ignored => 200,
            Self::Forgery | Self::BadRequest => 400,
            Self::OrderNotFound | Self::PaymentNotFound | Self::NotFound => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::DuplicatePayment | Self::OrderClosed => 409,
            Self::Misconfigured => 500,
            Self::Unavailable => 503,
        }
    }

    /// `status` of the answer, and `outcome` of the log line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::VbankIssued => "vbankIssued",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::PartiallyCancelled => "partiallyCancelled",
            Self::Prepared => "prepared",
            Self::Confirmed => "confirmed",
            Self::Forgery => "forgery",
            Self::OrderClosed => "orderClosed",
            Self::BadRequest => "badRequest",
            Self::OrderNotFound => "orderNotFound",
            Self::PaymentNotFound => "paymentNotFound",
            Self::Ignored => "ignored",
            Self::DuplicatePayment => "duplicatePayment",
            Self::NotFound => "notFound",
            Self::MethodNotAllowed(_) => "methodNotAllowed",
            Self::Misconfigured => "misconfigured",
            Self::Unavailable => "unavailable",
        }
    }

    /// `message` of the answer.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Success => "일반 결제 성공",
            Self::VbankIssued => "가상계좌 발급 성공",
            Self::Pending => "결제가 아직 완료되지 않았습니다",
            Self::Failed => "결제가 실패했습니다",
            Self::Cancelled => "결제가 취소되었습니다",
            Self::PartiallyCancelled => "결제가 부분 취소되었습니다",
            Self::Prepared => "결제 금액이 등록되었습니다",
            Self::Confirmed => "결제를 진행해도 됩니다",
            Self::Forgery => "위조된 결제시도",
            Self::OrderClosed => "결제 기한이 지난 주문입니다",
            Self::BadRequest => "요청 형식이 올바르지 않습니다",
            Self::OrderNotFound => "주문을 찾을 수 없습니다",
            Self::PaymentNotFound => "존재하지 않는 결제정보입니다",
            Self::Ignored => "테스트 호출을 확인했습니다",
            Self::DuplicatePayment => "이미 결제된 주문입니다",
            Self::NotFound => "존재하지 않는 경로입니다",
            Self::MethodNotAllowed(_) => "허용되지 않는 메서드입니다",
            Self::Misconfigured => "주문 정보가 올바르지 않습니다",
            Self::Unavailable => "잠시 후 다시 시도해 주세요",
        }
    }
}

impl From<State> for Outcome {
    fn from(state: State) -> Self {
        match state {
            State::AccountIssued => Self::VbankIssued,
            State::Failed => Self::Failed,
            State::Paid => Self::Success,
            State::PartiallyCancelled => Self::PartiallyCancelled,
            State::Refunded | State::Voided => Self::Cancelled,
        }
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Forged(_) | Verdict::WrongMoney => Self::Forgery,
            Verdict::Pending(_) => Self::Pending,
            Verdict::Written(state) | Verdict::Known(state) | Verdict::Passed(state) => {
                state.into()
            }
            Verdict::OrderNotFound => Self::OrderNotFound,
            Verdict::Misconfigured(_) => Self::Misconfigured,
            Verdict::Duplicate => Self::DuplicatePayment,
        }
    }
}

impl From<NotPayable> for Outcome {
    fn from(why: NotPayable) -> Self {
        match why {
            NotPayable::Misconfigured(_) => Self::Misconfigured,
            NotPayable::Paid => Self::DuplicatePayment,
            NotPayable::Closed => Self::OrderClosed,
        }
    }
}
