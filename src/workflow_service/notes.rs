//! What clients show to people.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::workflow::{Task, TaskId};

/// That a request was done, in words.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Notes {
    #[schema(example = json!(["task created"]))]
    notes: Vec<String>,
    /// The task, if the caller may know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    task: Option<TaskId>,
}

impl Notes {
    pub(super) fn of(text: impl Into<String>) -> Json<Self> {
        Json(Self {
            notes: vec![text.into()],
            task: None,
        })
    }

    pub(super) fn about(text: impl Into<String>, task: &Task) -> Json<Self> {
        Json(Self {
            notes: vec![text.into()],
            task: Some(task.id.clone()),
        })
    }
}
