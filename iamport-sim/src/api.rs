//! The endpoints of the gateway's API.

mod cancel;
mod prepare;
mod search;
mod vbank;

use crate::answer::Answer;
use crate::json::Json;
use crate::request::Request;
use crate::state::State;

pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    let (method, path) = request.route();
    if path == ["users", "getToken"] {
        return get_token(state, request);
    }
    if !request
        .token
        .as_ref()
        .is_some_and(|token| state.tokens.accept(token, state.now()))
    {
        return Answer::unauthorized();
    }
    match (method, path.as_slice()) {
        ("POST", ["payments", "cancel"]) => cancel::cancel(state, &request.params()),
        ("DELETE", ["vbanks", imp_uid]) => vbank::close(state, imp_uid),
        ("POST", ["payments", "prepare"]) => prepare::register(state, &request.params()),
        ("PUT", ["payments", "prepare"]) => prepare::change(state, &request.params()),
        (_, ["payments", "prepare", merchant_uid]) => prepare::get(state, merchant_uid),
        (_, ["payments", "find", merchant_uid, status @ ..]) => search::find(
            state,
            merchant_uid,
            status.first().copied(),
            &request.query(),
        ),
        (_, ["payments", "findAll", merchant_uid, status @ ..]) => search::find_all(
            state,
            merchant_uid,
            status.first().copied(),
            &request.query(),
        ),
        (_, ["payments", "status", status]) => search::by_status(state, status, &request.query()),
        (_, ["payments", imp_uid]) => look_up(state, imp_uid, request),
        _ => search::several(state, &request.query()),
    }
}

/// `POST /users/getToken`. The two refusals: OAS (401) and tests of client libraries (400).
fn get_token(state: &mut State, request: &Request) -> Answer {
    let params = request.params();
    let (Some(imp_key), Some(imp_secret)) = (params.get("imp_key"), params.get("imp_secret"))
    else {
        return Answer::error(400, "imp_key, imp_secret 파라메터가 누락되었습니다.");
    };
    if (imp_key, imp_secret) != (&state.settings.imp_key, &state.settings.imp_secret) {
        return Answer::error(401, "인증에 실패하였습니다. API키와 secret을 확인하세요.");
    }
    let (now, life) = (state.now(), state.settings.token_life.as_secs());
    let token = state
        .tokens
        .issue(now, i64::try_from(life).unwrap_or(i64::MAX - now));
    Answer::ok(Json::object([
        ("access_token", Json::string(&token.text)),
        ("now", Json::literal(now)),
        ("expired_at", Json::literal(token.expired_at)),
    ]))
}

/// `GET /payments/{imp_uid}`, which alone hides payments of a test channel (HELP `notice-v1-api-2025-11-25`).
fn look_up(state: &State, imp_uid: &str, request: &Request) -> Answer {
    let shown = state.settings.sandbox_shown || request.query().is_true("include_sandbox");
    match state.payments.get(imp_uid) {
        Some(payment) if shown || !payment.is_true("sandbox") => Answer::payment(payment.clone()),
        _ => Answer::unknown_payment(),
    }
}
