//! As much of HTTP/1.1 as stands between two well-behaved peers: heads, and bodies with a length or until the end.
//!
//! Written by hand, because a library that speaks HTTP properly cannot be made to cut, drip or reset at a given byte.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

const HEAD_LIMIT: usize = 64 * 1024;

/// A request or an answer: the lines of its head, and its body as it was sent.
#[derive(Debug)]
pub(crate) struct Message {
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Reads a request; `None` if the peer has no more.
    pub(crate) async fn request(
        peer: &mut (impl AsyncBufRead + Unpin),
    ) -> io::Result<Option<Self>> {
        let Some(head) = head(peer).await? else {
            return Ok(None);
        };
        let mut request = Self {
            head,
            body: Vec::new(),
        };
        let length = request
            .header("content-length")
            .and_then(|length| length.parse().ok());
        request.body.resize(length.unwrap_or(0), 0);
        peer.read_exact(&mut request.body).await?;
        Ok(Some(request))
    }

    /// Reads an answer that ends with its connection.
    pub(crate) async fn answer(peer: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Self> {
        let head = head(peer).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut body = Vec::new();
        peer.read_to_end(&mut body).await?;
        Ok(Self { head, body })
    }

    /// An answer made here.
    pub(crate) fn saying(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        Self {
            head,
            body: body.into(),
        }
    }

    /// The first line's words: method and path of a request.
    pub(crate) fn target(&self) -> (&str, &str) {
        let mut words = self.head.split(' ');
        (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        )
    }

    /// An answer's status; 0 if it has none.
    pub(crate) fn status(&self) -> u16 {
        self.target().1.parse().unwrap_or(0)
    }

    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        let mut headers = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'));
        headers.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value.trim()))
    }

    /// The same message, whose connection ends with it or, as HTTP/1.1 has it by default, does not.
    pub(crate) fn last(mut self, last: bool) -> Self {
        let kept = self.head.split_inclusive("\r\n").filter(|line| {
            let name = line.split(':').next().unwrap_or_default();
            !name.eq_ignore_ascii_case("connection")
        });
        self.head = kept.collect();
        if last {
            self.head += "connection: close\r\n";
        }
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), b"\r\n", &self.body].concat()
    }
}

/// The lines of a head, without the empty one at its end.
async fn head(peer: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut head = String::new();
    loop {
        let line = peer.read_line(&mut head).await?;
        if line == 0 && head.is_empty() {
            return Ok(None);
        }
        if line == 0 || head.len() > HEAD_LIMIT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if head.ends_with("\r\n\r\n") {
            head.truncate(head.len() - 2);
            return Ok(Some(head));
        }
    }
}
