//! Whether the cloud is as a configuration takes it to be.

use std::fmt;

use super::{Configuration, regions::Region};
use crate::{
    openstack::{Domain, Named},
    workflow::{CloudError, identity::IdentityStore as _},
};

/// Something that was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was asked for.
    pub what: String,
    /// Why it is not as it should be.
    pub wrong: Option<String>,
}

impl Configuration {
    /// Asks Keystone and the services of each region for what tasks need of them. Nothing is
    /// changed; so whether the account may change things is known only as far as its role says.
    pub async fn probe(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let roles = self.identity.roles().await;
        let answers = roles.is_ok();
        findings.push(Finding::of("Keystone answers, and lists roles", &roles));
        if !answers {
            return findings;
        }
        let roles = roles.unwrap_or_default();
        let identity = &self.cloud.identity;
        let mut wanted: Vec<&String> = identity.roles.iter().collect();
        wanted.extend(&identity.default_roles);
        wanted.sort_unstable();
        wanted.dedup();
        for role in wanted {
            let known = roles.iter().any(|it| same(&it.name, role));
            findings.push(Finding::is(format!("there is a role `{role}`"), known));
        }
        let domain = self.identity.domain(&identity.domain).await;
        let what = format!("there is a domain with the id `{}`", identity.domain);
        findings.push(Finding::found(what, domain));
        let user = self.identity.user_by_name(&identity.domain, NOBODY).await;
        findings.push(Finding::of("the account may look users up", &user));
        let project = self.project().await;
        findings.push(Finding::of("the account may look projects up", &project));
        let Ok(Some(project)) = project else {
            return findings;
        };
        let members = self.identity.members(&project).await;
        findings.push(Finding::of(
            "the account may list who has roles on a project",
            &members,
        ));
        for region in &self.cloud.regions {
            findings.extend(region.probe(&project).await);
        }
        for (region, quotas) in self.cloud.quotas() {
            let quotas = quotas.quotas(&project).await;
            findings.push(Finding::of(
                format!("{region}: quotas can be read"),
                &quotas,
            ));
        }
        findings
    }

    /// Some project that is there: that of the account.
    async fn project(&self) -> Result<Option<String>, CloudError> {
        let (name, domain) = match &self.keystone.project {
            Some(Named::Id(id)) => return Ok(self.identity.project(id).await?.map(|it| it.id)),
            Some(Named::Name { name, domain }) => (name.as_str(), domain),
            None => {
                let none = self.identity.project_by_name("default", NOBODY).await;
                return none.map(|_| None);
            }
        };
        let domain = match domain {
            Domain::Id(id) => Some(id.clone()),
            Domain::Name(name) => self.identity.domain_by_name(name).await?.map(|it| it.id),
        };
        let Some(domain) = domain else {
            return Ok(None);
        };
        let found = self.identity.project_by_name(&domain, name).await?;
        Ok(found.map(|it| it.id))
    }
}

impl Region {
    async fn probe(&self, project: &str) -> Vec<Finding> {
        let Some((settings, store)) = &self.network else {
            return Vec::new();
        };
        let (name, public) = (&self.name, &settings.public_network);
        let external = store.external_network(public).await;
        let what = format!("{name}: there is a public network `{public}`");
        let listed = store.networks(project).await;
        vec![
            Finding::found(what, external),
            Finding::of(format!("{name}: networks can be read"), &listed),
        ]
    }
}

impl Finding {
    fn of<T>(what: impl Into<String>, answer: &Result<T, CloudError>) -> Self {
        let wrong = answer.as_ref().err().map(ToString::to_string);
        Self {
            what: what.into(),
            wrong,
        }
    }

    fn is(what: impl Into<String>, so: bool) -> Self {
        let wrong = (!so).then(|| "there is none".to_owned());
        Self {
            what: what.into(),
            wrong,
        }
    }

    fn found<T>(what: impl Into<String>, answer: Result<Option<T>, CloudError>) -> Self {
        match answer {
            Ok(found) => Self::is(what, found.is_some()),
            Err(_) => Self::of(what, &answer),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wrong {
            None => write!(f, "ok    {}", self.what),
            Some(wrong) => write!(f, "WRONG {}: {wrong}", self.what),
        }
    }
}

/// Whether two names are those of one role; the role of members has two spellings.
fn same(one: &str, other: &str) -> bool {
    let plain = |name: &str| match name.to_lowercase().as_str() {
        "_member_" => "member".to_owned(),
        name => name.to_owned(),
    };
    plain(one) == plain(other)
}

/// Whom nobody is called.
const NOBODY: &str = "wafflehaus-looks-for-nobody";
