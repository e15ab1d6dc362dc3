//! What Keystone tells of a token.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{AccessRule, ValidateError, Validated};
use crate::{
    identity::{Details, DomainRef, Identity, ProjectId, Role, Scope, Trust, UserId},
    openstack::{Object, parsed},
};

#[derive(Deserialize)]
pub(super) struct Body {
    token: Object<Fields>,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(deserialize_with = "parsed")]
    expires_at: Timestamp,
    user: Object<User>,
    project: Option<Object<Project>>,
    domain: Option<Object<Domain>>,
    system: Option<Object<System>>,
    #[serde(default)]
    roles: Vec<Object<Named>>,
    is_admin_project: Option<bool>,
    #[serde(rename = "OS-TRUST:trust")]
    trust: Option<Object<TrustFields>>,
    application_credential: Option<Object<ApplicationCredential>>,
}

#[derive(Deserialize)]
struct User {
    id: Box<str>,
    name: Box<str>,
    domain: Object<Domain>,
}

#[derive(Deserialize)]
struct Project {
    id: Box<str>,
    name: Box<str>,
    domain: Object<Domain>,
}

#[derive(Deserialize)]
struct Domain {
    id: Box<str>,
    name: Option<Box<str>>,
}

#[derive(Deserialize)]
struct System {
    all: bool,
}

#[derive(Deserialize)]
struct Named {
    name: Box<str>,
}

#[derive(Deserialize)]
struct Id {
    id: Box<str>,
}

#[derive(Deserialize)]
struct TrustFields {
    id: Box<str>,
    trustor_user: Object<Id>,
    trustee_user: Object<Id>,
}

#[derive(Deserialize)]
struct ApplicationCredential {
    id: Box<str>,
    access_rules: Option<Vec<Object<RuleFields>>>,
}

#[derive(Deserialize)]
struct RuleFields {
    service: Box<str>,
    method: Box<str>,
    path: Box<str>,
}

impl Body {
    /// The caller, if all that Nova would read of it can be read in one way. `now` is the time
    /// by Keystone's clock.
    pub(super) fn judge(self, now: Timestamp) -> Result<Validated, ValidateError> {
        let Object(token) = self.token;
        let life = life(token.expires_at, now);
        let Object(user) = token.user;
        let mut details = Details {
            user_name: Some(plain(user.name)?),
            user_domain: Some(domain(user.domain)?),
            is_admin_project: token.is_admin_project.unwrap_or(true),
            ..Details::default()
        };
        let roles = token.roles.into_iter().map(|Object(role)| {
            Role::new(&role.name)
                .map_err(|_| ValidateError::invalid("a role's name would be read as another"))
        });
        let roles = roles.collect::<Result<Vec<_>, _>>()?;

        let project = token.project.map(|Object(project)| {
            details.project_name = Some(plain(project.name)?);
            details.project_domain = Some(domain(project.domain)?);
            ProjectId::new(project.id).map_err(|_| odd_id())
        });
        let domain = token.domain.map(domain);
        let scope = match (token.system, project.transpose()?, domain.transpose()?) {
            (Some(Object(System { all: true })), _, None) => Scope::System,
            (None, Some(project), None) => Scope::Project(project),
            (None, None, Some(domain)) => {
                details.domain_name = domain.name;
                Scope::Domain(domain.id.into())
            }
            (None, None, None) => Scope::Unscoped,
            _ => return Err(ValidateError::unavailable("the token's scope is not one")),
        };

        details.trust = match token.trust {
            Some(Object(trust)) => Some(Trust::new(
                identifier(trust.id)?,
                user_id(trust.trustor_user.0.id)?,
                user_id(trust.trustee_user.0.id)?,
            )),
            None => None,
        };
        let mut rules = None;
        if let Some(Object(credential)) = token.application_credential {
            details.application_credential = Some(identifier(credential.id)?);
            rules = credential.access_rules;
        }

        let identity = Identity::new(user_id(user.id)?)
            .scope(scope)
            .roles(roles)
            .details(details);
        let validated = Validated::new(identity, life);
        Ok(match rules {
            Some(rules) => validated.access_rules(rules.into_iter().map(
                |Object(RuleFields {
                     service,
                     method,
                     path,
                 })| AccessRule::new(service, method, path),
            )),
            None => validated,
        })
    }
}

/// What is left of a token's life. A `Date` has whole seconds, so the next one may be near.
fn life(expires_at: Timestamp, now: Timestamp) -> Duration {
    let left = expires_at.duration_since(now) - SignedDuration::from_secs(1);
    Duration::try_from(left).unwrap_or_default()
}

fn domain(Object(domain): Object<Domain>) -> Result<DomainRef, ValidateError> {
    let name = domain.name.map(plain).transpose()?;
    Ok(DomainRef::new(identifier(domain.id)?, name))
}

/// An id that is not a user's or a project's, by the same measure.
fn identifier(id: Box<str>) -> Result<Box<str>, ValidateError> {
    ProjectId::new(id)
        .map(|id| id.as_str().into())
        .map_err(|_| odd_id())
}

fn user_id(id: Box<str>) -> Result<UserId, ValidateError> {
    UserId::new(id).map_err(|_| odd_id())
}

/// A name that can stand in a header.
fn plain(name: Box<str>) -> Result<Box<str>, ValidateError> {
    if name.contains(char::is_control) {
        return Err(ValidateError::invalid("a name has a control character"));
    }
    Ok(name)
}

fn odd_id() -> ValidateError {
    ValidateError::invalid("an id cannot stand in a header")
}

#[cfg(test)]
mod tests;
