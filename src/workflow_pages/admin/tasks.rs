//! The list of tasks.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{StatusCode, Uri};
use serde_json::{Map, Value, json};

use super::{
    App, Shown,
    person::SignedIn,
    query::{Query, target},
    task,
};
use crate::workflow_pages::show;

/// Which tasks are wanted.
struct Wanted<'a> {
    state: &'a str,
    task_type: Option<&'a str>,
    project: Option<&'a str>,
    person: Option<&'a str>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    who: SignedIn,
    uri: Uri,
) -> Result<Response, Shown> {
    let query = Query::read(&uri);
    let wanted = Wanted {
        state: query.get("state").unwrap_or("open"),
        task_type: query.get("type"),
        project: query.get("project"),
        person: query.get("person"),
    };
    let filters = wanted.filters().to_string();
    let mut asked = vec![("filters", filters.as_str()), ("limit", PER_PAGE)];
    let after = query.get("after");
    asked.extend(after.map(|it| ("after", it)));
    let body = who.get(&app, &target("/v1/tasks", &asked)).await?;
    let tasks = body.get("tasks").and_then(Value::as_array);
    let tasks: Vec<_> = tasks.into_iter().flatten().map(task::view).collect();
    let next = body.get("next").and_then(Value::as_str);
    let types = app.engine.registry().types().map(|it| {
        let chosen = wanted.task_type == Some(&it.name);
        json!({ "name": it.name, "label": show::name(&it.name), "chosen": chosen })
    });
    let states = STATES.map(
        |(name, label, _)| json!({ "name": name, "label": label, "chosen": wanted.state == name }),
    );
    let context = json!({
        "person": who.shown(&app),
        "news": who.news(),
        "tasks": tasks,
        "types": types.collect::<Vec<_>>(),
        "states": states,
        "project": wanted.project,
        "asker": wanted.person,
        "first": after.map(|_| wanted.link(None)),
        "next": next.map(|it| wanted.link(Some(it))),
    });
    Ok(app.page(StatusCode::OK, "tasks.html", context))
}

impl Wanted<'_> {
    /// The same as a filter of the service.
    fn filters(&self) -> Value {
        let mut filters = Map::new();
        let known = STATES.iter().find(|(name, ..)| *name == self.state);
        for (field, value) in known.map_or(&[][..], |(.., flags)| *flags) {
            filters.insert((*field).into(), json!({ "exact": value }));
        }
        for (field, lookup, value) in [
            ("task_type", "exact", self.task_type),
            ("project_id", "exact", self.project),
            ("keystone_user", "icontains", self.person),
        ] {
            if let Some(value) = value {
                filters.insert(field.into(), json!({ lookup: value }));
            }
        }
        filters.into()
    }

    /// Where the list goes on.
    fn link(&self, after: Option<&str>) -> String {
        let pairs = [
            ("state", Some(self.state)),
            ("type", self.task_type),
            ("project", self.project),
            ("person", self.person),
            ("after", after),
        ];
        let given = pairs.into_iter().filter_map(|(name, it)| Some((name, it?)));
        target("/admin/tasks", &given.collect::<Vec<_>>())
    }
}

type State3 = (&'static str, &'static str, &'static [(&'static str, bool)]);

const STATES: [State3; 6] = [
    (
        "open",
        "Open",
        &[("completed", false), ("cancelled", false)],
    ),
    (
        "undecided",
        "Open, not approved",
        &[
            ("completed", false),
            ("cancelled", false),
            ("approved", false),
        ],
    ),
    (
        "approved",
        "Open, approved",
        &[
            ("completed", false),
            ("cancelled", false),
            ("approved", true),
        ],
    ),
    ("completed", "Completed", &[("completed", true)]),
    ("cancelled", "Cancelled", &[("cancelled", true)]),
    ("all", "All", &[]),
];

const PER_PAGE: &str = "20";
