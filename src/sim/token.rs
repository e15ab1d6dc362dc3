//! What stands in front of Nova and Neutron: keystonemiddleware, as far as it shows.

use http::StatusCode;

use super::User;
use super::call::{Call, Reply, json, set};
use super::state::{State, Token};

/// Who a request is from, by its token alone.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) user: String,
    pub(super) project: Option<String>,
    roles: Vec<String>,
}

impl Caller {
    fn new(user: &User, token: &Token) -> Self {
        // Roles travel to the services joined by commas, so a role with a comma becomes two.
        let joined = if token.scoped {
            user.roles.join(",")
        } else {
            String::new()
        };
        Self {
            user: user.id.clone(),
            project: token.scoped.then(|| user.project.clone()),
            roles: joined
                .split(',')
                .map(|role| role.trim().to_owned())
                .collect(),
        }
    }

    /// oslo.policy compares role names without regard to case.
    pub(super) fn has_role(&self, name: &str) -> bool {
        self.roles
            .iter()
            .any(|role| role.eq_ignore_ascii_case(name))
    }

    pub(super) fn is_admin(&self) -> bool {
        self.has_role("admin")
    }

    /// Whether something of this project is the caller's own, or the caller is over all projects.
    pub(super) fn may_see(&self, project: &str) -> bool {
        self.is_admin() || self.project.as_deref() == Some(project)
    }
}

/// The caller, or `None` for 401.
pub(super) fn authenticate(state: &State, call: &Call) -> Option<Caller> {
    let mut allow_expired = false;
    if let Some(service) = call.header("x-service-token") {
        // A bad service token fails the request even if the user's is good.
        let caller = look_up(state, &service, false)?;
        if !caller.has_role("service") {
            return None;
        }
        allow_expired = true;
    }
    // Present but wrong, or present twice and so joined with a comma, is not absent.
    let token = call
        .header("x-auth-token")
        .or_else(|| call.header("x-storage-token"))?;
    look_up(state, &token, allow_expired)
}

fn look_up(state: &State, text: &str, allow_expired: bool) -> Option<Caller> {
    let token = state.tokens.get(text)?;
    if !allow_expired && token.expires <= state.clock.now() {
        return None;
    }
    let user = state.users.get(&token.user)?;
    Some(Caller::new(user, token))
}

pub(super) fn unauthorized(state: &State) -> Reply {
    let mut reply = json(
        StatusCode::UNAUTHORIZED,
        &serde_json::json!({"error": {
            "code": 401,
            "title": "Unauthorized",
            "message": "The request you have made requires authentication.",
        }}),
    );
    let keystone = match state.addresses {
        Some(addresses) => format!("http://{}/v3", addresses.keystone),
        None => "http://localhost/v3".to_owned(),
    };
    set(
        &mut reply,
        "www-authenticate",
        &format!("Keystone uri=\"{keystone}\""),
    );
    reply
}
