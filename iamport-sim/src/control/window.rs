//! The payment window by hand: whatever is asked, the answer is the window and what the browser is told.

use serde::de::DeserializeOwned;

use super::bodies::{Due, Fail};
use super::read;
use crate::core::Core;
use crate::error::Error;
use crate::json::Json;
use crate::request::Params;
use crate::window::{Outcome, Redirect, Sdk, Window};

pub(super) async fn act(
    core: &Core,
    method: &str,
    path: &[&str],
    query: &Params,
    body: &str,
) -> Result<Option<Json>, Error> {
    let due = Due::of(query)?;
    let (sdk, redirect) = (choice(query, "sdk")?, choice(query, "redirect")?);
    let (imp_uid, outcome) = match (method, path) {
        ("POST", []) => match core.act(|state| state.request_pay(body))? {
            Window::Open(imp_uid) => (Some(imp_uid), None),
            Window::Refused(outcome) => (None, Some(outcome)),
        },
        (method, [imp_uid, verb @ ..]) => {
            // It has to have a window, whatever is to be done.
            core.lock().window(imp_uid)?;
            match (method, verb) {
                ("GET", []) => {}
                ("POST", ["approve"]) => {
                    due.wait(core.approve(imp_uid, due.delivery()).await?).await;
                }
                ("POST", ["fail"]) => {
                    let Fail { reason } = read(body)?;
                    core.act(|state| state.fail(imp_uid, &reason))?;
                }
                ("POST", ["leave"]) => core.act(|state| state.leave(imp_uid))?,
                _ => return Ok(None),
            }
            let outcome = core.lock().window(imp_uid)?.outcome.clone();
            (Some((*imp_uid).to_owned()), outcome)
        }
        _ => return Ok(None),
    };
    Ok(Some(shown(
        imp_uid.as_deref(),
        outcome.as_ref(),
        sdk,
        redirect,
    )))
}

/// `callback` is null as long as the window is open, and `redirect` also if the page has no `m_redirect_url`.
fn shown(imp_uid: Option<&str>, outcome: Option<&Outcome>, sdk: Sdk, redirect: Redirect) -> Json {
    let callback = outcome.map(|outcome| outcome.callback_json(sdk));
    let url = outcome.and_then(|outcome| outcome.redirect(redirect));
    Json::object([
        ("imp_uid", Json::optional(imp_uid)),
        ("callback", callback.unwrap_or_else(Json::null)),
        ("redirect", Json::optional(url.as_deref())),
    ])
}

/// One of the names that a parameter of the query can have.
fn choice<T: DeserializeOwned + Default>(query: &Params, name: &str) -> Result<T, Error> {
    query.get(name).map_or_else(
        || Ok(T::default()),
        |text| {
            let quoted = Json::string(text);
            serde_json::from_str(quoted.as_str()).map_err(|error| Error::json(name, error))
        },
    )
}
