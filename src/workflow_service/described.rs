//! What the task views take, in the description of the API.

use http::Method;
use utoipa::openapi::{
    OpenApi, PathItem, RefOr,
    path::Operation,
    schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type},
    security::SecurityRequirement,
};

use super::{
    Access, TaskView,
    app::App,
    view::{
        CREATE_PROJECT, EDIT_USER, INVITE_USER, RESET_PASSWORD, SET_PASSWORD, UPDATE_EMAIL,
        UPDATE_QUOTA,
    },
};
use crate::workflow::{Action, Field, Kind};

/// Endpoints of built-in views. The last of each is its own and has its example.
const ENDPOINTS: [(&str, Method, &str); 8] = [
    (
        "/v1/openstack/users/{user_id}/roles",
        Method::DELETE,
        EDIT_USER,
    ),
    (
        "/v1/openstack/users/{user_id}/roles",
        Method::PUT,
        EDIT_USER,
    ),
    ("/v1/openstack/sign-up", Method::POST, CREATE_PROJECT),
    ("/v1/openstack/users", Method::POST, INVITE_USER),
    (
        "/v1/openstack/users/password-reset",
        Method::POST,
        RESET_PASSWORD,
    ),
    (
        "/v1/openstack/users/password-set",
        Method::POST,
        SET_PASSWORD,
    ),
    (
        "/v1/openstack/users/email-update",
        Method::POST,
        UPDATE_EMAIL,
    ),
    ("/v1/openstack/quotas", Method::POST, UPDATE_QUOTA),
];
const ANY_VIEW: &str = "/v1/actions/{view}";
/// What an endpoint itself says of a user.
const SAID: [&str; 2] = ["user_id", "remove"];

/// Says which fields each view takes, and of each by which path it is asked.
pub(super) fn views(api: &mut OpenApi, app: &App) {
    for (path, method, view) in ENDPOINTS {
        let item = api.paths.paths.get_mut(path);
        let operation = item.and_then(|it| operation(it, &method));
        if let (Some(operation), Some(view)) = (operation, view_of(app, view)) {
            let said: &[&str] = if path.contains('{') { &SAID } else { &[] };
            take(operation, &body(app, view, said));
        }
    }
    let Some(any) = api.paths.paths.remove(ANY_VIEW) else {
        return;
    };
    for view in &app.views {
        if app.view(&view.name).is_err() {
            continue;
        }
        let mut item = any.clone();
        let example = example(api, &view.name);
        for operation in [item.get.as_mut(), item.post.as_mut()]
            .into_iter()
            .flatten()
        {
            operation.parameters = None;
            if *app.access(view) == Access::Anyone {
                let token = SecurityRequirement::new("token", [""; 0]);
                operation.security = Some(vec![SecurityRequirement::default(), token]);
            }
        }
        if let Some(asked) = item.post.as_mut() {
            take(asked, &body(app, view, &[]));
            if let Some(RefOr::T(body)) = asked.request_body.as_mut() {
                for content in body.content.values_mut() {
                    if let RefOr::T(content) = content {
                        content.example.clone_from(&example);
                    }
                }
            }
        }
        let path = ANY_VIEW.replace("{view}", &view.name);
        api.paths.paths.insert(path, item);
    }
}

fn view_of<'a>(app: &'a App, name: &str) -> Option<&'a TaskView> {
    app.view(name).ok().map(|(view, _)| view)
}

fn operation<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Operation> {
    match *method {
        Method::DELETE => item.delete.as_mut(),
        Method::PUT => item.put.as_mut(),
        _ => item.post.as_mut(),
    }
}

/// The example of a view's own endpoint.
fn example(api: &mut OpenApi, view: &str) -> Option<serde_json::Value> {
    // What a user is given on a path is not in the example.
    let own = |it: &&(&str, Method, &str)| it.2 == view && !it.0.contains('{');
    let (path, method, _) = ENDPOINTS.iter().find(own)?;
    let asked = operation(api.paths.paths.get_mut(*path)?, method)?;
    let Some(RefOr::T(body)) = &asked.request_body else {
        return None;
    };
    match body.content.values().next()? {
        RefOr::T(content) => content.example.clone(),
        RefOr::Ref(_) => None,
    }
}

fn take(operation: &mut Operation, schema: &Schema) {
    if let Some(RefOr::T(body)) = operation.request_body.as_mut() {
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.schema = Some(schema.clone().into());
            }
        }
    }
}

/// What a view takes, but for what is said already.
fn body(app: &App, view: &TaskView, said: &[&str]) -> Schema {
    let mut object = ObjectBuilder::new();
    let known = app.view(&view.name);
    let actions = known.map_or_else(|_| Vec::new(), |(_, it)| app.actions(it));
    for field in actions.into_iter().flat_map(Action::fields) {
        // That of the caller, if it is not there.
        let is_filled = field.name() == "project_id";
        if said.contains(&field.name()) {
            continue;
        }
        object = object.property(field.name(), property(field, is_filled));
        if field.is_required() && !is_filled {
            object = object.required(field.name());
        }
    }
    object.build().into()
}

fn property(field: &Field, is_filled: bool) -> Schema {
    let may_be_null = !field.is_required() || is_filled;
    let of = |kind: Type| -> SchemaType {
        match may_be_null {
            true => [kind, Type::Null].into_iter().collect(),
            false => kind.into(),
        }
    };
    let object = ObjectBuilder::new();
    match field.kind() {
        Kind::Accepted => object
            .schema_type(of(Type::Boolean))
            .enum_values(Some([true])),
        Kind::Boolean => object.schema_type(of(Type::Boolean)),
        Kind::Email => object
            .schema_type(of(Type::String))
            .pattern(Some(r"^\s*[^\s@]+@[^\s@]+\s*$")),
        Kind::Integer => object.schema_type(of(Type::Integer)),
        Kind::Json => object.schema_type(SchemaType::AnyValue),
        Kind::Names { choices } => {
            let name = ObjectBuilder::new().schema_type(Type::String);
            let name = name.min_length(Some(1)).enum_values(choices.clone());
            let names = ArrayBuilder::new().items(name);
            return names.schema_type(of(Type::Array)).build().into();
        }
        Kind::Secret => object.schema_type(of(Type::String)).min_length(Some(1)),
        Kind::Text { longest } => object
            .schema_type(of(Type::String))
            .min_length(Some(1))
            .max_length(Some(*longest)),
    }
    .build()
    .into()
}
