//! The whole of a configuration.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::Path,
    sync::Arc,
    time::Duration,
};

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Factories, cloud::Cloud, database::Database, identity::Identity, keystone::Keystone, letters,
    quota::QuotaSettings, regions, registry, whole::whole,
};
use crate::{
    nearest::{nearest, none_such},
    workflow::{Key, Pace, Registry, identity::KeystoneIdentity},
    workflow_messages::{MessageSettings, Messages, Mistake, Section},
    workflow_pages::PageSettings,
    workflow_service::{InvalidSettings, Settings},
};

/// A configuration without mistakes. Nothing in it is connected to yet.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub(super) cloud: Cloud,
    pub(super) database: Database,
    pub(super) drain: Duration,
    pub(super) identity: Arc<KeystoneIdentity>,
    pub(super) key: Key,
    pub(super) keystone: Keystone,
    pub(super) listen: SocketAddr,
    pub(super) messages: Option<Messages>,
    pub(super) pace: Pace,
    pub(super) pages: Option<PageSettings>,
    pub(super) registry: Registry,
    pub(super) retention: Option<Retention>,
    pub(super) service: Settings,
    pub(super) trust_headers: bool,
    pub(super) workers: usize,
}

/// For how long is kept what has ended.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retention {
    /// For how many days tasks are kept that have ended.
    pub(super) days: u32,
    /// How many seconds are between two looks.
    #[serde(default = "hour")]
    pub(super) every_seconds: NonZeroU32,
}

/// What `[pace]` says.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Hurry {
    lease_seconds: Option<NonZeroU32>,
    attempt_seconds: Option<NonZeroU32>,
    first_pause_seconds: Option<NonZeroU32>,
    longest_pause_seconds: Option<NonZeroU32>,
    look_seconds: Option<NonZeroU32>,
    deliveries: Option<NonZeroU32>,
}

impl Configuration {
    /// Where tasks are kept: `PostgreSQL`, or a file.
    #[must_use]
    pub fn database(&self) -> String {
        self.database.to_string()
    }

    /// The id of the domain of users and projects.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.cloud.identity.domain
    }

    /// What tells people of tasks, if anything does.
    #[must_use]
    pub const fn messages(&self) -> Option<&Messages> {
        self.messages.as_ref()
    }

    /// The actions and task types.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What an operator should know, and that is no mistake.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.messages.is_none() {
            warnings.push("without `[messages]` no mails are sent, so nobody gets a token".into());
        }
        if self.retention.is_none() {
            warnings.push("without `[retention]` nothing is ever removed".into());
        }
        if self.trust_headers {
            let warning = "callers are who the headers of requests say: nobody but the                            authenticator may be able to connect";
            warnings.push(warning.into());
        }
        warnings
    }
}

/// The configuration, if there is one, and what is wrong beside what `top` has noted.
pub(super) fn read(
    mut top: Section<'_>,
    folder: &Path,
    factories: &Factories,
) -> (Option<Configuration>, Vec<Mistake>) {
    let mut more = Vec::new();
    let read = sections(&mut top, folder, factories, &mut more);
    top.finish();
    (read, more)
}

fn sections(
    top: &mut Section<'_>,
    folder: &Path,
    factories: &Factories,
    more: &mut Vec<Mistake>,
) -> Option<Configuration> {
    let listen = top.parsed("listen").unwrap_or(LISTEN);
    let drain: u32 = top.value("drain_seconds").unwrap_or(30);
    let workers: usize = top.value("workers").unwrap_or(4);
    if workers == 0 {
        top.wrong::<()>("workers", "this must not be 0");
    }
    let trust_headers = top.value("trust_identity_headers").unwrap_or(false);
    let database = Database::read(top, folder);
    let key = key(top);
    if !top.has("keystone") {
        top.wrong::<()>("keystone", "this table is missing");
    }
    let keystone = top.section("keystone").and_then(Keystone::read);
    let keystone = keystone.or_else(Keystone::nowhere)?;
    let credential = keystone.credential.clone();
    let store = KeystoneIdentity::new(keystone.endpoint.clone(), credential.clone());
    let store = Arc::new(store);
    let identity = Identity::read(top.section("identity"));
    let cloud = Cloud {
        people: identity.people(store.clone()),
        identity,
        regions: regions::read(top, &credential),
        quota: QuotaSettings::read(top.section("quota")),
        client: keystone.client.clone(),
    };
    let letters = letters::read(top);
    let (registry, broken) = registry::read(top, &cloud, factories);
    // What names a type with a mistake has none for that.
    let known = |name: &str| !broken.contains(name);
    let service = service(top, &registry, known);
    let pages = pages(top, &registry, known);
    let link = pages.as_ref().and_then(|it| it.url.as_ref());
    let wanted = top.has("messages");
    let settings = top.value("messages").map(|table: Map<String, Value>| {
        let settings = MessageSettings::from(table).relative_to(folder);
        match link {
            Some(url) => settings.link_to_pages(url.as_str()),
            None => settings,
        }
    });
    let messages = settings.and_then(|it| messages(&it, &registry, known, more));
    if messages.is_some() || !wanted {
        letters::check(top, &letters, &registry, messages.as_ref());
    }
    let pace = pace(top.section("pace"));
    let retention: Option<Retention> = top.section("retention").and_then(whole);
    Some(Configuration {
        cloud,
        database: database?,
        drain: Duration::from_secs(drain.into()),
        identity: store,
        key: key?,
        keystone,
        listen,
        messages,
        pace,
        pages,
        registry,
        retention,
        service: service?,
        trust_headers,
        workers,
    })
}

fn key(top: &mut Section<'_>) -> Option<Key> {
    let keys = ["key", "key_file", "key_env"];
    let given = keys.into_iter().any(|key| top.has(key));
    let secret = top.secret(keys);
    if !given {
        return top.wrong(
            "key_file",
            "this is missing: a file with 64 hexadecimal digits",
        );
    }
    let key = Key::from_hex(secret?.expose_secret().trim());
    key.map_or_else(|error| top.wrong("key_file", error), Some)
}

fn service(
    top: &mut Section<'_>,
    registry: &Registry,
    known: impl Fn(&str) -> bool,
) -> Option<Settings> {
    // What names other things is held against them even if the rest has mistakes.
    let mut settings = Settings::default();
    let mut fine = true;
    if let Some(section) = top.section("service") {
        settings.access = section.peek("access").unwrap_or_default();
        settings.views = section.peek("views").unwrap_or_default();
        match whole(section) {
            Some(read) => settings = read,
            None => fine = false,
        }
    }
    for wrong in settings.wrong(registry) {
        let key = match &wrong {
            InvalidSettings::Access { name, .. } => format!("access.{name}"),
            InvalidSettings::ViewType { task_type, .. } if !known(task_type) => continue,
            InvalidSettings::ViewName(view) | InvalidSettings::ViewType { view, .. } => {
                let at = settings.views.iter().position(|it| it.name == *view);
                format!("views.{}", at.unwrap_or_default())
            }
        };
        let message = match &wrong {
            InvalidSettings::Access { name, known }
                if nearest(name, known.split(", ")).is_some() =>
            {
                none_such("endpoint or view", name, known.split(", "))
            }
            wrong => wrong.to_string(),
        };
        top.elsewhere::<()>(&format!("service.{key}"), message);
    }
    fine.then_some(settings)
}

fn pages(
    top: &mut Section<'_>,
    registry: &Registry,
    known: impl Fn(&str) -> bool,
) -> Option<PageSettings> {
    let settings: PageSettings = top.section("pages").and_then(whole)?;
    for name in settings.wording.keys() {
        if known(name) && registry.find_type(name).is_none() {
            let types = registry.types().map(|it| it.name.as_str());
            let message = none_such("task type", name, types);
            top.elsewhere::<()>(&format!("pages.wording.{name}"), message);
        }
    }
    Some(settings)
}

fn messages(
    settings: &MessageSettings,
    registry: &Registry,
    known: impl Fn(&str) -> bool,
    more: &mut Vec<Mistake>,
) -> Option<Messages> {
    let error = match Messages::new(settings, registry) {
        Ok(messages) => return Some(messages),
        Err(error) => error,
    };
    let of_known = error.mistakes().iter().filter(|it| {
        let of_type = it.key.strip_prefix("task_settings.");
        let of_type = of_type.and_then(|it| it.split('.').next());
        of_type.is_none_or(&known)
    });
    more.extend(of_known.map(|it| match it.key.contains([':', '/']) {
        // A place in a template.
        true => Mistake {
            key: "messages.templates".into(),
            message: it.to_string(),
        },
        false => Mistake {
            key: format!("messages.{}", it.key),
            message: it.message.clone(),
        },
    }));
    None
}

fn pace(section: Option<Section<'_>>) -> Pace {
    let mut pace = Pace::default();
    let Some(section) = section else {
        return pace;
    };
    let hurry: Hurry = whole(section).unwrap_or_default();
    for (given, duration) in [
        (hurry.lease_seconds, &mut pace.lease),
        (hurry.attempt_seconds, &mut pace.attempt),
        (hurry.first_pause_seconds, &mut pace.first_pause),
        (hurry.longest_pause_seconds, &mut pace.longest_pause),
        (hurry.look_seconds, &mut pace.look),
    ] {
        if let Some(seconds) = given {
            *duration = Duration::from_secs(seconds.get().into());
        }
    }
    if let Some(deliveries) = hurry.deliveries {
        pace.deliveries = deliveries.get();
    }
    pace
}

fn hour() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(3599)
}

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5050);
