use crate::answer::Answer;
use crate::money::Money;
use crate::payment::{Cancellation, NotCancelled, Payment};
use crate::request::Params;
use crate::state::State;
use crate::webhook::Notice;

const UNKNOWN: &str = "취소할 결제건이 존재하지 않습니다.";
const NOTHING_LEFT: &str = "이미 전액취소된 주문입니다.";
// The wording of these is not documented.
const NO_UID: &str = "imp_uid, merchant_uid 중 하나를 지정해주셔야합니다.";
const NO_NUMBER: &str = "취소 금액이 올바르지 않습니다.";
const WRONG_CHECKSUM: &str = "취소 가능 잔액이 일치하지 않습니다.";
const TOO_MUCH: &str = "취소 가능 금액을 초과하였습니다.";
const PENDING: &str = "이미 취소 처리 중인 결제건입니다.";
const NO_ACCOUNT: &str =
    "환불계좌 정보(refund_holder, refund_bank, refund_account)가 누락되었습니다.";

/// Where the money of a virtual account goes back to.
const REFUND_ACCOUNT: [&str; 3] = ["refund_holder", "refund_bank", "refund_account"];

/// `POST /payments/cancel`. Every failure but a bad token is HTTP 200 with a `code` (the cancellation guide).
pub(super) fn cancel(state: &mut State, params: &Params) -> Answer {
    match try_cancel(state, params) {
        Ok(payment) => Answer::payment(payment),
        // The PG's own refusals have this code.
        Err(PENDING) => Answer::refused(-1, PENDING),
        Err(message) => Answer::refused(1, message),
    }
}

fn try_cancel(state: &mut State, params: &Params) -> Result<Payment, &'static str> {
    let number = |name| {
        params
            .get(name)
            .map(|text| Money::parse(text).ok_or(NO_NUMBER))
            .transpose()
    };
    let wanted = Cancellation {
        amount: number("amount")?,
        checksum: number("checksum")?,
        reason: params.get("reason").unwrap_or("취소요청api").to_owned(),
        requester: params.get("extra[requester]").map(str::to_owned),
    };
    let (imp_uid, payment) = target(state, params)?;
    // A bank transfer has no way back of its own (OAS `refund_holder`); which `code` says so is not documented.
    if payment.is_vbank()
        && payment.holds_money()
        && REFUND_ACCOUNT.iter().any(|name| params.get(name).is_none())
    {
        return Err(NO_ACCOUNT);
    }
    let done = state
        .ask_to_cancel(&imp_uid, wanted)
        .map_err(|why| match why {
            NotCancelled::NotPaid => UNKNOWN,
            NotCancelled::NothingLeft => NOTHING_LEFT,
            NotCancelled::Pending => PENDING,
            NotCancelled::Checksum { .. } => WRONG_CHECKSUM,
            NotCancelled::TooMuch { .. } => TOO_MUCH,
        })?;
    let payment = state.payments.get(&imp_uid).ok_or(UNKNOWN)?.clone();
    // Off by default; a payment without a webhook setting has nowhere to send it (OAS `enable_webhook`).
    if done && params.is_true("enable_webhook") && !state.targets(&imp_uid).is_empty() {
        state.outbox.push(Notice::of(&imp_uid, &payment));
    }
    Ok(payment)
}

/// `imp_uid` wins, and a wrong one is not made good by the right `merchant_uid` (the cancellation guide).
fn target<'a>(state: &'a State, params: &Params) -> Result<(String, &'a Payment), &'static str> {
    let found = match (params.get("imp_uid"), params.get("merchant_uid")) {
        (Some(imp_uid), _) => state.payments.get_key_value(imp_uid),
        (None, None) => return Err(NO_UID),
        (None, Some(merchant_uid)) => state
            .payments
            .iter()
            .filter(|(_, payment)| payment.text("merchant_uid").as_deref() == Some(merchant_uid))
            .max_by_key(|(_, payment)| {
                (
                    payment.holds_money(),
                    payment.seconds("started_at"),
                    payment.sequence,
                )
            }),
    };
    let (imp_uid, payment) = found.ok_or(UNKNOWN)?;
    Ok((imp_uid.clone(), payment))
}
