//! One token, from the request to its age.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::Instant;

use super::{
    AuthMethod, Client, Endpoint,
    answer::{Object, parsed, read},
    client::Call,
    error::{CallError, TokenError},
};

/// A token and how long it is good for.
pub(super) struct Token {
    /// Marked sensitive: it is not printed, and never put into an HPACK table.
    pub(super) value: HeaderValue,
    pub(super) renew_at: Instant,
    pub(super) expires_at: Instant,
}

impl Token {
    /// Asks Keystone (whose endpoint ends in its version) for a token.
    pub(super) async fn issue(
        client: &Client,
        keystone: &Endpoint,
        method: &AuthMethod,
        role: Option<&str>,
    ) -> Result<Self, TokenError> {
        // The life is counted from before the request: a little early, never late.
        let start = Instant::now();
        let answer = client
            .send(Call {
                service: "keystone",
                method: Method::POST,
                uri: keystone
                    .join("/auth/tokens?nocatalog")
                    .map_err(CallError::from)?,
                token: None,
                headers: HeaderMap::new(),
                body: method.request(),
                deadline: client.deadline(),
            })
            .await?;
        if answer.status != StatusCode::CREATED {
            return Err(CallError::Status(answer.status).into());
        }
        let value = header(&answer.headers)?;
        let Object(fields) = read::<Issued>(&answer.body)?.token;
        // Compared as oslo.policy does.
        if let Some(role) = role
            && !fields
                .roles
                .iter()
                .any(|Object(held)| held.name.eq_ignore_ascii_case(role))
        {
            return Err(TokenError::Role(role.into()));
        }
        let life = fields.life().ok_or(TokenError::Life)?;
        let (Some(renew_at), Some(expires_at)) =
            (start.checked_add(life / 5 * 4), start.checked_add(life))
        else {
            return Err(TokenError::Life);
        };
        Ok(Self {
            value,
            renew_at,
            expires_at,
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

fn header(headers: &HeaderMap) -> Result<HeaderValue, TokenError> {
    let mut values = headers.get_all("x-subject-token").iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(TokenError::Header);
    };
    if value.is_empty() || !value.as_bytes().iter().all(u8::is_ascii_graphic) {
        return Err(TokenError::Header);
    }
    let mut value = value.clone();
    value.set_sensitive(true);
    Ok(value)
}

#[derive(Deserialize)]
struct Issued {
    token: Object<Fields>,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(deserialize_with = "parsed")]
    issued_at: Timestamp,
    #[serde(deserialize_with = "parsed")]
    expires_at: Timestamp,
    roles: Vec<Object<Role>>,
}

impl Fields {
    /// Both times are Keystone's, so it does not matter what time it is here.
    fn life(&self) -> Option<Duration> {
        let life = self.expires_at.duration_since(self.issued_at);
        Duration::try_from(life).ok().filter(|life| !life.is_zero())
    }
}

#[derive(Deserialize)]
struct Role {
    name: String,
}
