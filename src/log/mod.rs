//! The log: one line a request, structured, with a message a person can read; never a body, never a person's data.

mod chain;
mod lines;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt as format};

pub use self::chain::Chain;
pub use self::lines::{
    cold, malformed, no_route, started, unavailable, unmatched, unreadable, unreadable_attempt,
    verified,
};

/// Where the runtime makes its span.
const INVOCATION: &str = "lambda_runtime::layers::trace";

/// Starts logging to standard output, as Lambda asks for: `AWS_LAMBDA_LOG_FORMAT` (`JSON` or text) and
/// `AWS_LAMBDA_LOG_LEVEL`.
///
/// The level is ours alone. What the libraries say below a warning stays out at every level: at `debug` and `trace`
/// some of them print requests and answers.
pub fn init(lookup: impl Fn(&str) -> Option<String>) {
    let level = lookup("AWS_LAMBDA_LOG_LEVEL")
        .and_then(|level| level.parse().ok())
        .unwrap_or(LevelFilter::INFO);
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target(env!("CARGO_CRATE_NAME"), level)
        // The runtime's span of an invocation has its request id and trace id: they are on every line.
        .with_target(INVOCATION, LevelFilter::INFO);
    let line = format::layer::<Registry>()
        .with_ansi(false)
        .with_target(false);
    let line = if lookup("AWS_LAMBDA_LOG_FORMAT")
        .is_some_and(|format| format.eq_ignore_ascii_case("JSON"))
    {
        line.json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed()
    } else {
        line.boxed()
    };
    // A second start, in tests, finds the first one's subscriber in place.
    let _ = tracing_subscriber::registry()
        .with(line.with_filter(filter))
        .try_init();
}
