//! Settings: a missing or malformed one names itself at the start.

use std::error::Error;

use local::Shop;

/// Everything a failed start says.
async fn refused(name: &'static str, value: &str) -> String {
    let shop = Shop::open().await.unwrap();
    let Err(error) = shop.function_with(&[(name, value)]) else {
        panic!("{name}={value} was taken");
    };
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        said = format!("{said}: {error}");
        source = error.source();
    }
    said
}

#[tokio::test]
async fn a_missing_or_malformed_setting_names_itself() {
    for (name, value) in [
        ("ORDERS_TABLE", ""),
        ("UNMATCHED_TABLE", ""),
        ("IAMPORT_SECRET_ID", ""),
        ("IAMPORT_BASE_URL", "not a url"),
        ("IAMPORT_BASE_URL", "ftp://api.iamport.kr"),
        ("IAMPORT_BASE_URL", "http://api.iamport.kr"),
        ("IAMPORT_BASE_URL", "http://localhost.example.com"),
        ("IAMPORT_BASE_URL", "http://127.0.0.1.example.com"),
        ("IAMPORT_BASE_URL", "https://user@api.iamport.kr"),
        ("IAMPORT_BASE_URL", "https://user:password@api.iamport.kr"),
        ("IAMPORT_BASE_URL", "http://user:password@127.0.0.1:1"),
        ("ALLOW_SANDBOX", "yes"),
        ("ALLOW_SANDBOX", "1"),
        ("ALLOW_SANDBOX", "TRUE "),
        ("VBANK_SMS", "on"),
    ] {
        let said = refused(name, value).await;
        assert!(said.contains(name), "{name}={value}: {said}");
        assert!(!said.contains("password"), "{said}");
    }
}

#[tokio::test]
async fn these_settings_are_fine() {
    let shop = Shop::open().await.unwrap();
    for settings in [
        &[("IAMPORT_BASE_URL", "")][..],
        &[("IAMPORT_BASE_URL", "https://api.iamport.kr")],
        &[("IAMPORT_BASE_URL", "https://static-api.iamport.kr/")],
        &[("IAMPORT_BASE_URL", "http://127.0.0.1:9")],
        &[("IAMPORT_BASE_URL", "http://localhost:9/")],
        &[("IAMPORT_BASE_URL", "http://[::1]:9")],
        &[
            ("IAMPORT_BASE_URL", "http://172.17.0.1:9"),
            ("ALLOW_SANDBOX", "true"),
        ],
        &[("ALLOW_SANDBOX", "false"), ("VBANK_SMS", "true")],
        &[
            ("CUSTOMERS_TABLE", ""),
            ("VBANK_SMS", ""),
            ("BILLING_ISSUE_CHARGES", "a,b"),
        ],
    ] {
        if let Err(error) = shop.function_with(settings) {
            panic!("{settings:?}: {error}");
        }
    }
}
