use serde::Deserialize;

use crate::request::Request;

/// The kinds of calls a fault can befall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Every call.
    Any,
    /// `POST /users/getToken`
    Token,
    /// `GET /payments/{imp_uid}`
    LookUp,
    /// `GET /payments`, `/payments/find/…`, `/payments/findAll/…` and `/payments/status/…`
    Search,
    /// `POST /payments/cancel`
    Cancel,
    /// `POST`, `PUT` and `GET /payments/prepare…`
    Prepare,
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
            ("GET", ["payments"] | ["payments", "status", _]) => Self::Search,
            ("GET", ["payments", "find" | "findAll", _, rest @ ..]) if rest.len() < 2 => {
                Self::Search
            }
            ("GET", ["payments", _]) => Self::LookUp,
            _ => return None,
        })
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
        assert_eq!(route("GET", "/payments"), Some(Route::Search));
        assert_eq!(route("GET", "/payments/find/ORD/paid"), Some(Route::Search));
        assert_eq!(route("GET", "/payments/status/all"), Some(Route::Search));
        assert_eq!(route("POST", "/payments/cancel"), Some(Route::Cancel));
        assert_eq!(route("GET", "/payments/prepare/ORD"), Some(Route::Prepare));
        assert_eq!(route("PUT", "/payments/prepare"), Some(Route::Prepare));
        for (method, path) in [
            ("GET", "/"),
            ("GET", "/users/getToken"),
            ("DELETE", "/payments/imp_1"),
            ("GET", "/x"),
        ] {
            assert_eq!(route(method, path), None, "{method} {path}");
        }
    }
}
