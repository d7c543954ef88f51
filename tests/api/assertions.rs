//! What every answer and every row has to be like.

use local::{Answer, Item};
use payment_verifier::orders::COLUMNS;
use serde_json::Value;

/// What an answer says.
pub(crate) trait Says {
    /// Checks code and `status`, and everything that goes for every answer.
    fn says(&self, code: u16, status: &str);
}

impl Says for Answer {
    #[track_caller]
    fn says(&self, code: u16, status: &str) {
        assert_eq!((self.code, self.status()), (code, status), "{self:?}");
        let message = self.body["message"].as_str().unwrap_or_default();
        assert!(
            message.chars().any(|c| ('가'..='힣').contains(&c)),
            "no Korean message: {self:?}"
        );
        assert!(
            !message.chars().any(|c| c.is_ascii_digit()),
            "a number in the message: {self:?}"
        );
        let content_type = self.header("content-type").unwrap_or_default();
        assert!(content_type.starts_with("application/json"), "{self:?}");
        let members = self.body.as_object().expect("a JSON object");
        for member in members.keys() {
            let account = member.starts_with("vbank_") && status == "vbankIssued";
            assert!(
                account || ["status", "message"].contains(&member.as_str()),
                "{member}: {self:?}"
            );
        }
        if code == 503 {
            let seconds = self.header("retry-after").unwrap_or_default();
            assert!(seconds.parse().is_ok_and(|s: u32| s > 0), "{self:?}");
        }
        if code == 405 {
            assert!(
                matches!(self.header("allow"), Some("POST" | "GET")),
                "{self:?}"
            );
        }
    }
}

/// Checks some attributes of a row; a `null` stands for one that is not there.
#[track_caller]
pub(crate) fn assert_row(row: &Value, expected: &Value) {
    assert!(
        row.is_object(),
        "there is no row, but it should have {expected}"
    );
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&row[name], value, "{name} of {row}");
    }
}

/// The function's columns.
pub(crate) fn ours(item: &Item) -> Item {
    let ours = item
        .iter()
        .filter(|(name, _)| COLUMNS.contains(&name.as_str()));
    ours.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
