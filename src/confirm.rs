//! `confirm`: the gateway asks, right before it approves, whether it should. It closes rather than guesses.

use crate::clock::now;
use crate::decimal::Decimal;
use crate::outcome::Outcome;
use crate::payment::PaymentIds;
use crate::verify::{Verified, Verifier, VerifyError};

impl Verifier {
    /// Whether this attempt, of this amount, is what its order waits for.
    ///
    /// # Errors
    /// DynamoDB could not be asked.
    pub(crate) async fn confirm(
        &self,
        ids: &PaymentIds,
        amount: Decimal,
    ) -> Result<Verified, VerifyError> {
        let mut verified = Verified::of(Outcome::OrderNotFound);
        let Some(found) = self.order(ids.order(), &mut verified).await? else {
            return Ok(verified);
        };
        match found.price(Some(ids.imp_uid()), now()) {
            Ok(price) if price.amount == amount => verified.outcome = Outcome::Confirmed,
            Ok(_) => {
                verified.outcome = Outcome::Forgery;
                verified.reason = Some("the amount is not the order's");
            }
            Err(why) => verified.refuse(why),
        }
        Ok(verified)
    }
}
