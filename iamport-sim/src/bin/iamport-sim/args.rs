//! What the program was called with.

use std::collections::BTreeMap;

use iamport_sim::Control;
use serde_json::Number;

/// Words, and options by their name; a switch has no value.
pub(crate) struct Args {
    words: std::vec::IntoIter<String>,
    options: BTreeMap<String, String>,
}

/// What may be given.
pub(crate) struct Allowed {
    pub(crate) words: usize,
    pub(crate) options: &'static [&'static str],
    pub(crate) switches: &'static [&'static str],
}

impl Args {
    pub(crate) fn read(args: &[String], allowed: &Allowed) -> Result<Self, String> {
        let (mut words, mut options) = (Vec::new(), BTreeMap::new());
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if !arg.starts_with('-') {
                words.push(arg.clone());
                continue;
            }
            let (name, given) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg.as_str(), None),
            };
            let value = if allowed.options.contains(&name) {
                let value = match given {
                    Some(value) => Some(value),
                    None => args.next().map(String::as_str),
                };
                // A value that begins so is the next option, and this one's value was forgotten.
                let value = value.filter(|value| !value.starts_with("--"));
                value.ok_or_else(|| format!("{name}: no value"))?
            } else if allowed.switches.contains(&name) && given.is_none() {
                ""
            } else {
                return Err(format!("unknown option {arg}; try --help"));
            };
            if options.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(format!("{name}: given twice"));
            }
        }
        if let Some(word) = words.get(allowed.words) {
            return Err(format!("{word} means nothing here; try --help"));
        }
        Ok(Self {
            words: words.into_iter(),
            options,
        })
    }

    pub(crate) fn word(&mut self) -> Option<String> {
        self.words.next()
    }

    pub(crate) fn take(&mut self, option: &str) -> Option<String> {
        self.options.remove(option)
    }

    pub(crate) fn require(&mut self, option: &str) -> Result<String, String> {
        let missing = || format!("{option} is missing; try --help");
        self.take(option).ok_or_else(missing)
    }

    pub(crate) fn has(&self, switch: &str) -> bool {
        self.options.contains_key(switch)
    }

    /// An amount, as it was written.
    pub(crate) fn amount(&mut self, option: &str) -> Result<Option<String>, String> {
        let Some(text) = self.take(option) else {
            return Ok(None);
        };
        let is_plain = text.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let is_number = is_plain && serde_json::from_str::<Number>(&text).is_ok();
        if is_number && text.bytes().any(|c| matches!(c, b'1'..=b'9')) {
            Ok(Some(text))
        } else {
            Err(format!("{option}: {text} is not an amount above zero"))
        }
    }

    /// The gateway at `--url`.
    pub(crate) fn control(&mut self) -> Result<Control, String> {
        let url = self.take("--url");
        let url = url.or_else(|| std::env::var("IAMPORT_SIM_URL").ok());
        let url = url.unwrap_or_else(|| "http://127.0.0.1:8788".to_owned());
        Control::at(&url).map_err(|why| format!("--url: {why}"))
    }
}
