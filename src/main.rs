//! Starts logging, reads the settings, builds the function and runs it.

use std::sync::Arc;

use lambda_http::lambda_runtime::{self, service_fn};
use payment_verifier::app::App;
use payment_verifier::config::Config;
use payment_verifier::http_client::http_client;
use payment_verifier::{aws, log};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let lookup = |name: &str| std::env::var(name).ok();
    log::init(lookup);
    let app = match Config::read(lookup) {
        Ok(config) => {
            let http = http_client()?;
            App::new(config, http.clone(), &aws::loader(http).load().await)
        }
        Err(error) => {
            tracing::error!(%error, "cannot start");
            std::process::exit(1);
        }
    };
    app.warm().await;
    log::started();
    let app = Arc::new(app);
    let answer = service_fn(move |event| {
        let app = Arc::clone(&app);
        async move { app.handle(event).await.map_err(lambda_http::Error::from) }
    });
    // As a task, not as the future that `main` blocks on: to wake that one costs a system call every time.
    tokio::spawn(lambda_runtime::run(answer)).await?
}
