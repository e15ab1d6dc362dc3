//! What a request brings: a JSON object, pairs of a query, an id in the path.
//!
//! Nothing is read before the caller is let in. A key that comes twice is refused, wherever it is:
//! two readers could take different ones.

use std::{collections::BTreeMap, fmt, pin::pin, sync::Arc};

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{app::App, error::ApiError};
use crate::body::{ReadError, Reading};

/// A body that nobody has read yet.
#[derive(Debug)]
pub(super) struct Payload {
    app: Arc<App>,
    headers: HeaderMap,
    body: Body,
}

/// The last part of a path.
#[derive(Debug)]
pub(super) struct Id(pub(super) String);

/// The pairs of a query.
#[derive(Debug)]
pub(super) struct Params(BTreeMap<String, String>);

impl Payload {
    /// The body, which has to be a JSON object; nothing stands for an empty one.
    pub(super) async fn object(self) -> Result<Map<String, Value>, ApiError> {
        let settings = &self.app.settings;
        let mut body = pin!(self.body);
        let reading = Reading::new(body.as_mut(), settings.body_limit);
        let read = tokio::time::timeout(settings.body_deadline(), reading).await;
        let bytes = match read {
            Ok(Ok((bytes, _))) => bytes,
            Ok(Err(ReadError::TooLarge(_))) => {
                let text = "The request body is too large.";
                return Err(ApiError::status(StatusCode::PAYLOAD_TOO_LARGE, text));
            }
            Ok(Err(ReadError::Broken)) => {
                return Err(ApiError::bad_request("The request body ended early."));
            }
            Err(_) => {
                let text = "The request body took too long.";
                return Err(ApiError::status(StatusCode::REQUEST_TIMEOUT, text));
            }
        };
        if bytes.is_empty() {
            return Ok(Map::new());
        }
        is_json(&self.headers)?;
        match serde_json::from_slice(&bytes) {
            Ok(Strict(Value::Object(object))) => Ok(object),
            Ok(_) => Err(ApiError::bad_request(
                "Improperly formated json. Should be a key-value object.",
            )),
            Err(error) => Err(ApiError::bad_request(format!("JSON parse error - {error}"))),
        }
    }
}

fn is_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let given = headers.get(CONTENT_TYPE).map(|it| it.to_str());
    let given = match given {
        None => "",
        Some(text) => text.unwrap_or("?"),
    };
    let media = given.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::status(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        format!("Unsupported media type \"{media}\" in request."),
    ))
}

impl FromRequest<Arc<App>> for Payload {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        Ok(Self {
            app: Arc::clone(app),
            headers: parts.headers,
            body,
        })
    }
}

impl FromRequestParts<Arc<App>> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        let Ok(Path(id)) = path else {
            return Err(ApiError::not_found("Not found."));
        };
        Ok(Self(id))
    }
}

impl Params {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A whole number, at least 1 and of 31 bits at most.
    pub(super) fn number(&self, name: &str) -> Result<Option<u32>, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        match text.parse::<u32>() {
            Ok(number) if number > 0 && i32::try_from(number).is_ok() => Ok(Some(number)),
            Ok(_) => Err(ApiError::bad_request("Empty page")),
            Err(_) if name == "page" => Err(ApiError::bad_request("Page not an integer")),
            Err(_) => Err(ApiError::bad_request(format!("{name} not an integer"))),
        }
    }
}

impl FromRequestParts<Arc<App>> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        let unreadable = || ApiError::bad_request("The query is not readable.");
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| unreadable())?;
        let mut params = BTreeMap::new();
        for (name, value) in pairs {
            if params.insert(name.clone(), value).is_some() {
                let text = format!("The query has `{name}` twice.");
                return Err(ApiError::bad_request(text));
            }
        }
        Ok(Self(params))
    }
}

/// Any JSON without equal keys in an object.
pub(super) struct Strict(pub(super) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            list.push(value);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a key comes twice"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rule_2_any_json_is_read_and_a_key_twice_is_not() {
        let text = r#"{"a": [1, -1, 0.5, null, true, "x"], "b": {"c": {}}}"#;
        let Strict(read) = serde_json::from_str(text).unwrap();
        assert_eq!(
            read,
            json!({"a": [1, -1, 0.5, null, true, "x"], "b": {"c": {}}})
        );
        for twice in [r#"{"a": 1, "a": 1}"#, r#"[{"b": {"a": 1, "\u0061": 2}}]"#] {
            assert!(serde_json::from_str::<Strict>(twice).is_err(), "{twice}");
        }
    }
}
