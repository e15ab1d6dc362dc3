//! A lawful request, bent.

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Method, Uri};
use wafflehaus::{body::InspectBody, identity::Identity};

use super::{
    pieces::{BODY_PIECES, HEADERS, METHODS, PATH_PIECES, QUERIES},
    script::{Framing, Script},
    world::World,
};
use crate::{
    lawful::{Address, Call, Ids, Sent},
    oracle::Asked,
};

/// What a client sends.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub struct Request {
    pub call: Call,
    pub address: Address,
    pub framing: Framing,
    pub bends: Vec<Bend>,
}

/// One thing that is not as a client would have it.
#[derive(Clone, Debug, Arbitrary)]
pub enum Bend {
    /// The body changes somewhere.
    Body(u16, Change),
    /// A header comes in, beside its like or in their place.
    Header(u8, bool),
    /// The method is another.
    Method(u8),
    /// The body is that of another call.
    OtherBody(Call),
    /// The path changes somewhere.
    Path(u8, Change),
    /// The query has something more.
    Query(u8),
}

/// A change to a text, at a place.
#[derive(Clone, Debug, Arbitrary)]
pub enum Change {
    /// These bytes go.
    Cut(u8),
    /// The byte is written in another way.
    Escape,
    /// A piece that means something comes in.
    Piece(u8, u8),
    /// Bytes come in.
    Raw([u8; 2]),
    /// What follows is in upper case.
    Upper(u8),
}

/// A request, as it is sent.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "they are named")]
pub struct Wire {
    pub method: String,
    pub target: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub framing: Framing,
    /// What it asks, if it is of a client that behaves.
    pub lawful: Option<Option<Asked>>,
}

impl Request {
    /// Writes it down, with the ids of a world.
    pub fn wire(&self, world: &World) -> Wire {
        let Sent { head, body, asked } = self.call.sent(&self.address, world);
        let mut method = head.method;
        let mut path = head.path.into_bytes();
        let mut query = head.query;
        let mut body = body.into_bytes();
        let mut headers = vec![("content-type", "application/json".to_owned())];
        for bend in &self.bends {
            match bend {
                Bend::Body(at, change) => {
                    change.apply(&mut body, usize::from(*at), BODY_PIECES, "\\u00", world);
                }
                Bend::Header(which, instead) => {
                    let (name, value) = HEADERS[usize::from(*which) % HEADERS.len()];
                    if *instead {
                        headers.retain(|(other, _)| *other != name);
                    }
                    headers.push((name, value.to_owned()));
                }
                Bend::Method(which) => {
                    method = METHODS[usize::from(*which) % METHODS.len()].to_owned();
                }
                Bend::OtherBody(call) => body = call.body(world).into_bytes(),
                Bend::Path(at, change) => {
                    change.apply(&mut path, usize::from(*at), PATH_PIECES, "%", world);
                }
                Bend::Query(which) => {
                    let more = QUERIES[usize::from(*which) % QUERIES.len()];
                    query = Some(query.map_or_else(|| more.to_owned(), |query| query + more));
                }
            }
        }
        if let Some(query) = query {
            path.push(b'?');
            path.extend(query.as_bytes());
        }
        if self.framing.sized && headers.iter().all(|(name, _)| *name != "content-length") {
            headers.push(("content-length", body.len().to_string()));
        }
        let behaves = self.bends.is_empty() && !self.framing.broken;
        Wire {
            method,
            target: path,
            headers,
            body,
            framing: self.framing.clone(),
            lawful: behaves.then_some(asked),
        }
    }
}

impl Change {
    fn apply(&self, text: &mut Vec<u8>, at: usize, pieces: &[&str], escape: &str, ids: &World) {
        let at = at % (text.len() + 1);
        match self {
            Self::Cut(length) => {
                let end = text.len().min(at + usize::from(*length));
                text.drain(at..end);
            }
            Self::Escape => {
                if let Some(&byte) = text.get(at) {
                    text.splice(at..=at, format!("{escape}{byte:02x}").into_bytes());
                }
            }
            Self::Piece(which, number) => {
                let piece = pieces[usize::from(*which) % pieces.len()]
                    .replace("{network}", &ids.network(*number))
                    .replace("{port}", &ids.port(*number))
                    .replace("{server}", &ids.server(*number));
                text.splice(at..at, piece.into_bytes());
            }
            Self::Raw(bytes) => {
                text.splice(at..at, *bytes);
            }
            Self::Upper(length) => {
                let end = text.len().min(at + usize::from(*length));
                text[at..end].make_ascii_uppercase();
            }
        }
    }
}

impl Wire {
    /// For a guard; nothing if it is no request to hyper.
    pub fn request(&self, caller: Option<Identity>) -> Option<http::Request<InspectBody<Script>>> {
        let body = InspectBody::new(Script::new(&self.body, &self.framing));
        let mut request = http::Request::new(body);
        *request.method_mut() = Method::from_bytes(self.method.as_bytes()).ok()?;
        *request.uri_mut() = Uri::try_from(&*self.target).ok()?;
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value).ok()?;
            request
                .headers_mut()
                .append(HeaderName::from_static(name), value);
        }
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        Some(request)
    }
}
