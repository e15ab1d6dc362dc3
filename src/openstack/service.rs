//! A service that is asked with the service credential.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::{
    Endpoint, ServiceCredential,
    client::{Answer, Call},
    error::CallError,
    token::Token,
};
use crate::guard::LookupError;

#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) endpoint: Endpoint,
    pub(crate) credential: ServiceCredential,
}

impl Service {
    /// When a lookup that starts now must be over.
    pub(crate) fn deadline(&self) -> Instant {
        self.credential.client().deadline()
    }

    /// Asks, and once more with a new token if the first is refused. The status of the answer
    /// is the caller's to judge, a second 401 too.
    pub(super) async fn get(
        &self,
        path_and_query: &str,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        let headers = HeaderMap::new();
        self.get_with(path_and_query, headers, deadline).await
    }

    /// As [`get`](Self::get), with these headers beside those of every call.
    pub(crate) async fn get_with(
        &self,
        path_and_query: &str,
        headers: HeaderMap,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        let token = self.token(deadline).await?;
        let answer = self
            .send(path_and_query, &token, headers.clone(), deadline)
            .await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.credential.forget(&token);
        let token = self.token(deadline).await?;
        self.send(path_and_query, &token, headers, deadline).await
    }

    /// The outcome of a lookup as the guard gets it. Only here is a failure worth a warning.
    pub(super) fn report<T>(&self, outcome: Result<T, CallError>) -> Result<T, LookupError> {
        outcome.map_err(|error| {
            tracing::warn!(service = self.name, %error, "lookup failed");
            LookupError::new(self.name, error)
        })
    }

    async fn token(&self, deadline: Instant) -> Result<Arc<Token>, CallError> {
        match timeout_at(deadline, self.credential.token()).await {
            Ok(outcome) => outcome.map_err(CallError::Token),
            Err(_) => Err(CallError::Deadline),
        }
    }

    async fn send(
        &self,
        path_and_query: &str,
        token: &Token,
        headers: HeaderMap,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        let call = Call {
            service: self.name,
            method: Method::GET,
            uri: self.endpoint.join(path_and_query)?,
            token: Some(token.value.clone()),
            headers,
            body: Bytes::new(),
            deadline,
        };
        self.credential.client().send(call).await
    }
}
