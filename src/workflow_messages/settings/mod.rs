//! Reading what operators decide about messages.

mod defaults;
mod link;
mod merge;
mod section;
mod task;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Map, Value};

use link::Link;
use merge::{merged, where_on};
pub(crate) use section::Section;
pub(super) use task::{Common, Form, MailSettings, TaskSettings};

use super::{Mistake, smtp::Server, templates::Templates};
use crate::workflow::{Registry, Task};

/// What an operator decides about messages, as it stands in a configuration file. See the
/// [module](super) for each key. It is not printed, because there may be passwords in it.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct MessageSettings {
    table: Map<String, Value>,
    /// From which relative paths start.
    #[serde(skip)]
    folder: PathBuf,
}

/// The same when it has been read.
pub(super) struct Settings {
    pub(super) templates: Templates,
    pub(super) server: Option<Server>,
    pub(super) token_url: String,
    pub(super) task_url: Option<String>,
    pub(super) types: BTreeMap<String, TaskSettings>,
    /// For tasks of a type that is there no longer.
    others: TaskSettings,
}

impl From<Map<String, Value>> for MessageSettings {
    fn from(table: Map<String, Value>) -> Self {
        Self {
            table,
            folder: PathBuf::new(),
        }
    }
}

impl MessageSettings {
    /// Sets the folder from which the paths in it start. Default the current one.
    #[must_use]
    pub fn relative_to(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Has links lead to the [pages](crate::workflow_pages) that people reach at this URL, where
    /// the settings have no others.
    #[must_use]
    pub fn link_to_pages(mut self, url: &str) -> Self {
        let url = url.trim_end_matches('/');
        for (key, path) in [("token_url", "token/"), ("task_url", "admin/tasks/")] {
            let link = || format!("{url}/{path}").into();
            self.table.entry(key).or_insert_with(link);
        }
        self
    }

    /// Reads it for these task types, and notes all that is wrong.
    pub(super) fn read(&self, registry: &Registry, mistakes: &mut Vec<Mistake>) -> Settings {
        let mut top = Section::new("", &*self.folder, self.table.clone(), mistakes);
        let templates = top.path("templates");
        let token_url: Option<Link> = top.parsed("token_url");
        let task_url: Option<Link> = top.parsed("task_url");
        let smtp = top.section("smtp");
        let has_server = smtp.is_some();
        let server = smtp.and_then(Server::read);
        let defaults = top.value("default_task_settings").unwrap_or_default();
        let given: Map<String, Value> = top.value("task_settings").unwrap_or_default();
        top.finish();

        let templates = Templates::load(templates.as_deref(), mistakes);
        let (types, others) = task_settings(
            registry,
            (&templates, &self.folder),
            (defaults, given),
            mistakes,
        );
        let all = || types.values().chain([&others]);
        if !has_server && all().any(TaskSettings::sends_mail) {
            let message = "mails are to be sent, but there is no mail server";
            mistakes.push(Mistake::new("smtp", message));
        }
        if token_url.is_none()
            && !self.table.contains_key("token_url")
            && all().any(TaskSettings::sends_token)
        {
            let message = "tokens are to be mailed, but there is no address to use them at";
            mistakes.push(Mistake::new("token_url", message));
        }
        Settings {
            templates,
            server,
            token_url: token_url.map(String::from).unwrap_or_default(),
            task_url: task_url.map(String::from),
            types,
            others,
        }
    }
}

impl Settings {
    pub(super) fn of(&self, task: &Task) -> &TaskSettings {
        self.types.get(&task.task_type).unwrap_or(&self.others)
    }
}

/// What holds for each type, and for any other.
fn task_settings(
    registry: &Registry,
    (templates, folder): (&Templates, &Path),
    (defaults, given): (Map<String, Value>, Map<String, Value>),
    mistakes: &mut Vec<Mistake>,
) -> (BTreeMap<String, TaskSettings>, TaskSettings) {
    for name in given.keys().filter(|it| registry.find_type(it).is_none()) {
        let message = "there is no such task type";
        mistakes.push(Mistake::new(format!("{GIVEN}.{name}"), message));
    }
    let (base, defaults) = (defaults::of_all(), Value::Object(defaults));
    let mut general = Vec::new();
    let both = merged(&[&base, &defaults]);
    let table = both.clone();
    let others = TaskSettings::read(
        section(DEFAULTS, folder, table, &mut general),
        "",
        templates,
    );
    let mut types = BTreeMap::new();
    for name in registry.types().map(|it| &it.name) {
        let path = format!("{GIVEN}.{name}");
        let of_type = where_on(defaults::of_type(name), &both);
        let mut layers = vec![&base, &defaults, &of_type];
        match given.get(name) {
            None | Some(Value::Null) => {}
            Some(table @ Value::Object(_)) => layers.push(table),
            Some(_) => mistakes.push(Mistake::new(&*path, "this is not a table")),
        }
        let mut own = Vec::new();
        let table = section(&path, folder, merged(&layers), &mut own);
        types.insert(name.clone(), TaskSettings::read(table, name, templates));
        // What is wrong in the defaults is told there and not with each type.
        own.retain(|it| !general.iter().any(|other| same(it, &path, other)));
        mistakes.append(&mut own);
    }
    mistakes.append(&mut general);
    (types, others)
}

fn section<'a>(
    path: &str,
    folder: &Path,
    table: Value,
    mistakes: &'a mut Vec<Mistake>,
) -> Section<'a> {
    let table = match table {
        Value::Object(table) => table,
        _ => Map::new(),
    };
    Section::new(path, folder, table, mistakes)
}

/// Whether a mistake of the type at this path is one of the defaults.
fn same(mistake: &Mistake, path: &str, general: &Mistake) -> bool {
    let key = mistake.key.strip_prefix(path);
    key == general.key.strip_prefix(DEFAULTS) && mistake.message == general.message
}

impl fmt::Debug for MessageSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.table.keys().collect();
        f.debug_tuple("MessageSettings").field(&keys).finish()
    }
}

const DEFAULTS: &str = "default_task_settings";
const GIVEN: &str = "task_settings";
