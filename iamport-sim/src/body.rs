//! Bodies that end well, badly, or never.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::Response;
use hyper::body::{Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};

use crate::answer::{Ending, Reply};

static SPACES: [u8; 16 * 1024] = [b' '; 16 * 1024];

pub(crate) struct Body {
    content: Option<Bytes>,
    ending: Ending,
}

impl Body {
    /// # Errors
    ///
    /// If the connection is to close without an answer, or the reply's status or headers are none.
    pub(crate) fn response(reply: Reply) -> io::Result<Response<Self>> {
        if reply.ending == Ending::Dropped {
            return Err(io::Error::other("a fault drops this connection"));
        }
        let length = reply.body.len();
        let mut content = Bytes::from(reply.body);
        if matches!(reply.ending, Ending::Truncated | Ending::Stalled) {
            content.truncate(length / 2);
        }
        let mut response = Response::builder()
            .status(reply.status)
            .header(CONTENT_TYPE, reply.content_type);
        if reply.ending != Ending::Endless {
            response = response.header(CONTENT_LENGTH, length);
        }
        if let Some(location) = reply.location {
            response = response.header(LOCATION, location);
        }
        response
            .body(Self {
                content: Some(content),
                ending: reply.ending,
            })
            .map_err(io::Error::other)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(content) = self.content.take() {
            return Poll::Ready(Some(Ok(Frame::data(content))));
        }
        match self.ending {
            Ending::Whole => Poll::Ready(None),
            Ending::Endless => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&SPACES))))),
            // Nobody wakes this up; it ends with the connection.
            Ending::Stalled => Poll::Pending,
            Ending::Dropped | Ending::Truncated => {
                Poll::Ready(Some(Err(io::Error::other("a fault cuts this body"))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_none() && self.ending == Ending::Whole
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.content, self.ending) {
            (Some(content), Ending::Whole) => SizeHint::with_exact(content.len() as u64),
            _ => SizeHint::default(),
        }
    }
}
