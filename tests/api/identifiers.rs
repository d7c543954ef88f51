//! What an `imp_uid` and a `merchant_uid` may look like; what an `imp_uid` may not is in `tests/hostile/attacks`.

use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{Calls, DOORS, TestShop};
use local::event::{FORM, JSON, Post};

#[tokio::test]
async fn an_imp_uid_is_up_to_32_letters_digits_hyphens_and_underscores() {
    let shop = TestShop::open().await;
    let longest = "aA0-_".repeat(7)[..32].to_owned();
    for (index, imp_uid) in ["a", "Z", "0", "-", "_", "__proto__", "-1", &longest]
        .into_iter()
        .enumerate()
    {
        let merchant_uid = format!("ORD-{index}");
        shop.order_as(&merchant_uid, json!({})).await;
        shop.payment(&json!({"imp_uid": imp_uid, "merchant_uid": merchant_uid}).to_string());
        for door in DOORS {
            println!("{imp_uid}");
            shop.claim(door, imp_uid, &merchant_uid)
                .await
                .says(200, "success");
        }
    }
}

#[tokio::test]
async fn a_merchant_uid_has_1_to_100_characters_of_any_length() {
    let shop = TestShop::open().await;
    for merchant_uid in [
        "1".to_owned(),
        "가".to_owned(),
        "💳".to_owned(),
        "a".repeat(100),
        "가".repeat(100),
        "💳".repeat(100),
        " ".to_owned(),
        " ORD-1 ".to_owned(),
        "../../etc/passwd".to_owned(),
        r#"{"S": "ORD-1"}"#.to_owned(),
        "a\"b\\c'd<e>&amp;".to_owned(),
        "#k = :v OR attribute_exists(amount)".to_owned(),
        "e\u{301}".to_owned(),
        "\u{e9}".to_owned(),
    ] {
        shop.order_as(&merchant_uid, json!({})).await;
        let imp_uid = shop.payment(&json!({"merchant_uid": merchant_uid}).to_string());
        for door in DOORS {
            println!("{merchant_uid:?}");
            shop.knock(door, &imp_uid).await.says(200, "success");
        }
        assert_eq!(
            shop.row_of(&merchant_uid).await["imp_uid"],
            imp_uid.as_str()
        );
    }
}

#[tokio::test]
async fn any_other_merchant_uid_is_refused_before_any_call() {
    let shop = TestShop::cold().await;
    let mut refused = vec![
        String::new(),
        "a".repeat(101),
        "가".repeat(101),
        "💳".repeat(101),
    ];
    // C0, DEL and C1.
    let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
    refused.extend(controls.map(|control| format!("ORD{control}1")));
    refused.extend(["ORD-1\n", "\nORD-1", "ORD-1\0"].map(str::to_owned));
    for merchant_uid in refused {
        let form: String = form(&[("imp_uid", "imp_1"), ("merchant_uid", &merchant_uid)]);
        // Control characters come escaped: `\u0000`.
        let json = json!({"imp_uid": "imp_1", "merchant_uid": merchant_uid}).to_string();
        for post in [Post::text(JSON, json), Post::text(FORM, form)] {
            for door in DOORS {
                println!("{merchant_uid:?}");
                shop.post(door, &post).await.says(400, "badRequest");
            }
        }
    }
    assert_eq!(shop.calls(), Calls::none());
}

/// Percent-encodes everything that is no letter or digit.
fn form(fields: &[(&str, &str)]) -> String {
    let encode =
        |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
