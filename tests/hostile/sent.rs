//! Requests as API Gateway hands them over, honest or not.

use local::event::{Door, FORM, JSON, Post};
use serde_json::Value;

use crate::attack::{Body, Send, expand, latin_1};

/// The event of a request from a file, to one of the places it goes to.
pub(crate) fn of(send: &Send, to: &str) -> Value {
    let door = Door::ALL.into_iter().find(|door| door.to_string() == to);
    let (method, path) = door.map_or_else(
        || to.split_once(' ').expect("a method and a path"),
        |door| ("POST", door.path()),
    );
    let post = match &send.body {
        Body::Ids(imp_uid, merchant_uid) => Post::ids(&expand(imp_uid), &expand(merchant_uid)),
        Body::Json(text) => Post::text(JSON, expand(text)),
        Body::Form(text) => Post::text(FORM, expand(text)),
        Body::Text(text) => Post::text(None, expand(text)),
        Body::Base64(text) => Post::encoded(None, expand(text)),
        Body::Bytes(text) => Post::bytes(None, latin_1(&expand(text))),
        Body::Nothing => Post::nothing(None),
        Body::Made(post) => post.clone(),
    };
    let mut event = post.sent(method, path);
    for (name, value) in &send.headers {
        event["headers"][name] = value.as_str().into();
    }
    event
}
