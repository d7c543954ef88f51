//! `prepare`: the order's price, registered at the gateway before the payment window opens.

use tokio::time::Instant;

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
        let mut verified = Verified::of(Outcome::OrderNotFound);
        let Some(found) = self.order(order, &mut verified).await? else {
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
        let prepared = self.iamport.prepare(order, &price, request.deadline).await;
        prepared.map_err(VerifyError::Prepare)?;
        verified.gateway = Some(asked.elapsed());
        verified.outcome = Outcome::Prepared;
        Ok(verified)
    }
}
