//! Ways to go wrong.

mod shown;

use std::time::Duration;

use crate::answer::{Answer, Ending, Reply};
use crate::error::Error;
use crate::overrides::Overrides;
use crate::route::Route;

/// A fault: by default on every call, at once, until cleared.
#[derive(Clone, Debug)]
pub struct Fault {
    route: Route,
    /// What the path has to end in.
    path: String,
    effect: Effect,
    delay: Duration,
    /// How many calls it still befalls; `None`: all of them.
    times: Option<u32>,
}

#[derive(Clone, Debug)]
enum Effect {
    /// Said instead of doing the work.
    Instead(Box<Reply>),
    /// The work is done and the right answer made; this is how it ends.
    Ending(Ending),
    /// The right answer after so many bytes of white space.
    Padded(usize),
    /// The right answer, with these fields of its payments changed. The payments themselves stay as they are.
    Fields(Overrides),
}

impl Fault {
    /// Another HTTP status with a body that is not JSON. What 5xx and 429 really look like is not documented.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::answer(status, "text/plain", &format!("{status}"))
    }

    /// The page of a proxy whose upstream is gone.
    #[must_use]
    pub fn bad_gateway() -> Self {
        Self::answer(
            502,
            "text/html",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n",
        )
    }

    /// The answer to an expired token (OAS, 401).
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::instead(Answer::unauthorized().into())
    }

    /// HTTP 200 with a `code` that is not 0 (the cancellation guide: only `code` tells success).
    #[must_use]
    pub fn code(code: i64, message: &str) -> Self {
        Self::instead(Answer::refused(code, message).into())
    }

    /// HTTP 200, said to be JSON, and not JSON.
    #[must_use]
    pub fn not_json() -> Self {
        Self::answer(
            200,
            "application/json",
            "<!doctype html><title>maintenance</title>",
        )
    }

    /// Any status, content type and body.
    #[must_use]
    pub fn answer(status: u16, content_type: &str, body: &str) -> Self {
        Self::instead(Reply::new(status, content_type, body.to_owned()))
    }

    /// HTTP 302 to somewhere else.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::instead(Reply {
            location: Some(location.to_owned()),
            ..Reply::plain(302, "")
        })
    }

    /// The right answer about another payment, so it seems.
    #[must_use]
    pub fn wrong_imp_uid() -> Self {
        let mut overrides = Overrides::default();
        overrides.fields.insert(
            "imp_uid".to_owned(),
            crate::json::Json::string("imp_000000000000"),
        );
        Self::new(Effect::Fields(overrides))
    }

    /// The right answer with other values in its payment, or in all that it lists: JSON fields as for [`Simulator::create`].
    ///
    /// # Errors
    ///
    /// If `fields` is not such a JSON object.
    ///
    /// [`Simulator::create`]: crate::Simulator::create
    pub fn fields(fields: impl AsRef<str>) -> Result<Self, Error> {
        Ok(Self::new(Effect::Fields(Overrides::parse(
            fields.as_ref(),
        )?)))
    }

    /// The right answer, late. The work is done at once: what it says may be out of date.
    #[must_use]
    pub fn slow(delay: Duration) -> Self {
        Self::new(Effect::Ending(Ending::Whole)).after(delay)
    }

    /// The work is done, and the connection closes without an answer.
    #[must_use]
    pub fn dropped() -> Self {
        Self::new(Effect::Ending(Ending::Dropped))
    }

    /// The connection closes half way through the right answer.
    #[must_use]
    pub fn truncated() -> Self {
        Self::new(Effect::Ending(Ending::Truncated))
    }

    /// Half of the right answer, and then nothing.
    #[must_use]
    pub fn stalled() -> Self {
        Self::new(Effect::Ending(Ending::Stalled))
    }

    /// The right answer, and white space behind it for ever.
    #[must_use]
    pub fn endless() -> Self {
        Self::new(Effect::Ending(Ending::Endless))
    }

    /// The right answer behind so many bytes of white space.
    #[must_use]
    pub fn padded(bytes: usize) -> Self {
        Self::new(Effect::Padded(bytes))
    }

    /// Befalls only this kind of call.
    #[must_use]
    pub fn on(self, route: Route) -> Self {
        Self { route, ..self }
    }

    /// Befalls only calls whose path ends so, such as `/ready`.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self
        }
    }

    /// Befalls only the next `times` of them.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    /// Waits before it answers.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn instead(reply: Reply) -> Self {
        Self::new(Effect::Instead(Box::new(reply)))
    }

    fn new(effect: Effect) -> Self {
        Self {
            route: Route::Any,
            path: String::new(),
            effect,
            delay: Duration::ZERO,
            times: None,
        }
    }

    pub(crate) fn befall(self, work: impl FnOnce() -> Answer) -> Reply {
        let reply = match self.effect {
            Effect::Instead(reply) => *reply,
            Effect::Ending(ending) => Reply {
                ending,
                ..work().into()
            },
            Effect::Padded(bytes) => {
                let reply = Reply::from(work());
                Reply {
                    body: " ".repeat(bytes) + &reply.body,
                    ..reply
                }
            }
            Effect::Fields(overrides) => {
                let mut answer = work();
                answer.bend(&overrides);
                answer.into()
            }
        };
        Reply {
            delay: self.delay,
            ..reply
        }
    }
}

/// The faults switched on, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that befalls this call; at most one does.
    pub(crate) fn take(&mut self, route: Route, path: &str) -> Option<Fault> {
        self.0.retain(|fault| fault.times != Some(0));
        let befalls = |fault: &&mut Fault| fault.route.covers(route) && path.ends_with(&fault.path);
        let fault = self.0.iter_mut().find(befalls)?;
        fault.times = fault.times.map(|times| times - 1);
        Some(fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    #[test]
    fn faults_wait_for_their_route_and_wear_off() {
        let mut faults = Faults::default();
        faults.add(Fault::status(500).on(Route::LookUp).times(2));
        faults.add(Fault::unauthorized().times(1));
        let mut status = |route| {
            faults
                .take(route, "/")
                .map(|fault| fault.befall(|| unreachable!()).status)
        };
        assert_eq!(status(Route::Token), Some(401));
        assert_eq!(status(Route::Token), None);
        assert_eq!(status(Route::LookUp), Some(500));
        assert_eq!(status(Route::LookUp), Some(500));
        assert_eq!(status(Route::LookUp), None);
    }

    #[test]
    fn a_fault_can_wait_for_its_path() {
        let mut faults = Faults::default();
        faults.add(Fault::status(500).on(Route::Status).at("/ready"));
        let mut strikes = |path| faults.take(Route::Status, path).is_some();
        assert!(strikes("/payments/status/ready"));
        assert!(!strikes("/payments/status/paid"));
    }

    #[test]
    fn a_fault_stays_until_it_is_cleared() {
        let mut faults = Faults::default();
        faults.add(Fault::dropped());
        faults.add(Fault::status(500).times(0));
        for _ in 0..3 {
            let reply = faults
                .take(Route::Cancel, "/payments/cancel")
                .unwrap()
                .befall(|| Answer::ok(Json::null()));
            assert_eq!(reply.ending, Ending::Dropped);
        }
        faults.clear();
        assert!(faults.take(Route::Cancel, "/payments/cancel").is_none());
    }
}
