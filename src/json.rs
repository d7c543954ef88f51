//! JSON objects, and nothing that could pass for one.

use serde::Deserialize;

/// Reads a JSON object as `T`; `None` if it is anything else, trailing bytes included.
///
/// serde would take an array for a struct too, its values by position.
pub(crate) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    let starts_as_one = json.trim_ascii_start().starts_with(b"{");
    starts_as_one.then(|| serde_json::from_slice(json).ok())?
}
