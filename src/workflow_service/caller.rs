//! Who sends a request, and from where.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};

use super::{access::Rule, address::ClientAddress, app::App, error::ApiError};
use crate::{identity::Identity, workflow::Caller};

/// Whoever sends a request. Without a token for a project it is nobody.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    caller: Caller,
    pub(super) headers: HeaderMap,
}

impl Visitor {
    /// The caller, if the policy lets it use this endpoint.
    pub(super) fn admit(self, app: &App, rule: Rule) -> Result<Caller, ApiError> {
        app.policy.admit(rule, &self.caller)?;
        Ok(self.caller)
    }

    pub(super) const fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(super) const fn address(&self) -> Option<IpAddr> {
        self.caller.address
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        let identity = parts.extensions.get::<Identity>();
        let on_project = identity.filter(|it| it.project_id().is_some());
        let mut caller = on_project.map_or_else(Caller::anonymous, Caller::from);
        if let Some(ClientAddress(address)) = parts.extensions.get() {
            caller = caller.from_address(*address);
        }
        let headers = parts.headers.clone();
        Ok(Self { caller, headers })
    }
}
