use crate::answer::Answer;
use crate::error::Error;
use crate::state::State;

// The wording is not documented.
const NOT_WAITING: &str = "입금대기 중인 가상계좌가 아닙니다.";

/// `DELETE /vbanks/{imp_uid}`, with the three answers of OAS. That a closed account is `failed` afterwards is how the
/// console shows it (release note of 2024-01-25); what the API says is not documented.
pub(super) fn close(state: &mut State, imp_uid: &str) -> Answer {
    match state.close_account(imp_uid) {
        Err(Error::UnknownPayment(_)) => Answer::unknown_payment(),
        Err(_) => Answer::error(400, NOT_WAITING),
        Ok(()) => state
            .payments
            .get(imp_uid)
            .cloned()
            .map_or_else(Answer::unknown_payment, Answer::payment),
    }
}
