use crate::error::Error;
use crate::json::Fields;

/// Fields somebody asked for, and names of those to leave out (`"$omit": ["vbank_num"]`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) fields: Fields,
    pub(crate) omit: Vec<String>,
    /// `"$force": true`: open the payment even where the window would refuse.
    pub(crate) force: bool,
    /// `"$cancel_later": true`: what the API cancels waits until it is finished by hand.
    pub(crate) cancel_later: Option<bool>,
}

impl Overrides {
    pub(crate) fn parse(json: &str) -> Result<Self, Error> {
        fn take<T: serde::de::DeserializeOwned + Default>(
            fields: &mut Fields,
            name: &str,
        ) -> Result<T, Error> {
            fields.remove(name).map_or(Ok(T::default()), |value| {
                serde_json::from_str(value.as_str()).map_err(|error| Error::json(name, error))
            })
        }
        let mut fields: Fields = serde_json::from_str(json)
            .map_err(|error| Error::json("the payment's fields", error))?;
        let omit = take(&mut fields, "$omit")?;
        let force = take(&mut fields, "$force")?;
        let cancel_later = take(&mut fields, "$cancel_later")?;
        match fields.keys().find(|name| name.starts_with('$')) {
            Some(unknown) => Err(Error::Invalid(format!(
                "{unknown}: only $omit, $force and $cancel_later mean something"
            ))),
            None => Ok(Self {
                fields,
                omit,
                force,
                cancel_later,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_overrides_name_what_is_wrong() {
        for (json, named) in [
            ("[]", "the payment's fields"),
            (r#"{"$omit":"currency"}"#, "$omit"),
            (r#"{"$force":1}"#, "$force"),
            (r#"{"$cancel_later":1}"#, "$cancel_later"),
            (r#"{"$typo":1}"#, "$typo"),
        ] {
            let error = Overrides::parse(json).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
