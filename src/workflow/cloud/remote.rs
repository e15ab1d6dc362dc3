//! A service that is asked over HTTP: whole lists, and writes that say what became of them.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::CloudError;
use crate::openstack::{
    Answer, CallError, Endpoint, Object, Question, Service, ServiceCredential, read,
};

#[derive(Clone, Debug)]
pub(in crate::workflow) struct Remote {
    service: Service,
}

impl Remote {
    pub(in crate::workflow) fn new(
        name: &'static str,
        endpoint: Endpoint,
        credential: ServiceCredential,
    ) -> Self {
        let service = Service {
            name,
            endpoint,
            credential,
        };
        Self { service }
    }

    pub(in crate::workflow) const fn name(&self) -> &'static str {
        self.service.name
    }

    /// One thing, below `key` of the answer, if the service has it.
    pub(in crate::workflow) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
    ) -> Result<Option<T>, CloudError> {
        let answer = self
            .send(Method::GET, path, None, self.service.deadline())
            .await?;
        if answer.status.is_success() {
            let Object(thing) = self.member(&answer, key)?;
            return Ok(Some(thing));
        }
        match answer.status {
            StatusCode::NOT_FOUND if says_not_found(&answer.body) => Ok(None),
            // Any other 404 is a wrong endpoint's, and taking that for "not there" would have
            // things made that are there.
            status @ StatusCode::NOT_FOUND => Err(self.failed(CallError::Status(status))),
            status => Err(CloudError::status(self.name(), status)),
        }
    }

    /// A list to its end, below `key` of each page.
    pub(in crate::workflow) async fn list<T: DeserializeOwned>(
        &self,
        path_and_query: &str,
        key: &str,
    ) -> Result<Vec<T>, CloudError> {
        let deadline = self.service.deadline();
        let mut items = Vec::new();
        let mut url = path_and_query.to_owned();
        for _ in 0..PAGES {
            let answer = self.send(Method::GET, &url, None, deadline).await?;
            if !answer.status.is_success() {
                return Err(CloudError::status(self.name(), answer.status));
            }
            let page_items: Vec<Object<T>> = self.member(&answer, key)?;
            items.extend(page_items.into_iter().map(|Object(item)| item));
            let page: Map<String, Value> = self.read(&answer.body)?;
            let Some(marker) = next(&page, key).map_err(|error| self.failed(error))? else {
                return Ok(items);
            };
            let joint = if path_and_query.contains('?') {
                '&'
            } else {
                '?'
            };
            url = format!("{path_and_query}{joint}marker={marker}");
        }
        Err(self.failed(CallError::Pages { limit: PAGES }))
    }

    /// A change, with what the service says below `key` of its answer.
    pub(in crate::workflow) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        key: &str,
    ) -> Result<T, CloudError> {
        let answer = self.change(method, path, Some(body)).await?;
        let Object(thing) = self.member(&answer, key)?;
        Ok(thing)
    }

    /// A change whose answer says nothing.
    pub(in crate::workflow) async fn change(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, CloudError> {
        let answer = self
            .send(method, path, body, self.service.deadline())
            .await?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(CloudError::status(self.name(), answer.status))
        }
    }

    async fn send(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&Value>,
        deadline: Instant,
    ) -> Result<Answer, CloudError> {
        let question = Question {
            method,
            path_and_query,
            headers: HeaderMap::new(),
            body: body.map(Value::to_string).unwrap_or_default().into(),
        };
        let answer = self.service.ask(&question, deadline).await;
        answer.map_err(|error| self.failed(error))
    }

    fn member<T: DeserializeOwned>(&self, answer: &Answer, key: &str) -> Result<T, CloudError> {
        let mut members: Map<String, Value> = self.read(&answer.body)?;
        let member = members.remove(key).unwrap_or_default();
        T::deserialize(member).map_err(|error| self.failed(error.into()))
    }

    fn read<T: DeserializeOwned>(&self, body: &Bytes) -> Result<T, CloudError> {
        read(body).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: CallError) -> CloudError {
        CloudError::unavailable(self.name(), error)
    }
}

/// A value in a query or a segment of a path.
pub(in crate::workflow) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                encoded.push(byte.into());
            }
            // A dot as well: a segment of nothing but dots is a way out of its folder.
            _ => {
                encoded.push('%');
                for half in [byte >> 4, byte & 15] {
                    encoded
                        .extend(char::from_digit(half.into(), 16).map(|c| c.to_ascii_uppercase()));
                }
            }
        }
    }
    encoded
}

/// Whether these are the words of Keystone, Neutron, Nova or Cinder for a thing that is not there.
fn says_not_found(body: &[u8]) -> bool {
    let Ok(Value::Object(fault)) = serde_json::from_slice(body) else {
        return false;
    };
    let neutron = fault.get("NeutronError").and_then(|it| it.get("type"));
    match neutron.and_then(Value::as_str) {
        Some(kind) => kind != "HTTPNotFound",
        None => ["error", "itemNotFound"]
            .iter()
            .any(|it| fault.contains_key(*it)),
    }
}

/// Where the next page starts. Of the link nothing but that is used: a token must not follow it
/// to wherever it points, and a filter that it lost would not be missed.
fn next(page: &Map<String, Value>, key: &str) -> Result<Option<String>, CallError> {
    let keystone = page.get("links").and_then(|links| links.get("next"));
    let others = page.get(&format!("{key}_links")).and_then(|links| {
        let links = links.as_array()?;
        let next = links
            .iter()
            .find(|it| it.get("rel").is_some_and(|rel| rel == "next"));
        next?.get("href")
    });
    let Some(href) = keystone.or(others).and_then(Value::as_str) else {
        return match page.get("truncated") {
            Some(Value::Bool(true)) => Err(CallError::Page("the list is cut off without one")),
            _ => Ok(None),
        };
    };
    let query = href.split_once('?').map_or("", |(_, query)| query);
    let mut markers = query.split('&').filter_map(|it| it.strip_prefix("marker="));
    let plain = |it: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~%".contains(c);
        !it.is_empty() && it.chars().all(plain)
    };
    match (markers.next().filter(plain), markers.next()) {
        (Some(marker), None) => Ok(Some(marker.to_owned())),
        _ => Err(CallError::Page("it has no single, plain marker")),
    }
}

/// With pages of a thousand, more than a cloud has of anything.
const PAGES: usize = 256;
