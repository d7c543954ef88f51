//! Telling the customer of a virtual account: their record, an SMS, then `done` on the order.

use aws_sdk_sns::types::MessageAttributeValue;

use crate::aws::CallError;
use crate::clock::now;
use crate::customers::Customers;
use crate::decimal::Decimal;
use crate::orders::{DueNotice, Orders};
use crate::payment::Payment;

/// How many seconds a notice may stay due before another delivery takes it over from the one that wrote it.
const TAKE_OVER_AFTER: i64 = 60;
/// An account that was issued so long ago is told to nobody.
const OLD_AFTER: i64 = 24 * 60 * 60;
/// Texts for one order at most: neither a loop that opens payment windows nor lost replies of SNS can flood a phone.
const MAX_TEXTS: i64 = 3;

/// The longest key of a DynamoDB item, in bytes.
const MAX_KEY: usize = 2048;

/// Tells customers of their accounts.
#[derive(Debug)]
pub struct Notices {
    customers: Option<Customers>,
    sns: Option<aws_sdk_sns::Client>,
}

/// A notice that could not be given; it stays due.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// DynamoDB did not take the customer's record.
    #[error("DynamoDB did not take the customer's account")]
    Customer(#[source] CallError),
    /// SNS did not take the text.
    #[error("SNS did not take the text message")]
    Sms(#[source] CallError),
    /// DynamoDB did not take who holds the notice, or that it is done.
    #[error("DynamoDB did not take the order's notice")]
    Order(#[source] CallError),
    /// The request's time ran out.
    #[error("the time for an answer ran out")]
    Deadline,
}

/// When the account was issued, in UNIX seconds.
fn issued_at(payment: &Payment) -> i64 {
    let issued_at = payment.vbank_issued_at.filter(|at| *at > 0);
    issued_at.unwrap_or_else(|| payment.started())
}

/// Whether whoever made this account's notice due had time enough to give it.
fn is_left_alone(payment: &Payment, now: i64) -> bool {
    now - issued_at(payment) > TAKE_OVER_AFTER
}

/// Whether nobody wants to hear of this account any more: a sweep over the past must not text the customers of last month.
fn is_over(payment: &Payment, now: i64) -> bool {
    let pay_by = payment.vbank_date.filter(|at| *at > 0);
    now - issued_at(payment) > OLD_AFTER || pay_by.is_some_and(|at| at < now)
}

impl Notices {
    /// Notices that reach customers' records and phones, as far as these are given.
    #[must_use]
    pub fn new(customers: Option<Customers>, sns: Option<aws_sdk_sns::Client>) -> Self {
        Self { customers, sns }
    }

    /// Gives the due notice of this payment's account if it is this request's to give: its own write made it due, or
    /// whoever holds it left it alone for too long.
    ///
    /// # Errors
    /// Nothing is undone, and the notice stays due: another delivery gives it again.
    pub async fn give(
        &self,
        orders: &Orders,
        notice: DueNotice,
        payment: &Payment,
        request_id: &str,
    ) -> Result<(), NoticeError> {
        let holder = &notice.holder;
        if holder == request_id {
            return self.tell(orders, &notice, payment, 0).await;
        }
        if !is_left_alone(payment, now()) {
            return Ok(());
        }
        let before = texts_before(holder);
        let (ours, handed_back) = (holding(request_id, before + 1), holding(request_id, before));
        let passed = orders.pass_notice(payment, holder, &ours).await;
        let Some(notice) = passed.map_err(NoticeError::Order)? else {
            return Ok(());
        };
        let told = self.tell(orders, &notice, payment, before + 1).await;
        // SNS said no, so no text went out: the next one to take over need not count ours.
        if matches!(&told, Err(NoticeError::Sms(error)) if error.was_answered()) {
            let passed = orders.pass_notice(payment, &ours, &handed_back).await;
            passed.map_err(NoticeError::Order)?;
        }
        told
    }

    /// Tells the customer; no customer, no phone is simply less to do.
    async fn tell(
        &self,
        orders: &Orders,
        notice: &DueNotice,
        payment: &Payment,
        texts_before: i64,
    ) -> Result<(), NoticeError> {
        if is_over(payment, now()) {
            return done(orders, payment).await;
        }
        // No customer has a key that DynamoDB would not take.
        let customer_id = notice.customer_id.as_ref().filter(|id| id.len() <= MAX_KEY);
        if let (Some(customers), Some(customer_id)) = (&self.customers, customer_id) {
            let kept = customers.keep_account(customer_id, payment).await;
            kept.map_err(NoticeError::Customer)?;
        }
        let phone = notice.phone.as_deref().and_then(korean_number);
        let may_text = notice.accounts <= Decimal::from(MAX_TEXTS - texts_before);
        if let (Some(sns), Some(phone)) = (&self.sns, phone)
            && may_text
        {
            send(sns, phone, payment).await.map_err(NoticeError::Sms)?;
        }
        done(orders, payment).await
    }
}

async fn done(orders: &Orders, payment: &Payment) -> Result<(), NoticeError> {
    let done = orders.notice_done(payment).await;
    done.map_err(NoticeError::Order)
}

/// Who holds a notice that was taken over, and how many texts about the account may be out by then.
fn holding(request_id: &str, texts_before: i64) -> String {
    format!("{request_id} {texts_before}")
}

/// How many texts may be out by the time somebody takes over from this holder, not counting what the holder itself
/// counted: none from the request that made the notice due. Too many, if the count is not one of ours.
fn texts_before(holder: &str) -> i64 {
    let texts = holder.split_once(' ').map(|(_, texts)| texts.parse::<u8>());
    texts.map_or(0, |texts| texts.map_or(MAX_TEXTS, i64::from))
}

async fn send(
    sns: &aws_sdk_sns::Client,
    phone: String,
    payment: &Payment,
) -> Result<(), CallError> {
    let kind = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("Transactional");
    let request = sns.publish().phone_number(phone).message(sms(payment));
    let request = match kind.build() {
        Ok(kind) => request.message_attributes("AWS.SNS.SMS.SMSType", kind),
        Err(_) => request,
    };
    request.send().await?;
    Ok(())
}

/// The one text that is ever sent: the account, nothing that a caller can choose.
fn sms(payment: &Payment) -> String {
    let bank = payment.vbank_name.as_deref().unwrap_or_default();
    let account = payment.vbank_num.as_deref().unwrap_or_default();
    format!("[가상계좌 안내] {bank} {account} 입금 기한 안에 입금해 주세요.")
}

/// A Korean number in E.164, from `+82…` or the domestic form; `None` for every other number.
fn korean_number(phone: &str) -> Option<String> {
    let kept: String = phone
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')'))
        .collect();
    let domestic = match kept.strip_prefix("+82") {
        Some(rest) => rest.strip_prefix('0').unwrap_or(rest),
        None => kept.strip_prefix('0')?,
    };
    let is_number = (8..=11).contains(&domestic.len())
        && domestic.bytes().all(|digit| digit.is_ascii_digit())
        && !domestic.starts_with('0');
    is_number.then(|| format!("+82{domestic}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_korean_numbers() {
        for (given, number) in [
            ("010-1234-5678", Some("+821012345678")),
            ("01012345678", Some("+821012345678")),
            ("+82 10-1234-5678", Some("+821012345678")),
            ("+82-(0)10-1234-5678", Some("+821012345678")),
            ("02-123-4567", Some("+8221234567")),
            ("0502-1234-56789", None),
            ("0504-1234-5678", Some("+8250412345678")),
            ("+1 202 555 0100", None),
            ("001-1-202-555-0100", None),
            ("00821012345678", None),
            ("821012345678", None),
            ("010-1234-567a", None),
            ("٠١٠١٢٣٤٥٦٧٨", None),
            ("", None),
        ] {
            assert_eq!(korean_number(given).as_deref(), number, "{given}");
        }
    }
}
