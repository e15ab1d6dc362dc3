//! A token and whose it is: one for a password, or one that the person has already.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Deserialize;

use super::{
    AuthMethod, Client, Endpoint,
    answer::{Object, read},
    client::{Answer, Call},
    error::CallError,
};

/// Whose token it is, and for which project.
pub(crate) struct Holder {
    pub(crate) token: HeaderValue,
    pub(crate) user: String,
    pub(crate) project: Option<String>,
}

impl Client {
    /// A token for a password; nothing, if Keystone refuses.
    pub(crate) async fn log_in(
        &self,
        keystone: &Endpoint,
        method: &AuthMethod,
    ) -> Result<Option<Holder>, CallError> {
        let asked = (Method::POST, HeaderMap::new(), method.request());
        let answer = self.tokens(keystone, asked).await?;
        match answer.status {
            StatusCode::CREATED => {}
            StatusCode::UNAUTHORIZED => return Ok(None),
            status => return Err(CallError::Status(status)),
        }
        let mut tokens = answer.headers.get_all(SUBJECT).iter();
        match (tokens.next(), tokens.next()) {
            (Some(token), None) => holder(token.clone(), &answer.body).map(Some),
            _ => Err(CallError::Malformed { line: 0, column: 0 }),
        }
    }

    /// Whose a token is, asked with the token itself; nothing, if Keystone does not know it.
    pub(crate) async fn whose(
        &self,
        keystone: &Endpoint,
        token: HeaderValue,
    ) -> Result<Option<Holder>, CallError> {
        let names = ["x-auth-token", SUBJECT].map(http::HeaderName::from_static);
        let headers = names.map(|name| (name, token.clone()));
        let asked = (Method::GET, HeaderMap::from_iter(headers), Bytes::new());
        let answer = self.tokens(keystone, asked).await?;
        match answer.status {
            StatusCode::OK => holder(token, &answer.body).map(Some),
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => Ok(None),
            status => Err(CallError::Status(status)),
        }
    }

    async fn tokens(
        &self,
        keystone: &Endpoint,
        (method, headers, body): (Method, HeaderMap, Bytes),
    ) -> Result<Answer, CallError> {
        let keystone = keystone.clone().versioned("v3");
        self.send(Call {
            service: "keystone",
            method,
            uri: keystone.join("/auth/tokens?nocatalog")?,
            token: None,
            headers,
            body,
            deadline: self.deadline(),
        })
        .await
    }
}

fn holder(mut token: HeaderValue, body: &[u8]) -> Result<Holder, CallError> {
    token.set_sensitive(true);
    let Object(fields) = read::<Told>(body)?.token;
    Ok(Holder {
        token,
        user: fields.user.0.name,
        project: fields.project.map(|it| it.0.name),
    })
}

#[derive(Deserialize)]
struct Told {
    token: Object<Fields>,
}

#[derive(Deserialize)]
struct Fields {
    user: Object<Name>,
    project: Option<Object<Name>>,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

const SUBJECT: &str = "x-subject-token";
