//! Nova: from the WSGI server's view of a request to a controller, in Nova's own order.

mod action;
mod body;
mod create;
mod fault;
mod interfaces;
mod mount;
mod networks;
mod servers;
mod version;
mod vifs;

#[cfg(test)]
mod tests;

use http::StatusCode;

use self::body::Content;
use self::mount::Mount;
use self::version::Version;
use super::call::{BODY_LIMIT, Call, Fault, Reply, new_request_id, set};
use super::state::{Server, State};
use super::token::{self, Caller};

pub(super) use self::fault::refusal;

/// What a controller gets.
struct Ask<'a> {
    call: &'a Call,
    caller: Caller,
    version: Version,
    content: Content,
}

impl Ask<'_> {
    /// The project of the caller; policy asks for one.
    fn project(&self, rule: &str) -> Result<&str, Fault> {
        self.caller
            .project
            .as_deref()
            .ok_or_else(|| not_allowed(rule))
    }

    fn member(&self, rule: &str) -> Result<(), Fault> {
        self.project(rule)?;
        if self.caller.has_role("member") || self.caller.is_admin() {
            Ok(())
        } else {
            Err(not_allowed(rule))
        }
    }

    fn reader(&self, rule: &str) -> Result<(), Fault> {
        self.project(rule)?;
        if self.caller.has_role("reader") || self.caller.has_role("member") {
            return Ok(());
        }
        if self.caller.is_admin() {
            Ok(())
        } else {
            Err(not_allowed(rule))
        }
    }

    /// A server by the id in a path. The database does not mind its case.
    fn server<'s>(&self, state: &'s State, id: &str) -> Result<&'s Server, Fault> {
        state
            .server(id)
            .filter(|server| self.caller.may_see(&server.project))
            .ok_or_else(|| Fault::not_found(format!("Instance {id} could not be found.")))
    }
}

fn not_allowed(rule: &str) -> Fault {
    Fault::forbidden(format!(
        "Policy doesn't allow os_compute_api:{rule} to be performed."
    ))
}

pub(super) fn answer(state: &mut State, call: &Call) -> Reply {
    let mut reply = match mount::mount(call) {
        Mount::Versions => version::choices(call, mount::is_root(call)),
        Mount::Version { legacy } => version::document(call, legacy),
        Mount::Api { path, legacy } => api(state, call, &path, legacy),
    };
    let id = new_request_id();
    set(&mut reply, "x-openstack-request-id", &id);
    set(&mut reply, "x-compute-request-id", &id);
    reply
}

/// The filters of api-paste.ini, then the controllers.
fn api(state: &mut State, call: &Call, path: &str, legacy: bool) -> Reply {
    if call.oversize {
        return fault::webob(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("Request is too large. Larger than {BODY_LIMIT}."),
        );
    }
    let Some(caller) = token::authenticate(state, call) else {
        return token::unauthorized(state);
    };
    let method = mount::routed_method(call);
    let Some(route) = mount::route(&method, path) else {
        return fault::webob(
            StatusCode::NOT_FOUND,
            "The resource could not be found.<br /><br />\n\n\n",
        );
    };
    let version = match Version::of(call, legacy) {
        Ok(version) => version,
        Err(fault) => return refusal(&fault),
    };
    let outcome = control(state, call, caller, version, &route);
    let mut reply = outcome.unwrap_or_else(|fault| refusal(&fault));
    version.report(&mut reply);
    reply
}

fn control(
    state: &mut State,
    call: &Call,
    caller: Caller,
    version: Version,
    route: &mount::Route<'_>,
) -> Result<Reply, Fault> {
    body::check_type(call)?;
    // The name of an action is looked at before anything else is made of the body.
    let action = match route.operation {
        mount::Operation::Action(_) => Some(body::action_name(call)?),
        _ => None,
    };
    let content = Content::of(call)?;
    if let Some(project) = route.project
        && caller.project.as_deref() != Some(project)
    {
        let own = caller.project.as_deref().unwrap_or("None");
        return Err(Fault::bad_request(format!(
            "Malformed request URL: URL's project_id '{project}' doesn't match Context's \
             project_id '{own}'"
        )));
    }
    let ask = Ask {
        call,
        caller,
        version,
        content,
    };
    use mount::Operation as Op;
    match route.operation {
        Op::List { detail } => servers::list(state, &ask, detail),
        Op::Show(id) => servers::show(state, &ask, id),
        Op::Rename(id) => servers::rename(state, &ask, id),
        Op::Delete(id) => servers::delete(state, &ask, id),
        Op::Create => create::create(state, &ask),
        Op::Action(id) => action::act(state, &ask, id, &action.unwrap_or_default()),
        Op::Interfaces(id) => interfaces::list(state, &ask, id),
        Op::Interface(id, port) => interfaces::show(state, &ask, id, port),
        Op::Attach(id) => interfaces::attach(state, &ask, id),
        Op::Detach(id, port) => interfaces::detach(state, &ask, id, port),
        Op::Vifs(id) => vifs::list(state, &ask, id),
        Op::Plug(id) => vifs::plug(state, &ask, id),
        Op::Unplug(id, vif) => vifs::unplug(state, &ask, id, vif),
    }
}
