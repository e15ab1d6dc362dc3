//! What the three APIs are handed: a request as a WSGI server in front of them would see it.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;

/// One request, whole.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// As received: escapes, repeated slashes and all.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) authority: Option<String>,
    pub(super) body: Bytes,
    /// More body came than any of the services reads.
    pub(super) oversize: bool,
}

/// The limit that oslo's size limiter puts on a body when nothing is configured.
pub(super) const BODY_LIMIT: usize = 114_688;

impl Call {
    /// The value of a header, as a WSGI variable holds it: underscores and hyphens are the same,
    /// values that came apart are joined with commas, and white space around the whole is gone.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let mut joined: Option<String> = None;
        for (key, value) in &self.headers {
            if key.as_str().replace('_', "-") != name {
                continue;
            }
            // WSGI variables are bytes in disguise; what is not UTF-8 can match nothing here.
            let value = String::from_utf8_lossy(value.as_bytes());
            match joined.as_mut() {
                Some(all) => {
                    all.push(',');
                    all.push_str(&value);
                }
                None => joined = Some(value.into_owned()),
            }
        }
        joined.map(|all| all.trim().to_owned())
    }

    /// Scheme and authority that the caller used, for links.
    pub(super) fn base(&self) -> String {
        let host = self
            .header(header::HOST.as_str())
            .or_else(|| self.authority.clone());
        format!("http://{}", host.as_deref().unwrap_or("localhost"))
    }
}

/// An answer before it is given a body type.
pub(super) type Reply = http::Response<Bytes>;

/// A refusal, in words that all three APIs can put in their own shape.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    /// Neutron names its exceptions; the others do not.
    pub(super) kind: &'static str,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: "",
            message: message.into(),
        }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

pub(super) fn json(status: StatusCode, value: &Value) -> Reply {
    let mut reply = Reply::new(Bytes::from(value.to_string()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(
        header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    reply
}

pub(super) fn empty(status: StatusCode) -> Reply {
    let mut reply = Reply::new(Bytes::new());
    *reply.status_mut() = status;
    reply
}

/// Sets a member of an object.
pub(super) fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

/// Sets a header; a value that cannot be one is left out.
pub(super) fn set(reply: &mut Reply, name: &'static str, value: &str) {
    if let Ok(value) = http::HeaderValue::from_str(value) {
        reply
            .headers_mut()
            .insert(http::HeaderName::from_static(name), value);
    }
}

/// Undoes percent-encoding once. What is not an escape stays as it is.
pub(super) fn percent_decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%'
            && let [high, low, tail @ ..] = after
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            decoded.push(high * 16 + low);
            rest = tail;
        } else {
            decoded.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Names and values of a query, decoded, in order.
pub(super) fn pairs(query: &str, separators: &[char]) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode(&text.replace('+', " "));
    query
        .split(separators)
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// An id for one request, as the services put it in their answers.
pub(super) fn new_request_id() -> String {
    format!("req-{}", uuid::Uuid::new_v4())
}

/// Whether this is an id as the services make them: 8-4-4-4-12 digits in lower case.
pub(super) fn is_canonical_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once_and_bad_ones_are_kept() {
        assert_eq!(percent_decode("%73%2F%2573%zz%4"), "s/%73%zz%4");
    }

    #[test]
    fn headers_that_differ_in_underscores_are_one() {
        let mut call = Call {
            method: Method::GET,
            path: "/".into(),
            query: String::new(),
            headers: HeaderMap::new(),
            authority: None,
            body: Bytes::new(),
            oversize: false,
        };
        assert_eq!(call.header("x-auth-token"), None);
        call.headers
            .insert("x_auth_token", http::HeaderValue::from_static(" a"));
        assert_eq!(call.header("x-auth-token").as_deref(), Some("a"));
        call.headers
            .insert("x-auth-token", http::HeaderValue::from_static("b"));
        let both = call.header("x-auth-token").unwrap();
        assert!(both.contains(','), "{both}");
    }

    #[test]
    fn only_the_usual_form_is_a_canonical_id() {
        assert!(is_canonical_id("abcdef01-c0de-4aaa-8bbb-fedcba987601"));
        assert!(!is_canonical_id("ABCDEF01-c0de-4aaa-8bbb-fedcba987601"));
        assert!(!is_canonical_id("abcdef01c0de4aaa8bbbfedcba987601"));
    }
}
