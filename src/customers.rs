//! The customers' records: the newest virtual account of each.

use crate::aws::CallError;
use crate::dynamodb::Condition::{self, All, Any, Exists, Missing};
use crate::dynamodb::{Table, Update, number, text};
use crate::payment::Payment;

/// The customers.
#[derive(Debug)]
pub struct Customers(Table);

impl Customers {
    /// The customers in this table, key `customer_id`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self(table)
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
        let no_later = Any(vec![
            Missing("vbank_started_at"),
            Condition::at_most("vbank_started_at", payment.started()),
        ]);
        let told = |fact: &Option<String>| text(fact.as_deref().unwrap_or_default());
        let update = Update::only_if(&All(vec![Exists("customer_id"), no_later]))
            .set("vbank_num", told(&payment.vbank_num))
            .set("vbank_name", told(&payment.vbank_name))
            .set("vbank_date", number(payment.vbank_date.unwrap_or(0).into()))
            .set("vbank_started_at", number(payment.started().into()));
        let key = [("customer_id", customer_id)];
        self.0.write(key, update).await.map(|_| ())
    }
}
