//! Every setting, read once at start through a lookup, so that tests never touch the process environment.

use std::net::IpAddr;

use reqwest::Url;

use crate::decimal::Decimal;

/// Where Iamport answers when nothing else is set (OAS `host`).
const IAMPORT: &str = "https://api.iamport.kr";

/// The function's settings; AWS's own (`AWS_REGION`, `AWS_ENDPOINT_URL`, …) are the SDK's business.
#[derive(Debug, Clone)]
pub struct Config {
    /// `ORDERS_TABLE`: the table of orders, key `merchant_uid`. Required.
    pub orders_table: String,
    /// `UNMATCHED_TABLE`: the table of payments that no order took, key `merchant_uid` and `imp_uid`. Required.
    pub unmatched_table: String,
    /// `CUSTOMERS_TABLE`: the table of customers, key `customer_id`. Without it an account stays on the order only.
    pub customers_table: Option<String>,
    /// `IAMPORT_SECRET_ID`: name or ARN of the secret, JSON `{"imp_key": …, "imp_secret": …}`. Required.
    pub iamport_secret_id: String,
    /// `IAMPORT_BASE_URL`: the gateway. https, unless it is loopback or `ALLOW_SANDBOX` is on.
    pub iamport_base_url: Url,
    /// `ALLOW_SANDBOX`: `true` on a test stage only; test-channel payments then count.
    pub allow_sandbox: bool,
    /// `VBANK_SMS`: `true` sends the account number to the order's `phone` by SNS.
    pub vbank_sms: bool,
    /// `BILLING_ISSUE_CHARGES`: the `pg_provider`s whose card registration really charges, comma-separated.
    pub billing_issue_charges: Vec<String>,
    /// `MERCHANT_UID_PREFIX`: what our orders' ids begin with, where the gateway's account serves other shops too.
    pub merchant_uid_prefix: String,
    /// `REDIRECT_URL`: where the customer's browser goes after the payment window. Without it there is no such route.
    pub redirect_url: Option<Url>,
    /// `REFUND_DUPLICATES_MAX`: the largest automatic refund of a duplicate, in won. Without it there are none.
    pub refund_duplicates_max: Option<Decimal>,
}

/// A setting that is missing or malformed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting {name} {problem}")]
pub struct ConfigError {
    name: &'static str,
    problem: &'static str,
}

impl Config {
    /// Reads all settings through `lookup`; an empty value counts as absent.
    ///
    /// # Errors
    /// Names the first setting that is missing or malformed; never shows its value.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let optional = |name| lookup(name).filter(|value| !value.is_empty());
        let required = |name| {
            optional(name).ok_or(ConfigError {
                name,
                problem: "is missing",
            })
        };
        let flag = |name| match optional(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ConfigError {
                name,
                problem: "must be true or false",
            }),
        };
        let allow_sandbox = flag("ALLOW_SANDBOX")?;
        let refund_duplicates_max = optional("REFUND_DUPLICATES_MAX")
            .map(|text| won(&text, allow_sandbox))
            .transpose()
            .map_err(|problem| ConfigError {
                name: "REFUND_DUPLICATES_MAX",
                problem,
            })?;
        let redirect_url = optional("REDIRECT_URL")
            .map(|text| redirect_url(&text, allow_sandbox))
            .transpose()
            .map_err(|problem| ConfigError {
                name: "REDIRECT_URL",
                problem,
            })?;
        let base_url = optional("IAMPORT_BASE_URL").unwrap_or_else(|| IAMPORT.to_owned());
        Ok(Self {
            orders_table: required("ORDERS_TABLE")?,
            unmatched_table: required("UNMATCHED_TABLE")?,
            customers_table: optional("CUSTOMERS_TABLE"),
            iamport_secret_id: required("IAMPORT_SECRET_ID")?,
            iamport_base_url: gateway_url(&base_url, allow_sandbox).map_err(|problem| {
                ConfigError {
                    name: "IAMPORT_BASE_URL",
                    problem,
                }
            })?,
            allow_sandbox,
            vbank_sms: flag("VBANK_SMS")?,
            billing_issue_charges: optional("BILLING_ISSUE_CHARGES")
                .iter()
                .flat_map(|list| list.split(','))
                .map(|provider| provider.trim().to_owned())
                .filter(|provider| !provider.is_empty())
                .collect(),
            merchant_uid_prefix: optional("MERCHANT_UID_PREFIX").unwrap_or_default(),
            redirect_url,
            refund_duplicates_max,
        })
    }
}

/// Refunds are for real money: a stage that counts test payments gives none back.
fn won(text: &str, allow_sandbox: bool) -> Result<Decimal, &'static str> {
    let is_whole = text.bytes().all(|digit| digit.is_ascii_digit());
    match text.parse::<Decimal>() {
        _ if allow_sandbox => Err("must not be set beside ALLOW_SANDBOX"),
        Ok(won) if is_whole && won.is_positive() => Ok(won),
        _ => Err("must be a whole number of won above 0"),
    }
}

fn gateway_url(text: &str, allow_sandbox: bool) -> Result<Url, &'static str> {
    let url = web_url(text, allow_sandbox)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a query or a fragment");
    }
    Ok(url)
}

fn redirect_url(text: &str, allow_sandbox: bool) -> Result<Url, &'static str> {
    let url = web_url(text, allow_sandbox)?;
    if url.fragment().is_some() {
        return Err("must not have a fragment");
    }
    let is_ours = |name: &str| matches!(name, "merchant_uid" | "status");
    if url.query_pairs().any(|(name, _)| is_ours(&name)) {
        return Err("must not have a merchant_uid or a status in its query");
    }
    Ok(url)
}

fn web_url(text: &str, allow_sandbox: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not carry user information");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_sandbox || is_loopback(&url) => Ok(url),
        _ => Err("must be https (http only towards loopback, or with ALLOW_SANDBOX)"),
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, String> {
        let required = [
            ("ORDERS_TABLE", "orders"),
            ("UNMATCHED_TABLE", "unmatched"),
            ("IAMPORT_SECRET_ID", "iamport"),
        ];
        Config::read(|name| {
            let given = settings.iter().find(|(key, _)| *key == name);
            let value = given.or_else(|| required.iter().find(|(key, _)| *key == name));
            value.map(|(_, value)| (*value).to_owned())
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_for_production() {
        let config = read(&[]).expect("defaults");
        assert_eq!(config.iamport_base_url.as_str(), "https://api.iamport.kr/");
        assert!(!config.allow_sandbox && !config.vbank_sms);
        assert!(config.customers_table.is_none() && config.billing_issue_charges.is_empty());
    }

    #[test]
    fn a_bad_setting_names_itself() {
        for (name, value) in [
            ("ORDERS_TABLE", ""),
            ("UNMATCHED_TABLE", ""),
            ("IAMPORT_SECRET_ID", ""),
            ("ALLOW_SANDBOX", "yes"),
            ("VBANK_SMS", "1"),
            ("IAMPORT_BASE_URL", "api.iamport.kr"),
            ("IAMPORT_BASE_URL", "http://api.iamport.kr"),
            ("IAMPORT_BASE_URL", "http://127.0.0.1.example.com"),
            ("IAMPORT_BASE_URL", "https://user:secret@api.iamport.kr"),
            ("IAMPORT_BASE_URL", "https://api.iamport.kr/?a=b"),
            ("IAMPORT_BASE_URL", "ftp://api.iamport.kr"),
            ("REDIRECT_URL", "/orders"),
            ("REDIRECT_URL", "http://shop.example/orders"),
            ("REDIRECT_URL", "javascript:alert(1)"),
            ("REDIRECT_URL", "https://user:secret@shop.example/"),
            ("REDIRECT_URL", "https://shop.example/#orders"),
            ("REDIRECT_URL", "https://shop.example/?status=paid"),
            ("REDIRECT_URL", "https://shop.example/?a=b&merchant%5Fuid=1"),
            ("REFUND_DUPLICATES_MAX", "0"),
            ("REFUND_DUPLICATES_MAX", "-1"),
            ("REFUND_DUPLICATES_MAX", "1e5"),
            ("REFUND_DUPLICATES_MAX", "50000.5"),
            ("REFUND_DUPLICATES_MAX", "all"),
        ] {
            let error = read(&[(name, value)]).expect_err(value);
            assert!(error.contains(name), "{error}");
            assert!(!error.contains("secret@"), "{error}");
        }
    }

    #[test]
    fn plain_http_only_nearby_or_on_a_test_stage() {
        for url in ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"] {
            read(&[("IAMPORT_BASE_URL", url)]).expect(url);
        }
        read(&[
            ("IAMPORT_BASE_URL", "http://172.17.0.1:9"),
            ("ALLOW_SANDBOX", "true"),
        ])
        .expect("test stage");
    }

    #[test]
    fn refunds_are_for_real_money() {
        let config = read(&[("REFUND_DUPLICATES_MAX", "50000")]).expect("won");
        assert_eq!(config.refund_duplicates_max, Some(50_000.into()));
        let both = read(&[
            ("REFUND_DUPLICATES_MAX", "50000"),
            ("ALLOW_SANDBOX", "true"),
        ]);
        assert!(both.expect_err("both").contains("REFUND_DUPLICATES_MAX"));
    }

    #[test]
    fn providers_are_a_list() {
        let config = read(&[("BILLING_ISSUE_CHARGES", "kcp, nice ,,")]).expect("list");
        assert_eq!(config.billing_issue_charges, ["kcp", "nice"]);
    }
}
