//! The bodies of the control API, and what they mean in the library's terms.

use std::time::Duration;

use hyper::header::HeaderValue;
use serde::Deserialize;
use tokio::task::JoinHandle;

use crate::error::Error;
use crate::fault;
use crate::json::Json;
use crate::request::Params;
use crate::route::Route;
use crate::webhook::{self, ContentType, Notice, WebhookTarget};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fail {
    #[serde(default = "fail_reason")]
    pub(super) reason: String,
}

fn fail_reason() -> String {
    "사용자가 결제를 취소하셨습니다.".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    /// As it was written: 14.20 is no float.
    #[serde(default, deserialize_with = "number_text")]
    pub(super) amount: Option<String>,
    #[serde(default = "cancel_reason")]
    pub(super) reason: String,
}

fn number_text<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let amount = Option::<Json>::deserialize(deserializer)?;
    Ok(amount.map(|amount| amount.text().unwrap_or_else(|| amount.to_string())))
}

fn cancel_reason() -> String {
    "관리자 취소".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deliver {
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) delivery: Delivery,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Delivery {
    #[default]
    Once,
    Duplicated(u32),
    AtOnce(u32),
    DelayedMs(u64),
    Lost,
}

impl From<Delivery> for webhook::Delivery {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Once => Self::Once,
            Delivery::Duplicated(times) => Self::Duplicated(times),
            Delivery::AtOnce(times) => Self::AtOnce(times),
            Delivery::DelayedMs(ms) => Self::Delayed(Duration::from_millis(ms)),
            Delivery::Lost => Self::Lost,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeBody {
    imp_uid: String,
    merchant_uid: String,
    status: String,
    cancellation_id: Option<String>,
}

impl From<NoticeBody> for Notice {
    fn from(
        NoticeBody {
            imp_uid,
            merchant_uid,
            status,
            cancellation_id,
        }: NoticeBody,
    ) -> Self {
        Self {
            imp_uid,
            merchant_uid,
            status,
            cancellation_id,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    url: String,
    content_type: Option<ContentType>,
    #[serde(default)]
    automatic: bool,
    resend_every_ms: Option<u64>,
}

impl From<Target> for WebhookTarget {
    fn from(
        Target {
            url,
            content_type,
            automatic,
            resend_every_ms,
        }: Target,
    ) -> Self {
        Self {
            url,
            content_type: content_type.unwrap_or(ContentType::Json),
            resend_every: resend_every_ms.map(Duration::from_millis),
            automatic,
        }
    }
}

/// What becomes of the webhooks that a deed would send by itself.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Due {
    /// They are sent; nobody waits for them.
    Sent,
    /// The shop has answered before anybody is told what came of the deed.
    First,
    /// They come when the browser has long been told.
    Late,
    /// They are sent and do not arrive.
    Lost,
    /// None is sent.
    Unsent,
}

/// So late is late.
const LATE: Duration = Duration::from_secs(2);

impl Due {
    pub(super) fn of(query: &Params) -> Result<Self, Error> {
        match query.get("webhook") {
            None => Ok(Self::Sent),
            Some("first") => Ok(Self::First),
            Some("late") => Ok(Self::Late),
            Some("lost") => Ok(Self::Lost),
            Some("none") => Ok(Self::Unsent),
            Some(other) => Err(Error::Invalid(format!(
                "webhook: {other} is not first, late, lost or none"
            ))),
        }
    }

    pub(super) fn delivery(self) -> Option<webhook::Delivery> {
        match self {
            Self::Sent | Self::First => Some(webhook::Delivery::Once),
            Self::Late => Some(webhook::Delivery::Delayed(LATE)),
            Self::Lost => Some(webhook::Delivery::Lost),
            Self::Unsent => None,
        }
    }

    pub(super) async fn wait(self, sending: Vec<JoinHandle<()>>) {
        if self == Self::First {
            for webhook in sending {
                // It does not panic, and nobody aborts it.
                let _ = webhook.await;
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lose {
    #[serde(default = "once")]
    pub(super) times: u32,
}

fn once() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    effect: Effect,
    route: Option<Route>,
    times: Option<u32>,
    #[serde(default)]
    delay_ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Effect {
    Status(u16),
    Answer {
        status: u16,
        content_type: String,
        body: String,
    },
    Code {
        code: i64,
        message: String,
    },
    Redirect(String),
    Fields(Json),
    Padded(usize),
    Unauthorized,
    BadGateway,
    NotJson,
    WrongImpUid,
    Slow,
    Dropped,
    Truncated,
    Stalled,
    Endless,
}

impl TryFrom<Fault> for fault::Fault {
    type Error = Error;

    fn try_from(body: Fault) -> Result<Self, Error> {
        let fault = match body.effect {
            Effect::Status(status) => Self::status(final_status(status)?),
            Effect::Answer {
                status,
                content_type,
                body,
            } => Self::answer(final_status(status)?, &header(content_type)?, &body),
            Effect::Code { code, message } => Self::code(code, &message),
            Effect::Redirect(location) => Self::redirect(&header(location)?),
            Effect::Fields(fields) => Self::fields(fields.as_str())?,
            Effect::Padded(bytes) => Self::padded(bytes),
            Effect::Unauthorized => Self::unauthorized(),
            Effect::BadGateway => Self::bad_gateway(),
            Effect::NotJson => Self::not_json(),
            Effect::WrongImpUid => Self::wrong_imp_uid(),
            Effect::Slow => Self::slow(Duration::ZERO),
            Effect::Dropped => Self::dropped(),
            Effect::Truncated => Self::truncated(),
            Effect::Stalled => Self::stalled(),
            Effect::Endless => Self::endless(),
        };
        let fault = fault
            .on(body.route.unwrap_or(Route::Any))
            .after(Duration::from_millis(body.delay_ms));
        Ok(body.times.into_iter().fold(fault, Self::times))
    }
}

fn final_status(status: u16) -> Result<u16, Error> {
    if (200..600).contains(&status) {
        Ok(status)
    } else {
        Err(Error::Invalid(format!(
            "status: {status} is not between 200 and 599"
        )))
    }
}

fn header(value: String) -> Result<String, Error> {
    match HeaderValue::from_str(&value) {
        Ok(_) => Ok(value),
        Err(error) => Err(Error::Invalid(format!("{value:?}: {error}"))),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    pub(super) imp_key: String,
    pub(super) imp_secret: String,
    #[serde(default)]
    pub(super) revoke: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Clock {
    Offset(i64),
    At(i64),
    Advance(i64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sandbox {
    pub(super) shown: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prepare {
    pub(super) twice_is_400: bool,
}
