use serde::{Deserialize, Serialize};

use crate::request::Request;

/// The kinds of calls a fault can befall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Every call.
    Any,
    /// `POST /users/getToken`
    Token,
    /// `GET /payments/{imp_uid}`
    LookUp,
    /// The four that look for several payments: `Several`, `Find`, `FindAll` and `Status`.
    Search,
    /// `GET /payments?imp_uid[]=…`
    Several,
    /// `GET /payments/find/{merchant_uid}…`
    Find,
    /// `GET /payments/findAll/{merchant_uid}…`
    FindAll,
    /// `GET /payments/status/{status}`
    Status,
    /// `POST /payments/cancel`
    Cancel,
    /// `POST`, `PUT` and `GET /payments/prepare…`
    Prepare,
    /// `DELETE /vbanks/{imp_uid}`
    CloseAccount,
}

impl Route {
    /// `None`: the gateway has no such endpoint.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let (method, path) = request.route();
        Some(match (method, path.as_slice()) {
            ("POST", ["users", "getToken"]) => Self::Token,
            ("POST", ["payments", "cancel"]) => Self::Cancel,
            ("POST" | "PUT", ["payments", "prepare"]) | ("GET", ["payments", "prepare", _]) => {
                Self::Prepare
            }
            ("DELETE", ["vbanks", _]) => Self::CloseAccount,
            ("GET", ["payments"]) => Self::Several,
            ("GET", ["payments", "status", _]) => Self::Status,
            ("GET", ["payments", "find", _] | ["payments", "find", _, _]) => Self::Find,
            ("GET", ["payments", "findAll", _] | ["payments", "findAll", _, _]) => Self::FindAll,
            ("GET", ["payments", _]) => Self::LookUp,
            _ => return None,
        })
    }

    /// Whether a call of the kind `call` is one of this kind.
    pub(crate) fn covers(self, call: Self) -> bool {
        match self {
            Self::Any => true,
            Self::Search => matches!(
                call,
                Self::Search | Self::Several | Self::Find | Self::FindAll | Self::Status
            ),
            _ => self == call,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_apart() {
        let route = |method, path| Route::of(&Request::new(method, path, ""));
        assert_eq!(route("POST", "/users/getToken"), Some(Route::Token));
        assert_eq!(route("GET", "/payments/imp_1"), Some(Route::LookUp));
        assert_eq!(route("GET", "/payments"), Some(Route::Several));
        assert_eq!(route("GET", "/payments/find/ORD/paid"), Some(Route::Find));
        assert_eq!(route("GET", "/payments/findAll/ORD"), Some(Route::FindAll));
        assert_eq!(route("GET", "/payments/status/all"), Some(Route::Status));
        assert_eq!(route("POST", "/payments/cancel"), Some(Route::Cancel));
        assert_eq!(route("GET", "/payments/prepare/ORD"), Some(Route::Prepare));
        assert_eq!(route("PUT", "/payments/prepare"), Some(Route::Prepare));
        assert_eq!(route("DELETE", "/vbanks/imp_1"), Some(Route::CloseAccount));
        for (method, path) in [
            ("GET", "/"),
            ("PUT", "/vbanks/imp_1"),
            ("GET", "/users/getToken"),
            ("DELETE", "/payments/imp_1"),
            ("GET", "/payments/findAll/ORD/paid/x"),
            ("GET", "/x"),
        ] {
            assert_eq!(route(method, path), None, "{method} {path}");
        }
    }
}
