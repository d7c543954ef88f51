//! `iamport-sim follow`: what happens at the gateway, line by line.

use iamport_sim::Control;

use crate::Failure;
use crate::args::{Allowed, Args};
use crate::lines;

const ALLOWED: Allowed = Allowed {
    words: 0,
    options: &["--url"],
    switches: &["--json"],
};

pub(crate) async fn run(args: &[String]) -> Result<(), Failure> {
    let mut args = Args::read(args, &ALLOWED)?;
    let control = args.control()?;
    let mut events = control.follow().await?;
    eprintln!("following {}, until Ctrl-C", control.url());
    while let Some((name, data)) = events.next().await {
        lines::print(&if args.has("--json") {
            format!(r#"{{"event":"{name}","data":{data}}}"#)
        } else {
            line(&control, &name, &data).await?
        })?;
    }
    Err("the gateway has stopped".into())
}

async fn line(control: &Control, name: &str, data: &str) -> Result<String, Failure> {
    match name {
        "call" => lines::call(data),
        "webhook" => lines::webhook(data),
        "confirm" => lines::confirm(data),
        "payment" => {
            let imp_uid = lines::member(data, "imp_uid").unwrap_or_default();
            let path = format!("payments/{}", crate::resend::encoded(&imp_uid));
            // As it is by now.
            lines::payment(&control.send("GET", &path, "").await?)
        }
        _ => Ok(format!("{name:<8} {data}")),
    }
}
