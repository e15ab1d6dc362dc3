//! What a factory of actions is told.

use std::{fmt, fmt::Display, str::FromStr, sync::Arc};

use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::{cloud::Cloud, whole::whole};
use crate::{
    openstack::Client,
    workflow::{
        actions::{People, Regions},
        quota::{OpenStackQuota, QuotaStore},
        resources::{OpenStackResources, ResourceStore},
    },
    workflow_messages::Section,
};

/// The table `[actions.<name>]` and what all actions share.
///
/// Whatever is wrong is remembered, and nothing given instead, so that one look finds all mistakes.
/// A key that nobody asks for is one.
pub struct ActionSettings<'a> {
    name: &'a str,
    section: Section<'a>,
    cloud: &'a Cloud,
}

impl<'a> ActionSettings<'a> {
    pub(super) const fn new(name: &'a str, section: Section<'a>, cloud: &'a Cloud) -> Self {
        Self {
            name,
            section,
            cloud,
        }
    }

    /// What the action is called in the configuration.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// A value of a type that says itself what it may be.
    pub fn value<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        self.section.value(key)
    }

    /// A text that stands for something.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<T> {
        self.section.parsed(key)
    }

    /// The same for a key that has to be there.
    pub fn needed<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<T> {
        self.section.needed(key)
    }

    /// A list of names that has to be there.
    pub fn names(&mut self, key: &'static str) -> Option<Vec<String>> {
        match self.value::<Vec<String>>(key) {
            Some(names) if !names.is_empty() => Some(names),
            Some(_) => self.wrong(key, "the list is empty"),
            None if self.section.has(key) => None,
            None => self.wrong(key, "this is missing"),
        }
    }

    /// A secret: under the first key, on the first line of the file under the second, or in the
    /// environment variable under the third.
    pub fn secret(&mut self, keys: [&'static str; 3]) -> Option<SecretString> {
        let given = keys.iter().any(|key| self.section.has(key));
        let secret = self.section.secret(keys);
        if !given {
            let [key, ..] = keys;
            return self.wrong(key, "this is missing, or a file or variable with it");
        }
        secret
    }

    /// The text of the file that a key names.
    pub fn contents(&mut self, key: &'static str) -> Option<String> {
        self.section.contents(key)
    }

    /// Each table in a table, by the name that somebody gave it. It is read by a type that says
    /// itself what may be in it.
    pub fn tables<T: DeserializeOwned>(&mut self, key: &'static str) -> Vec<(String, T)> {
        let mut tables = Vec::new();
        if let Some(section) = self.section.section(key) {
            section.each(|name, table| {
                tables.extend(whole(table).map(|it| (name.to_owned(), it)));
            });
        }
        tables
    }

    /// Tells of a mistake; there is no value then.
    pub fn wrong<T>(&mut self, key: &str, message: impl Display) -> Option<T> {
        self.section.wrong(key, message)
    }

    /// The users and projects, as `[identity]` says.
    pub fn people(&self) -> People {
        self.cloud.people.clone()
    }

    /// The roles that people can be given.
    #[must_use]
    pub fn roles(&self) -> Vec<String> {
        self.cloud.identity.roles.clone()
    }

    /// The roles that the first user of a project gets.
    #[must_use]
    pub fn default_roles(&self) -> Vec<String> {
        self.cloud.identity.default_roles.clone()
    }

    /// A client for services that are none of OpenStack's.
    #[must_use]
    pub fn client(&self) -> Client {
        self.cloud.client.clone()
    }

    /// The regions in which networks can be set up; there has to be one.
    pub fn networks(&mut self) -> Option<Regions> {
        let mut all: Option<Regions> = None;
        for region in &self.cloud.regions {
            let Some((settings, store)) = region.network.clone() else {
                continue;
            };
            let name = &*region.name;
            all = Some(match all {
                None => Regions::new(name, settings, store),
                Some(all) => all.region(name, settings, store),
            });
        }
        all.or_else(|| {
            let message = format!(
                "`{}` needs a region with a `neutron` and a table `network`",
                self.name
            );
            self.section.elsewhere("regions", message)
        })
    }

    /// The quotas of each region; there has to be one.
    pub fn quotas(&mut self) -> Option<Vec<(String, Arc<dyn QuotaStore>)>> {
        self.regions()?;
        Some(self.cloud.quotas())
    }

    /// What projects have in each region; there has to be one.
    pub fn resources(&mut self) -> Option<Vec<(String, Arc<dyn ResourceStore>)>> {
        self.regions()?;
        Some(self.cloud.resources())
    }

    pub(super) const fn cloud(&self) -> &'a Cloud {
        self.cloud
    }

    /// Ends the reading: keys that nobody asked for are mistakes.
    pub(super) fn finish(self) {
        self.section.finish();
    }

    fn regions(&mut self) -> Option<()> {
        if self.cloud.regions.is_empty() {
            let message = format!("`{}` needs a region", self.name);
            return self.section.elsewhere("regions", message);
        }
        Some(())
    }
}

impl Cloud {
    pub(super) fn quotas(&self) -> Vec<(String, Arc<dyn QuotaStore>)> {
        let of = |services| Arc::new(OpenStackQuota::new(services)) as Arc<dyn QuotaStore>;
        self.each(of)
    }

    fn resources(&self) -> Vec<(String, Arc<dyn ResourceStore>)> {
        self.each(|services| Arc::new(OpenStackResources::new(services)) as Arc<dyn ResourceStore>)
    }
}

impl fmt::Debug for ActionSettings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionSettings")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
