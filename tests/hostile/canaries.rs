//! Canaries: strings that stand for what must not get out, and a nose for them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// In everything that is a person's, a secret, or the shop's own.
pub(crate) const CANARY: &str = "CANARY";
/// In every fact that an order may keep, and nothing else may tell.
pub(crate) const FACT: &str = "KEPTFACT";
/// The account's number: for the page, the text, the order and the customer's record.
pub(crate) const ACCOUNT: &str = "X379012ACCOUNT";
/// What the order asks for: for the order and the list of unmatched payments.
pub(crate) const AMOUNT: u32 = 48_765;
/// The customer's number, and how a text's address spells it.
pub(crate) const PHONE: &str = "010-9876-5432";
pub(crate) const DIALLED: &str = "+821098765432";

/// Every field of a payment that the function has no use for.
const PRIVATE: [&str; 19] = [
    "buyer_name",
    "buyer_email",
    "buyer_tel",
    "buyer_addr",
    "buyer_postcode",
    "card_number",
    "card_code",
    "card_issuer_name",
    "card_publisher_name",
    "bank_name",
    "vbank_code",
    "vbank_holder",
    "custom_data",
    "user_agent",
    "customer_uid",
    "name",
    "emb_pg_provider",
    "channel",
    "a_field_of_tomorrow",
];
/// Every field that the order keeps as text.
const KEPT: [&str; 8] = [
    "pg_id",
    "pg_tid",
    "apply_num",
    "card_name",
    "vbank_name",
    "fail_reason",
    "cancel_reason",
    "receipt_url",
];

/// A payment's fields: canaries everywhere, and on top what the payment is about.
pub(crate) fn payment(imp_uid: &str, merchant_uid: &str, more: &Value) -> String {
    let mut payment = json!({
        "$force": true,
        "imp_uid": imp_uid,
        "merchant_uid": merchant_uid,
        "amount": AMOUNT,
        "vbank_num": ACCOUNT,
        "extension": {"REMITTER": "CANARY-extension"},
        "deposit_history": [{"depositor_name": "CANARY-depositor_name", "pg_tid": "CANARY-deposit"}],
        "promotion": {"id": "KEPTFACT-promotion", "discount": 0, "name": "CANARY-promotion"},
        "cancel_history": [{"reason": "KEPTFACT-reason", "pg_tid": "KEPTFACT", "refund_holder": "CANARY-refund_holder"}],
    });
    for name in PRIVATE {
        payment[name] = format!("{CANARY}-{name}").into();
    }
    for name in KEPT {
        payment[name] = format!("{FACT}-{name}").into();
    }
    merge(&mut payment, more);
    payment.to_string()
}

/// An order with columns that are none of the function's business.
pub(crate) fn order(fields: &Value) -> Value {
    let mut order = json!({
        "amount": AMOUNT, "customer_id": "CANARY-customer_id", "phone": PHONE, "name": "CANARY-order-name",
        "address": {"city": "CANARY-city", "lines": ["CANARY-line"]}, "tags": {"SS": ["CANARY-tag"]}, "memo": "CANARY-memo",
    });
    merge(&mut order, fields);
    order
}

/// The customer of every order.
pub(crate) fn customer() -> Value {
    json!({"customer_id": "CANARY-customer_id", "name": "CANARY-customer-name", "email": "CANARY-email"})
}

fn merge(into: &mut Value, fields: &Value) {
    for (name, value) in fields.as_object().expect("an object") {
        into[name] = value.clone();
    }
}

/// What must not be smelt, in each spelling that hides it from a plain search.
#[derive(Debug, Clone)]
pub(crate) struct Nose(Vec<(String, String)>);

impl Nose {
    /// For every canary there is, and for `more`: a token, a secret.
    pub(crate) fn new(more: &[&str]) -> Self {
        let digits = DIALLED.trim_start_matches("+82");
        let amount = AMOUNT.to_string();
        let words = [CANARY, FACT, ACCOUNT, PHONE, digits, &amount]
            .into_iter()
            .chain(more.iter().copied());
        Self(
            words
                .flat_map(|word| {
                    spellings(word)
                        .into_iter()
                        .map(|spelling| (spelling, word.to_owned()))
                })
                .collect(),
        )
    }

    /// For all of it but this word.
    pub(crate) fn without(&self, word: &str) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(_, of)| of != word)
                .cloned()
                .collect(),
        )
    }

    /// The first hit, with what is around it.
    pub(crate) fn smells(&self, text: &str) -> Option<String> {
        let lower = text.to_lowercase();
        self.0.iter().find_map(|(spelling, word)| {
            let at = lower.find(spelling.as_str())?;
            let from = lower.floor_char_boundary(at.saturating_sub(300));
            let to = lower.floor_char_boundary((at + 100).min(lower.len()));
            Some(format!("{word} in …{}…", &lower[from..to]))
        })
    }

    #[track_caller]
    pub(crate) fn assert_clean(&self, what: &str, text: &str) {
        let hit = self.smells(text);
        assert!(hit.is_none(), "{what}: {}", hit.unwrap_or_default());
    }
}

/// Plain, in hex, in base64 at each of its three offsets, and as the bytes that `Debug` prints of a buffer.
fn spellings(word: &str) -> Vec<String> {
    let hex: Vec<_> = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    let listed: Vec<_> = word.bytes().map(|byte| byte.to_string()).collect();
    let shifted = (0..3).map(|shift| {
        let encoded = STANDARD.encode(format!("{}{word}", " ".repeat(shift)));
        // Six bits each: the characters at its ends depend on what is next to the word.
        encoded[(8 * shift).div_ceil(6)..8 * (shift + word.len()) / 6].to_lowercase()
    });
    [word.to_lowercase(), hex.concat(), listed.join(", ")]
        .into_iter()
        .chain(shifted)
        .collect()
}

#[test]
fn a_nose_finds_every_spelling() {
    let nose = Nose::new(&["0123456789abcdef"]);
    for text in [
        "a CANARY-name b",
        "%43canary",
        "43414e415259",
        "Q0FOQVJZLW5hbWU=",
        "[67, 65, 78, 65, 82, 89, 45]",
        "token 0123456789ABCDEF",
    ] {
        assert!(nose.smells(text).is_some(), "{text}");
    }
    for shift in 0..3 {
        assert!(
            nose.smells(&STANDARD.encode(format!("{}CANARY-name", "x".repeat(shift))))
                .is_some(),
            "{shift}"
        );
    }
    assert_eq!(
        nose.smells("imp_uid=imp_1 merchant_uid=ORD-1 outcome=success 200"),
        None
    );
}
