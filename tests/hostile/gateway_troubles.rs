//! Every trouble that the gateway can make, with words that should not get out.

use iamport_sim::{Fault, Route};
use serde_json::json;

/// A trouble at the gateway: its name, and what befalls the calls to it.
pub(crate) type Gateway = (&'static str, Vec<Fault>);

/// Everything the gateway can do wrong; `echo` is what it repeats of what it was sent.
pub(crate) fn at_the_gateway(echo: &str) -> Vec<Gateway> {
    let text = format!("CANARY {echo}");
    let json = |code: i64| json!({"code": code, "message": text, "response": null}).to_string();
    let look_up = |fault: Fault| vec![fault.on(Route::LookUp)];
    // The look-up refuses the token first, so that a new one is asked for.
    let token = |fault: Fault| {
        vec![
            Fault::unauthorized().on(Route::LookUp),
            fault.on(Route::Token),
        ]
    };
    let answer = |status: u16, body: &str| Fault::answer(status, "application/json", body);
    let nonsense = |field: &str| {
        let response = json!({"access_token": format!("{text}\n"), "now": 1, "expired_at": field});
        json!({"code": 0, "message": text, "response": response}).to_string()
    };
    let mut troubles: Vec<Gateway> = vec![
        (
            "a page behind a redirect",
            look_up(Fault::redirect("/CANARY")),
        ),
        ("another payment", look_up(Fault::wrong_imp_uid())),
        ("no answer", look_up(Fault::dropped())),
        ("half an answer", look_up(Fault::truncated())),
        ("an answer without end", look_up(Fault::endless())),
        (
            "an amount that is text",
            look_up(Fault::fields(r#"{"amount": "CANARY"}"#).unwrap()),
        ),
        (
            "a status that is a list",
            look_up(Fault::fields(r#"{"status": ["CANARY"]}"#).unwrap()),
        ),
        (
            "an order that is a number",
            look_up(Fault::fields(r#"{"merchant_uid": 1}"#).unwrap()),
        ),
        (
            "a token that is no header",
            token(answer(200, &nonsense("2"))),
        ),
        ("no token", token(Fault::dropped())),
    ];
    for status in [301, 400, 401, 402, 403, 404, 418, 429, 500, 502, 503] {
        troubles.push((
            "a look-up refused with words",
            look_up(answer(status, &text)),
        ));
        troubles.push((
            "a look-up refused in an envelope",
            look_up(answer(status, &json(-1))),
        ));
        troubles.push(("a token refused with words", token(answer(status, &text))));
        troubles.push((
            "a token refused in an envelope",
            token(answer(status, &json(-1))),
        ));
    }
    for body in [
        text.clone(),
        json(1),
        json(0),
        format!(r#"{{"code": "{echo}"}}"#),
        format!("\"{text}\""),
    ] {
        troubles.push(("a look-up of nonsense", look_up(answer(200, &body))));
        troubles.push(("a token of nonsense", token(answer(200, &body))));
    }
    troubles
}
