use iamport_sim::{Settings, Simulator};
use reqwest::Method;
use tokio::net::TcpListener;

use crate::fixture::{Gateway, answer};

#[tokio::test]
async fn it_goes_down_and_comes_back_with_all_it_knew() {
    let gateway = Gateway::start().await;
    let path = format!("/payments/{}", gateway.create("{}"));
    let token = gateway.token().await;
    let look_up = || gateway.request(Method::GET, &path).bearer_auth(&token);
    for _ in 0..2 {
        gateway.sim.pause().await.unwrap();
        assert!(look_up().send().await.unwrap_err().is_connect());
        gateway.sim.resume().await.unwrap();
        assert_eq!(answer(look_up()).await.0, 200);
    }
}

#[tokio::test]
async fn a_pause_cuts_connections_in_use() {
    let gateway = Gateway::start().await;
    gateway.sim.fault(iamport_sim::Fault::stalled());
    let path = "/users/getToken";
    let mut response = gateway.request(Method::POST, path).send().await.unwrap();
    gateway.sim.pause().await.unwrap();
    while let Ok(chunk) = response.chunk().await {
        assert!(chunk.is_some(), "the answer must not look complete");
    }
}

#[tokio::test]
async fn a_stopped_gateway_frees_its_port() {
    let gateway = Gateway::start().await;
    gateway.token().await;
    gateway.sim.stop().await;
    TcpListener::bind(gateway.sim.addr()).await.unwrap();
}

#[tokio::test]
async fn the_last_clone_stops_it() {
    let first = Simulator::start(Settings::default()).await.unwrap();
    let (second, url) = (first.clone(), first.url());
    let http = Gateway::start().await.http;
    drop(first);
    assert!(http.get(&url).send().await.is_ok());
    drop(second);
    // The port is freed as soon as the runtime gets to it.
    while http.get(&url).send().await.is_ok() {}
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = Simulator::start(Settings::default()).await.unwrap();
    let taken = Settings {
        addr: first.addr(),
        ..Settings::default()
    };
    let error = Simulator::start(taken).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("cannot listen on {}: ", first.addr())),
        "{error}"
    );
}
