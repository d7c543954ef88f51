//! What the control API shows of the library's records.

use crate::call::Call;
use crate::confirm::Confirm;
use crate::json::Json;
use crate::post::Receipt;
use crate::refund::Refund;
use crate::settings::NoPage;
use crate::state::State;
use crate::webhook::{ContentType, Sent, WebhookTarget};

/// As it can be set again.
pub(super) fn target(target: Option<&WebhookTarget>) -> Json {
    target.map_or_else(Json::null, |target| {
        let content_type = match target.content_type {
            ContentType::Json => "json",
            ContentType::Form => "form",
        };
        let pause = target.resend_every.map(|pause| pause.as_millis());
        Json::object([
            ("url", Json::string(&target.url)),
            ("content_type", Json::string(content_type)),
            ("automatic", Json::literal(target.automatic)),
            (
                "resend_every_ms",
                pause.map_or_else(Json::null, Json::literal),
            ),
        ])
    })
}

/// What is switched, each as it can be set again.
pub(super) fn settings(state: &State) -> Json {
    let settings = &state.settings;
    let page = |page: NoPage| {
        Json::string(match page {
            NoPage::EmptyList => "empty_list",
            NoPage::BadRequest => "bad_request",
            NoPage::NotFound => "not_found",
        })
    };
    let pages = [
        ("beyond", page(settings.pages.beyond)),
        ("empty", page(settings.pages.empty)),
    ];
    Json::object([
        ("webhook", target(settings.webhook.as_ref())),
        ("webhooks_to_lose", Json::literal(state.to_lose)),
        ("sandbox_shown", Json::literal(settings.sandbox_shown)),
        ("pages", Json::object(pages)),
        (
            "prepare_twice_is_400",
            Json::literal(settings.prepared_twice_is_400),
        ),
        ("imp_key", Json::string(&settings.imp_key)),
        ("now", Json::literal(state.now())),
    ])
}

pub(super) fn call(call: &Call) -> Json {
    Json::object([
        ("method", Json::string(&call.method)),
        ("path", Json::string(&call.path)),
        ("query", Json::string(&call.query)),
        ("at", Json::literal(call.at)),
        ("status", call.status.map_or_else(Json::null, Json::literal)),
    ])
}

pub(super) fn sent(sent: &Sent) -> Json {
    let notice = Json::object(
        sent.notice
            .members()
            .map(|(name, value)| (name, Json::string(value))),
    );
    Json::object([
        ("url", Json::string(&sent.url)),
        ("notice", notice),
        ("receipts", Json::list(sent.receipts.iter().map(receipt))),
    ])
}

pub(super) fn receipt(receipt: &Receipt) -> Json {
    Json::object([
        (
            "status",
            receipt.status.map_or_else(Json::null, Json::literal),
        ),
        ("body", Json::string(&receipt.body)),
    ])
}

pub(super) fn refund(refund: &Refund) -> Json {
    Json::object([
        ("imp_uid", Json::string(&refund.imp_uid)),
        ("amount", Json::literal(&refund.amount)),
        ("reason", Json::string(&refund.reason)),
        ("requester", Json::optional(refund.requester.as_deref())),
        ("at", Json::literal(refund.at)),
    ])
}

/// A line of the record of `confirm_url`s.
pub(super) fn confirm(confirm: &Confirm) -> Json {
    Json::object([
        ("url", Json::string(&confirm.url)),
        ("question", Json::trusted(&confirm.body)),
        ("receipt", receipt(&confirm.receipt)),
    ])
}
