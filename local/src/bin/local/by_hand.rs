//! After the tour: something on the shelf, and how to pay for it with curl.

use std::io::{self, Write};

use local::Shop;
use serde_json::json;

use crate::Problem;

/// Puts sample orders and a customer into the tables.
pub(crate) async fn stock(shop: &Shop) -> Result<(), Problem> {
    shop.customers
        .put(json!({"customer_id": "customer-1", "name": "Sample Customer"}))
        .await?;
    for (merchant_uid, amount) in [("order-1", 15000), ("order-2", 32000), ("order-3", 9900)] {
        let order = json!({
            "merchant_uid": merchant_uid, "amount": amount, "customer_id": "customer-1", "phone": "010-1234-5678",
        });
        shop.orders.put(order).await?;
    }
    Ok(())
}

/// Says where everything is, and what to type.
pub(crate) fn explain(shop: &Shop, front: &str) -> io::Result<()> {
    let (gateway, aws, dynamodb) = (shop.gateway_url(), shop.aws.url(), shop.dynamodb());
    let (orders, unmatched) = (shop.orders.name(), shop.unmatched.name());
    let customers = shop.customers.name();
    let port = front.rsplit(':').next().unwrap_or_default();
    let signed = "--aws-sigv4 aws:amz:ap-northeast-2:dynamodb --user local:local -H 'content-type: application/x-amz-json-1.0'";
    writeln!(
        io::stdout(),
        r##"
function   {front}   POST /payments/prepare, /confirm, /complete, /webhook; GET /payments/redirect; docs/openapi.yaml tells more
shop       {front}   for a browser: pay, tamper, deposit, refund, lose a webhook; for make: /local/sweep, /local/unmatched
gateway    {gateway}   Iamport's API, and /control
AWS        {aws}   Secrets Manager (secret iamport), SNS, DynamoDB
DynamoDB   {dynamodb}   tables {orders}, {unmatched}, {customers}

Register what order-1 costs; then the payment window takes no other amount:
  curl {front}/payments/prepare -d merchant_uid=order-1

Pay order-1 by card; the gateway sends its webhook by itself, then the page asks, or the browser comes back:
  curl {gateway}/control/payments -d '{{"imp_uid": "imp_1", "merchant_uid": "order-1", "amount": 15000}}'
  curl {front}/payments/complete -d imp_uid=imp_1 -d merchant_uid=order-1
  curl -L '{front}/payments/redirect?imp_uid=imp_1&merchant_uid=order-1'

Pay too little for order-2, and see who has to be given money back:
  curl {gateway}/control/payments -d '{{"imp_uid": "imp_2", "merchant_uid": "order-2", "amount": 100}}'
  curl {front}/payments/complete -d imp_uid=imp_2 -d merchant_uid=order-2
  curl {dynamodb} {signed} \
       -H 'x-amz-target: DynamoDB_20120810.Query' -d '{{"TableName": "{unmatched}", "IndexName": "by-state", "KeyConditionExpression": "#state = :open", "ExpressionAttributeNames": {{"#state": "state"}}, "ExpressionAttributeValues": {{":open": {{"S": "open"}}}}}}'

Ask for a virtual account for order-3, then deposit the money:
  curl {gateway}/control/payments -d '{{"imp_uid": "imp_3", "merchant_uid": "order-3", "amount": 9900, "pay_method": "vbank", "status": "ready"}}'
  curl {front}/payments/complete -d imp_uid=imp_3 -d merchant_uid=order-3
  curl -X POST {gateway}/control/payments/imp_3/deposit

Refund a part, then look at what the gateway sent and at the order:
  curl {gateway}/control/payments/imp_1/cancel -d '{{"amount": "5000"}}'
  curl {gateway}/control/webhooks
  curl {dynamodb} {signed} \
       -H 'x-amz-target: DynamoDB_20120810.GetItem' -d '{{"TableName": "{orders}", "Key": {{"merchant_uid": {{"S": "order-1"}}}}}}'

Sweep up what nobody told of, list the payments that no order took, close one:
  make sweep PORT={port}
  make unmatched PORT={port}
  make unmatched PORT={port} CLOSE=imp_2 NOTE="refunded by bank transfer"

Serving until Ctrl-C; the function's log follows.
"##
    )
}
