use super::*;
use crate::workflow::{ActionFuture, Context, Field, Kind, Outcome};

struct Any(&'static str, Vec<Field>);

impl Action for Any {
    fn name(&self) -> &str {
        self.0
    }

    fn fields(&self) -> &[Field] {
        &self.1
    }

    fn run<'a>(&'a self, _: &'a str, _: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async { Ok(Outcome::Valid) })
    }
}

fn registry() -> Registry {
    let names = Field::new("names", Kind::Names { choices: None });
    let text = Field::new("name", Kind::Text { longest: 5 });
    let one = Any("One", vec![names, text.clone()]);
    let two = Any("Two", vec![text]);
    Registry::new().action(one).unwrap().action(two).unwrap()
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let refused = |task_type| registry().task_type(task_type).unwrap_err();
    let none: [&str; 0] = [];
    let name = || "it".to_owned();
    for (task_type, error) in [
        (
            TaskType::new("it", none),
            InvalidRegistry::NoActions(name()),
        ),
        (
            TaskType::new("it", ["One"]).attempts(0),
            InvalidRegistry::Limits(name()),
        ),
        (
            TaskType::new("it", ["One"]).token_seconds(0),
            InvalidRegistry::Limits(name()),
        ),
        (
            TaskType::new("it", ["One", "Three"]),
            InvalidRegistry::UnknownAction {
                task_type: name(),
                action: "Three".into(),
            },
        ),
    ] {
        assert_eq!(refused(task_type), error);
    }
    let taken = registry().action(Any("One", vec![])).unwrap_err();
    assert_eq!(taken, InvalidRegistry::Taken("One".into()));
    let password = Field::new("password", Kind::Secret);
    let secret = registry().action(Any("Three", vec![password])).unwrap_err();
    let (action, field) = ("Three".into(), "password".into());
    assert_eq!(secret, InvalidRegistry::SecretInput { action, field });
    let once = registry().task_type(TaskType::new("it", ["One"])).unwrap();
    let twice = once.task_type(TaskType::new("it", ["Two"])).unwrap_err();
    assert_eq!(twice, InvalidRegistry::Taken(name()));
}

#[test]
fn a_type_is_declared_as_data_and_a_mistake_in_it_is_told() {
    let read = serde_json::from_str::<TaskType>;
    let task_type = read(r#"{"name": "it", "actions": ["One"]}"#).unwrap();
    assert_eq!(task_type, TaskType::new("it", ["One"]));
    for wrong in [
        r#"{"name": "it"}"#,
        r#"{"name": "it", "actions": [], "stages": []}"#,
        r#"{"name": "it", "actions": [], "duplicate": "block"}"#,
        r#"{"name": "it", "actions": [], "duplicates": "ignore"}"#,
    ] {
        read(wrong).unwrap_err();
    }
}

#[test]
fn equal_inputs_have_equal_hashes() {
    let hash = |kind: &str, actions: &[&str], body: Value| {
        let read = registry().read(actions.iter().copied(), body.as_object().unwrap());
        TaskType::new(kind, actions.to_vec()).hash(&read.unwrap())
    };
    let body = || json!({"names": ["b", "a"], "name": "x"});
    let one = hash("it", &["One"], body());
    assert_eq!(one.len(), 64);
    let same = json!({"name": " x", "names": ["a", "b", "a"], "more": 1});
    assert_eq!(one, hash("it", &["One"], same));
    assert_ne!(one, hash("other", &["One"], body()));
    assert_ne!(one, hash("it", &["One", "Two"], body()));
    let other = json!({"names": ["a"], "name": "x"});
    assert_ne!(one, hash("it", &["One"], other));
}

#[test]
fn all_that_is_wrong_with_a_body_is_told_together() {
    let read = |names: [&'static str; 2]| registry().read(names, &Map::new());
    let Err(EngineError::Fields(wrong)) = read(["One", "Two"]) else {
        panic!("nothing is wrong");
    };
    let fields: Vec<_> = wrong
        .iter()
        .map(|(name, texts)| (name, texts.len()))
        .collect();
    assert_eq!(fields, [("name", 1), ("names", 1)]);
    let unknown = read(["One", "Three"]);
    assert!(matches!(unknown, Err(EngineError::UnknownAction(name)) if name == "Three"));
}
