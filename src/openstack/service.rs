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

/// What a service is asked.
pub(crate) struct Question<'a> {
    pub(crate) method: Method,
    /// Below the endpoint.
    pub(crate) path_and_query: &'a str,
    /// Beside those of every call.
    pub(crate) headers: HeaderMap,
    /// JSON, or nothing.
    pub(crate) body: Bytes,
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
        let question = Question {
            method: Method::GET,
            path_and_query,
            headers,
            body: Bytes::new(),
        };
        self.ask(&question, deadline).await
    }

    /// As [`get`](Self::get), for any request. A service that refuses the token has not begun
    /// with the request, so asking once more does nothing twice.
    pub(crate) async fn ask(
        &self,
        question: &Question<'_>,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        let token = self.token(deadline).await?;
        let answer = self.send(question, &token, deadline).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.credential.forget(&token);
        let token = self.token(deadline).await?;
        self.send(question, &token, deadline).await
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
        question: &Question<'_>,
        token: &Token,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        let call = Call {
            service: self.name,
            method: question.method.clone(),
            uri: self.endpoint.join(question.path_and_query)?,
            token: Some(token.value.clone()),
            headers: question.headers.clone(),
            body: question.body.clone(),
            deadline,
        };
        self.credential.client().send(call).await
    }
}
