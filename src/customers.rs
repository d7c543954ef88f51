//! The customers' records: the newest virtual account of each.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::CallError;
use crate::orders::applied;
use crate::payment::Payment;

/// The table of customers.
#[derive(Debug, Clone)]
pub struct Customers {
    client: Client,
    table: String,
}

impl Customers {
    /// Customers in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Puts the payment's account on the record of a customer who exists, never over that of a later payment.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached: whether it wrote is unknown, and safe to try again.
    pub async fn keep_account(
        &self,
        customer_id: &str,
        payment: &Payment,
    ) -> Result<(), CallError> {
        let text = |text: &Option<String>| AttributeValue::S(text.clone().unwrap_or_default());
        let number = |number: i64| AttributeValue::N(number.to_string());
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("customer_id", AttributeValue::S(customer_id.to_owned()))
            .expression_attribute_names("#customer_id", "customer_id")
            .expression_attribute_names("#vbank_num", "vbank_num")
            .expression_attribute_names("#vbank_name", "vbank_name")
            .expression_attribute_names("#vbank_date", "vbank_date")
            .expression_attribute_names("#vbank_started_at", "vbank_started_at")
            .expression_attribute_values(":vbank_num", text(&payment.vbank_num))
            .expression_attribute_values(":vbank_name", text(&payment.vbank_name))
            .expression_attribute_values(":vbank_date", number(payment.vbank_date.unwrap_or(0)))
            .expression_attribute_values(":vbank_started_at", number(payment.started()))
            .update_expression(
                "SET #vbank_num = :vbank_num, #vbank_name = :vbank_name, \
                 #vbank_date = :vbank_date, #vbank_started_at = :vbank_started_at",
            )
            .condition_expression(
                "attribute_exists(#customer_id) AND (attribute_not_exists(#vbank_started_at) \
                 OR #vbank_started_at <= :vbank_started_at)",
            );
        applied(request).await.map(|_| ())
    }
}
