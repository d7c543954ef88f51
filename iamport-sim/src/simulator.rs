use std::net::SocketAddr;
use std::sync::Arc;

use crate::call::Call;
use crate::clock::Clock;
use crate::core::Core;
use crate::error::Error;
use crate::fault::Fault;
use crate::post::Receipt;
use crate::route::Route;
use crate::server::Server;
use crate::settings::{Pages, Settings};
use crate::webhook::{Delivery, Notice, Sent, WebhookTarget};

/// A running gateway. Clones are the same gateway; it stops with the last of them.
#[derive(Clone, Debug)]
pub struct Simulator {
    core: Core,
    server: Arc<Server>,
}

/// The gateway itself.
impl Simulator {
    /// Starts a gateway, on a Tokio runtime.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on, or the webhook URL is not an `http://` one.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        settings
            .webhook
            .as_ref()
            .map_or(Ok(()), WebhookTarget::check)?;
        let addr = settings.addr;
        let core = Core::new(settings);
        let server = Arc::new(Server::start(addr, core.clone()).await?);
        Ok(Self { core, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// The base URL, such as `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// The REST API key it accepts.
    #[must_use]
    pub fn imp_key(&self) -> String {
        self.core.lock().settings.imp_key.clone()
    }

    /// The REST API secret it accepts.
    #[must_use]
    pub fn imp_secret(&self) -> String {
        self.core.lock().settings.imp_secret.clone()
    }

    /// Goes down: cuts every connection and refuses new ones, but keeps the port and all it knows.
    ///
    /// # Errors
    ///
    /// If another process was quick enough to take the port.
    pub async fn pause(&self) -> Result<(), Error> {
        self.server.pause().await
    }

    /// Comes back after [`pause`](Self::pause), on the same port.
    ///
    /// # Errors
    ///
    /// If the port cannot be listened on any more.
    pub async fn resume(&self) -> Result<(), Error> {
        self.server.resume().await
    }

    /// Stops for good. The port is free when this returns.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}

/// The life of a payment.
impl Simulator {
    /// Opens a payment and returns its `imp_uid`.
    ///
    /// `fields` is a JSON object. Whatever it does not say is as in a card payment of 1000 KRW, and as the `status`
    /// it gives would have it: a `ready` `vbank` has an account, a `cancelled` one its history. Whatever it does say
    /// is printed exactly so, known to the gateway or not, with two exceptions: `"$omit": ["currency"]` leaves fields
    /// out, and `"$force": true` opens the payment even if its order is paid already, or was registered
    /// with another amount.
    ///
    /// # Errors
    ///
    /// If `fields` is no such object, the `imp_uid` exists, or the payment window would not open.
    pub fn create(&self, fields: impl AsRef<str>) -> Result<String, Error> {
        self.core.act(|state| state.create(fields.as_ref()))
    }

    /// Changes anything at all about a payment; `fields` as in [`create`](Self::create). Sends no webhook.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or `fields` is no such object.
    pub fn update(&self, imp_uid: &str, fields: impl AsRef<str>) -> Result<(), Error> {
        self.core
            .act(|state| state.update(imp_uid, fields.as_ref()))
    }

    /// The payment as the look-up would show it.
    ///
    /// # Errors
    ///
    /// If there is no such payment.
    pub fn get(&self, imp_uid: &str) -> Result<String, Error> {
        Ok(self.core.lock().get(imp_uid)?.to_string())
    }

    /// `ready` or `failed` becomes `paid`: some methods are approved days after they failed.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it is in another state.
    pub fn pay(&self, imp_uid: &str) -> Result<(), Error> {
        self.core.act(|state| state.pay(imp_uid))
    }

    /// Money arrives in the virtual account: `ready` becomes `paid`.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it has no account that waits for money.
    pub fn deposit(&self, imp_uid: &str) -> Result<(), Error> {
        self.core.act(|state| state.deposit(imp_uid))
    }

    /// `ready` becomes `failed`. Sends no webhook: the gateway does not tell ordinary failures.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it is in another state.
    pub fn fail(&self, imp_uid: &str, reason: &str) -> Result<(), Error> {
        self.core.act(|state| state.fail(imp_uid, reason))
    }

    /// The window issues a virtual account; `fields` (say, `vbank_num`) as in [`create`](Self::create), `{}` for none.
    ///
    /// # Errors
    ///
    /// If there is no such payment, it is not `ready`, or `fields` is no such object.
    pub fn issue_account(&self, imp_uid: &str, fields: impl AsRef<str>) -> Result<(), Error> {
        self.core
            .act(|state| state.issue_account(imp_uid, fields.as_ref()))
    }

    /// Cancels in the console, in part or, without an amount, all that is left.
    ///
    /// # Errors
    ///
    /// If there is no such payment, it holds no money, or less than `amount`.
    pub fn cancel(&self, imp_uid: &str, amount: Option<&str>) -> Result<(), Error> {
        self.core
            .act(|state| state.cancel(imp_uid, amount, "관리자 취소"))
    }
}

/// Webhooks.
impl Simulator {
    /// Sets where webhooks go; `None` for nowhere.
    ///
    /// # Errors
    ///
    /// If the URL is not an `http://` one.
    pub fn set_webhook(&self, target: impl Into<Option<WebhookTarget>>) -> Result<(), Error> {
        self.core.lock().set_webhook(target.into())
    }

    /// What a webhook about this payment would say now. Keep it to deliver it later, or in another order.
    ///
    /// # Errors
    ///
    /// If there is no such payment.
    pub fn notice(&self, imp_uid: &str) -> Result<Notice, Error> {
        self.core.lock().notice(imp_uid)
    }

    /// Sends a payment's webhook and returns the shop's answers.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or nowhere to send it. A shop that does not answer is no error.
    pub async fn webhook(&self, imp_uid: &str, delivery: Delivery) -> Result<Vec<Receipt>, Error> {
        let notice = self.notice(imp_uid)?;
        self.deliver(&notice, delivery).await
    }

    /// Sends a payment's webhook with a status of one's own, such as `ready` after `paid`.
    ///
    /// # Errors
    ///
    /// As [`webhook`](Self::webhook).
    pub async fn webhook_with_status(
        &self,
        imp_uid: &str,
        status: &str,
        delivery: Delivery,
    ) -> Result<Vec<Receipt>, Error> {
        let notice = self.notice(imp_uid)?.with_status(status);
        self.deliver(&notice, delivery).await
    }

    /// Sends a webhook and returns the shop's answers.
    ///
    /// # Errors
    ///
    /// If there is nowhere to send it.
    pub async fn deliver(
        &self,
        notice: &Notice,
        delivery: Delivery,
    ) -> Result<Vec<Receipt>, Error> {
        self.core.deliver(notice, delivery).await
    }

    /// Sends webhooks once each, in this order, and returns the shop's answers.
    ///
    /// # Errors
    ///
    /// If there is nowhere to send them.
    pub async fn deliver_all(&self, notices: &[Notice]) -> Result<Vec<Receipt>, Error> {
        let mut receipts = Vec::new();
        for notice in notices {
            receipts.extend(self.deliver(notice, Delivery::Once).await?);
        }
        Ok(receipts)
    }

    /// Every webhook that was sent, and what came of it: the console's log.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Sent> {
        self.core.lock().sent.clone()
    }
}

/// Credentials, time and trouble.
impl Simulator {
    /// Other credentials from now on. Tokens issued for the old ones stay good; see
    /// [`revoke_tokens`](Self::revoke_tokens).
    pub fn rotate_credentials(&self, imp_key: &str, imp_secret: &str) {
        self.core.lock().rotate_credentials(imp_key, imp_secret);
    }

    /// Forgets every token it issued.
    pub fn revoke_tokens(&self) {
        self.core.lock().tokens.revoke();
    }

    /// Sets the gateway's clock off the machine's by so many seconds, and lets it run.
    pub fn set_time_offset(&self, seconds: i64) {
        self.core.lock().clock = Clock::Running { offset: seconds };
    }

    /// Stops the gateway's clock at a UNIX time.
    pub fn stop_time(&self, at: i64) {
        self.core.lock().clock = Clock::Stopped { at };
    }

    /// Whether the look-up shows payments of a test channel to everybody; see [`Settings::sandbox_shown`].
    pub fn show_sandbox(&self, shown: bool) {
        self.core.lock().settings.sandbox_shown = shown;
    }

    /// How lists answer from now on when they have nothing to show; see [`Settings::pages`].
    pub fn set_pages(&self, pages: Pages) {
        self.core.lock().settings.pages = pages;
    }

    /// Switches a fault on. Of several that fit a call, the oldest befalls it.
    pub fn fault(&self, fault: Fault) {
        self.core.lock().faults.add(fault);
    }

    /// Switches every fault off.
    pub fn clear_faults(&self) {
        self.core.lock().faults.clear();
    }

    /// The calls its API has had, in order; the control API's are none of them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.core.lock().calls.clone()
    }

    /// How many calls of one kind it has had.
    #[must_use]
    pub fn count(&self, route: Route) -> usize {
        let wanted =
            |call: &&Call| route == Route::Any || call.route.is_some_and(|kind| route.covers(kind));
        self.core.lock().calls.iter().filter(wanted).count()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.core.lock().calls.clear();
    }
}
