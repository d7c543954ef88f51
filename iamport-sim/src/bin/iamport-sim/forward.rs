//! `iamport-sim forward`: for a while, webhooks go somewhere else.

use iamport_sim::{Control, Follow};
use serde::Deserialize;
use serde_json::json;

use crate::Failure;
use crate::args::{Allowed, Args};
use crate::lines;
use crate::serve::content_type;
use crate::stop::Stop;

const ALLOWED: Allowed = Allowed {
    words: 0,
    options: &["--url", "--to", "--webhook-type"],
    switches: &[],
};

/// Where webhooks go, as far as it matters here.
#[derive(Default, Deserialize)]
struct Target {
    content_type: Option<String>,
    resend_every_ms: Option<u64>,
}

pub(crate) async fn run(args: &[String]) -> Result<(), Failure> {
    let mut args = Args::read(args, &ALLOWED)?;
    let control = args.control()?;
    let to = args.require("--to")?;
    let wanted = args.take("--webhook-type");
    let wanted = wanted.as_deref().map(content_type).transpose()?;

    let former = control.send("GET", "webhook", "").await?;
    let Target {
        content_type,
        resend_every_ms,
    } = serde_json::from_str::<Option<Target>>(&former)?.unwrap_or_default();
    let content_type = wanted.map(str::to_owned).or(content_type);
    let ours = json!({
        "url": to, "content_type": content_type, "automatic": true, "resend_every_ms": resend_every_ms,
    });
    // Nothing must get lost between the two.
    let mut events = control.follow().await?;
    let mut stop = Stop::listen()?;
    control.send("PUT", "webhook", &ours.to_string()).await?;
    let set = control.send("GET", "webhook", "").await?;
    eprintln!("webhooks of {} go to {to}, until Ctrl-C", control.url());

    let ended = tokio::select! {
        () = stop.asked() => Ok(()),
        ended = print(&mut events, &to) => ended,
    };
    if ended.is_ok() {
        restore(&control, &set, &former).await?;
    }
    ended
}

/// Until the gateway stops.
async fn print(events: &mut Follow, to: &str) -> Result<(), Failure> {
    while let Some((name, data)) = events.next().await {
        if name == "webhook" && lines::member(&data, "url").is_some_and(|url| url == to) {
            // Who closes the pipe still wants the former target back.
            if lines::print(&lines::webhook(&data)?).is_err() {
                return Ok(());
            }
        }
    }
    Err("the gateway has stopped".into())
}

/// Unless somebody has set another one meanwhile.
async fn restore(control: &Control, ours: &str, former: &str) -> Result<(), Failure> {
    if control.send("GET", "webhook", "").await? != ours {
        eprintln!("the webhook's URL was changed meanwhile, and stays so");
        return Ok(());
    }
    let method = if former == "null" { "DELETE" } else { "PUT" };
    control.send(method, "webhook", former).await?;
    Ok(())
}
