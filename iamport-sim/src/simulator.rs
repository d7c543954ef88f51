mod life;
mod trouble;
mod webhooks;
mod window;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::core::Core;
use crate::error::Error;
use crate::server::Server;
use crate::settings::Settings;
use crate::webhook::WebhookTarget;

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
