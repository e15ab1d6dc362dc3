//! Somebody who has signed in, and what the service says to them.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use http::{Method, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{App, Shown};
use crate::{
    workflow::TaskId,
    workflow_pages::{
        api::{Answer, Sender},
        edge::comes_from_elsewhere,
        form::Form,
        sessions::{Session, SessionId},
    },
};

/// Somebody who has signed in.
pub(super) struct SignedIn {
    id: SessionId,
    session: Arc<Session>,
    sender: Sender,
}

impl SignedIn {
    /// Asks the service as this person. What the service lets nobody, or not this person, do or
    /// see is another page.
    pub(super) async fn ask(
        &self,
        app: &App,
        to: (Method, &str),
        body: Option<&Value>,
    ) -> Result<Answer, Shown> {
        let token = Some(&self.session.person.token);
        let answer = app.api.ask(&self.sender, token, to, body).await;
        let refusal = match answer.status {
            StatusCode::UNAUTHORIZED => {
                app.sessions.end(&self.id);
                return Err(signed_out(app));
            }
            StatusCode::FORBIDDEN => (
                "You may not do this",
                "None of your roles on this project is among those that may.",
            ),
            StatusCode::NOT_FOUND => ("Not found", "There is no such thing, or it is not yours."),
            _ => return Ok(answer),
        };
        let (title, text) = refusal;
        let person = self.shown(app);
        Err(app
            .message_to(answer.status, (title, &[text]), &person)
            .into())
    }

    /// What the service shows to this person.
    pub(super) async fn get(&self, app: &App, target: &str) -> Result<Value, Shown> {
        let answer = self.ask(app, (Method::GET, target), None).await?;
        match answer.status {
            StatusCode::OK => Ok(answer.body),
            StatusCode::BAD_REQUEST => {
                let text = answer.errors().join(" ");
                Err(app.trouble(answer.status, &text))
            }
            _ => Err(app.unavailable()),
        }
    }

    /// Whether the form is from a page of this person's session.
    pub(super) fn check(&self, app: &App, form: &Form) -> Result<(), Shown> {
        let given = form.get(FORM_TOKEN).unwrap_or_default();
        match app.sessions.is_form_token(&self.id, given) {
            true => Ok(()),
            false => Err(app.trouble(StatusCode::FORBIDDEN, FOREIGN_FORM)),
        }
    }

    /// What a page's head says of this person, and its forms need.
    pub(super) fn shown(&self, app: &App) -> Value {
        json!({
            "user": self.session.person.user,
            "project": self.session.person.project,
            "form": app.sessions.form_token(&self.id),
        })
    }

    /// Leaves something for the next page to tell.
    pub(super) fn tell(&self, text: impl Into<String>) {
        self.session.tell(text);
    }

    /// What there is to tell.
    pub(super) fn news(&self) -> Option<String> {
        self.session.take_news()
    }

    pub(super) fn sign_out(&self, app: &App) {
        app.sessions.end(&self.id);
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Shown;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Shown> {
        let found = app.cookie.read(&parts.headers).and_then(|id| {
            let session = app.sessions.find(&id, app.engine.time())?;
            Some((id, session))
        });
        let Some((id, session)) = found else {
            if parts.method == Method::POST {
                return Err(signed_out(app));
            }
            if comes_from_elsewhere(&parts.headers) {
                return Err(app.once_more(&parts.uri).into());
            }
            // Only to a task, and only by its id: nowhere else.
            let path = parts.uri.path();
            let task = path.strip_prefix("/admin/tasks/").map(str::parse::<TaskId>);
            let to = match task {
                Some(Ok(task)) => format!("/admin/sign-in?task={task}"),
                _ => "/admin/sign-in".to_owned(),
            };
            return Err(app.redirect(&to).into());
        };
        let sender = Sender::of(parts);
        Ok(Self {
            id,
            session,
            sender,
        })
    }
}

/// The id of the task in the path.
pub(super) struct Id(pub(super) TaskId);

impl FromRequestParts<Arc<App>> for Id {
    type Rejection = Shown;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Shown> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        let id = path.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self)
            .ok_or_else(|| app.trouble(StatusCode::NOT_FOUND, "There is no such task."))
    }
}

fn signed_out(app: &App) -> Shown {
    let context = json!({
        "title": "You are signed out",
        "texts": ["Your session has ended, and nothing was done. Please sign in again."],
        "link": { "to": "/admin/sign-in", "text": "Sign in" },
    });
    app.page(StatusCode::UNAUTHORIZED, "message.html", context)
        .into()
}

pub(super) const FORM_TOKEN: &str = "form_token";
pub(super) const FOREIGN_FORM: &str = "The form was not from a page of this session, and nothing was done. Please open the page again.";
