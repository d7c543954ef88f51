//! Starts logging, reads the settings, builds the function and runs it.

use lambda_http::lambda_runtime::{self, service_fn};
use payment_verifier::app::App;
use payment_verifier::client::client;
use payment_verifier::config::Config;
use payment_verifier::{aws, log};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let lookup = |name: &str| std::env::var(name).ok();
    log::init(lookup);
    let app = match Config::read(lookup) {
        Ok(config) => {
            let http = client()?;
            App::new(config, http.clone(), &aws::loader(http).load().await)
        }
        Err(error) => {
            tracing::error!(%error, "cannot start");
            std::process::exit(1);
        }
    };
    app.warm().await;
    lambda_runtime::run(service_fn(async |event| {
        Ok::<_, lambda_http::Error>(Box::pin(app.handle(event)).await)
    }))
    .await
}
