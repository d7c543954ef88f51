//! An environment of the function whose every call goes through a proxy.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{Region, SdkConfig};
use local::event::Door;
use local::{Function, Shop};
use payment_verifier::app::App;
use payment_verifier::config::Config;
use payment_verifier::http_client::http_client;

use crate::call::{Call, Hop};
use crate::life::Order;
use crate::network_fault::NetworkFault;
use crate::proxy::Proxy;
use crate::wire::Seen;

/// The way to the gateway, and the way to AWS.
pub(crate) struct Proxies {
    pub(crate) gateway: Proxy,
    pub(crate) aws: Proxy,
}

impl Proxies {
    pub(crate) async fn before(shop: &Shop) -> Arc<Self> {
        Arc::new(Self {
            gateway: Proxy::start(&shop.gateway_url()).await,
            aws: Proxy::start(&shop.aws.url()).await,
        })
    }

    pub(crate) fn of(&self, hop: Hop) -> &Proxy {
        if hop.is_gateway() {
            &self.gateway
        } else {
            &self.aws
        }
    }

    pub(crate) fn plan(
        &self,
        plan: impl Fn(&Call, usize) -> Option<NetworkFault> + Clone + Send + Sync + 'static,
    ) {
        self.gateway.plan(plan.clone());
        self.aws.plan(plan);
    }

    pub(crate) async fn calm(&self) {
        self.gateway.calm().await;
        self.aws.calm().await;
    }

    pub(crate) fn forget(&self) {
        self.gateway.forget();
        self.aws.forget();
    }

    pub(crate) fn cut(&self) {
        self.gateway.cut();
        self.aws.cut();
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        [self.gateway.seen(), self.aws.seen()].concat()
    }

    /// What was done to an order.
    pub(crate) fn seen_about(&self, order: &Order) -> Vec<Seen> {
        self.aws.seen_about(order.name())
    }

    pub(crate) fn seen_of(&self, order: &str) -> Vec<Seen> {
        self.aws.seen_about(order)
    }

    pub(crate) fn strays(&self) -> Vec<String> {
        [self.gateway.strays(), self.aws.strays()].concat()
    }

    /// The shop's environment for the function, by way of the proxies.
    pub(crate) fn environment(&self, shop: &Shop) -> BTreeMap<&'static str, String> {
        let mut environment = shop.environment();
        environment.insert("IAMPORT_BASE_URL", self.gateway.url());
        environment.insert("AWS_ENDPOINT_URL", self.aws.url());
        environment
    }

    /// A cold function behind these proxies.
    pub(crate) fn function(&self, shop: &Shop) -> Function {
        let environment = self.environment(shop);
        let config = Config::read(|name| environment.get(name).cloned()).unwrap();
        Function::new(App::new(config, http_client().unwrap(), &self.sdk(shop)))
    }

    /// In Lambda every environment has a retry quota of its own; in one process the SDK shares it by region.
    fn sdk(&self, shop: &Shop) -> SdkConfig {
        static REGIONS: AtomicUsize = AtomicUsize::new(0);
        let region = format!("region-{}", REGIONS.fetch_add(1, Ordering::Relaxed));
        let sdk = shop.sdk().to_builder().endpoint_url(self.aws.url());
        sdk.region(Region::new(region)).build()
    }
}

/// A function and the proxies around it.
#[derive(Clone)]
pub(crate) struct Environment {
    pub(crate) function: Function,
    pub(crate) proxies: Arc<Proxies>,
}

impl Environment {
    pub(crate) async fn cold(shop: &Shop) -> Self {
        let proxies = Proxies::before(shop).await;
        Self {
            function: proxies.function(shop),
            proxies,
        }
    }

    pub(crate) async fn warm(shop: &Shop) -> Self {
        let environment = Self::cold(shop).await;
        environment.function.warm().await;
        environment
    }

    /// Issues an account whose notice cannot be given, and so stays due.
    pub(crate) async fn leave_notice_due(&self, order: &Order) {
        let fault = |call: &Call, _| (call.hop == Hop::Text).then_some(NetworkFault::Failed);
        self.proxies.aws.plan(fault);
        let answer = order.tell(&self.function, Door::Webhook, 'a').await;
        assert_eq!(answer.status(), "unavailable");
        self.proxies.calm().await;
    }
}
