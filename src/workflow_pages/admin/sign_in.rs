//! Signing in and out.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap, StatusCode, Uri,
    header::{RETRY_AFTER, SET_COOKIE},
};
use serde_json::json;

use super::{
    App, Shown,
    person::{FOREIGN_FORM, FORM_TOKEN, SignedIn},
    query::Query,
};
use crate::{
    keystone::Token,
    openstack::Named,
    workflow::TaskId,
    workflow_pages::{
        edge::comes_from_elsewhere,
        form::Form,
        sessions::SessionId,
        sign_in::{Credentials, SignInError},
    },
    workflow_service::ClientAddress,
};

/// Shows the form.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Shown> {
    let query = Query::read(&uri);
    let id = match app.cookie.read(&headers) {
        Some(id) => id,
        // Else a link on another site would end the session that the browser has.
        None if comes_from_elsewhere(&headers) => return Ok(app.once_more(&uri)),
        None => SessionId::random().map_err(|_| app.unavailable())?,
    };
    let task = query.get("task").and_then(|it| it.parse().ok());
    let page = Page {
        task,
        ..Page::default()
    };
    let mut response = page.show(&app, StatusCode::OK, &id);
    keep(&app, &mut response, &id);
    Ok(response)
}

/// Takes the form: a password, or a token.
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    address: Option<Extension<ClientAddress>>,
    form: Form,
) -> Result<Response, Shown> {
    let foreign = || app.trouble(StatusCode::FORBIDDEN, FOREIGN_FORM);
    let before = app.cookie.read(&headers).ok_or_else(foreign)?;
    let given = form.get(FORM_TOKEN).unwrap_or_default();
    if !app.sessions.is_form_token(&before, given) {
        return Err(foreign());
    }
    let mut page = Page::filled(&form);
    let Some(credentials) = page.credentials(&form) else {
        return Ok(page.show(&app, StatusCode::BAD_REQUEST, &before));
    };
    let address = address.map(|Extension(ClientAddress(it))| it);
    let user = matches!(credentials, Credentials::Password { .. });
    let user = user.then(|| format!("{}@{}", page.user, page.domain));
    if let Err(refused) = app.gate.pass(address, user.as_deref()) {
        page.trouble = Some("There were too many attempts. Please try again in a while.");
        let mut response = page.show(&app, StatusCode::TOO_MANY_REQUESTS, &before);
        if let Some(wait) = refused.into_response().headers_mut().remove(RETRY_AFTER) {
            response.headers_mut().insert(RETRY_AFTER, wait);
        }
        return Ok(response);
    }
    let sign_in = app.sign_in.as_ref().ok_or_else(|| app.unavailable())?;
    let person = match sign_in.sign_in(&credentials).await {
        Ok(person) => person,
        Err(error) => {
            // Not as whom: people type passwords into the wrong field.
            tracing::info!(?address, "nobody was signed in");
            return Ok(page.refused(&app, &error, &before));
        }
    };
    tracing::info!(user = person.user, project = person.project, "signed in");
    // Nobody else knows the new id, whatever became of the one before.
    app.sessions.end(&before);
    let begun = app.sessions.begin(person, app.engine.time());
    let id = begun.map_err(|_| app.unavailable())?;
    let mut response = app.redirect(&match &page.task {
        Some(task) => format!("/admin/tasks/{task}"),
        None => "/admin/tasks".to_owned(),
    });
    keep(&app, &mut response, &id);
    Ok(response)
}

/// Ends the session.
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    who: SignedIn,
    form: Form,
) -> Result<Response, Shown> {
    who.check(&app, &form)?;
    who.sign_out(&app);
    let mut response = app.redirect("/admin/sign-in");
    if let Some(cookie) = app.cookie.forget() {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn keep(app: &App, response: &mut Response, id: &SessionId) {
    if let Some(cookie) = app.cookie.keep(id) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
}

/// The form, without its secrets.
#[derive(Default)]
struct Page {
    user: String,
    domain: String,
    project: String,
    project_domain: String,
    /// The task to go to afterwards.
    task: Option<TaskId>,
    /// What was left out.
    missing: Vec<&'static str>,
    trouble: Option<&'static str>,
}

impl Page {
    fn filled(form: &Form) -> Self {
        let text = |name| form.get(name).unwrap_or_default().trim().to_owned();
        Self {
            user: text("user"),
            domain: text("domain"),
            project: text("project"),
            project_domain: text("project_domain"),
            task: form.get("task").and_then(|it| it.parse().ok()),
            missing: Vec::new(),
            trouble: None,
        }
    }

    /// The credentials, if they are whole; else what is missing is noted.
    fn credentials(&mut self, form: &Form) -> Option<Credentials> {
        let token = form.get("token").unwrap_or_default().trim();
        if form.get("with") == Some("token") {
            let token = Token::new(token).ok();
            if token.is_none() {
                self.missing.push("token");
            }
            return token.map(Credentials::Token);
        }
        let password = form.get("password").unwrap_or_default();
        for (name, value) in [
            ("user", &*self.user),
            ("password", password),
            ("domain", &*self.domain),
            ("project", &*self.project),
        ] {
            if value.is_empty() {
                self.missing.push(name);
            }
        }
        let names = [
            &self.user,
            &self.domain,
            &self.project,
            &self.project_domain,
        ];
        if names.iter().any(|it| it.len() > LONGEST_NAME) {
            self.trouble = Some(REFUSED);
            return None;
        }
        if !self.missing.is_empty() {
            return None;
        }
        let other = Some(&self.project_domain).filter(|it| !it.is_empty());
        let domain = other.unwrap_or(&self.domain);
        Some(Credentials::Password {
            user: Named::in_domain(&*self.user, &*self.domain),
            password: password.into(),
            project: Named::in_domain(&*self.project, domain.as_str()),
        })
    }

    fn refused(mut self, app: &App, error: &SignInError, id: &SessionId) -> Response {
        let (status, text) = match error {
            SignInError::NoProject => (
                StatusCode::FORBIDDEN,
                "That token is for no project. Please use one that is.",
            ),
            SignInError::Refused => (StatusCode::FORBIDDEN, REFUSED),
            SignInError::Unavailable(_) => {
                tracing::warn!(%error, "nobody can sign in");
                let text = "Keystone does not answer. Please try again in a while.";
                (StatusCode::SERVICE_UNAVAILABLE, text)
            }
        };
        self.trouble = Some(text);
        self.show(app, status, id)
    }

    fn show(&self, app: &App, status: StatusCode, id: &SessionId) -> Response {
        let domain = match self.domain.as_str() {
            "" if self.missing.is_empty() => "Default",
            domain => domain,
        };
        let context = json!({
            "user": self.user,
            "domain": domain,
            "project": self.project,
            "project_domain": self.project_domain,
            "task": self.task,
            "missing": self.missing,
            "trouble": self.trouble,
            "form_token": app.sessions.form_token(id),
        });
        app.page(status, "sign_in.html", context)
    }
}

/// More than Keystone takes. Names are counted by, so they must not fill the memory.
const LONGEST_NAME: usize = 1024;
const REFUSED: &str = "Keystone did not accept that. Please look at what you have entered. If \
     your account needs a second factor, use a token.";
