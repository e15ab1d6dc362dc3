//! What went wrong, as every client is told: always below `errors`.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use serde::Serialize;
use utoipa::ToSchema;

use crate::workflow::{
    CloudError, EngineError, FieldErrors, Refused, TaskId,
    store::{InvalidFilter, StoreError},
};

/// An answer other than the one that was asked for.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    body: Body,
    retry_after: Option<Duration>,
}

/// Why the request was not done.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Errors)]
pub(super) struct Body {
    errors: Errors,
    /// The task that the errors are about, if it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "8f2c6f70656e4b2d9c1a5e41ce6f7065")]
    task: Option<TaskId>,
    /// Why its actions are invalid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
}

/// Sentences, or sentences by the field that they are about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ErrorTexts)]
enum Errors {
    Fields(BTreeMap<String, Vec<String>>),
    Texts(Vec<String>),
}

/// Why an action is invalid.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub(super) struct Reason {
    /// The action.
    #[schema(example = "NewUser")]
    pub(super) action: String,
    /// A stable code: lower case, words joined by underscores.
    #[schema(example = "user_disabled")]
    pub(super) code: String,
    /// The same for people.
    #[schema(example = "The user is disabled.")]
    pub(super) message: String,
}

impl ApiError {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            body: Body {
                errors: Errors::Texts(vec![text.into()]),
                ..Body::default()
            },
            retry_after: None,
        }
    }

    pub(super) fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    pub(super) fn field(name: &str, text: &str) -> Self {
        FieldErrors::of(name, text).into()
    }

    pub(super) fn conflict(text: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, text)
    }

    pub(super) fn forbidden(text: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, text)
    }

    /// The actions of this task are invalid, for these reasons.
    pub(super) fn invalid(task: TaskId, reasons: Vec<Reason>) -> Self {
        let mut error = Self::bad_request("actions invalid");
        error.body.task = Some(task);
        error.body.reasons = reasons;
        error
    }

    pub(super) fn not_found(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    pub(super) fn status(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(status, text)
    }

    pub(super) fn too_many(wait: Duration) -> Self {
        let text = "Too many requests, try again later.";
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, text);
        error.retry_after = Some(wait);
        error
    }

    pub(super) fn unauthorized() -> Self {
        let text = "Credentials incorrect or none given.";
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    pub(super) fn unavailable() -> Self {
        let text = "Service temporarily unavailable, try again later.";
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, text);
        error.retry_after = Some(Duration::from_secs(5));
        error
    }

    /// The same about a task.
    pub(super) fn of(mut self, task: TaskId) -> Self {
        self.body.task = Some(task);
        self
    }

    pub(super) fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }
}

impl ApiError {
    /// The answer for a layer that knows nothing of axum.
    pub(super) fn into_bytes(self) -> http::Response<Bytes> {
        let body = serde_json::to_vec(&self.body).unwrap_or_default();
        let (head, _) = self.into_response().into_parts();
        http::Response::from_parts(head, body.into())
    }
}

impl Default for Errors {
    fn default() -> Self {
        Self::Texts(Vec::new())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(wait) = self.retry_after {
            // Not a moment before.
            let seconds = wait.as_secs().saturating_add(1);
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        let fields = errors.iter();
        let fields = fields.map(|(name, texts)| (name.to_owned(), texts.to_vec()));
        let mut error = Self::bad_request("");
        error.body.errors = Errors::Fields(fields.collect());
        error
    }
}

impl From<InvalidFilter> for ApiError {
    fn from(error: InvalidFilter) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Changed => Self::conflict("The task has changed since it was looked at."),
            EngineError::Duplicate(_) => Self::conflict("Task is a duplicate of an existing task"),
            EngineError::Effects(_) => Self::conflict(
                "This task has begun to act on its data, which can no longer be changed.",
            ),
            EngineError::Fields(errors) => errors.into(),
            EngineError::NoTask => Self::not_found("No task with this id."),
            EngineError::NoToken => Self::not_found("This token does not exist or has expired."),
            EngineError::Refused(refused) => refused.into(),
            EngineError::Store(StoreError::Pattern) => {
                Self::bad_request("The database cannot match such a regular expression.")
            }
            // What else went wrong is for operators.
            error => {
                tracing::error!(%error, "a request could not be done");
                Self::unavailable()
            }
        }
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ActionsInvalid => Self::bad_request("actions invalid"),
            Refused::Approved => Self::bad_request("This task has already been approved."),
            Refused::Cancelled => Self::bad_request("This task has been cancelled."),
            Refused::Completed => Self::bad_request("This task has already been completed."),
            Refused::Running => Self::unavailable(),
            Refused::TokenNeeded => Self::bad_request("This task waits for its token."),
            _ => Self::bad_request("This task does not wait for that."),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<CloudError> for ApiError {
    fn from(error: CloudError) -> Self {
        tracing::warn!(%error, "a service of the cloud did not answer");
        Self::unavailable()
    }
}
