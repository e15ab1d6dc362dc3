//! Calls to other services.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    openstack::{Client, Endpoint},
    workflow::{Field, Kind, actions::Webhook},
    workflow_config::ActionSettings,
};

/// A field that the action takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    kind: Word,
    /// What it is if it is not there.
    default: Option<Value>,
    /// Whether it may be left out.
    #[serde(default)]
    optional: bool,
    /// How many characters a text may have.
    longest: Option<usize>,
    /// The names that may be in a list of names.
    choices: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Accepted,
    Boolean,
    Email,
    Integer,
    Json,
    Names,
    Text,
}

pub(super) fn make(settings: &mut ActionSettings<'_>) -> Option<Webhook> {
    let url: Option<Endpoint> = settings.needed("url");
    let secret = settings.secret(["secret", "secret_file", "secret_env"]);
    let stage: Option<String> = settings.value("stage");
    let kept: BTreeMap<String, String> = settings.value("keep").unwrap_or_default();
    if kept.values().any(|it| !it.starts_with('/')) {
        settings.wrong::<()>("keep", "a pointer into the answer begins with `/`");
    }
    let declared: Vec<(String, Declared)> = settings.tables("fields");
    let fields: Vec<Field> = declared
        .into_iter()
        .filter_map(|(name, it)| field(settings, name, it))
        .collect();
    let client = match settings.contents("cafile") {
        None => Some(settings.client()),
        Some(pem) => {
            let client = Client::builder().certificate_authority(pem).build();
            client.map_or_else(|error| settings.wrong("cafile", error), Some)
        }
    };
    let made = Webhook::new(settings.name(), client?, url?, &secret?, fields);
    let mut webhook = made.map_or_else(|error| settings.wrong("secret", error), Some)?;
    if let Some(stage) = stage {
        webhook = webhook.stage(stage);
    }
    for (name, pointer) in kept {
        webhook = webhook.keep(name, pointer);
    }
    Some(webhook)
}

fn field(settings: &mut ActionSettings<'_>, name: String, declared: Declared) -> Option<Field> {
    let key = format!("fields.{name}");
    let Declared {
        kind: word,
        default,
        optional,
        longest,
        choices,
    } = declared;
    if longest.is_some() && word != Word::Text {
        return settings.wrong(&format!("{key}.longest"), "only a text has a length");
    }
    if choices.is_some() && word != Word::Names {
        return settings.wrong(
            &format!("{key}.choices"),
            "only a list of names has choices",
        );
    }
    let kind = match word {
        Word::Accepted => Kind::Accepted,
        Word::Boolean => Kind::Boolean,
        Word::Email => Kind::Email,
        Word::Integer => Kind::Integer,
        Word::Json => Kind::Json,
        Word::Names => Kind::Names { choices },
        Word::Text => Kind::Text {
            longest: longest.unwrap_or(255),
        },
    };
    let field = Field::new(name, kind);
    Some(match default {
        Some(default) => field.default(default),
        None if optional => field.default(Value::Null),
        None => field,
    })
}
