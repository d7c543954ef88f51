use crate::answer::Answer;
use crate::json::Json;
use crate::money::Money;
use crate::request::Params;
use crate::state::{Prepared, State};

const DUPLICATE: &str = "결제정보 사전등록에 실패하였습니다(이미 등록된 merchant_uid입니다).";
const UNKNOWN: &str = "사전등록된 결제정보가 존재하지 않습니다.";
// The wording is not documented.
const MISSING: &str = "merchant_uid, amount 파라메터가 누락되었습니다.";

/// `POST /payments/prepare`
pub(super) fn register(state: &mut State, params: &Params) -> Answer {
    match read(params) {
        None => Answer::error(400, MISSING),
        Some((merchant_uid, _)) if state.prepared.contains_key(merchant_uid) => {
            // Shops have met both statuses, and the body alone tells.
            let status = if state.settings.prepared_twice_is_400 {
                400
            } else {
                200
            };
            Answer::refused(1, DUPLICATE).with_status(status)
        }
        Some((merchant_uid, prepared)) => store(state, merchant_uid, prepared),
    }
}

/// `PUT /payments/prepare`
pub(super) fn change(state: &mut State, params: &Params) -> Answer {
    match read(params) {
        None => Answer::error(400, MISSING),
        Some((merchant_uid, _)) if !state.prepared.contains_key(merchant_uid) => {
            Answer::error(404, UNKNOWN)
        }
        Some((merchant_uid, prepared)) => store(state, merchant_uid, prepared),
    }
}

/// `GET /payments/prepare/{merchant_uid}`
pub(super) fn get(state: &State, merchant_uid: &str) -> Answer {
    match state.prepared.get(merchant_uid) {
        Some(prepared) => show(merchant_uid, prepared),
        None => Answer::error(404, UNKNOWN),
    }
}

fn read(params: &Params) -> Option<(&str, Prepared)> {
    let amount = params
        .get("amount")
        .filter(|text| Money::parse(text).is_some())?;
    let prepared = Prepared {
        amount: serde_json::from_str(amount).ok()?,
        currency: params.get("currency").map(str::to_owned),
    };
    Some((params.get("merchant_uid")?, prepared))
}

fn store(state: &mut State, merchant_uid: &str, prepared: Prepared) -> Answer {
    let answer = show(merchant_uid, &prepared);
    state.prepared.insert(merchant_uid.to_owned(), prepared);
    answer
}

fn show(merchant_uid: &str, prepared: &Prepared) -> Answer {
    Answer::ok(Json::object([
        ("merchant_uid", Json::string(merchant_uid)),
        ("amount", prepared.amount.clone()),
        ("currency", Json::optional(prepared.currency.as_deref())),
    ]))
}
