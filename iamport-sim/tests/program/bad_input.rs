//! What the verbs refuse, and how.

use crate::fixture::Gateway;
use crate::running::{output, refused};
use crate::verbs::{show, verb};

#[tokio::test]
async fn bad_input_is_named_and_nothing_is_done() {
    let gateway = Gateway::start().await;
    let cancelled = "trigger cancelled --merchant-uid A --amount 10";
    for (line, named) in [
        ("trigger --merchant-uid A --amount 1", "which status?"),
        ("trigger payed --merchant-uid A --amount 1", "payed is not"),
        ("trigger paid --amount 1", "--merchant-uid is missing"),
        ("trigger paid --merchant-uid A", "--amount is missing"),
        ("trigger paid --merchant-uid A --amount 01", "--amount: 01"),
        (
            "trigger paid --merchant-uid A --amount 0.0",
            "--amount: 0.0",
        ),
        ("trigger paid --merchant-uid A --amount -5", "--amount: -5"),
        (
            "trigger paid --merchant-uid A --amount 1e3",
            "--amount: 1e3",
        ),
        (
            "trigger ready --merchant-uid A --amount 1 --pay-method card",
            "--pay-method",
        ),
        (
            "trigger paid --merchant-uid A --amount 1 --cancel-amount 1",
            "for cancelled",
        ),
        (
            &format!("{cancelled} --cancel-amount 10.5"),
            "10.5 is more than 10",
        ),
        (
            "trigger paid twice --merchant-uid A --amount 1",
            "twice means nothing",
        ),
        ("trigger paid --json", "--json"),
        ("resend", "which imp_uid?"),
        ("resend imp_x/../y --twice", "no payment imp_x/../y"),
        (
            "follow --url https://shop.example",
            "--url: https://shop.example",
        ),
        ("follow imp_1", "imp_1"),
        ("forward", "--to is missing"),
        (
            "forward --to https://shop.example/",
            "https://shop.example/",
        ),
        ("forward --to http://shop/ --webhook-type xml", "xml"),
        ("play nothing", "nothing: no such scenario"),
        ("play test-button --amount x", "--amount: x"),
        ("play test-button", "no URL for webhooks"),
    ] {
        let args: Vec<_> = line.split(' ').collect();
        let why = refused(verb(&gateway, &args)).await;
        assert!(why.contains(named), "{line}: {why}");
    }
    let listed = show(&gateway, "payments").await;
    let target = show(&gateway, "webhook").await;
    assert_eq!((listed.as_str(), target.as_str()), ("[]", "null"));
}

#[tokio::test]
async fn without_a_gateway_every_verb_says_so() {
    let gateway = Gateway::start().await;
    gateway.sim.stop().await;
    for line in [
        "trigger paid --merchant-uid A --amount 1",
        "resend imp_1",
        "follow",
        "forward --to http://127.0.0.1:9/",
        "play webhook-lost",
    ] {
        let args: Vec<_> = line.split(' ').collect();
        let command = verb(&gateway, &args);
        let why = if line.starts_with("play") {
            let output = output(command).await;
            assert_eq!(output.status.code(), Some(1));
            String::from_utf8(output.stderr).unwrap()
        } else {
            refused(command).await
        };
        let named = format!("no gateway at {}: ", gateway.sim.url());
        assert!(why.contains(&named), "{why}");
    }
}
