//! Where the browser is sent when the window took over the whole page, as on mobile: `m_redirect_url`, and more in its
//! query.

use form_urlencoded::Serializer;
use serde::Deserialize;

use super::Outcome;

/// What is added to the query of `m_redirect_url`: it differs by script and PG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redirect {
    /// `imp_uid`, `merchant_uid`, and after a failure `error_code` and `error_msg` (DOC `start/v1/auth`). Some PGs
    /// have never sent more than the ids (OLD `redirect`).
    #[default]
    Current,
    /// The same without `imp_uid`, as the guide's example has it.
    WithoutImpUid,
    /// `imp_success` besides (OLD `redirect`).
    ImpSuccess,
    /// `success` besides, as some PGs have it (OLD `redirect`).
    Success,
    /// `imp_status` and `kcp_action` besides, and no error (DOC `kcp-quickpay`).
    Quickpay,
}

impl Outcome {
    /// Where the browser is sent; `None` if the page has no `m_redirect_url`. A window that did not open sends it only
    /// if the page has no callback. That there is no `imp_uid` then, as none exists, is not documented.
    #[must_use]
    pub fn redirect(&self, redirect: Redirect) -> Option<String> {
        let url = self.m_redirect_url.as_ref()?;
        let mut query = Serializer::new(String::new());
        if let Some(imp_uid) = &self.imp_uid
            && redirect != Redirect::WithoutImpUid
        {
            query.append_pair("imp_uid", imp_uid);
        }
        query.append_pair("merchant_uid", &self.merchant_uid);
        // An account that waits for money is a success, too (OLD `redirect`).
        let success = if self.failure.is_none() {
            "true"
        } else {
            "false"
        };
        match redirect {
            Redirect::Current | Redirect::WithoutImpUid => {}
            Redirect::ImpSuccess => {
                query.append_pair("imp_success", success);
            }
            Redirect::Success => {
                query.append_pair("success", success);
            }
            Redirect::Quickpay => {
                // What the page asked for: of all it can, only to pay is a payment.
                query.extend_pairs([("imp_status", success), ("kcp_action", "Pay")]);
            }
        }
        if let Some(failure) = &self.failure
            && redirect != Redirect::Quickpay
        {
            query.extend_pairs([
                ("error_code", failure.code),
                ("error_msg", &failure.message),
            ]);
        }
        Some(with_query(url, &query.finish()))
    }
}

/// What the URL has already stays: its query in front, its fragment behind.
fn with_query(url: &str, query: &str) -> String {
    let (base, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let separator = match base.split_once('?') {
        None => "?",
        Some((_, before)) if before.is_empty() || before.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{base}{separator}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_url_has_stays() {
        for (url, expected) in [
            ("https://shop/a", "https://shop/a?x=1"),
            ("https://shop/a?", "https://shop/a?x=1"),
            ("https://shop/a?b=c&d=%20", "https://shop/a?b=c&d=%20&x=1"),
            ("https://shop/a?b=c&", "https://shop/a?b=c&x=1"),
            ("https://shop/#/a?b", "https://shop/?x=1#/a?b"),
            ("shop://paid?b", "shop://paid?b&x=1"),
        ] {
            assert_eq!(with_query(url, "x=1"), expected);
        }
    }
}
