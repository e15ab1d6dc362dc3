//! Declared inputs: what an action takes from a request's flat body, or from a token's.
//!
//! 1. A missing field without a default, `null` for it, an empty text and a value of another kind
//!    are errors, told together by the name of the field. `null` for a field that need not be
//!    there counts as missing.
//! 2. Texts are trimmed, except secrets. Names are a set: sorted, each once.
//! 3. What is not declared is dropped.
//! 4. Nothing is longer than it can be of use: a name has 255 characters at most, a set 1000 names,
//!    a secret 4096 characters, which is what Keystone takes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The fields that were wrong, and why, in the words that StackTask's clients know.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("invalid fields: {}", .0.keys().map(String::as_str).collect::<Vec<_>>().join(", "))]
pub struct FieldErrors(BTreeMap<String, Vec<String>>);

/// One declared input.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    name: String,
    kind: Kind,
    default: Option<Value>,
}

/// What a field's value has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `true` and nothing else: a consent.
    Accepted,
    /// `true` or `false`.
    Boolean,
    /// Something with one `@`, text around it, no white space and no control characters.
    Email,
    /// A whole number.
    Integer,
    /// Any JSON but `null`; the action looks at it itself.
    Json,
    /// A set of names.
    Names {
        /// The names that may be in it; any, if none are given.
        choices: Option<Vec<String>>,
    },
    /// A text that is neither trimmed, printed nor kept in the clear. Only a token's holder is
    /// asked for one.
    Secret,
    /// A line of text.
    Text {
        /// How many characters it may have.
        longest: usize,
    },
}

impl Field {
    /// A field that has to be there.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            default: None,
        }
    }

    /// What it is if it is not there. `Value::Null` leaves it out.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the value has to be.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Whether it has to be there.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.default.is_none()
    }

    fn read(&self, given: Option<&Value>) -> Result<Value, String> {
        match (given, &self.default) {
            (Some(Value::Null) | None, Some(default)) => Ok(default.clone()),
            (None, None) => Err("This field is required.".into()),
            (Some(Value::Null), None) => Err("This field may not be null.".into()),
            (Some(value), _) => self.kind.read(value),
        }
    }
}

impl Kind {
    fn read(&self, value: &Value) -> Result<Value, String> {
        match self {
            Self::Accepted if *value == Value::Bool(true) => Ok(value.clone()),
            Self::Accepted => Err("This field must be true.".into()),
            Self::Boolean if value.is_boolean() => Ok(value.clone()),
            Self::Boolean => Err("Must be a valid boolean.".into()),
            Self::Email => match value.as_str().map(str::trim) {
                Some("") => Err(BLANK.into()),
                Some(text) if is_email(text) => Ok(text.into()),
                _ => Err("Enter a valid email address.".into()),
            },
            Self::Integer if value.is_i64() => Ok(value.clone()),
            Self::Integer => Err("A valid integer is required.".into()),
            Self::Json => Ok(value.clone()),
            Self::Names { choices } => names(value, choices.as_deref()),
            Self::Secret => match value.as_str() {
                Some("") => Err(BLANK.into()),
                Some(text) if text.chars().count() > LONGEST_SECRET => {
                    Err(too_long(LONGEST_SECRET))
                }
                Some(_) => Ok(value.clone()),
                None => Err(NOT_TEXT.into()),
            },
            Self::Text { longest } => match value.as_str().map(str::trim) {
                None => Err(NOT_TEXT.into()),
                Some("") => Err(BLANK.into()),
                Some(text) if text.chars().count() > *longest => Err(too_long(*longest)),
                Some(text) if text.contains(char::is_control) => Err(NOT_TEXT.into()),
                Some(text) => Ok(text.into()),
            },
        }
    }
}

fn names(value: &Value, choices: Option<&[String]>) -> Result<Value, String> {
    let Some(list) = value.as_array() else {
        return Err("Expected a list of items.".into());
    };
    if list.len() > MOST_NAMES {
        return Err(format!("No more than {MOST_NAMES} items are allowed."));
    }
    let mut names = Vec::with_capacity(list.len());
    for name in list {
        let known = |it: &&str| choices.is_none_or(|all| all.iter().any(|one| one == it));
        match name.as_str().map(str::trim).filter(|it| !it.is_empty()) {
            None => return Err(NOT_TEXT.into()),
            Some(name) if name.chars().count() > LONGEST_NAME => {
                return Err(too_long(LONGEST_NAME));
            }
            Some(name) if name.contains(char::is_control) => return Err(NOT_TEXT.into()),
            Some(name) if known(&name) => names.push(name),
            Some(name) => return Err(format!("\"{name}\" is not a valid choice.")),
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(names.into())
}

fn too_long(longest: usize) -> String {
    format!("Ensure this field has no more than {longest} characters.")
}

pub(super) fn is_email(text: &str) -> bool {
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = text.split_once('@');
    let whole = parts.is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    plain && whole && text.chars().count() <= LONGEST_EMAIL
}

impl FieldErrors {
    /// No errors yet.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One error.
    pub fn of(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut errors = Self::none();
        errors.add(field, message);
        errors
    }

    /// Adds an error to a field.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.entry(field.into()).or_default().push(message.into());
    }

    /// Takes over the errors of another; a field that both name keeps the other's.
    pub(super) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each field with its messages.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0
            .iter()
            .map(|(name, texts)| (name.as_str(), texts.as_slice()))
    }

    /// `value` if there are no errors.
    ///
    /// # Errors
    ///
    /// These, if there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

/// What of `body` these fields declare.
///
/// # Errors
///
/// Every field that is wrong.
pub fn read<'a>(
    fields: impl IntoIterator<Item = &'a Field>,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, FieldErrors> {
    let mut data = Map::new();
    let mut errors = FieldErrors::none();
    for field in fields {
        match field.read(body.get(&field.name)) {
            Ok(Value::Null) => {}
            Ok(value) => drop(data.insert(field.name.clone(), value)),
            Err(message) => errors.add(&field.name, message),
        }
    }
    errors.or(data)
}

const BLANK: &str = "This field may not be blank.";
const NOT_TEXT: &str = "Not a valid string.";
const LONGEST_EMAIL: usize = 254;
const LONGEST_NAME: usize = 255;
const LONGEST_SECRET: usize = 4096;
const MOST_NAMES: usize = 1000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(kind: Kind, value: Value) -> Result<Value, String> {
        let field = Field::new("it", kind);
        let body = Map::from_iter([("it".to_owned(), value)]);
        match read([&field], &body) {
            Ok(mut data) => Ok(data.remove("it").unwrap_or_default()),
            Err(errors) => Err(errors.iter().next().unwrap().1.concat()),
        }
    }

    #[test]
    fn rule_1_what_is_missing_or_of_another_kind_is_told_together() {
        let fields = [
            Field::new("email", Kind::Email),
            Field::new("roles", Kind::Names { choices: None }),
            Field::new("setup", Kind::Boolean).default(false),
        ];
        let body = json!({"roles": null, "setup": "yes"});
        let errors = read(&fields, body.as_object().unwrap()).unwrap_err();
        let told: Vec<_> = errors
            .iter()
            .map(|(name, it)| (name, it.concat()))
            .collect();
        let expected = [
            ("email", "This field is required."),
            ("roles", "This field may not be null."),
            ("setup", "Must be a valid boolean."),
        ];
        assert_eq!(told, expected.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn rule_1_null_is_missing_where_nothing_has_to_be() {
        let field = Field::new("username", Kind::Text { longest: 5 }).default(Value::Null);
        let body = Map::from_iter([("username".to_owned(), Value::Null)]);
        assert_eq!(read([&field], &body), Ok(Map::new()));
    }

    #[test]
    fn rule_1_each_kind_knows_its_values() {
        let text = || Kind::Text { longest: 3 };
        for (kind, good) in [
            (Kind::Accepted, json!(true)),
            (Kind::Boolean, json!(false)),
            (Kind::Email, json!("a@b")),
            (Kind::Integer, json!(-7)),
            (Kind::Json, json!({"cores": 4})),
            (Kind::Secret, json!(" x ")),
            (text(), json!("äöü")),
        ] {
            assert_eq!(one(kind, good.clone()), Ok(good));
        }
        for (kind, bad) in [
            (Kind::Accepted, json!(false)),
            (Kind::Accepted, json!("true")),
            (Kind::Boolean, json!(1)),
            (Kind::Email, json!("a")),
            (Kind::Email, json!("a@b@c")),
            (Kind::Email, json!("a@b\r\nBcc: c@d")),
            (Kind::Email, json!(["a@b"])),
            (Kind::Integer, json!(1.5)),
            (Kind::Secret, json!("")),
            (Kind::Secret, json!({"a": 1})),
            (text(), json!("abcd")),
            (text(), json!("  ")),
            (text(), json!("a\nb")),
        ] {
            assert!(one(kind.clone(), bad.clone()).is_err(), "{kind:?} {bad}");
        }
    }

    #[test]
    fn rule_2_texts_are_trimmed_and_names_are_a_set() {
        assert_eq!(one(Kind::Email, json!(" a@b ")), Ok(json!("a@b")));
        let names = Kind::Names { choices: None };
        assert_eq!(one(names, json!(["b", "a", "b"])), Ok(json!(["a", "b"])));
        let choices = Some(vec!["member".to_owned()]);
        let refused = one(Kind::Names { choices }, json!(["admin"])).unwrap_err();
        assert_eq!(refused, "\"admin\" is not a valid choice.");
    }

    #[test]
    fn rule_4_nothing_is_longer_than_it_can_be_of_use() {
        let names = |name: String, count: usize| {
            let kind = Kind::Names { choices: None };
            one(kind, vec![name; count].into()).is_ok()
        };
        let secret = |length: usize| one(Kind::Secret, "é".repeat(length).into()).is_ok();
        assert!(names("é".repeat(255), 1000) && secret(4096));
        assert!(!names("é".repeat(256), 1) && !names("a".into(), 1001) && !secret(4097));
        assert!(!names("a\nb".into(), 1));
    }

    #[test]
    fn rule_3_what_is_not_declared_is_dropped() {
        let body = Map::from_iter([("other".to_owned(), json!(1))]);
        assert_eq!(read([], &body), Ok(Map::new()));
    }
}
