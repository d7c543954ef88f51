//! What the shop is asked right before an approval: `confirm_url` (DOC `confirm-process/readme-v1`, HELP
//! `general-inquiry/confirm-process`).

use crate::json::Json;
use crate::post::{self, Receipt};

/// A call of a `confirm_url`, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// Where it went.
    pub url: String,
    /// What was sent: `imp_uid`, `merchant_uid` and `amount` in JSON.
    pub body: String,
    /// What the shop answered. Only HTTP 200 lets the approval go on.
    pub receipt: Receipt,
}

/// The call before it is made.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) url: String,
    pub(crate) body: String,
}

impl Question {
    /// Once: that it is tried again is said nowhere.
    pub(crate) async fn ask(self) -> Confirm {
        let receipt = post::confirm(&self.url, "application/json", &self.body).await;
        Confirm {
            url: self.url,
            body: self.body,
            receipt,
        }
    }
}

impl Confirm {
    /// Why the payment fails, if it does: any status but 200 (DOC), or no answer, which is taken for a 500 (HELP).
    pub(crate) fn refusal(&self) -> Option<String> {
        if self.receipt.status == Some(200) {
            return None;
        }
        // Only a refusal that came has a body of the shop's; otherwise it says why nothing came.
        let reason = self.receipt.status.and_then(|_| reason(&self.receipt.body));
        let reason = reason.unwrap_or_else(|| "알 수 없음".to_owned());
        Some(format!(
            "고객사 요청에 의해 결제를 중단합니다. (상세사유 : {reason})"
        ))
    }
}

/// The `reason` in a refusal. Whether its content type has to say JSON is not documented: here it need not.
fn reason(body: &str) -> Option<String> {
    let members: std::collections::BTreeMap<String, Json> = serde_json::from_str(body).ok()?;
    let reason = members.get("reason")?.text()?;
    (!reason.is_empty()).then_some(reason)
}
