//! The program: what it prints, how it ends.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

fn local(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .args(arguments)
        .env("PORT", "0")
        .envs(environment.iter().copied());
    command
}

fn fails_in_one_line(output: &Output, reason: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.lines().count() == 1 && told.contains(reason), "{told}");
    assert!(output.stdout.is_empty());
}

#[test]
fn the_tour_is_as_the_contract_says() {
    let output = local(&["--tour"], &[]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("all as the contract says"),
        "{told}"
    );
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (told, setting) in [
        ("PORT= chooses another", "PORT"),
        ("gateway", "IAMPORT_PORT"),
        ("AWS", "AWS_PORT"),
    ] {
        let output = local(&[], &[(setting, &port)]).output().unwrap();
        fails_in_one_line(&output, told);
        fails_in_one_line(&output, &port);
    }
}

#[test]
fn a_setting_that_makes_no_sense_is_named() {
    for (setting, value) in [
        ("PORT", "65536"),
        ("LISTEN", "localhost"),
        ("DYNAMODB_ENDPOINT", "https://127.0.0.1:8000"),
    ] {
        let output = local(&["--tour"], &[(setting, value)]).output().unwrap();
        fails_in_one_line(&output, value);
    }
    fails_in_one_line(&local(&["--what"], &[]).output().unwrap(), "--help");
}

#[test]
fn it_serves_until_it_is_told_to_stop() {
    for signal in ["-INT", "-TERM"] {
        let mut shop = local(&[], &[]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(shop.stdout.take().unwrap()).lines();
        let serving = lines.any(|line| line.unwrap().starts_with("Serving until Ctrl-C"));
        assert!(serving);
        let pid = shop.id().to_string();
        Command::new("kill").args([signal, &pid]).status().unwrap();
        assert_eq!(shop.wait().unwrap().code(), Some(0), "{signal}");
    }
}
