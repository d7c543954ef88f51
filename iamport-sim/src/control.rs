use crate::answer::Reply;
use crate::core::Core;
use crate::request::Request;
pub(crate) fn concerns(request: &Request) -> bool {
    request.segments.first().is_some_and(|segment| segment == "control")
}
pub(crate) async fn answer(_core: &Core, _request: &Request) -> Reply {
    Reply::plain(404, "")
}
