//! Without a verb: the gateway.

use std::net::TcpListener;

use crate::fixture::{Gateway, Shop};
use crate::running::{Running, program, refused};

#[tokio::test]
async fn it_prints_its_url_serves_and_ends_on_a_signal() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    for signal in ["INT", "TERM"] {
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
        let mut program = Running::start(command);
        let url = program.line().await;

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

        assert_eq!(program.end(signal).await, Some(0));
        TcpListener::bind(url.trim_start_matches("http://")).unwrap();
    }
}

#[tokio::test]
async fn a_taken_port_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let stderr = refused(program(&["--addr", &addr])).await;
    assert!(
        stderr.starts_with(&format!("iamport-sim: cannot listen on {addr}: ")),
        "{stderr}"
    );
}

#[tokio::test]
async fn bad_settings_are_named() {
    for (args, named) in [
        (&["--adress", "x"][..], "--adress"),
        (&["--imp-key"], "--imp-key: no value"),
        (&["--imp-key", "--addr", "x"], "--imp-key: no value"),
        (&["--imp-key=a", "--imp-key", "b"], "--imp-key: given twice"),
        (&["tigger", "paid"], "tigger"),
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
        let stderr = refused(program(args)).await;
        assert!(stderr.contains(named), "{stderr}");
    }
}
