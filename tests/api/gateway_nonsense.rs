//! Answers that look like the gateway's and are not.

use iamport_sim::{Fault, Route};
use serde_json::{Value, json};

use crate::assertions::Says;
use crate::test_shop::{DOORS, ORDER, TestShop};

#[tokio::test]
async fn ids_of_the_wrong_kind_from_the_gateway_decide_nothing() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let before = shop.item().await;
    for fields in [
        r#"{"$omit": ["merchant_uid"]}"#,
        r#"{"merchant_uid": null}"#,
        r#"{"merchant_uid": 1}"#,
        r#"{"merchant_uid": ""}"#,
        r#"{"$omit": ["imp_uid"]}"#,
        r#"{"imp_uid": null}"#,
        r#"{"imp_uid": ["imp_1"]}"#,
        r#"{"$omit": ["status"]}"#,
        r#"{"status": null}"#,
        r#"{"status": ["paid"]}"#,
        r#"{"$omit": ["currency"]}"#,
        r#"{"currency": 410}"#,
        r#"{"sandbox": "true"}"#,
        r#"{"sandbox": 1}"#,
    ] {
        let imp_uid = shop.payment("{}");
        shop.gateway
            .fault(Fault::fields(fields).unwrap().on(Route::LookUp));
        for door in DOORS {
            let answer = shop.knock(door, &imp_uid).await;
            println!("{fields}: {answer:?}");
            assert_ne!(answer.status(), "success");
            assert_ne!(answer.code, 500);
        }
        shop.gateway.clear_faults();
    }
    assert_eq!(shop.item().await, before);
}

#[tokio::test]
async fn a_404_with_a_code_but_without_the_envelope_is_somebody_elses() {
    let shop = TestShop::open().await;
    for body in [
        r#"{"code":404}"#,
        r#"{"code":404,"message":"Not Found"}"#,
        r#"{"code":5,"message":"Not Found","details":[]}"#,
    ] {
        let fault = Fault::answer(404, "application/json", body);
        shop.gateway.fault(fault.on(Route::LookUp));
        for door in DOORS {
            println!("{body}");
            let answer = shop.claim(door, "imp_1234567890", ORDER).await;
            answer.says(503, "unavailable");
        }
        shop.gateway.clear_faults();
    }
}

#[tokio::test]
async fn values_without_their_names_are_no_envelope() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    let payment = shop.gateway.get(&imp_uid).unwrap();
    for (route, status, body) in [
        (Route::LookUp, 200, format!("[0,null,{payment}]")),
        (Route::LookUp, 200, format!("[0,{payment}]")),
        (Route::LookUp, 404, r#"[-1,"Not Found",null]"#.to_owned()),
        (Route::LookUp, 404, "[-1,null]".to_owned()),
        (
            Route::Token,
            200,
            r#"[0,null,{"access_token":"a","now":1,"expired_at":1801}]"#.to_owned(),
        ),
    ] {
        let fault = Fault::answer(status, "application/json", &body);
        shop.gateway.fault(fault.on(route));
        for door in DOORS {
            println!("{route:?}: {status} {body}");
            shop.gateway.revoke_tokens();
            let answer = shop.knock(door, &imp_uid).await;
            answer.says(503, "unavailable");
        }
        shop.gateway.clear_faults();
    }
    assert_eq!(shop.row().await["payment_status"], Value::Null);
}
