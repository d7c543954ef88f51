//! Everything the gateway knows, and what can happen to it. No I/O: what it wants to send waits in the outbox.

use std::collections::BTreeMap;

use crate::call::Call;
use crate::clock::Clock;
use crate::error::Error;
use crate::fault::Faults;
use crate::json::Json;
use crate::money::Money;
use crate::overrides::Overrides;
use crate::payment::{Cancellation, NotCancelled, Payment};
use crate::random;
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
            outbox: Vec::new(),
            sent: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Opens a payment, unless its window would not open.
    pub(crate) fn create(&mut self, json: &str) -> Result<String, Error> {
        let overrides = Overrides::parse(json)?;
        let imp_uid = match overrides.fields.get("imp_uid") {
            Some(given) => given
                .text()
                .ok_or_else(|| Error::Invalid("imp_uid: not a string".to_owned()))?,
            None => std::iter::repeat_with(random::imp_uid)
                .find(|imp_uid| !self.payments.contains_key(imp_uid))
                .unwrap_or_default(),
        };
        if self.payments.contains_key(&imp_uid) {
            return Err(Error::Refused(format!(
                "{imp_uid}: there is such a payment already"
            )));
        }
        let sequence = self.payments.len() as u64;
        let payment = Payment::new(&imp_uid, sequence, &overrides, self.now());
        if !overrides.force {
            self.open_window(&payment)?;
        }
        self.payments.insert(imp_uid.clone(), payment);
        self.announce(&imp_uid);
        Ok(imp_uid)
    }

    /// What `IMP.request_pay` refuses: an order that is paid (PAYRQ), or another amount than was registered (OAS
    /// `POST /payments/prepare`).
    fn open_window(&self, payment: &Payment) -> Result<(), Error> {
        let Some(merchant_uid) = payment.text("merchant_uid") else {
            return Ok(());
        };
        let paid = |other: &&Payment| {
            other.text("merchant_uid").as_ref() == Some(&merchant_uid) && other.holds_money()
        };
        if let Some(other) = self.payments.values().find(paid) {
            let imp_uid = other.text("imp_uid").unwrap_or_default();
            return Err(Error::Refused(format!(
                "{merchant_uid}: 이미 결제가 이루어진 거래건입니다. ({imp_uid} paid it; \"$force\": true pays it twice)"
            )));
        }
        let Some(prepared) = self.prepared.get(&merchant_uid) else {
            return Ok(());
        };
        let same_amount = payment.money("amount") == Money::parse(prepared.amount.as_str());
        let same_currency =
            prepared.currency.is_none() || prepared.currency == payment.text("currency");
        if same_amount && same_currency {
            Ok(())
        } else {
            Err(Error::Refused(format!(
                "{merchant_uid}: another amount or currency was registered beforehand"
            )))
        }
    }

    pub(crate) fn update(&mut self, imp_uid: &str, json: &str) -> Result<(), Error> {
        let overrides = Overrides::parse(json)?;
        self.payment_mut(imp_uid)?.apply(&overrides);
        Ok(())
    }

    /// Money arrives: the window is paid, the account is, or a failed payment is approved after all.
    pub(crate) fn pay(&mut self, imp_uid: &str) -> Result<(), Error> {
        let now = self.now();
        self.payment_in(imp_uid, &["ready", "failed"])?.pay(now);
        self.announce(imp_uid);
        Ok(())
    }

    pub(crate) fn deposit(&mut self, imp_uid: &str) -> Result<(), Error> {
        let payment = self.payment_in(imp_uid, &["ready"])?;
        if !payment.is_vbank() || payment.text("vbank_num").is_none() {
            return Err(Error::Refused(format!("{imp_uid}: has no virtual account")));
        }
        self.pay(imp_uid)
    }

    pub(crate) fn fail(&mut self, imp_uid: &str, reason: &str) -> Result<(), Error> {
        let now = self.now();
        self.payment_in(imp_uid, &["ready"])?.fail(reason, now);
        // No webhook: ordinary failures are not told (WH).
        Ok(())
    }

    pub(crate) fn issue_account(&mut self, imp_uid: &str, json: &str) -> Result<(), Error> {
        let (now, overrides) = (self.now(), Overrides::parse(json)?);
        let payment = self.payment_in(imp_uid, &["ready"])?;
        payment.issue_account(now);
        payment.apply(&overrides);
        self.announce(imp_uid);
        Ok(())
    }

    /// A cancellation in the console.
    pub(crate) fn cancel(
        &mut self,
        imp_uid: &str,
        amount: Option<&str>,
        reason: &str,
    ) -> Result<(), Error> {
        let amount = amount
            .map(|text| {
                Money::parse(text)
                    .ok_or_else(|| Error::Invalid(format!("amount: {text} is no amount")))
            })
            .transpose()?;
        let (now, wanted) = (
            self.now(),
            Cancellation {
                amount,
                checksum: None,
                reason: reason.to_owned(),
            },
        );
        self.payment_mut(imp_uid)?
            .cancel(&wanted, now)
            .map_err(|why| {
                Error::Refused(match why {
                    NotCancelled::NotPaid => format!("{imp_uid}: is not paid"),
                    NotCancelled::NothingLeft => format!("{imp_uid}: is cancelled in full"),
                    NotCancelled::Checksum { balance } | NotCancelled::TooMuch { balance } => {
                        format!("{imp_uid}: only {balance} can be cancelled")
                    }
                })
            })?;
        self.announce(imp_uid);
        Ok(())
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

    fn payment_in(&mut self, imp_uid: &str, expected: &[&str]) -> Result<&mut Payment, Error> {
        let payment = self.payment_mut(imp_uid)?;
        let status = payment.text("status").unwrap_or_default();
        if expected.contains(&status.as_str()) {
            Ok(payment)
        } else {
            Err(Error::Refused(format!(
                "{imp_uid}: is {status}, not {}",
                expected.join(" or ")
            )))
        }
    }
}
