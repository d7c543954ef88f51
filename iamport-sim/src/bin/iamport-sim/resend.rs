//! `iamport-sim resend`: a webhook once more.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::Failure;
use crate::args::{Allowed, Args};
use crate::lines;

const ALLOWED: Allowed = Allowed {
    words: 1,
    options: &["--url", "--status"],
    switches: &["--twice"],
};

pub(crate) async fn run(args: &[String]) -> Result<(), Failure> {
    let mut args = Args::read(args, &ALLOWED)?;
    let control = args.control()?;
    let imp_uid = args.word().ok_or("which imp_uid? try --help")?;
    let times = if args.has("--twice") { 2 } else { 1 };
    let body = json!({"status": args.take("--status"), "delivery": {"duplicated": times}});
    let path = format!("payments/{}/webhook", encoded(&imp_uid));
    let answers = control.send("POST", &path, &body.to_string()).await?;
    for line in lines::receipts(&answers)? {
        lines::print(&line)?;
    }
    Ok(())
}

/// As a segment of a path.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
