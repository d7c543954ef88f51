//! What the page hands to `IMP.request_pay` (PAYRQ).

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Opened, due};
use crate::error::Error;
use crate::http;
use crate::json::{Fields, Json};
use crate::money::Money;
use crate::overrides::Overrides;

type Params = BTreeMap<String, Box<RawValue>>;

/// Fields that are there whether the page has them or not: `null` if not.
const TEXTS: [&str; 6] = [
    "name",
    "buyer_name",
    "buyer_email",
    "buyer_tel",
    "buyer_addr",
    "buyer_postcode",
];

/// Reads the parameters into the payment's fields and what the window keeps for itself. Others are ignored, as the real
/// script does.
pub(crate) fn read(json: &str) -> Result<(Overrides, Opened), Error> {
    let params: Params = serde_json::from_str(json)
        .map_err(|error| Error::json("the parameters of request_pay", error))?;
    let missing = |name| Error::Invalid(format!("{name}: missing"));

    let mut fields = Fields::new();
    // The script makes one up before it asks the gateway.
    let merchant_uid = text(&params, "merchant_uid")?.ok_or_else(|| missing("merchant_uid"))?;
    fields.insert("merchant_uid".to_owned(), Json::string(&merchant_uid));
    let amount: Json = param(&params, "amount")?.ok_or_else(|| missing("amount"))?;
    fields.insert("amount".to_owned(), number(amount)?);
    for name in ["currency", "pay_method"] {
        if let Some(text) = text(&params, name)? {
            fields.insert(name.to_owned(), Json::string(&text));
        }
    }
    for name in TEXTS {
        fields.insert(
            name.to_owned(),
            Json::optional(text(&params, name)?.as_deref()),
        );
    }
    let custom_data = custom_data(&params)?;
    fields.insert(
        "custom_data".to_owned(),
        Json::optional(custom_data.as_deref()),
    );

    let window = Opened {
        confirm_url: text(&params, "confirm_url")?
            .map(|url| http("confirm_url", url))
            .transpose()?,
        notice_urls: notice_urls(&params)?,
        m_redirect_url: text(&params, "m_redirect_url")?,
        vbank_due: text(&params, "vbank_due")?
            .map(|text| due::parse(&text))
            .transpose()?,
        outcome: None,
    };
    let overrides = Overrides {
        fields,
        ..Overrides::default()
    };
    Ok((overrides, window))
}

/// `null` is as good as missing.
fn param<T: serde::de::DeserializeOwned>(params: &Params, name: &str) -> Result<Option<T>, Error> {
    params.get(name).map_or(Ok(None), |value| {
        serde_json::from_str(value.get()).map_err(|error| Error::json(name, error))
    })
}

/// And so is an empty text.
fn text(params: &Params, name: &str) -> Result<Option<String>, Error> {
    let text: Option<String> = param(params, name)?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// "A number, not a string" (PAYRQ).
fn number(amount: Json) -> Result<Json, Error> {
    let negative = amount.as_str().starts_with('-');
    match Money::parse(amount.as_str()) {
        Some(_) if !negative => Ok(amount),
        _ => Err(Error::Invalid(format!("amount: {amount} is no amount"))),
    }
}

/// One, or a list of them.
fn notice_urls(params: &Params) -> Result<Vec<String>, Error> {
    let name = "notice_url";
    let is_list = params
        .get(name)
        .is_some_and(|value| value.get().starts_with('['));
    let urls = if is_list {
        param(params, name)?
    } else {
        text(params, name)?.map(|url| vec![url])
    };
    let urls: Vec<String> = urls.unwrap_or_default();
    urls.into_iter().map(|url| http(name, url)).collect()
}

fn http(name: &str, url: String) -> Result<String, Error> {
    match http::parse(&url) {
        Ok(_) => Ok(url),
        Err(why) => Err(Error::Invalid(format!("{name}: {why}"))),
    }
}

/// An object is kept as its JSON (PAYRQ). A text stays what it is, which is not documented.
fn custom_data(params: &Params) -> Result<Option<String>, Error> {
    let Some(value) = params.get("custom_data") else {
        return Ok(None);
    };
    match value.get() {
        json if json.starts_with('"') => text(params, "custom_data"),
        "null" => Ok(None),
        json => Ok(Some(json.to_owned())),
    }
}
