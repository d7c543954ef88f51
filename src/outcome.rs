//! Every answer the function can give: the contract's table, in one place.

/// What became of a request.
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
    /// The payment is not what the order asked for.
    Forgery,
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
    /// The route exists, for POST.
    MethodNotAllowed,
    /// The order's row cannot be used.
    Misconfigured,
    /// Something this needs did not work; trying again can help.
    Unavailable,
}

impl Outcome {
    /// HTTP status, `status` and the Korean `message` of the answer.
    #[must_use]
    pub fn answer(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Success => (200, "success", "일반 결제 성공"),
            Self::VbankIssued => (200, "vbankIssued", "가상계좌 발급 성공"),
            Self::Pending => (200, "pending", "결제가 아직 완료되지 않았습니다"),
            Self::Failed => (200, "failed", "결제가 실패했습니다"),
            Self::Cancelled => (200, "cancelled", "결제가 취소되었습니다"),
            Self::PartiallyCancelled => (200, "partiallyCancelled", "결제가 부분 취소되었습니다"),
            Self::Forgery => (400, "forgery", "위조된 결제시도"),
            Self::BadRequest => (400, "badRequest", "요청 형식이 올바르지 않습니다"),
            Self::OrderNotFound => (404, "orderNotFound", "주문을 찾을 수 없습니다"),
            Self::PaymentNotFound => (404, "paymentNotFound", "존재하지 않는 결제정보입니다"),
            Self::Ignored => (200, "ignored", "테스트 호출을 확인했습니다"),
            Self::DuplicatePayment => (409, "duplicatePayment", "이미 결제된 주문입니다"),
            Self::NotFound => (404, "notFound", "존재하지 않는 경로입니다"),
            Self::MethodNotAllowed => (405, "methodNotAllowed", "허용되지 않는 메서드입니다"),
            Self::Misconfigured => (500, "misconfigured", "주문 정보가 올바르지 않습니다"),
            Self::Unavailable => (503, "unavailable", "잠시 후 다시 시도해 주세요"),
        }
    }
}
