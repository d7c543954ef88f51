//! `prepare`: the order's price, registered at the gateway before the payment window opens.

use tokio::time::{Instant, timeout_at};

use crate::clock::now;
use crate::outcome::Outcome;
use crate::payment::MerchantUid;
use crate::verify::{Request, Verified, Verifier, VerifyError};

impl Verifier {
    /// Registers what the order costs, if it may be paid.
    ///
    /// # Errors
    /// It may or may not be registered; the same request again settles it.
    pub(crate) async fn prepare(
        &self,
        request: &Request<'_>,
        order: &MerchantUid,
    ) -> Result<Verified, VerifyError> {
        let asked = Instant::now();
        let mut verified = Verified::of(Outcome::OrderNotFound);
        let found = self.orders.find(order).await.map_err(VerifyError::Order)?;
        verified.orders = Some(asked.elapsed());
        let Some(found) = found else {
            return Ok(verified);
        };
        let price = match found.price(None, now()) {
            Ok(price) => price,
            Err(why) => {
                verified.refuse(why);
                return Ok(verified);
            }
        };
        let asked = Instant::now();
        let by = request.deadline;
        timeout_at(by, self.iamport.prepare(order, &price, by))
            .await
            .map_err(|_| VerifyError::Deadline)?
            .map_err(VerifyError::Prepare)?;
        verified.gateway = Some(asked.elapsed());
        verified.outcome = Outcome::Prepared;
        Ok(verified)
    }
}
