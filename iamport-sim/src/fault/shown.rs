//! Faults as the control API lists them: in the words that would switch them on again.

use super::{Effect, Fault, Faults};
use crate::answer::Ending;
use crate::json::Json;

impl Faults {
    /// Those that still befall calls, the oldest first.
    pub(crate) fn json(&self) -> Json {
        let active = self.0.iter().filter(|fault| fault.times != Some(0));
        Json::list(active.map(Fault::json))
    }
}

impl Fault {
    fn json(&self) -> Json {
        let route = serde_json::to_string(&self.route).unwrap_or_default();
        Json::object([
            ("effect", self.effect.json()),
            ("route", Json::trusted(&route)),
            ("times", self.times.map_or_else(Json::null, Json::literal)),
            ("delay_ms", Json::literal(self.delay.as_millis())),
        ])
    }
}

impl Effect {
    fn json(&self) -> Json {
        let one = |name: &str, value: Json| Json::object([(name, value)]);
        match self {
            Self::Instead(reply) => match &reply.location {
                Some(location) => one("redirect", Json::string(location)),
                None => one(
                    "answer",
                    Json::object([
                        ("status", Json::literal(reply.status)),
                        ("content_type", Json::string(&reply.content_type)),
                        ("body", Json::string(&reply.body)),
                    ]),
                ),
            },
            Self::Ending(ending) => Json::string(match ending {
                Ending::Whole => "slow",
                Ending::Dropped => "dropped",
                Ending::Truncated => "truncated",
                Ending::Stalled => "stalled",
                Ending::Endless => "endless",
            }),
            Self::Padded(bytes) => one("padded", Json::literal(bytes)),
            Self::Fields(overrides) => one("fields", Json::from(&overrides.fields)),
        }
    }
}
