//! One request, byte for byte.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;

use super::Sender;

/// A request that can be written to a socket, and sometimes be made a `http::Request`.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    /// Method and target.
    pub(crate) line: String,
    /// Besides what [`Shot::head`] adds.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Bytes,
    pub(crate) framing: Framing,
}

/// How a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// In two chunks.
    Chunked,
    Length,
    /// The headers say, or nothing does.
    Raw,
}

impl Shot {
    /// A request without a body.
    pub(crate) fn bare(line: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            framing: Framing::Raw,
        }
    }

    /// A request with a JSON body.
    pub(crate) fn json(line: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            framing: Framing::Length,
            ..Self::bare(line)
        }
        .header("Content-Type: application/json")
    }

    pub(crate) fn header(mut self, header: impl Into<String>) -> Self {
        self.headers.push(header.into());
        self
    }

    /// Takes away the headers of this name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|header| {
            let found = header.split(':').next().unwrap_or_default();
            !found.eq_ignore_ascii_case(name)
        });
        self
    }

    pub(crate) fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// The request as it goes over a wire, on a connection of its own.
    pub(crate) fn bytes(&self, sender: Sender<'_>) -> Vec<u8> {
        self.clone().header("Connection: close").kept(sender)
    }

    /// The request as it goes over a wire, after which the connection may be used again.
    pub(crate) fn kept(&self, sender: Sender<'_>) -> Vec<u8> {
        let mut bytes = format!("{} HTTP/1.1\r\n", self.line);
        if !self
            .headers
            .iter()
            .any(|header| header.starts_with("Host:"))
        {
            bytes.push_str("Host: nova.example\r\n");
        }
        for header in identity(sender).iter().chain(&self.headers) {
            bytes.push_str(header);
            bytes.push_str("\r\n");
        }
        match self.framing {
            Framing::Chunked => bytes.push_str("Transfer-Encoding: chunked\r\n"),
            Framing::Length => {
                bytes.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
            }
            Framing::Raw => {}
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        if self.framing == Framing::Chunked {
            let (first, second) = self.body.split_at(self.body.len() / 2);
            for chunk in [first, second]
                .into_iter()
                .filter(|chunk| !chunk.is_empty())
            {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        } else {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }

    /// The request as a server in front of the gateway would have parsed it; `None` if it would
    /// have refused to.
    pub(crate) fn request(&self, sender: Sender<'_>) -> Option<Request<Full<Bytes>>> {
        let (method, target) = self.line.split_once(' ')?;
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
        *request.uri_mut() = target.parse::<Uri>().ok()?;
        for header in identity(sender).iter().chain(&self.headers) {
            let (name, value) = header.split_once(':')?;
            let name: HeaderName = name.parse().ok()?;
            let value = HeaderValue::from_str(value.trim()).ok()?;
            request.headers_mut().append(name, value);
        }
        Some(request)
    }
}

/// What an authenticator adds, and a client's own token.
fn identity(sender: Sender<'_>) -> [String; 5] {
    [
        format!("X-Auth-Token: {}", sender.token),
        "X-Identity-Status: Confirmed".into(),
        format!("X-User-Id: {}", sender.user),
        format!("X-Project-Id: {}", sender.project),
        format!("X-Roles: {}", sender.roles),
    ]
}
