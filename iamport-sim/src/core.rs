use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::Reply;
use crate::api;
use crate::call::Call;
use crate::error::Error;
use crate::follow::Event;
use crate::post::Receipt;
use crate::request::Request;
use crate::route::Route;
use crate::settings::Settings;
use crate::state::State;
use crate::webhook::{self, Delivery, Notice, Sent, WebhookTarget};

/// The one state behind the library, the API and the control API, and the way its webhooks leave.
#[derive(Clone, Debug)]
pub(crate) struct Core {
    state: Arc<Mutex<State>>,
    runtime: Handle,
}

impl Core {
    /// Must be called on a Tokio runtime: the webhooks leave from there.
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            state: Arc::new(Mutex::new(State::new(settings))),
            runtime: Handle::current(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked with the lock in its hands should not take the others along.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something, and sends the webhooks that this makes due.
    pub(crate) fn act<T>(&self, deed: impl FnOnce(&mut State) -> T) -> T {
        self.act_delivering(Some(Delivery::Once), deed).0
    }

    /// The same, with the webhooks that this makes due delivered so, or not at all: each is sent by a task, unless it is
    /// lost.
    pub(crate) fn act_delivering<T>(
        &self,
        delivery: Option<Delivery>,
        deed: impl FnOnce(&mut State) -> T,
    ) -> (T, Vec<JoinHandle<()>>) {
        let (result, outbox) = {
            let mut state = self.lock();
            (deed(&mut state), state.take_outbox(delivery))
        };
        let send = |(notice, delivery): (Notice, Delivery)| {
            let core = self.clone();
            self.runtime.spawn(async move {
                // Without a webhook URL there would be none due.
                let _ = core.deliver(&notice, delivery).await;
            })
        };
        (result, outbox.into_iter().map(send).collect())
    }

    /// Answers a call to the gateway's API, with the fault that befalls it, and writes it down.
    pub(crate) fn serve(&self, request: &Request) -> Reply {
        let route = Route::of(request);
        self.act(|state| {
            let reply = match route {
                None => Reply::plain(
                    404,
                    "the gateway has no such endpoint, or this simulator does not know it\n",
                ),
                Some(route) => match state.faults.take(route, &request.path) {
                    None => api::answer(state, request).into(),
                    Some(fault) => fault.befall(|| api::answer(state, request)),
                },
            };
            let call = Call::new(request, route, state.now(), &reply);
            state.record(Event::Call(call));
            reply
        })
    }

    /// The customer pays, if the shop agrees.
    pub(crate) async fn approve(
        &self,
        imp_uid: &str,
        delivery: Option<Delivery>,
    ) -> Result<Vec<JoinHandle<()>>, Error> {
        let question = self.lock().question(imp_uid)?;
        // Nothing is locked meanwhile: the shop may look the payment up before it answers.
        let confirm = match question {
            Some(question) => Some(question.ask().await),
            None => None,
        };
        let (done, sending) =
            self.act_delivering(delivery, |state| state.approve(imp_uid, confirm));
        done.map(|()| sending)
    }

    pub(crate) async fn deliver(
        &self,
        notice: &Notice,
        delivery: Delivery,
    ) -> Result<Vec<Receipt>, Error> {
        let targets = self.lock().targets(&notice.imp_uid);
        if targets.is_empty() {
            return Err(Error::Invalid("there is no webhook URL".to_owned()));
        }
        let (times, together, delay) = match delivery {
            Delivery::Once => (1, false, Duration::ZERO),
            Delivery::Duplicated(times) => (times, false, Duration::ZERO),
            Delivery::AtOnce(times) => (times, true, Duration::ZERO),
            Delivery::Delayed(delay) => (1, false, delay),
            Delivery::Lost => {
                self.lock().lose(notice);
                return Ok(Vec::new());
            }
        };
        tokio::time::sleep(delay).await;
        let mut all = Vec::new();
        for target in targets {
            let receipts = send(&target, notice, times, together).await;
            all.extend(receipts.iter().cloned());
            self.lock().record(Event::Webhook(Sent {
                url: target.url,
                notice: notice.clone(),
                receipts,
            }));
        }
        Ok(all)
    }
}

/// Sends so many webhooks to one place, all together or one after the other.
async fn send(target: &WebhookTarget, notice: &Notice, times: u32, together: bool) -> Vec<Receipt> {
    if !together {
        let mut receipts = Vec::new();
        for _ in 0..times {
            receipts.extend(webhook::send(target, notice).await);
        }
        return receipts;
    }
    let send = |_| {
        let (target, notice) = (target.clone(), notice.clone());
        async move { webhook::send(&target, &notice).await }
    };
    let sending: JoinSet<_> = (0..times).map(send).collect();
    sending.join_all().await.into_iter().flatten().collect()
}
