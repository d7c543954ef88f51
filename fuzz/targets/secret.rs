//! The secret's text: credentials come out whole and are never shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
// json.rs, below, looks for it here.
use payment_verifier::decimal;
use payment_verifier::gateway::credentials::Credentials;
use secrecy::ExposeSecret;
use serde_json::Value;

#[path = "../../src/json.rs"]
#[expect(dead_code, reason = "one of its readers is enough here")]
mod json;

fuzz_target!(|data: &[u8]| {
    let Some(credentials) = json::object::<Credentials>(data) else {
        return;
    };
    let Credentials {
        imp_key,
        imp_secret,
    } = &credentials;
    let shown = format!("{credentials:?}");
    assert_eq!(shown.matches("REDACTED").count(), 2, "{shown}");
    assert!(shown.len() < 100, "{shown}");
    // Half a surrogate pair in a field that is ignored is no text for `Value`.
    let Ok(secret) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    assert_eq!(secret["imp_key"], imp_key.expose_secret());
    assert_eq!(secret["imp_secret"], imp_secret.expose_secret());
});
