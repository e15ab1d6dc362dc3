//! Endpoints in the manner of Keystone: a project's users and their roles, and what people ask
//! for themselves.

mod quotas;
mod requests;
mod roles;
mod size;
mod users;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use quotas::Quotas;
pub(super) use users::{EditableUser, editable_users};

use super::{app::App, error::ApiError};
use crate::workflow::Caller;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(users::list, users::invite))
        .routes(routes!(users::show, users::remove))
        .routes(routes!(roles::of_user, roles::grant, roles::revoke))
        .routes(routes!(roles::list))
        .routes(routes!(requests::sign_up))
        .routes(routes!(requests::reset))
        .routes(routes!(requests::set))
        .routes(routes!(requests::email))
        .routes(routes!(quotas::show, quotas::ask))
}

/// The project that the caller acts in.
fn project(caller: &Caller) -> Result<&str, ApiError> {
    caller.project_id().ok_or_else(ApiError::unauthorized)
}
