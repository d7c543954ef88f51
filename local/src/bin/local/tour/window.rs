//! The steps around the payment window: before it opens, in it, and on the way back.

use iamport_sim::{Redirect, Sdk, Window};
use local::Answer;
use local::event::Door;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::Problem;

impl Stage<'_> {
    /// Plays one step.
    pub(super) async fn play_around_the_window(&mut self, cells: &[&str]) -> Result<(), Problem> {
        match *cells {
            ["by order", step, says, row] => {
                let ids = json!({"imp_uid": null, "merchant_uid": self.merchant_uid});
                let answer = self.client.post(Door::Page.path(), &ids).await?;
                self.compare_answer(step, &answer, says, row).await?;
            }
            ["prepare", step, says, row] => {
                let order = json!({"merchant_uid": self.merchant_uid});
                let answer = self.client.post("/payments/prepare", &order).await?;
                self.compare_answer(step, &answer, says, row).await?;
            }
            ["window", attempt, params, becomes] => self.window(attempt, params, becomes)?,
            ["through", attempt, becomes] => {
                self.shop.gateway.approve(&self.imp_uid(attempt)).await?;
                let payment: Value =
                    serde_json::from_str(&self.shop.gateway.get(&self.imp_uid(attempt))?)?;
                let status = payment["status"].as_str().unwrap_or_default();
                self.check(
                    &format!("the payment is {status}, not {becomes}"),
                    status == becomes,
                );
            }
            ["back", attempt, variant, step, says, row] => {
                let answer = self.back(attempt, variant).await?;
                self.compare_answer(step, &answer, says, row).await?;
            }
            _ => return Err(format!("no step of a tour: {cells:?}").into()),
        }
        Ok(())
    }

    /// The page opens the payment window, or is told why not.
    fn window(&mut self, attempt: &str, params: &str, becomes: &str) -> Result<(), Problem> {
        let mut params = self.with(params)?;
        let front = self.client.url();
        params["m_redirect_url"] = format!("{front}/payments/redirect").into();
        if params["confirm_url"] == true {
            params["confirm_url"] = format!("{front}/payments/confirm").into();
        }
        let became = match self.shop.gateway.request_pay(params.to_string())? {
            Window::Open(imp_uid) => {
                self.attempts.insert(attempt.to_owned(), imp_uid);
                "open".to_owned()
            }
            Window::Refused(outcome) => {
                let callback: Value = serde_json::from_str(&outcome.callback(Sdk::Classic))?;
                callback["error_code"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            }
        };
        self.check(
            &format!("the window is {became}, not {becomes}"),
            became == becomes,
        );
        Ok(())
    }

    /// The customer's browser comes back from the window, and is sent on; told by what stands in the shop's URL.
    async fn back(&self, attempt: &str, variant: &str) -> Result<Answer, Problem> {
        let variant = match variant {
            "with imp_uid" => Redirect::Current,
            "without imp_uid" => Redirect::WithoutImpUid,
            _ => return Err(format!("no way back of a tour: {variant}").into()),
        };
        let outcome = self.shop.gateway.outcome(&self.imp_uid(attempt))?;
        let url = outcome.redirect(variant).ok_or("no way back")?;
        let path = url.strip_prefix(self.client.url());
        let mut answer = self
            .client
            .get(path.ok_or("another shop's way back")?)
            .await?;
        let location = answer.header("location").unwrap_or_default();
        let told = location.rsplit_once("status=").map(|(_, status)| status);
        answer.body = json!({"status": told});
        Ok(answer)
    }
}
