//! The form of an attack: what a file in `attacks/` says.
//!
//! A world that says nothing has the order `ORD-1` over 1000 won and the paid payment `imp_1` for it; a request that
//! says nothing names these two, at both doors. In texts `<<x*20000>>` stands for 20000 times `x`, and
//! `<<an hour ago>>` for UNIX seconds.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use local::event::{Door, FORM, JSON, Post};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// One attack: what it tries, where, how, and what is left of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attack {
    /// What would be won by it.
    pub(crate) tries: String,
    /// Where it happens, and where its honest twin is accepted.
    #[serde(default)]
    pub(crate) world: World,
    /// In place of `world` for the attack alone: the trick is in the world, not in a request.
    pub(crate) trick: Option<World>,
    /// What honestly happened before.
    #[serde(default)]
    pub(crate) before: Vec<Send>,
    #[serde(default)]
    pub(crate) sends: Vec<Send>,
    #[serde(default)]
    pub(crate) malformed: Malformed,
    /// By order, all that the function's own attributes say afterwards, `payment` aside. Every order that is not
    /// named here is as it was before the attack.
    #[serde(default)]
    pub(crate) leaves: BTreeMap<String, Value>,
    /// By order and payment, why no order took it: the whole table of unmatched payments afterwards, all of them open.
    #[serde(default)]
    pub(crate) unmatched: BTreeMap<String, BTreeMap<String, String>>,
    /// The account is as good as any: what must not be had is texts.
    #[serde(default)]
    pub(crate) is_about_texts: bool,
    /// The numbers that got a text, in the whole story.
    #[serde(default)]
    pub(crate) texts: Vec<String>,
    /// The same story without the trick: it is accepted, so it is the trick that is refused.
    #[serde(default = "plainly")]
    pub(crate) honest: Vec<Send>,
}

fn plainly() -> Vec<Send> {
    vec![Send::default()]
}

/// Bodies that are no request: refused at both doors, before anybody is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Malformed {
    /// Declared as JSON and not declared, in plain text and in base64.
    json: Vec<String>,
    /// The same, declared as a form.
    form: Vec<String>,
    /// An `imp_uid` and a `merchant_uid`, in JSON and in a form.
    ids: Vec<(String, String)>,
    /// Bytes (Latin-1 of the text) in base64, declared as either and not declared.
    bytes: Vec<String>,
    /// In no other way.
    as_is: Vec<Body>,
}

impl Malformed {
    fn bodies(&self) -> Vec<Body> {
        let mut posts = Vec::new();
        for (declared, texts) in [(JSON, &self.json), (FORM, &self.form)] {
            for text in texts.iter().map(|text| expand(text)) {
                for declared in [Some(declared), None] {
                    posts.push(Post::text(declared, &text));
                    posts.push(Post::bytes(declared, &text));
                }
            }
        }
        for (imp_uid, merchant_uid) in &self.ids {
            let (imp_uid, merchant_uid) = (expand(imp_uid), expand(merchant_uid));
            let form =
                [("imp_uid", &imp_uid), ("merchant_uid", &merchant_uid)].map(|(name, value)| {
                    format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
                });
            posts.push(Post::ids(&imp_uid, &merchant_uid));
            posts.push(Post::text(FORM, form.join("&")));
        }
        for bytes in self.bytes.iter().map(|text| latin_1(&expand(text))) {
            posts.extend([Some(JSON), Some(FORM), None].map(|it| Post::bytes(it, &bytes)));
        }
        let made = posts.into_iter().map(Body::Made);
        made.chain(self.as_is.iter().cloned()).collect()
    }
}

/// Orders, customers and payments, and how the function and the gateway are set up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct World {
    /// Whole rows; DynamoDB's own JSON where plain JSON cannot say the type.
    pub(crate) orders: Vec<Value>,
    pub(crate) customers: Vec<Value>,
    /// Fields for the simulator, digit for digit; a text where the fields are long.
    pub(crate) payments: Vec<Box<RawValue>>,
    pub(crate) settings: BTreeMap<String, String>,
    /// The gateway shows payments of a test channel, as it did until 2026.
    pub(crate) sandbox_shown: bool,
    /// What the gateway answers to every look-up.
    pub(crate) gateway: Option<Reply>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            orders: vec![json!({"merchant_uid": "ORD-1", "amount": 1000})],
            customers: Vec::new(),
            payments: vec![raw(r#"{"imp_uid": "imp_1"}"#.to_owned())],
            settings: BTreeMap::new(),
            sandbox_shown: false,
            gateway: None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// A request, or the same one many times.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Send {
    /// Each one `page`, `webhook`, or a method and a path.
    pub(crate) to: Vec<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Body,
    pub(crate) times: usize,
    /// HTTP status and `status`.
    pub(crate) says: String,
    /// How far the request gets.
    pub(crate) reaches: Option<Reach>,
}

impl Default for Send {
    fn default() -> Self {
        Self {
            to: Door::ALL.map(|door| door.to_string()).into(),
            headers: BTreeMap::new(),
            body: Body::default(),
            times: 1,
            says: "200 success".to_owned(),
            reaches: None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Body {
    /// JSON with an `imp_uid` and a `merchant_uid`, declared as such.
    Ids(String, String),
    /// Declared as JSON.
    Json(String),
    /// Declared as a form.
    Form(String),
    /// Not declared.
    Text(String),
    /// What claims to be base64; not declared.
    Base64(String),
    /// Bytes (Latin-1 of the text), in base64 as they should be; not declared.
    Bytes(String),
    /// No body at all.
    Nothing,
    /// Made from a list of [`Malformed`].
    #[serde(skip)]
    Made(Post),
}

impl Default for Body {
    fn default() -> Self {
        Self::Ids("imp_1".to_owned(), "ORD-1".to_owned())
    }
}

/// The furthest hop that a request may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reach {
    Nobody,
    Gateway,
    Table,
}

impl Attack {
    /// Its requests, in their order.
    pub(crate) fn requests(&self) -> Vec<Send> {
        let malformed = self.malformed.bodies().into_iter().map(|body| Send {
            body,
            says: "400 badRequest".to_owned(),
            ..Send::default()
        });
        self.sends.iter().cloned().chain(malformed).collect()
    }
}

impl Send {
    /// What the contract refuses by its form does not reach anybody.
    pub(crate) fn reach(&self) -> Reach {
        let by_form = ["badRequest", "notFound", "methodNotAllowed"];
        match self.reaches {
            Some(reach) => reach,
            None if by_form.iter().any(|status| self.says.ends_with(status)) => Reach::Nobody,
            None => Reach::Table,
        }
    }
}

/// The attacks of one file in `attacks/`.
pub(crate) fn load(file: &Path) -> Vec<Attack> {
    let name = file.display();
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A payment's fields as the simulator takes them, with what goes without saying.
pub(crate) fn payment(fields: &RawValue) -> String {
    let text = match serde_json::from_str::<String>(fields.get()) {
        Ok(text) => expand(&text),
        Err(_) => expand(fields.get()),
    };
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).unwrap();
    for (name, value) in [("merchant_uid", r#""ORD-1""#), ("$force", "true")] {
        members
            .entry(name.to_owned())
            .or_insert_with(|| raw(value.to_owned()));
    }
    serde_json::to_string(&members).unwrap()
}

fn raw(json: String) -> Box<RawValue> {
    RawValue::from_string(json).unwrap()
}

/// Writes out `<<x*20000>>` and `<<an hour ago>>`.
pub(crate) fn expand(text: &str) -> String {
    let hour_ago = SystemTime::now() - Duration::from_hours(1);
    let hour_ago = hour_ago.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let text = text.replace("<<an hour ago>>", &hour_ago.to_string());
    let mut parts = text.split("<<");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (repeated, rest) = part.split_once(">>").expect("<<text*times>>");
        let (repeated, times) = repeated.rsplit_once('*').expect("<<text*times>>");
        out.push_str(&repeated.repeat(times.parse().expect("a number of times")));
        out.push_str(rest);
    }
    out
}

/// A file of text cannot hold bytes that are no UTF-8: each character stands for one byte.
pub(crate) fn latin_1(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).expect("one byte");
    text.chars().map(byte).collect()
}
