//! What all pages share, and pages that say one thing.

use std::{sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode, Uri,
    header::{CONTENT_TYPE, LOCATION},
};
use moka::sync::Cache;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{
    PageSettings, api::Api, cookie::Cookie, sessions::Sessions, sign_in::SignIn,
    templates::Templates,
};
use crate::{
    workflow::{Engine, TaskId},
    workflow_service::Gate,
};

/// The pages' state.
#[derive(Debug)]
pub(super) struct App {
    pub(super) api: Api,
    pub(super) body_deadline: Duration,
    pub(super) body_limit: usize,
    pub(super) cookie: Cookie,
    pub(super) engine: Engine,
    pub(super) gate: Gate,
    pub(super) sessions: Sessions,
    pub(super) settings: PageSettings,
    pub(super) sign_in: Option<Box<dyn SignIn>>,
    pub(super) templates: Templates,
    pub(super) turns: Turns,
}

/// A page that is shown instead of the one that was asked for.
#[derive(Debug)]
pub(super) struct Shown(Box<Response>);

/// One change of a task at a time, as far as these pages make them.
#[derive(Debug)]
pub(super) struct Turns(Cache<TaskId, Arc<Mutex<()>>>);

impl App {
    /// A page by its template.
    pub(super) fn page(&self, status: StatusCode, template: &str, mut context: Value) -> Response {
        if let Some(context) = context.as_object_mut() {
            let dashboard = self.settings.dashboard.as_ref();
            context.insert("name".into(), self.settings.name.as_str().into());
            context.insert("base".into(), self.base().into());
            context.insert("dashboard".into(), dashboard.map(|it| it.as_str()).into());
            // For pages of nobody in particular.
            context.entry("person").or_insert(Value::Null);
        }
        let html = match self.templates.render(template, &context) {
            Ok(html) => html,
            Err(error) => {
                // Its kind and place; what was to be shown is not for the log.
                let (kind, line) = (error.kind(), error.line());
                tracing::error!(template, line, %kind, "a page could not be rendered");
                let text = "This page could not be shown.";
                return (StatusCode::INTERNAL_SERVER_ERROR, text).into_response();
            }
        };
        let mut response = (status, html).into_response();
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
        response
    }

    /// A page with a few sentences.
    pub(super) fn message(&self, status: StatusCode, title: &str, texts: &[&str]) -> Response {
        self.message_to(status, (title, texts), &Value::Null)
    }

    /// The same, for somebody who has signed in.
    pub(super) fn message_to(
        &self,
        status: StatusCode,
        (title, texts): (&str, &[&str]),
        person: &Value,
    ) -> Response {
        let context = json!({ "title": title, "texts": texts, "person": person, "link": null });
        self.page(status, "message.html", context)
    }

    /// Has a browser come here once more, from this site, so that it brings the cookie that it has
    /// kept back from another one.
    pub(super) fn once_more(&self, uri: &Uri) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(form_urlencoded::parse(
            uri.query().unwrap_or_default().as_bytes(),
        ));
        query.append_pair("again", "1");
        let to = format!("{}?{}", uri.path(), query.finish());
        self.page(StatusCode::OK, "once_more.html", json!({ "to": to }))
    }

    /// That something is wrong with a request.
    pub(super) fn trouble(&self, status: StatusCode, text: &str) -> Shown {
        self.message(status, "That did not work", &[text]).into()
    }

    pub(super) fn unavailable(&self) -> Shown {
        let text = "It cannot be done now. Please try again in a while.";
        let title = "Please try again later";
        self.message(StatusCode::SERVICE_UNAVAILABLE, title, &[text])
            .into()
    }

    /// Sends a browser to another page of these, to look at it.
    pub(super) fn redirect(&self, path: &str) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        // INVARIANT: paths are made of plain names and ids.
        if let Ok(to) = HeaderValue::try_from(format!("{}{path}", self.base())) {
            response.headers_mut().insert(LOCATION, to);
        }
        response
    }

    /// What is before the paths of this service.
    fn base(&self) -> &str {
        self.settings.url.as_ref().map_or("", |it| it.path())
    }
}

impl Turns {
    pub(super) fn new() -> Self {
        let idle = Duration::from_secs(600);
        let turns = Cache::builder().max_capacity(MOST_TURNS).time_to_idle(idle);
        Self(turns.build())
    }

    /// The turn of a task.
    pub(super) fn of(&self, id: &TaskId) -> Arc<Mutex<()>> {
        self.0.get_with(id.clone(), Arc::default)
    }
}

impl From<Response> for Shown {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        *self.0
    }
}

const MOST_TURNS: u64 = 10_000;
