//! Tasks: all of them, and one.

mod deliveries;
mod list;
mod one;
mod shape;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use one::own;
pub(super) use shape::{TaskBody, bodies};

use super::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(one::show, one::update, one::approve, one::cancel))
}
