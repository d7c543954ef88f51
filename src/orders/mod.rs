//! The table of orders: one conditional `UpdateItem` decides and writes at once. Meaning in, meaning out.

mod condition;
mod facts;
mod order;
mod row;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::CallError;
use crate::dynamodb::Condition::{self, All, BeginsWith};
use crate::dynamodb::{Table, Update, Written, number, text};
use crate::payment::{MerchantUid, Payment};
use crate::state::State;
use crate::verdict::Verdict;

pub use self::condition::condition;
pub use self::order::{NotPayable, Order, Price};
pub use self::row::{COLUMNS, DueNotice, explain, restated};

/// The orders.
#[derive(Debug)]
pub struct Orders(Table);

/// What an order made of a payment.
#[derive(Debug)]
pub struct Recorded {
    /// Whether it was written, and if not, why.
    pub verdict: Verdict,
    /// The notice of this payment's account, if it is due.
    pub notice: Option<DueNotice>,
}

impl Orders {
    /// The orders in this table, key `merchant_uid`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Records a payment on its order if the order exists, the money is right and it is news. `holder` is who will
    /// give the notice of a new account.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached: whether it wrote is unknown, and safe to try again.
    pub async fn record(
        &self,
        payment: &Payment,
        state: State,
        holder: &str,
    ) -> Result<Recorded, CallError> {
        let item = match self.write(payment, state, holder).await? {
            Written::Applied(item) => return Ok(recorded(Verdict::Written(state), item.as_ref())),
            Written::Refused(item) => item,
        };
        let restated = item
            .as_ref()
            .and_then(|item| restated(item, payment, state));
        let (state, item) = match restated {
            None => (state, item),
            Some(state) => match self.write(payment, state, holder).await? {
                Written::Applied(_) => return Ok(recorded(Verdict::Written(state), None)),
                Written::Refused(item) => (state, item),
            },
        };
        Ok(recorded(
            explain(item.as_ref(), payment, state),
            item.as_ref(),
        ))
    }

    /// The order of this name as it is now, if there is one.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached.
    pub async fn find(&self, order: &MerchantUid) -> Result<Option<Order>, CallError> {
        let item = self.0.get(("merchant_uid", order.as_str())).await?;
        Ok(item.map(Order))
    }

    /// The payment whole, and for an account the notice that is now due: all a function of the payment, but the holder.
    async fn write(
        &self,
        payment: &Payment,
        state: State,
        holder: &str,
    ) -> Result<Written, CallError> {
        let update = Update::only_if(&condition(payment, state))
            .set("imp_uid", text(&payment.imp_uid))
            .set("payment_status", text(state.status()))
            .set("payment_stage", number(state.stage().into()))
            .set("payment_rank", number(state.rank().into()))
            .set("cancel_amount", number(payment.cancel_amount))
            .set("started_at", number(payment.started().into()))
            .set("payment", AttributeValue::M(facts::of(payment)));
        let update = match state {
            State::AccountIssued => update
                .set("vbank_notice", due(holder))
                .count("vbank_notices")
                .returning_new(),
            _ => update.remove("vbank_notice"),
        };
        self.0.write(key(payment), update).await
    }

    /// Passes the due notice of this attempt's account on, from one holder to another. The notice as it is now; `None`
    /// if somebody else was faster.
    ///
    /// # Errors
    /// As for [`Orders::record`].
    pub async fn pass_notice(
        &self,
        payment: &Payment,
        from: &str,
        to: &str,
    ) -> Result<Option<DueNotice>, CallError> {
        let held = Condition::equal("vbank_notice", format!("due:{from}").as_str());
        let update = Update::only_if(&All(vec![condition::same_attempt(payment), held]))
            .set("vbank_notice", due(to))
            .returning_new();
        let item = match self.0.write(key(payment), update).await? {
            Written::Applied(item) | Written::Refused(item) => item,
        };
        // Our own write, met again after its reply was lost, is ours all the same.
        let notice = item.as_ref().and_then(row::due_notice);
        Ok(notice.filter(|notice| notice.holder == to))
    }

    /// Marks the notice of this attempt's account as done, if it still is this attempt's and due.
    ///
    /// # Errors
    /// As for [`Orders::record`].
    pub async fn notice_done(&self, payment: &Payment) -> Result<(), CallError> {
        let due = BeginsWith("vbank_notice", "due:");
        let update = Update::only_if(&All(vec![condition::same_attempt(payment), due]))
            .set("vbank_notice", text("done"));
        self.0.write(key(payment), update).await.map(|_| ())
    }
}

/// The row's notice is this payment's only where the payment is what the row has.
fn recorded(verdict: Verdict, item: Option<&crate::dynamodb::Item>) -> Recorded {
    let notice = match verdict {
        Verdict::Written(State::AccountIssued) | Verdict::Known(_) => {
            item.and_then(row::due_notice)
        }
        _ => None,
    };
    Recorded { verdict, notice }
}

fn key(payment: &Payment) -> [(&'static str, &str); 1] {
    [("merchant_uid", &payment.merchant_uid)]
}

/// A notice that this holder has to give.
fn due(holder: &str) -> AttributeValue {
    text(&format!("due:{holder}"))
}
