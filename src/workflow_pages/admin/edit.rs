//! Changing what a task was asked for.

use std::{collections::BTreeSet, sync::Arc};

use axum::{extract::State, response::Response};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{
    App, Shown,
    acts::{Turn, troubles},
    person::{Id, SignedIn},
    task,
};
use crate::{
    workflow::{Field, Kind, Task, TaskId},
    workflow_pages::{
        api::Answer,
        form::Form,
        show,
        widget::{Widget, value},
    },
};

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
) -> Result<Response, Shown> {
    who.get(&app, &format!("/v1/tasks/{id}")).await?;
    let task = task::seen(&app, &id).await?;
    let inputs = inputs(&app, &task);
    let widget = |it: &Input| Widget::of(&it.field, it.value.as_ref());
    let widgets = inputs.iter().map(widget).collect();
    let page = Page {
        run: task.run,
        title: show::name(&task.task_type),
        inputs: &inputs,
        widgets,
        troubles: Vec::new(),
    };
    Ok(page.show(&app, &who, &id, StatusCode::OK))
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(id): Id,
    form: Form,
) -> Result<Response, Shown> {
    let turn = Turn::take(&app, &who, &id, &form).await?;
    let task = task::seen(&app, &id).await?;
    let inputs = inputs(&app, &task);
    let (mut body, mut wrong) = (Map::new(), false);
    let mut widgets = Vec::new();
    for Input { field, .. } in &inputs {
        let mut widget = Widget::filled(field, &form);
        match value(field, &form) {
            Ok(Some(value)) => drop(body.insert(field.name().to_owned(), value)),
            Ok(None) => {}
            Err(error) => {
                wrong = true;
                widget.errors.push(error.to_owned());
            }
        }
        widgets.push(widget);
    }
    let mut page = Page {
        run: turn.run,
        title: show::name(&task.task_type),
        inputs: &inputs,
        widgets,
        troubles: Vec::new(),
    };
    if wrong {
        return Ok(page.show(&app, &who, &id, StatusCode::BAD_REQUEST));
    }
    let target = format!("/v1/tasks/{id}");
    let to = (Method::PUT, target.as_str());
    let answer = who.ask(&app, to, Some(&body.into())).await?;
    if answer.status.is_success() {
        who.tell("The task is updated, and valid.");
        return Ok(app.redirect(&target.replacen("/v1", "/admin", 1)));
    }
    let now = task::seen(&app, &id).await?;
    if now.run != turn.run {
        // It is updated, and what comes of it is to be seen there.
        return task::page(&app, &who, &id, answer.status, &troubles(&answer)).await;
    }
    page.blame(&answer);
    Ok(page.show(&app, &who, &id, answer.status))
}

/// Something that can be changed, and of which action it is.
struct Input {
    action: String,
    field: Field,
    value: Option<Value>,
}

/// The inputs of all actions. What several have is one.
fn inputs(app: &App, task: &Task) -> Vec<Input> {
    let (mut inputs, mut known) = (Vec::new(), BTreeSet::new());
    for record in &task.actions {
        let action = app.engine.registry().find_action(&record.name);
        let declared = action.map_or(&[][..], |it| it.fields()).iter().cloned();
        // What an action takes beyond its declaration would else be lost by the update.
        let all = record.data.keys();
        let more = all.map(|name| Field::new(name, Kind::Json).default(Value::Null));
        for field in declared.chain(more) {
            if known.insert(field.name().to_owned()) {
                inputs.push(Input {
                    action: record.name.clone(),
                    value: record.data.get(field.name()).cloned(),
                    field,
                });
            }
        }
    }
    inputs
}

struct Page<'a> {
    run: u32,
    title: String,
    inputs: &'a [Input],
    widgets: Vec<Widget>,
    troubles: Vec<String>,
}

impl Page<'_> {
    /// Puts what is wrong beside the field that it is about.
    fn blame(&mut self, answer: &Answer) {
        let mut told = BTreeSet::new();
        for widget in &mut self.widgets {
            let errors = answer.errors_of(&widget.name);
            if !errors.is_empty() {
                told.insert(widget.name.clone());
            }
            widget.errors.extend(errors);
        }
        let elsewhere = answer.wrong_fields().iter().any(|it| !told.contains(*it));
        if elsewhere || told.is_empty() {
            self.troubles = troubles(answer);
        }
    }

    fn show(self, app: &App, who: &SignedIn, id: &TaskId, status: StatusCode) -> Response {
        let mut groups: Vec<(&str, Vec<Widget>)> = Vec::new();
        for (input, widget) in self.inputs.iter().zip(self.widgets) {
            match groups.last_mut() {
                Some((action, widgets)) if *action == input.action => widgets.push(widget),
                _ => groups.push((&input.action, vec![widget])),
            }
        }
        let context = json!({
            "person": who.shown(app),
            "id": id,
            "run": self.run,
            "title": self.title,
            "groups": groups,
            "troubles": self.troubles,
        });
        app.page(status, "edit.html", context)
    }
}
