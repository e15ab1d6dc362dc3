//! Tokens: listed, issued anew, cleared away; and the one that somebody was mailed.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access::Rule,
    app::App,
    caller::Visitor,
    error::ApiError,
    list::{ListParams, Listing, Paging},
    notes::Notes,
    outcome,
    payload::{Id, Params, Payload},
    tasks,
    time::Time,
};
use crate::workflow::{
    EngineError, Refused, TaskState, Token, TokenSecret,
    store::{Cursor, Filter},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, reissue, clear))
        .routes(routes!(show, submit))
}

/// What is known of a token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenBody {
    /// Its SHA-256, by which nobody can submit it.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    token: String,
    task: String,
    #[schema(value_type = String, format = DateTime)]
    created_on: Time,
    #[schema(value_type = String, format = DateTime)]
    expires: Time,
}

/// Tokens, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenList {
    tokens: Vec<TokenBody>,
    #[serde(flatten)]
    paging: Paging,
}

/// What a token is for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenUse {
    /// The actions of its task.
    #[schema(example = json!(["ResetUserPassword"]))]
    actions: Vec<String>,
    /// What has to be submitted with it.
    #[schema(example = json!(["password"]))]
    required_fields: Vec<String>,
    #[schema(example = "reset_password")]
    task_type: String,
    /// Whether only somebody who is known can submit it.
    #[schema(example = false)]
    requires_authentication: bool,
}

/// A request for another token.
#[derive(Debug, Deserialize, ToSchema)]
struct Reissue {
    /// The task's id.
    #[schema(example = "8f2c6f70656e4b2d9c1a5e41ce6f7065")]
    #[expect(dead_code, reason = "read from the body itself")]
    task: String,
}

impl From<Token> for TokenBody {
    fn from(token: Token) -> Self {
        Self {
            token: token.hash,
            task: token.task.to_string(),
            created_on: Time(token.created_on),
            expires: Time(token.expires),
        }
    }
}

/// Lists tokens, expired ones too. None of them can be submitted by what is listed.
#[utoipa::path(
    get,
    path = "/v1/tokens",
    tag = "tokens",
    params(ListParams, ("tokens_per_page" = Option<u32>, Query, minimum = 1, maximum = 1000)),
    responses((status = 200, body = TokenList))
)]
async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    params: Params,
) -> Result<Json<TokenList>, ApiError> {
    visitor.admit(&app, Rule::ListTokens)?;
    let listing = Listing::read(&params, Filter::tokens(), "tokens_per_page")?;
    let paging = listing.paging(&app).await?;
    let tokens = app
        .engine
        .find_tokens(&listing.filter, &listing.slice)
        .await
        .map_err(|it| listing.told(it))?;
    let last = tokens
        .last()
        .map(|it| Cursor::after(it.created_on, it.task.as_str()));
    let paging = paging.after(&listing, tokens.len(), last);
    let tokens = tokens.into_iter().map(Into::into).collect();
    Ok(Json(TokenList { tokens, paging }))
}

/// Replaces the token of a task, and mails it: administrators of any task, others of those of
/// their project.
#[utoipa::path(
    post,
    path = "/v1/tokens",
    tag = "tokens",
    request_body = Reissue,
    responses((status = 200, body = Notes), (status = 404, body = super::error::Body))
)]
async fn reissue(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    payload: Payload,
) -> Result<Json<Notes>, ApiError> {
    let caller = visitor.admit(&app, Rule::ReissueToken)?;
    let body = payload.object().await?;
    let Some(Value::String(id)) = body.get("task") else {
        return Err(ApiError::field("task", "This field is required."));
    };
    let task = tasks::own(&app, &caller, id).await?;
    match app.engine.reissue(&task.id, &caller).await {
        Ok(task) => Ok(Notes::about("Token reissued.", &task)),
        Err(EngineError::Refused(Refused::NotWaited)) if task.approved.is_none() => {
            Err(ApiError::bad_request("This task has not been approved."))
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes the tokens that have expired.
#[utoipa::path(delete, path = "/v1/tokens", tag = "tokens", responses((status = 200, body = Notes)))]
async fn clear(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Json<Notes>, ApiError> {
    visitor.admit(&app, Rule::ClearTokens)?;
    app.engine.remove_expired_tokens().await?;
    Ok(Notes::of("Deleted all expired tokens."))
}

/// Shows what a token is for. Whatever is wrong with one, the answer is the same.
#[utoipa::path(
    get,
    path = "/v1/tokens/{token}",
    tag = "tokens",
    params(("token" = String, Path, description = "The token, as it was mailed.")),
    responses((status = 200, body = TokenUse)),
    security(())
)]
async fn show(State(app): State<Arc<App>>, Id(token): Id) -> Result<Json<TokenUse>, ApiError> {
    let task = app.engine.token(&TokenSecret::new(token)).await?;
    let fields = task.required_fields().into_iter();
    Ok(Json(TokenUse {
        required_fields: fields.map(str::to_owned).collect(),
        actions: task.actions.into_iter().map(|it| it.name).collect(),
        task_type: task.task_type,
        requires_authentication: false,
    }))
}

/// Submits a token with what it asks for.
#[utoipa::path(
    post,
    path = "/v1/tokens/{token}",
    tag = "tokens",
    params(("token" = String, Path, description = "The token, as it was mailed.")),
    request_body(
        content = Object,
        description = "The required fields of the token.",
        example = json!({"password": "correct horse battery staple"})
    ),
    responses(
        (status = 200, body = Notes, description = "What was asked for is done."),
        (status = 202, body = Notes, description = "It is being done.")
    ),
    security(())
)]
async fn submit(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Id(token): Id,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    let body = payload.object().await?;
    let token = TokenSecret::new(token);
    let submitted = app.engine.submit_token(&token, &body, visitor.caller());
    let id = submitted.await?.id;
    let task = outcome::good(&app, &id).await?;
    let status = match task.state() {
        TaskState::Running => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    Ok((status, Notes::of("Token submitted successfully.")))
}
