//! The payment window, without a browser.

use iamport_sim::{Sdk, Simulator, Window};

/// The parameters of an order of its own, with these texts among them.
pub(crate) fn json(texts: &[(&str, &str)]) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ORDERS: AtomicU32 = AtomicU32::new(0);
    let order = ORDERS.fetch_add(1, Ordering::Relaxed);
    let members = texts.iter().fold(String::new(), |members, (name, text)| {
        members + &format!(r#","{name}":{}"#, serde_json::to_string(text).unwrap())
    });
    format!(r#"{{"merchant_uid":"ORD-{order}","amount":1000{members}}}"#)
}

/// Opens a window and returns the payment's `imp_uid`.
pub(crate) fn open(sim: &Simulator, params: &str) -> String {
    match sim.request_pay(params).unwrap() {
        Window::Open(imp_uid) => imp_uid,
        Window::Refused(outcome) => panic!("{}", outcome.callback(Sdk::Classic)),
    }
}
