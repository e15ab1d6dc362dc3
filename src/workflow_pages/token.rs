//! The page that a mailed link leads to.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::{Method, StatusCode, request::Parts};
use serde_json::{Map, Value, json};

use super::{
    App, Shown,
    api::{Answer, Sender},
    form::Form,
    show, widget,
    widget::Widget,
    wording::words,
};
use crate::workflow::{EngineError, Field, Kind, Task, TokenSecret};

pub(super) fn routes() -> Router<Arc<App>> {
    let mut routes = Router::new().route("/token/{token}", get(ask).post(submit));
    for (path, title, text) in ENDS {
        let end =
            async move |State(app): State<Arc<App>>| app.message(StatusCode::OK, title, &[text]);
        routes = routes.route(path, get(end));
    }
    routes
}

/// Shows what a token is for. Nothing is used up by that: what scans mails follows links.
async fn ask(
    State(app): State<Arc<App>>,
    token: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Shown> {
    let asked = Asked::find(&app, token.ok().map(|Path(it)| it)).await?;
    let fields = asked.fields(&app);
    let widgets = fields.iter().map(|it| Widget::of(it, None)).collect();
    Ok(asked.page(&app, StatusCode::OK, widgets, &[], None))
}

async fn submit(
    State(app): State<Arc<App>>,
    token: Result<Path<String>, axum::extract::rejection::PathRejection>,
    sender: Sender,
    form: Form,
) -> Result<Response, Shown> {
    let asked = Asked::find(&app, token.ok().map(|Path(it)| it)).await?;
    let fields = asked.fields(&app);
    let (mut body, mut widgets, mut wrong) = (Map::new(), Vec::new(), false);
    for field in &fields {
        let mut widget = Widget::filled(field, &form);
        match widget::value(field, &form) {
            Ok(Some(value)) => drop(body.insert(field.name().to_owned(), value)),
            Ok(None) => {}
            Err(error) => {
                wrong = true;
                let errors = match error == widget::DIFFERENT {
                    true => &mut widget.again,
                    false => &mut widget.errors,
                };
                errors.push(error.to_owned());
            }
        }
        widgets.push(widget);
    }
    if wrong {
        return Ok(asked.page(&app, StatusCode::BAD_REQUEST, widgets, &[], None));
    }
    // The secret in it is not logged: the service leaves it out of what it tells of a request.
    let target = format!("/v1/tokens/{}", asked.token.expose());
    let to = (Method::POST, target.as_str());
    let answer = app.api.ask(&sender, None, to, Some(&body.into())).await;
    asked.answered(&app, &answer, widgets).await
}

/// A token that is good, and what it is for.
struct Asked {
    token: TokenSecret,
    task: Task,
}

impl Asked {
    async fn find(app: &App, token: Option<String>) -> Result<Self, Shown> {
        let token = token.filter(|it| is_token(it)).ok_or_else(|| gone(app))?;
        let token = TokenSecret::new(token);
        match app.engine.token(&token).await {
            Ok(task) => Ok(Self { token, task }),
            Err(EngineError::NoToken) => Err(gone(app)),
            Err(error) => {
                tracing::error!(%error, "a token could not be looked for");
                Err(app.unavailable())
            }
        }
    }

    /// The fields that its actions ask for, each once.
    fn fields<'a>(&self, app: &'a App) -> Vec<&'a Field> {
        let mut fields: Vec<&Field> = Vec::new();
        for record in &self.task.actions {
            let action = app.engine.registry().find_action(&record.name);
            let declared = action.map_or(&[][..], |it| it.token_fields());
            let asked = |it: &&Field| record.token_fields.iter().any(|name| name == it.name());
            for field in declared.iter().filter(asked) {
                if fields.iter().all(|it| it.name() != field.name()) {
                    fields.push(field);
                }
            }
        }
        fields
    }

    fn asks_password(&self, app: &App) -> bool {
        let mut fields = self.fields(app).into_iter();
        fields.any(|it| *it.kind() == Kind::Secret)
    }

    fn page(
        &self,
        app: &App,
        status: StatusCode,
        mut widgets: Vec<Widget>,
        troubles: &[String],
        retry: Option<&Answer>,
    ) -> Response {
        let password = self.asks_password(app);
        let own = app.settings.wording.get(&self.task.task_type);
        let words = words(own, &self.task.task_type, password);
        for widget in &mut widgets {
            match widget.name.as_str() {
                "confirm" => words.confirm.clone_into(&mut widget.label),
                "password" => "New password".clone_into(&mut widget.label),
                _ => {}
            }
        }
        let context = json!({
            "title": words.title,
            "text": words.text,
            "button": words.button,
            "facts": self.facts(),
            "fields": widgets,
            "troubles": troubles,
        });
        let mut response = app.page(status, "token.html", context);
        if let Some(wait) = retry.and_then(|it| it.retry_after.clone()) {
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, wait);
        }
        response
    }

    /// What somebody can know the task by: what they have given themselves, or were offered.
    fn facts(&self) -> Vec<Value> {
        let find = |key: &str| self.task.actions.iter().find_map(|it| it.data.get(key));
        let fact = |key: &&str| {
            let text = show::text(find(key)?);
            (!text.is_empty()).then(|| json!({ "label": widget::label(key), "value": text }))
        };
        FACTS.iter().filter_map(fact).collect()
    }

    /// What comes of a submission.
    async fn answered(
        self,
        app: &App,
        answer: &Answer,
        mut widgets: Vec<Widget>,
    ) -> Result<Response, Shown> {
        let status = answer.status;
        let password = self.asks_password(app);
        match status {
            StatusCode::OK if password => return Ok(app.redirect("/token/password-set")),
            StatusCode::OK => return Ok(app.redirect("/token/confirmed")),
            StatusCode::ACCEPTED => return Ok(app.redirect("/token/begun")),
            StatusCode::NOT_FOUND => return Err(gone(app)),
            _ => {}
        }
        for widget in &mut widgets {
            widget.errors.extend(answer.errors_of(&widget.name));
        }
        let mut troubles = show::reasons(answer.reasons());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            // Only if it is good again can the person do anything.
            if app.engine.token(&self.token).await.is_err() {
                let text = "It could not be done just now, and is being tried again by itself. \
                     If it does not work out, this link works once more: try it in a while.";
                return Ok(app.message(status, "Not done yet", &[text]));
            }
            let text = "It could not be done just now. Nothing is lost: your link still works. \
                 Please try again in a while.";
            troubles.push(text.to_owned());
        } else if widgets.iter().all(|it| it.errors.is_empty()) && troubles.is_empty() {
            troubles.extend(answer.errors());
        }
        Ok(self.page(app, status, widgets, &troubles, Some(answer)))
    }
}

/// Whatever is wrong with a link, the answer is the same: nobody finds out which there were.
fn gone(app: &App) -> Shown {
    let texts = [
        "It has been used already, it has expired, a newer one was sent to you, or a part of it \
         is missing.",
        "If you have just used it, all is well: each link works once. Otherwise open the newest \
         mail and use its whole link, or ask for a new one.",
    ];
    let title = "This link does not work any more";
    Shown::from(app.message(StatusCode::NOT_FOUND, title, &texts))
}

fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|it| it.is_ascii_hexdigit())
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Sender {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

/// Inputs that say to a person what a task is about, in the order in which they are shown.
const FACTS: [&str; 4] = ["email", "username", "new_email", "project_name"];

/// What people come to when a token is used. These pages say the same to everybody.
const ENDS: [(&str, &str, &str); 3] = [
    (
        "/token/password-set",
        "Your password is set",
        "You can sign in with it now, and close this page.",
    ),
    (
        "/token/confirmed",
        "Thank you, that is done",
        "You have confirmed it, and it was done. You can close this page.",
    ),
    (
        "/token/begun",
        "Thank you, it is being done",
        "It takes a little longer. You get a mail when it is done, and can close this page.",
    ),
];
