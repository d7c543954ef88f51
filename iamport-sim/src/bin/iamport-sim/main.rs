//! The gateway as a program, and verbs for one that runs.

mod args;
mod follow;
mod forward;
mod lines;
mod play;
mod resend;
mod scenario;
mod serve;
mod stop;
mod trigger;

use std::process::ExitCode;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{}", include_str!("usage.txt"));
        return ExitCode::SUCCESS;
    }
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        // `iamport-sim … | head -1` has had enough.
        Err(why) if is_closed_pipe(&why) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("iamport-sim: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &[String]) -> Result<(), Failure> {
    let Some((verb, rest)) = args.split_first() else {
        return serve::run(args).await;
    };
    match verb.as_str() {
        "trigger" => trigger::run(rest).await,
        "resend" => resend::run(rest).await,
        "follow" => follow::run(rest).await,
        "forward" => forward::run(rest).await,
        "play" => play::run(rest).await,
        _ => serve::run(args).await,
    }
}

fn is_closed_pipe(why: &Failure) -> bool {
    let error = why.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
