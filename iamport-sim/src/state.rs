//! Everything the gateway knows, and what can happen to it. No I/O: what it wants to send waits in the outbox.

mod life;
mod window;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::call::Call;
use crate::clock::Clock;
use crate::confirm::Confirm;
use crate::error::Error;
use crate::fault::Faults;
use crate::follow::{Event, Followers};
use crate::json::Json;
use crate::payment::Payment;
use crate::refund::Refund;
use crate::settings::Settings;
use crate::token::Tokens;
use crate::webhook::{Delivery, Notice, Sent, WebhookTarget};
use crate::window::Opened;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) tokens: Tokens,
    pub(crate) payments: BTreeMap<String, Payment>,
    /// The windows of those that `request_pay` opened, by `imp_uid`.
    pub(crate) windows: BTreeMap<String, Opened>,
    /// Amounts registered beforehand, by `merchant_uid`.
    pub(crate) prepared: BTreeMap<String, Prepared>,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<Call>,
    /// What the API's cancellations gave back.
    pub(crate) refunds: Vec<Refund>,
    /// Webhooks that are due because of what just happened.
    pub(crate) outbox: Vec<Notice>,
    /// How many of them are to be lost, from the next one on.
    pub(crate) to_lose: u32,
    /// The webhook log of the console.
    pub(crate) sent: Vec<Sent>,
    /// The calls of `confirm_url`.
    pub(crate) confirms: Vec<Confirm>,
    pub(crate) followers: Followers,
}

/// What a payment of this `merchant_uid` has to cost (OAS `PaymentPrepareAnnotation`).
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) amount: Json,
    /// `None`: any currency will do.
    pub(crate) currency: Option<String>,
}

impl State {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            clock: Clock::Running { offset: 0 },
            tokens: Tokens::default(),
            payments: BTreeMap::new(),
            windows: BTreeMap::new(),
            prepared: BTreeMap::new(),
            faults: Faults::default(),
            calls: Vec::new(),
            refunds: Vec::new(),
            outbox: Vec::new(),
            to_lose: 0,
            sent: Vec::new(),
            confirms: Vec::new(),
            followers: Followers::new(),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The clock jumps. The tokens travel along: the callers, whose clocks stay, have as much left of them as before.
    pub(crate) fn advance_time(&mut self, seconds: i64) {
        self.clock = self.clock.advanced(seconds);
        self.tokens.advance(seconds);
    }

    pub(crate) fn get(&self, imp_uid: &str) -> Result<Json, Error> {
        Ok(self.payment(imp_uid)?.json())
    }

    /// The payments, or those of one order, the latest first.
    pub(crate) fn list(&self, merchant_uid: Option<&str>) -> Json {
        let wanted = |payment: &&Payment| {
            merchant_uid.is_none() || payment.text("merchant_uid").as_deref() == merchant_uid
        };
        let mut payments: Vec<_> = self.payments.values().filter(wanted).collect();
        payments.sort_by_key(|payment| Reverse(payment.sequence));
        Json::list(payments.into_iter().map(Payment::json))
    }

    pub(crate) fn notice(&self, imp_uid: &str) -> Result<Notice, Error> {
        Ok(Notice::of(imp_uid, self.payment(imp_uid)?))
    }

    pub(crate) fn set_webhook(&mut self, target: Option<WebhookTarget>) -> Result<(), Error> {
        target.as_ref().map_or(Ok(()), WebhookTarget::check)?;
        self.settings.webhook = target;
        Ok(())
    }

    /// Where a payment's webhooks go: to its own `notice_url`s, and then not to the console's (PAYRQ). All else about
    /// them is as the console has it; without a setting there, JSON, once.
    pub(crate) fn targets(&self, imp_uid: &str) -> Vec<WebhookTarget> {
        let console = &self.settings.webhook;
        let own = self.windows.get(imp_uid);
        let own = own.map_or(&[][..], |window| &window.notice_urls);
        if own.is_empty() {
            return console.iter().cloned().collect();
        }
        let target = console.clone().unwrap_or_else(|| WebhookTarget::json(""));
        let with_url = |url: &String| WebhookTarget {
            url: url.clone(),
            ..target.clone()
        };
        own.iter().map(with_url).collect()
    }

    pub(crate) fn rotate_credentials(&mut self, imp_key: &str, imp_secret: &str) {
        imp_key.clone_into(&mut self.settings.imp_key);
        imp_secret.clone_into(&mut self.settings.imp_secret);
        self.tokens.retire();
    }

    /// The webhooks that go out, delivered so; none without a delivery. Those that are lost are on record already.
    pub(crate) fn take_outbox(&mut self, delivery: Option<Delivery>) -> Vec<(Notice, Delivery)> {
        let outbox = std::mem::take(&mut self.outbox);
        let Some(delivery) = delivery else {
            return Vec::new();
        };
        let mut kept = Vec::new();
        for notice in outbox {
            if delivery != Delivery::Lost && self.to_lose == 0 {
                kept.push((notice, delivery));
            } else {
                self.to_lose = self.to_lose.saturating_sub(1);
                self.lose(&notice);
            }
        }
        kept
    }

    /// It never reaches the shop, and nobody answers.
    pub(crate) fn lose(&mut self, notice: &Notice) {
        for target in self.targets(&notice.imp_uid) {
            self.record(Event::Webhook(Sent {
                url: target.url,
                notice: notice.clone(),
                receipts: Vec::new(),
            }));
        }
    }

    /// Puts something on record, and tells whoever follows.
    pub(crate) fn record(&mut self, event: Event) {
        match event.clone() {
            Event::Call(call) => self.calls.push(call),
            Event::Webhook(sent) => self.sent.push(sent),
            Event::Confirm(confirm) => self.confirms.push(confirm),
            Event::Payment { .. } => {}
        }
        self.followers.tell(event);
    }

    /// A payment is not what it was.
    fn changed(&mut self, imp_uid: &str) {
        self.record(Event::Payment {
            imp_uid: imp_uid.to_owned(),
        });
    }

    /// A payment moved on. Puts its webhook in the outbox, if they are sent by themselves and this state has one (WH: paid,
    /// account issued, cancelled in the console; no ordinary failure, no window left open).
    fn announce(&mut self, imp_uid: &str) {
        self.changed(imp_uid);
        let Some(payment) = self.payments.get(imp_uid) else {
            return;
        };
        let told = match payment.text("status").as_deref() {
            Some("ready") => payment.text("vbank_num").is_some(),
            status => status != Some("failed"),
        };
        if told
            && self
                .settings
                .webhook
                .as_ref()
                .is_some_and(|target| target.automatic)
        {
            self.outbox.push(Notice::of(imp_uid, payment));
        }
    }

    fn payment(&self, imp_uid: &str) -> Result<&Payment, Error> {
        self.payments
            .get(imp_uid)
            .ok_or_else(|| Error::UnknownPayment(imp_uid.to_owned()))
    }

    fn payment_mut(&mut self, imp_uid: &str) -> Result<&mut Payment, Error> {
        self.payments
            .get_mut(imp_uid)
            .ok_or_else(|| Error::UnknownPayment(imp_uid.to_owned()))
    }
}
