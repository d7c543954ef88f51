//! Everything the gateway knows, and what can happen to it. No I/O: what it wants to send waits in the outbox.

mod life;

use std::collections::BTreeMap;

use crate::call::Call;
use crate::clock::Clock;
use crate::error::Error;
use crate::fault::Faults;
use crate::json::Json;
use crate::payment::Payment;
use crate::refund::Refund;
use crate::settings::Settings;
use crate::token::Tokens;
use crate::webhook::{Notice, Sent, WebhookTarget};

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) tokens: Tokens,
    pub(crate) payments: BTreeMap<String, Payment>,
    /// Amounts registered beforehand, by `merchant_uid`.
    pub(crate) prepared: BTreeMap<String, Prepared>,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<Call>,
    /// What the API's cancellations gave back.
    pub(crate) refunds: Vec<Refund>,
    /// Webhooks that are due because of what just happened.
    pub(crate) outbox: Vec<Notice>,
    /// The webhook log of the console.
    pub(crate) sent: Vec<Sent>,
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
            prepared: BTreeMap::new(),
            faults: Faults::default(),
            calls: Vec::new(),
            refunds: Vec::new(),
            outbox: Vec::new(),
            sent: Vec::new(),
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

    pub(crate) fn notice(&self, imp_uid: &str) -> Result<Notice, Error> {
        Ok(Notice::of(imp_uid, self.payment(imp_uid)?))
    }

    pub(crate) fn set_webhook(&mut self, target: Option<WebhookTarget>) -> Result<(), Error> {
        target.as_ref().map_or(Ok(()), WebhookTarget::check)?;
        self.settings.webhook = target;
        Ok(())
    }

    pub(crate) fn rotate_credentials(&mut self, imp_key: &str, imp_secret: &str) {
        imp_key.clone_into(&mut self.settings.imp_key);
        imp_secret.clone_into(&mut self.settings.imp_secret);
        self.tokens.retire();
    }

    /// Puts the payment's webhook in the outbox, if they are sent by themselves and this state has one (WH: paid,
    /// account issued, cancelled in the console; no ordinary failure, no window left open).
    fn announce(&mut self, imp_uid: &str) {
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
