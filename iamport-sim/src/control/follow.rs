//! `GET /control/follow`: what happens, as server-sent events.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::Response;
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::shown;
use crate::core::Core;
use crate::follow::Event;
use crate::json::Json;
use crate::request::Request;

pub(crate) fn concerns(request: &Request) -> bool {
    request.route() == ("GET", vec!["control", "follow"])
}

pub(crate) fn answer(core: &Core) -> Response<Events> {
    let mut response = Response::new(Events(next(core.lock().followers.follow())));
    let headers = response.headers_mut();
    let event_stream = HeaderValue::from_static("text/event-stream");
    headers.insert(CONTENT_TYPE, event_stream);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A body that goes on until the reader leaves or the gateway stops.
pub(crate) struct Events(Next);

type Next = Pin<Box<dyn Future<Output = (Result<Event, RecvError>, Receiver<Event>)> + Send>>;

fn next(mut events: Receiver<Event>) -> Next {
    Box::pin(async { (events.recv().await, events) })
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let (event, events) = ready!(self.0.as_mut().poll(context));
        let text = match event {
            Ok(event) => text(&event),
            Err(RecvError::Lagged(events)) => {
                written("lost", &Json::object([("events", Json::literal(events))]))
            }
            Err(RecvError::Closed) => return Poll::Ready(None),
        };
        self.0 = next(events);
        Poll::Ready(Some(Ok(Frame::data(text))))
    }
}

fn text(event: &Event) -> Bytes {
    match event {
        Event::Call(call) => written("call", &shown::call(call)),
        Event::Webhook(sent) => written("webhook", &shown::sent(sent)),
        Event::Confirm(confirm) => written("confirm", &shown::confirm(confirm)),
        Event::Payment { imp_uid } => written(
            "payment",
            &Json::object([("imp_uid", Json::string(imp_uid))]),
        ),
    }
}

fn written(name: &str, data: &Json) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}
