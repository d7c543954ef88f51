//! Scenarios: control requests in a file, with names for what becomes known on the way.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::resend::encoded;

macro_rules! shipped {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../scenarios/", $name, ".json")))),*]
    };
}

/// Those that the program brings along.
const SHIPPED: [(&str, &str); 10] = shipped![
    "paid-by-card"
    "account-then-deposit"
    "partial-then-full-cancel"
    "webhook-twice"
    "webhook-before-order"
    "webhook-lost"
    "paid-twice"
    "tampered-amount"
    "refund-without-webhook"
    "test-button"
];

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A file of steps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// What it is, in a sentence.
    pub(crate) about: String,
    pub(crate) steps: Vec<Step>,
}

/// A control request, in which `{{name}}` stands for what is known by that name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// What happens, in a sentence.
    pub(crate) note: String,
    /// Method and path: `POST payments`.
    request: String,
    body: Option<Box<RawValue>>,
    /// The name by which the answer's `imp_uid` is known from now on.
    pub(crate) keep: Option<String>,
}

/// What is known, in JSON, by its name.
pub(crate) type Known = BTreeMap<String, String>;

/// A step, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

impl Scenario {
    /// The names and sentences of those that are shipped.
    pub(crate) fn list() -> Result<Vec<String>, String> {
        let line = |(name, text): &(&str, &str)| {
            Ok(format!("{name:<26}{}", Self::read(name, text)?.about))
        };
        SHIPPED.iter().map(line).collect()
    }

    /// One that is shipped, or a file.
    pub(crate) fn open(name: &str) -> Result<Self, String> {
        if let Some((name, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            return Self::read(name, text);
        }
        let text = fs::read_to_string(name).map_err(|why| {
            format!("{name}: no such scenario (`iamport-sim play` lists them), nor a file: {why}")
        })?;
        Self::read(name, &text)
    }

    /// Whatever can be wrong is found before the first step.
    fn read(name: &str, text: &str) -> Result<Self, String> {
        let scenario: Self = serde_json::from_str(text).map_err(|why| format!("{name}: {why}"))?;
        let anything = || "0".to_owned();
        let mut known =
            Known::from(["merchant_uid", "amount"].map(|name| (name.to_owned(), anything())));
        for (number, step) in scenario.steps.iter().enumerate() {
            let within = |why| format!("{name}: step {}: {why}", number + 1);
            step.request(&known).map_err(within)?;
            if let Some(keep) = &step.keep
                && known.insert(keep.clone(), anything()).is_some()
            {
                return Err(within(format!("{keep} is known already")));
            }
        }
        Ok(scenario)
    }

    /// Whether a step sends a webhook.
    pub(crate) fn sends_webhooks(&self) -> bool {
        self.steps.iter().any(Step::sends_webhooks)
    }
}

impl Step {
    /// The request, with what is known filled in.
    pub(crate) fn request(&self, known: &Known) -> Result<Request, String> {
        let (method, path) = self.request.split_once(' ').unwrap_or_default();
        if !METHODS.contains(&method) || path.is_empty() {
            return Err(format!("{}: not a method and a path", self.request));
        }
        let body = self.body.as_ref().map_or("", |body| body.get());
        Ok(Request {
            method: method.to_owned(),
            path: fill(path, known, encoded)?,
            body: fill(body, known, escaped)?,
        })
    }

    /// Whether its answer is a list of answers to webhooks.
    pub(crate) fn sends_webhooks(&self) -> bool {
        let path = self.request.split_once(' ');
        path.is_some_and(|(method, path)| {
            method == "POST" && (path.ends_with("/webhook") || path.starts_with("webhooks"))
        })
    }
}

/// Fills in what is known: a string that is nothing but `{{name}}` becomes that JSON, whatever it is; elsewhere goes its
/// text, written as `in_place` has it.
fn fill(text: &str, known: &Known, in_place: fn(&str) -> String) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, tail)) = rest.split_once("{{") {
        let (name, after) = tail.split_once("}}").unwrap_or((tail, ""));
        let json = known.get(name);
        let json = json.ok_or_else(|| format!("{{{{{name}}}}} is not known by then"))?;
        let opened = before.strip_suffix('"');
        let opened = opened.filter(|before| !before.ends_with('\\'));
        if let (Some(before), Some(after)) = (opened, after.strip_prefix('"')) {
            filled = filled + before + json;
            rest = after;
        } else {
            let text = serde_json::from_str(json).unwrap_or_else(|_| json.clone());
            filled = filled + before + &in_place(&text);
            rest = after;
        }
    }
    Ok(filled + rest)
}

/// As a part of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(request: &str, body: &str) -> Step {
        let step = json!({"note": "", "request": request}).to_string();
        let mut step: Step = serde_json::from_str(&step).unwrap();
        step.body = Some(serde_json::from_str(body).unwrap());
        step
    }

    fn known() -> Known {
        [("amount", "14.20"), ("order", r#""a\"/b""#)]
            .map(|(name, json)| (name.to_owned(), json.to_owned()))
            .into()
    }

    #[test]
    fn names_become_json_text_or_a_segment() {
        let step = step(
            "POST payments/{{order}}/x",
            r#"{"amount": "{{amount}}", "order": "{{order}}", "name": "{{order}} for {{amount}}", "\"{{amount}}": "\"{{amount}}"}"#,
        );
        let request = step.request(&known()).unwrap();
        assert_eq!(request.path, "payments/a%22%2Fb/x");
        assert_eq!(
            request.body,
            r#"{"amount": 14.20, "order": "a\"/b", "name": "a\"/b for 14.20", "\"14.20": "\"14.20"}"#
        );
    }

    #[test]
    fn what_is_wrong_is_named_before_anything_is_sent() {
        for (steps, named) in [
            (
                r#"[{"note":"x","request":"payments"}]"#,
                "step 1: payments: not a method",
            ),
            (
                r#"[{"note":"x","request":"STEAL payments"}]"#,
                "STEAL payments",
            ),
            (
                r#"[{"note":"x","request":"POST payments/{{first}}/pay"}]"#,
                "{{first}} is not known",
            ),
            (
                r#"[{"note":"x","request":"POST payments","body":{"a":"{{b}}"}}]"#,
                "{{b}}",
            ),
            (
                r#"[{"note":"x","request":"POST payments","keep":"amount"}]"#,
                "amount is known",
            ),
            (
                r#"[{"note":"x","request":"POST payments","wait":1}]"#,
                "`wait`",
            ),
            (r#"[{"request":"POST payments"}]"#, "`note`"),
        ] {
            let file = format!(r#"{{"about":"x","steps":{steps}}}"#);
            let why = Scenario::read("file", &file).err().unwrap();
            assert!(why.starts_with("file: ") && why.contains(named), "{why}");
        }
    }
}
