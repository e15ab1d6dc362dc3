//! The pages, put together.

use std::sync::Arc;

use axum::{Router, extract::State, middleware, response::Response, routing::get};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};

use super::{
    App, PageSettings, admin, api::Api, app::Turns, cookie::Cookie, edge, sessions::Sessions,
    sign_in::SignIn, templates::Templates, token,
};
use crate::{
    keystone::NoRandomness,
    workflow_service::{Gate, WorkflowService, identify, note_address},
};

/// Pages for people beside a service. See the [module](super).
#[derive(Debug)]
#[must_use]
pub struct Pages {
    app: App,
    router: Router,
    trusted: Arc<[crate::workflow_service::Network]>,
}

/// Why there are no pages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPages {
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// One of the built-in templates is not one.
    #[error("template `{0}` is not one")]
    Template(String),
    /// Words for tasks that there are not.
    #[error("`wording` names the unknown task type `{0}`")]
    Wording(String),
}

impl Pages {
    /// Pages beside this service.
    ///
    /// # Errors
    ///
    /// [`InvalidPages`].
    pub fn new(service: WorkflowService, settings: PageSettings) -> Result<Self, InvalidPages> {
        let engine = service.engine().clone();
        let unknown = |name: &&String| engine.registry().find_type(name).is_none();
        if let Some(name) = settings.wording.keys().find(unknown) {
            return Err(InvalidPages::Wording(name.clone()));
        }
        let templates = Templates::new()
            .map_err(|error| InvalidPages::Template(error.name().unwrap_or_default().to_owned()))?;
        let decided = service.decided();
        let (body_limit, body_deadline) = (decided.body_limit, decided.body_deadline());
        let trusted = Arc::from(&*decided.trusted_proxies);
        let router = service.router();
        let is_secure = settings.url.as_ref().is_none_or(|it| it.is_secure());
        let app = App {
            api: Api::new(router.clone()),
            body_deadline,
            body_limit,
            cookie: Cookie::new(is_secure),
            engine,
            gate: Gate::new(settings.sign_in_limits),
            sessions: Sessions::new(&settings)?,
            settings,
            sign_in: None,
            templates,
            turns: Turns::new(),
        };
        Ok(Self {
            app,
            router,
            trusted,
        })
    }

    /// Sets how administrators sign in. Default not at all, and no pages for them.
    pub fn sign_in(mut self, sign_in: impl SignIn) -> Self {
        self.app.sign_in = Some(Box::new(sign_in));
        self
    }

    /// All endpoints of the service, and the pages.
    pub fn router(self) -> Router {
        let app = Arc::new(self.app);
        let mut pages = token::routes().route("/pages.css", get(style));
        if app.sign_in.is_some() {
            pages = pages.merge(admin::routes());
        }
        // The last layer is the first to see a request.
        let pages = pages
            .route("/admin/{*rest}", get(nothing))
            .route("/token/{token}/{*rest}", get(nothing))
            .method_not_allowed_fallback(other_method)
            .layer(middleware::from_fn_with_state(
                Arc::clone(&app),
                edge::own_site,
            ))
            .layer(middleware::map_response(edge::secured))
            .layer(middleware::from_fn_with_state(self.trusted, note_address))
            .layer(middleware::from_fn(identify))
            .layer(middleware::from_fn(edge::number))
            .with_state(app);
        pages.fallback_service(self.router)
    }
}

async fn style() -> Response {
    let mut response = Response::new(include_str!("templates/pages.css").into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css"));
    let hour = HeaderValue::from_static("public, max-age=3600");
    headers.insert(CACHE_CONTROL, hour);
    response
}

async fn nothing(State(app): State<Arc<App>>) -> Response {
    let text = "There is no such page.";
    app.message(StatusCode::NOT_FOUND, "Not found", &[text])
}

async fn other_method(State(app): State<Arc<App>>) -> Response {
    let text = "That is not how this page is asked.";
    app.message(StatusCode::METHOD_NOT_ALLOWED, "That did not work", &[text])
}
