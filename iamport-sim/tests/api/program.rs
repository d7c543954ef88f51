//! The binary.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};

use crate::fixture::{Gateway, Shop};

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iamport-sim"));
    command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A program that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.0.kill();
    }
}

fn start(mut command: Command) -> (Running, String) {
    let mut running = Running(command.spawn().unwrap());
    let mut line = String::new();
    let stdout = running.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    (running, line.trim_end().to_owned())
}

fn refused(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    assert_eq!((status.code(), stdout.as_slice()), (Some(1), &b""[..]));
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr
}

#[tokio::test]
async fn it_prints_its_url_serves_and_ends_on_a_signal() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    for signal in ["-INT", "-TERM"] {
        let mut command = program(&[
            "--addr",
            "127.0.0.1:0",
            "--imp-key",
            "k",
            "--webhook",
            shop.url(),
        ]);
        command
            .env("IAMPORT_SIM_KEY", "overruled")
            .env("IAMPORT_SIM_SECRET", "s");
        command
            .env("IAMPORT_SIM_WEBHOOK_TYPE", "form")
            .env("IAMPORT_SIM_TOKEN_LIFE", "60");
        let (mut program, url) = start(command);

        let credentials = [("imp_key", "k"), ("imp_secret", "s")]
            .map(|(name, value)| format!("{name}={value}"))
            .join("&");
        let token = gateway
            .http
            .post(format!("{url}/users/getToken"))
            .body(credentials)
            .send()
            .await
            .unwrap();
        assert_eq!(token.status(), 200);
        let payment = r#"{"imp_uid":"imp_1","merchant_uid":"ORD-1"}"#;
        gateway
            .http
            .post(format!("{url}/control/payments"))
            .body(payment)
            .send()
            .await
            .unwrap();
        assert_eq!(
            shop.next().await.1,
            "imp_uid=imp_1&merchant_uid=ORD-1&status=paid"
        );

        Command::new("kill")
            .args([signal, &program.0.id().to_string()])
            .status()
            .unwrap();
        assert_eq!(program.0.wait().unwrap().code(), Some(0));
        TcpListener::bind(url.trim_start_matches("http://")).unwrap();
    }
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let stderr = refused(&mut program(&["--addr", &addr]));
    assert!(
        stderr.starts_with(&format!("iamport-sim: cannot listen on {addr}: ")),
        "{stderr}"
    );
}

#[test]
fn bad_settings_are_named() {
    for (args, named) in [
        (&["--adress", "x"][..], "--adress"),
        (&["--imp-key"], "--imp-key"),
        (&["--addr", "here"], "--addr"),
        (&["--token-life", "long"], "--token-life"),
        (&["--webhook-type", "xml"], "xml"),
        (
            &[
                "--addr",
                "127.0.0.1:0",
                "--webhook",
                "https://shop.example/",
            ],
            "https://shop.example/",
        ),
    ] {
        let stderr = refused(&mut program(args));
        assert!(stderr.contains(named), "{stderr}");
    }
}
