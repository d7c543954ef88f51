//! A whole event, as Lambda hands it over: whatever it says, there is a route, a refusal, and an answer in JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use payment_verifier::api::{answer, asked, event, route};
use payment_verifier::outcome::Outcome;
use serde_json::Value;
use serde_json::value::RawValue;

fuzz_target!(|data: &[u8]| {
    let Some(event) = serde_json::from_slice(data)
        .ok()
        .and_then(|data: &RawValue| event(data))
    else {
        return;
    };
    let refused = match route(&event) {
        Ok(route) => {
            let path = event.raw_path.as_deref().unwrap_or_default();
            assert_eq!(path.strip_prefix("/payments/"), Some(route.name()));
            match asked(route, &event) {
                Ok(_) => return,
                Err(reason) => assert!(!reason.is_empty()),
            }
            Outcome::BadRequest
        }
        Err(outcome) => {
            assert!(matches!(
                outcome,
                Outcome::NotFound | Outcome::MethodNotAllowed(_)
            ));
            outcome
        }
    };
    let answer = answer(refused, None);
    let body = serde_json::to_value(answer.body).expect("text");
    let body: Value = serde_json::from_str(body.as_str().expect("a body")).expect("JSON");
    assert!(body["status"].is_string() && body["message"].is_string());
});
