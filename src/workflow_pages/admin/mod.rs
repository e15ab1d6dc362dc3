//! The pages of administrators.

mod acts;
mod edit;
mod notifications;
mod person;
mod query;
mod sign_in;
mod task;
mod tasks;
mod trail;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};

use super::{App, Shown};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin", get(home))
        .route("/admin/sign-in", get(sign_in::ask).post(sign_in::sign_in))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/tasks", get(tasks::list))
        .route("/admin/tasks/{id}", get(task::show))
        .route("/admin/tasks/{id}/approve", post(acts::approve))
        .route("/admin/tasks/{id}/cancel", post(acts::cancel))
        .route("/admin/tasks/{id}/reissue", post(acts::reissue))
        .route("/admin/tasks/{id}/retry", post(acts::retry))
        .route("/admin/tasks/{id}/edit", get(edit::ask).post(edit::save))
        .route("/admin/tasks/{id}/trail", get(trail::show))
        .route("/admin/notifications", get(notifications::list))
        .route(
            "/admin/notifications/acknowledge",
            post(notifications::acknowledge),
        )
}

async fn home(State(app): State<Arc<App>>) -> Response {
    app.redirect("/admin/tasks")
}
