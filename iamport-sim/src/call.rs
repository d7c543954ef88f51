use crate::answer::{Ending, Reply};
use crate::request::Request;
use crate::route::Route;

/// A call that reached the gateway's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, still encoded.
    pub path: String,
    /// The query as it was sent; empty if there was none.
    pub query: String,
    /// Which kind of call it was; `None` if the gateway has no such endpoint.
    pub route: Option<Route>,
    /// When it came, in UNIX seconds by the gateway's clock.
    pub at: i64,
    /// The HTTP status of the answer; `None` if a fault dropped the connection instead.
    pub status: Option<u16>,
}

impl Call {
    pub(crate) fn new(request: &Request, route: Option<Route>, at: i64, reply: &Reply) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            route,
            at,
            status: (reply.ending != Ending::Dropped).then_some(reply.status),
        }
    }
}
