//! What happens, told to whoever follows. Nobody is waited for: who reads too slowly misses some, and is told so.

use tokio::sync::broadcast::{self, Receiver, Sender};

use crate::call::Call;
use crate::confirm::Confirm;
use crate::webhook::Sent;

/// So many events wait for a slow reader.
const KEPT: usize = 1_024;

/// Something that happened at the gateway.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The API was called.
    Call(Call),
    /// A webhook was sent, and answered or not.
    Webhook(Sent),
    /// A `confirm_url` was asked.
    Confirm(Confirm),
    /// A payment was made or changed.
    Payment { imp_uid: String },
}

/// Those who follow.
#[derive(Debug)]
pub(crate) struct Followers(Sender<Event>);

impl Followers {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(KEPT).0)
    }

    pub(crate) fn tell(&self, event: Event) {
        // It fails only if there is nobody.
        let _ = self.0.send(event);
    }

    /// Everything from now on.
    pub(crate) fn follow(&self) -> Receiver<Event> {
        self.0.subscribe()
    }
}
