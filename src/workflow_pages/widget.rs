//! A declared field of an action, as something that a person can fill in.

use serde::Serialize;
use serde_json::Value;

use super::form::Form;
use crate::workflow::{Field, Kind};

/// Something to fill in.
#[derive(Debug, Serialize)]
pub(super) struct Widget {
    /// The field's name, which also makes the ids in the page.
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: Option<&'static str>,
    kind: &'static str,
    /// What is in it; never a secret.
    value: String,
    choices: Vec<Choice>,
    required: bool,
    pub(super) errors: Vec<String>,
    /// What is wrong with the repetition of a secret.
    pub(super) again: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Choice {
    name: String,
    chosen: bool,
}

impl Widget {
    /// A field, with the value that it has by now.
    pub(super) fn of(field: &Field, value: Option<&Value>) -> Self {
        let value = value.filter(|it| !it.is_null());
        let (kind, hint) = match field.kind() {
            Kind::Accepted | Kind::Boolean => ("tick", None),
            Kind::Email => ("email", None),
            Kind::Integer => ("integer", None),
            Kind::Names { choices: Some(_) } => ("choices", None),
            Kind::Names { choices: None } => ("lines", Some("One on each line.")),
            Kind::Secret => ("secret", None),
            Kind::Text { .. } => ("text", None),
            _ => ("json", Some("As JSON.")),
        };
        let names = || value.and_then(Value::as_array).into_iter().flatten();
        let names = || names().filter_map(Value::as_str);
        let all: &[String] = match field.kind() {
            Kind::Names { choices: Some(all) } => all,
            _ => &[],
        };
        let choices = all.iter().map(|name| Choice {
            name: name.clone(),
            chosen: names().any(|it| it == name),
        });
        let text = match (field.kind(), value) {
            (Kind::Secret, _) | (_, None) => String::new(),
            (Kind::Names { .. }, Some(_)) => names().collect::<Vec<_>>().join("\n"),
            (Kind::Text { .. } | Kind::Email, Some(Value::String(text))) => text.clone(),
            (Kind::Json, Some(value)) => format!("{value:#}"),
            (_, Some(value)) => value.to_string(),
        };
        Self {
            name: field.name().to_owned(),
            label: label(field.name()),
            hint,
            kind,
            value: text,
            choices: choices.collect(),
            required: field.is_required(),
            errors: Vec::new(),
            again: Vec::new(),
        }
    }

    /// The same, filled in as a person has.
    pub(super) fn filled(field: &Field, form: &Form) -> Self {
        let mut this = Self::of(field, None);
        let name = control(field.name());
        match field.kind() {
            Kind::Secret => {}
            Kind::Accepted | Kind::Boolean => {
                this.value = form.get(&name).is_some().to_string();
            }
            _ => form
                .get(&name)
                .unwrap_or_default()
                .clone_into(&mut this.value),
        }
        for choice in &mut this.choices {
            choice.chosen = form.all(&name).any(|it| it == choice.name);
        }
        this
    }
}

/// What a person has filled in for a field; nothing, if it was left empty.
///
/// # Errors
///
/// Why that cannot be meant.
pub(super) fn value(field: &Field, form: &Form) -> Result<Option<Value>, &'static str> {
    let name = control(field.name());
    if form.all(&name).count() > 1 && !matches!(field.kind(), Kind::Names { .. }) {
        return Err("This was given twice.");
    }
    let text = form.get(&name).unwrap_or_default();
    let some = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    Ok(match field.kind() {
        Kind::Accepted | Kind::Boolean => Some(form.get(&name).is_some().into()),
        Kind::Integer => match text.trim().parse::<i64>() {
            Ok(number) => Some(number.into()),
            Err(_) => some(text.trim()),
        },
        Kind::Names { .. } => {
            let names = form.all(&name).flat_map(str::lines).map(str::trim);
            let names: Vec<_> = names.filter(|it| !it.is_empty()).collect();
            // An empty set is one, if there has to be any.
            (!names.is_empty() || field.is_required()).then(|| names.into())
        }
        Kind::Secret => {
            if form.get(&repeated(field.name())) != Some(text) {
                return Err(DIFFERENT);
            }
            some(text)
        }
        Kind::Email | Kind::Text { .. } => some(text.trim()),
        _ if text.trim().is_empty() => None,
        _ => Some(serde_json::from_str(text).map_err(|_| "This is not JSON.")?),
    })
}

/// The name of a field in a form, where there are others beside those of actions.
pub(super) fn control(field: &str) -> String {
    format!("field.{field}")
}

fn repeated(field: &str) -> String {
    format!("again.{field}")
}

/// A name as people write it.
pub(super) fn label(name: &str) -> String {
    let known = LABELS.iter().find(|(it, _)| *it == name);
    if let Some((_, label)) = known {
        return (*label).to_owned();
    }
    let mut letters = name.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first
        .into_iter()
        .chain(letters)
        .collect::<String>()
        .replace('_', " ")
}

/// That a secret and its repetition differ.
pub(super) const DIFFERENT: &str = "The two do not match.";

const LABELS: [(&str, &str); 8] = [
    ("domain_id", "Domain"),
    ("email", "Email address"),
    ("new_email", "New email address"),
    ("parent_id", "Parent project"),
    ("project_id", "Project"),
    ("project_name", "Project name"),
    ("user_id", "User"),
    ("username", "User name"),
];
