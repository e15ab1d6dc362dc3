//! What an administrator does with a task.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::OwnedMutexGuard;

use super::{
    App, Shown,
    person::{Id, SignedIn},
    task,
};
use crate::{
    workflow::{Move, TaskId},
    workflow_pages::{api::Answer, form::Form, show},
};

/// The right to change a task that is still as a page has shown it.
pub(super) struct Turn {
    pub(super) run: u32,
    /// What one page sends twice waits here, and then is not what the page has shown.
    _turn: OwnedMutexGuard<()>,
}

impl Turn {
    /// # Errors
    ///
    /// The task as it is by now, if it has changed.
    pub(super) async fn take(
        app: &App,
        who: &SignedIn,
        id: &TaskId,
        form: &Form,
    ) -> Result<Self, Shown> {
        who.check(app, form)?;
        let turn = app.turns.of(id).lock_owned().await;
        who.get(app, &format!("/v1/tasks/{id}")).await?;
        let task = task::seen(app, id).await?;
        let seen = form.get("run").and_then(|it| it.parse().ok());
        if seen == Some(task.run) {
            return Ok(Self {
                run: task.run,
                _turn: turn,
            });
        }
        let trouble = [CHANGED.to_owned()];
        Err(task::page(app, who, id, StatusCode::CONFLICT, &trouble)
            .await?
            .into())
    }
}

pub(super) async fn approve(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
    form: Form,
) -> Result<Response, Shown> {
    let turn = Turn::take(&app, &who, &id, &form).await?;
    let body = json!({ "approved": true, "run": turn.run });
    let target = format!("/v1/tasks/{id}");
    let answer = who.ask(&app, (Method::POST, &target), Some(&body)).await?;
    let done = match answer.status {
        StatusCode::OK => "Approved. The task is completed.",
        _ if answer.notes().iter().any(|it| it == "created token") => {
            "Approved. A mail with a link is on its way; the task goes on when it is used."
        }
        _ => "Approved.",
    };
    conclude(&app, &who, &id, &answer, done).await
}

/// Validates again what was not approved yet, or tries again what failed later.
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
    form: Form,
) -> Result<Response, Shown> {
    let _turn = Turn::take(&app, &who, &id, &form).await?;
    let task = task::seen(&app, &id).await?;
    let (method, body) = match task.next(Move::Update) {
        // The service validates a task when it is given its inputs, be they the same.
        Ok(_) => {
            let inputs = task.actions.into_iter().flat_map(|it| it.data);
            (Method::PUT, Value::Object(inputs.collect()))
        }
        Err(_) => (Method::POST, json!({ "approved": true })),
    };
    let target = format!("/v1/tasks/{id}");
    let answer = who.ask(&app, (method, &target), Some(&body)).await?;
    conclude(
        &app,
        &who,
        &id,
        &answer,
        "It was tried again, and went well.",
    )
    .await
}

pub(super) async fn reissue(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
    form: Form,
) -> Result<Response, Shown> {
    let _turn = Turn::take(&app, &who, &id, &form).await?;
    let to = (Method::POST, "/v1/tokens");
    let answer = who.ask(&app, to, Some(&json!({ "task": id }))).await?;
    let done = "A mail with a new link is on its way. The old link does not work any more.";
    conclude(&app, &who, &id, &answer, done).await
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
    form: Form,
) -> Result<Response, Shown> {
    let _turn = Turn::take(&app, &who, &id, &form).await?;
    let target = format!("/v1/tasks/{id}");
    let answer = who.ask(&app, (Method::DELETE, &target), None).await?;
    conclude(&app, &who, &id, &answer, "The task is cancelled.").await
}

/// Shows the task again, with what was done or what went wrong.
async fn conclude(
    app: &App,
    who: &SignedIn,
    id: &TaskId,
    answer: &Answer,
    done: &str,
) -> Result<Response, Shown> {
    if answer.status.is_success() {
        who.tell(done);
        return Ok(app.redirect(&format!("/admin/tasks/{id}")));
    }
    task::page(app, who, id, answer.status, &troubles(answer)).await
}

/// What went wrong, for people.
pub(super) fn troubles(answer: &Answer) -> Vec<String> {
    let reasons = show::reasons(answer.reasons());
    match answer.status {
        _ if !reasons.is_empty() => reasons,
        StatusCode::SERVICE_UNAVAILABLE => vec![LATER.to_owned()],
        _ => {
            let fields = answer.body.get("errors").and_then(Value::as_object);
            let fields = fields.into_iter().flatten();
            let told = fields.map(|(name, texts)| format!("{name}: {}", show::text(texts)));
            answer.errors().into_iter().chain(told).collect()
        }
    }
}

const CHANGED: &str = "The task has changed since you opened the page, and nothing was done. \
     This is how it is now.";
const LATER: &str = "It could not be done just now. What was begun is tried again by itself; look again in a while.";
