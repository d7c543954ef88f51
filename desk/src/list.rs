//! What the gateway lists, read whole.

use std::collections::BTreeMap;

use payment_verifier::gateway::{Listed, Page, Status};
use payment_verifier::payment::Payment;
use payment_verifier::sweep::Window;
use payment_verifier::sweep::pages::{self, Source};

use crate::{Desk, DeskError, soon};

/// The gateway lists 90 days at once (OAS): longer times go slice by slice.
const SLICE: i64 = 90 * 24 * 3600;

/// Payments by their `imp_uid`, and what of a list could not be read.
#[derive(Debug, Default)]
pub struct Payments {
    /// Those that count, as they were read last.
    pub all: BTreeMap<String, Payment>,
    /// The `imp_uid`s of entries that are no payment; empty where not even that can be told.
    pub unreadable: Vec<String>,
}

struct List<'a> {
    desk: &'a Desk,
    status: Status,
    found: &'a mut Payments,
    failure: Option<DeskError>,
}

impl Source for List<'_> {
    async fn page(&mut self, window: Window, number: u64) -> Option<Page> {
        let range = (window.from, window.to);
        let page = self
            .desk
            .iamport
            .by_status(self.status, range, number, soon())
            .await;
        page.map_err(|error| self.failure = Some(error.into())).ok()
    }

    async fn settle(&mut self, page: Page) {
        for entry in &page.entries {
            match entry.read() {
                Listed::Payment(payment, ids) if self.desk.counts(&payment, &ids) => {
                    self.found.all.insert(payment.imp_uid.clone(), *payment);
                }
                Listed::Payment(..) => {}
                Listed::Unreadable(imp_uid) => {
                    self.found.unreadable.push(imp_uid.unwrap_or_default());
                }
            }
        }
    }

    fn goes_on(&mut self) -> bool {
        self.failure.is_none()
    }

    fn contradicted(&mut self) {
        let why = "the gateway shows a list whose length cannot be".to_owned();
        self.failure = Some(DeskError::Asked(why));
    }
}

impl Desk {
    /// Every payment whose money may have moved in this window.
    ///
    /// What was paid in it is listed by then as `paid`, or, if something of it went back since, as `cancelled` at the time
    /// of the last cancel, up to now.
    ///
    /// # Errors
    /// The gateway did not give a list, or the window begins in the future.
    pub async fn payments(&self, window: Window) -> Result<Payments, DeskError> {
        let now = self.iamport.now(soon()).await?;
        if window.from > now {
            return Err(DeskError::Asked("that day has not begun yet".to_owned()));
        }
        let mut found = Payments::default();
        let to = window.to.min(now);
        self.list(Status::Paid, Window { to, ..window }, &mut found)
            .await?;
        // A cancel while the list is read moves its payment to where the list ended: once more, from there.
        let mut from = window.from;
        for _ in 0..2 {
            let to = self.iamport.now(soon()).await?;
            self.list(Status::Cancelled, Window { from, to }, &mut found)
                .await?;
            from = to;
        }
        Ok(found)
    }

    async fn list(
        &self,
        status: Status,
        window: Window,
        found: &mut Payments,
    ) -> Result<(), DeskError> {
        let mut from = window.from;
        while from <= window.to {
            let to = window.to.min(from + SLICE - 1);
            let mut list = List {
                desk: self,
                status,
                found,
                failure: None,
            };
            pages::walk(&mut list, Window { from, to }).await;
            if let Some(failure) = list.failure {
                return Err(failure);
            }
            from = to + 1;
        }
        Ok(())
    }
}
