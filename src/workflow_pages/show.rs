//! Values as people read them.

use serde_json::{Value, json};

use super::widget;

/// A value in a line, or in several if it is large.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.iter().all(|it| !it.is_array() && !it.is_object()) => {
            list.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        other => format!("{other:#}"),
    }
}

/// Inputs with their labels.
pub(super) fn inputs(data: &Value) -> Vec<Value> {
    let pairs = data.as_object().into_iter().flatten();
    let input = |(name, value): (&String, &Value)| json!({ "label": widget::label(name), "value": text(value) });
    pairs.filter(|(_, it)| !it.is_null()).map(input).collect()
}

/// Why actions are invalid, in sentences.
pub(super) fn reasons(reasons: &[Value]) -> Vec<String> {
    let message = |it: &Value| it.get("message")?.as_str().map(str::to_owned);
    reasons.iter().filter_map(message).collect()
}

/// Notes, each with its time: the service writes `text - (time)`.
pub(super) fn notes(notes: Option<&Value>) -> Vec<Value> {
    let notes = notes.and_then(Value::as_array).into_iter().flatten();
    let note = |note: &str| match note.rsplit_once(" - (") {
        Some((text, time)) => json!({ "text": text, "on": minute(time) }),
        None => json!({ "text": note, "on": "" }),
    };
    notes.filter_map(Value::as_str).map(note).collect()
}

/// A time to the minute: `2026-11-22 05:36 UTC`.
pub(super) fn minute(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => time.to_owned(),
    }
}

/// The name of a task type, a state or a stage.
pub(super) fn name(text: &str) -> String {
    widget::label(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_people_read_them() {
        for (value, shown) in [
            (json!(null), ""),
            (json!(true), "yes"),
            (json!("a"), "a"),
            (json!(["a", 1]), "a, 1"),
            (json!({"a": [1]}), "{\n  \"a\": [\n    1\n  ]\n}"),
        ] {
            assert_eq!(text(&value), shown);
        }
        assert_eq!(
            minute("2026-11-22T05:36:10.480795Z"),
            "2026-11-22 05:36 UTC"
        );
        let note = json!(["a - (b) - (2026-11-22 05:36:10.480795+00:00)"]);
        let note = notes(Some(&note)).pop().unwrap();
        assert_eq!(
            note,
            json!({ "text": "a - (b)", "on": "2026-11-22 05:36 UTC" })
        );
        assert_eq!(minute("é"), "é");
        assert_eq!(name("create_project"), "Create project");
    }
}
