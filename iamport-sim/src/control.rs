//! The control API: the library's verbs for people with curl. JSON in, JSON out, no credentials; see `README.md`.

mod bodies;
pub(crate) mod follow;
mod shown;
mod window;

use serde::de::DeserializeOwned;

use self::bodies::{
    Cancel, Clock, Credentials, Deliver, Due, Fail, Fault, Lose, NoticeBody, Prepare, Sandbox,
    Target,
};
use crate::answer::Reply;
use crate::clock;
use crate::core::Core;
use crate::error::Error;
use crate::json::Json;
use crate::post::Receipt;
use crate::request::Request;
use crate::state::State;
use crate::webhook::{Delivery, Notice};

pub(crate) fn concerns(request: &Request) -> bool {
    request
        .segments
        .first()
        .is_some_and(|segment| segment == "control")
}

pub(crate) async fn answer(core: &Core, request: &Request) -> Reply {
    match act(core, request).await {
        Ok(Some(json)) => Reply::json(200, &json),
        Ok(None) => error(404, "no such control"),
        Err(why) => error(
            match why {
                Error::Json { .. } | Error::Invalid(_) => 400,
                Error::UnknownPayment(_) => 404,
                Error::Refused(_) | Error::Listen { .. } | Error::Unreachable(_) => 409,
            },
            &why.to_string(),
        ),
    }
}

fn error(status: u16, why: &str) -> Reply {
    Reply::json(status, &Json::object([("error", Json::string(why))]))
}

/// `None`: there is no such control.
async fn act(core: &Core, request: &Request) -> Result<Option<Json>, Error> {
    let (method, path) = request.route();
    let body = if request.body.trim().is_empty() {
        "{}"
    } else {
        &request.body
    };
    let done = match (method, path.get(1..).unwrap_or_default()) {
        ("POST", ["payments", imp_uid, "webhook"]) => {
            let Deliver { status, delivery } = read(body)?;
            let notice = core.lock().notice(imp_uid)?;
            let notice = status.into_iter().fold(notice, Notice::with_status);
            receipts(&core.deliver(&notice, delivery.into()).await?)
        }
        ("POST", ["webhooks", "test"]) => {
            receipts(&core.deliver(&Notice::test_button(), Delivery::Once).await?)
        }
        ("POST", ["webhooks"]) => {
            let mut answers = Vec::new();
            for notice in read::<Vec<NoticeBody>>(body)? {
                answers.extend(core.deliver(&notice.into(), Delivery::Once).await?);
            }
            receipts(&answers)
        }
        ("GET", ["payments"]) => core.lock().list(request.query().get("merchant_uid")),
        (method, ["window", path @ ..]) => {
            return window::act(core, method, path, &request.query(), body).await;
        }
        (_, path) => {
            let due = Due::of(&request.query())?;
            let deed = |state: &mut State| change(state, method, path, body);
            let (done, sending) = core.act_delivering(due.delivery(), deed);
            due.wait(sending).await;
            return done;
        }
    };
    Ok(Some(done))
}

fn change(
    state: &mut State,
    method: &str,
    path: &[&str],
    body: &str,
) -> Result<Option<Json>, Error> {
    match (method, path) {
        ("POST", ["payments"]) => {
            let imp_uid = state.create(body)?;
            return Ok(Some(Json::object([("imp_uid", Json::string(&imp_uid))])));
        }
        ("GET", ["payments", imp_uid]) => return state.get(imp_uid).map(Some),
        (_, ["payments", imp_uid, verb @ ..]) => {
            match (method, verb) {
                ("PATCH", []) => state.update(imp_uid, body)?,
                ("POST", ["pay"]) => state.pay(imp_uid)?,
                ("POST", ["deposit"]) => state.deposit(imp_uid)?,
                ("POST", ["fail"]) => state.fail(imp_uid, &read::<Fail>(body)?.reason)?,
                ("POST", ["issue-account"]) => state.issue_account(imp_uid, body)?,
                ("POST", ["cancel"]) => {
                    let Cancel { amount, reason } = read(body)?;
                    state.cancel(imp_uid, amount.as_deref(), &reason)?;
                }
                ("POST", ["finish-cancel"]) => state.finish_cancel(imp_uid)?,
                _ => return Ok(None),
            }
            return state.get(imp_uid).map(Some);
        }
        ("GET", ["calls"]) => return Ok(Some(Json::list(state.calls.iter().map(shown::call)))),
        ("GET", ["webhooks"]) => return Ok(Some(Json::list(state.sent.iter().map(shown::sent)))),
        ("GET", ["confirms"]) => {
            return Ok(Some(Json::list(state.confirms.iter().map(shown::confirm))));
        }
        ("GET", ["refunds"]) => {
            return Ok(Some(Json::list(state.refunds.iter().map(shown::refund))));
        }
        ("GET", ["clock"]) => {
            return Ok(Some(Json::object([("now", Json::literal(state.now()))])));
        }
        ("GET", ["webhook"]) => return Ok(Some(shown::target(state.settings.webhook.as_ref()))),
        ("PUT", ["webhook"]) => state.set_webhook(Some(read::<Target>(body)?.into()))?,
        ("DELETE", ["webhook"]) => state.set_webhook(None)?,
        ("POST", ["webhooks", "lose"]) => state.to_lose = read::<Lose>(body)?.times,
        ("GET", ["settings"]) => return Ok(Some(shown::settings(state))),
        ("GET", ["faults"]) => return Ok(Some(state.faults.json())),
        ("POST", ["faults"]) => state.faults.add(read::<Fault>(body)?.try_into()?),
        ("DELETE", ["faults"]) => state.faults.clear(),
        ("DELETE", ["calls"]) => state.calls.clear(),
        ("DELETE", ["tokens"]) => state.tokens.revoke(),
        ("POST", ["credentials"]) => {
            let Credentials {
                imp_key,
                imp_secret,
                revoke,
            } = read(body)?;
            state.rotate_credentials(&imp_key, &imp_secret);
            if revoke {
                state.tokens.revoke();
            }
        }
        ("POST", ["clock"]) => match read(body)? {
            Clock::Offset(offset) => state.clock = clock::Clock::Running { offset },
            Clock::At(at) => state.clock = clock::Clock::Stopped { at },
            Clock::Advance(seconds) => state.advance_time(seconds),
        },
        ("PUT", ["sandbox"]) => state.settings.sandbox_shown = read::<Sandbox>(body)?.shown,
        ("PUT", ["pages"]) => state.settings.pages = read(body)?,
        ("PUT", ["prepare"]) => {
            state.settings.prepared_twice_is_400 = read::<Prepare>(body)?.twice_is_400;
        }
        _ => return Ok(None),
    }
    Ok(Some(Json::object::<&str>([])))
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, Error> {
    serde_json::from_str(body).map_err(|error| Error::json("the body", error))
}

fn receipts(receipts: &[Receipt]) -> Json {
    Json::list(receipts.iter().map(shown::receipt))
}
