use super::Simulator;
use crate::call::Call;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::route::Route;
use crate::settings::Pages;

/// Credentials, time and trouble.
impl Simulator {
    /// Other credentials from now on. Tokens issued for the old ones stay good; see
    /// [`revoke_tokens`](Self::revoke_tokens).
    pub fn rotate_credentials(&self, imp_key: &str, imp_secret: &str) {
        self.core.lock().rotate_credentials(imp_key, imp_secret);
    }

    /// Forgets every token it issued.
    pub fn revoke_tokens(&self) {
        self.core.lock().tokens.revoke();
    }

    /// Sets the gateway's clock off the machine's by so many seconds, and lets it run.
    pub fn set_time_offset(&self, seconds: i64) {
        self.core.lock().clock = Clock::Running { offset: seconds };
    }

    /// Stops the gateway's clock at a UNIX time.
    pub fn stop_time(&self, at: i64) {
        self.core.lock().clock = Clock::Stopped { at };
    }

    /// Lets the gateway's clock jump so many seconds ahead, running or stopped as before. Tokens travel along, as the
    /// caller's own clock stays: what was good for ten minutes still is.
    pub fn advance_time(&self, seconds: i64) {
        self.core.lock().advance_time(seconds);
    }

    /// The time by the gateway's clock, in UNIX seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.core.lock().now()
    }

    /// Whether the look-up shows payments of a test channel to everybody; see
    /// [`Settings::sandbox_shown`](crate::Settings::sandbox_shown).
    pub fn show_sandbox(&self, shown: bool) {
        self.core.lock().settings.sandbox_shown = shown;
    }

    /// How lists answer from now on when they have nothing to show; see
    /// [`Settings::pages`](crate::Settings::pages).
    pub fn set_pages(&self, pages: Pages) {
        self.core.lock().settings.pages = pages;
    }

    /// Which HTTP status says that an amount was registered before; see
    /// [`Settings::prepared_twice_is_400`](crate::Settings::prepared_twice_is_400).
    pub fn prepared_twice_is_400(&self, is_400: bool) {
        self.core.lock().settings.prepared_twice_is_400 = is_400;
    }

    /// Switches a fault on. Of several that fit a call, the oldest befalls it.
    pub fn fault(&self, fault: Fault) {
        self.core.lock().faults.add(fault);
    }

    /// Switches every fault off.
    pub fn clear_faults(&self) {
        self.core.lock().faults.clear();
    }

    /// The calls its API has had, in order; the control API's are none of them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.core.lock().calls.clone()
    }

    /// How many calls of one kind it has had.
    #[must_use]
    pub fn count(&self, route: Route) -> usize {
        let wanted =
            |call: &&Call| route == Route::Any || call.route.is_some_and(|kind| route.covers(kind));
        self.core.lock().calls.iter().filter(wanted).count()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.core.lock().calls.clear();
    }
}
