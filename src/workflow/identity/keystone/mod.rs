//! People, as Keystone knows them.

mod assignments;

use http::Method;
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    Assignment, AssignmentsOf, CreateProject, CreateUser, Domain, Group, IdentityStore, Member,
    Project, Role, UpdateUser, User,
};
use crate::{
    openstack::{Endpoint, ServiceCredential},
    workflow::{
        CloudError, CloudFuture,
        cloud::{Remote, encoded},
    },
};

/// Asks Keystone, version 3.
#[derive(Clone, Debug)]
pub struct KeystoneIdentity {
    keystone: Remote,
}

impl KeystoneIdentity {
    /// Asks this Keystone, whose endpoint may end in `/v3` or not, as this service user, whose
    /// roles must allow all that [`IdentityStore`] has.
    #[must_use]
    pub fn new(keystone: Endpoint, credential: ServiceCredential) -> Self {
        let keystone = Remote::new("keystone", keystone.versioned("v3"), credential);
        Self { keystone }
    }

    /// The thing with this id.
    async fn by_id<T: DeserializeOwned + Known>(&self, id: &str) -> Result<Option<T>, CloudError> {
        // Nothing has such an id, and asking for it would be asking for something else.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if id.is_empty() || !id.chars().all(plain) {
            return Ok(None);
        }
        let path = format!("/{}s/{}", T::KIND, encoded(id));
        let found: Option<T> = self.keystone.get(&path, T::KIND).await?;
        found
            .map(|it| self.asked(it, |it| it.id() == id))
            .transpose()
    }

    /// The only thing with this name.
    async fn by_name<T: DeserializeOwned + Known>(
        &self,
        name: &str,
        domain: Option<&str>,
    ) -> Result<Option<T>, CloudError> {
        // Keystone refuses to look for an empty name.
        if name.is_empty() {
            return Ok(None);
        }
        let list = format!("{}s", T::KIND);
        let mut path = format!("/{list}?name={}", encoded(name));
        if let Some(domain) = domain {
            path.push_str(&format!("&domain_id={}", encoded(domain)));
        }
        let mut found: Vec<T> = self.keystone.list(&path, &list).await?;
        let only = found.pop();
        if !found.is_empty() {
            return Err(self.not_asked());
        }
        // Keystone's usual database does not mind the case.
        only.map(|it| {
            self.asked(it, |it| {
                it.name().to_lowercase() == name.to_lowercase()
                    && domain.is_none_or(|domain| it.domain() == domain)
            })
        })
        .transpose()
    }

    fn asked<T>(&self, found: T, is_asked: impl FnOnce(&T) -> bool) -> Result<T, CloudError> {
        if is_asked(&found) {
            Ok(found)
        } else {
            Err(self.not_asked())
        }
    }

    fn not_asked(&self) -> CloudError {
        CloudError::not_asked(self.keystone.name())
    }

    async fn post<T: DeserializeOwned + Known>(
        &self,
        fields: Map<String, Value>,
    ) -> Result<T, CloudError> {
        let body = json!({ T::KIND: fields });
        let path = format!("/{}s", T::KIND);
        self.keystone
            .write(Method::POST, &path, &body, T::KIND)
            .await
    }
}

impl IdentityStore for KeystoneIdentity {
    fn domain<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<Domain>> {
        Box::pin(self.by_id(id))
    }

    fn domain_by_name<'a>(&'a self, name: &'a str) -> CloudFuture<'a, Option<Domain>> {
        Box::pin(self.by_name(name, None))
    }

    fn user<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<User>> {
        Box::pin(self.by_id(id))
    }

    fn user_by_name<'a>(&'a self, domain: &'a str, name: &'a str) -> CloudFuture<'a, Option<User>> {
        Box::pin(self.by_name(name, Some(domain)))
    }

    fn create_user<'a>(&'a self, user: &'a CreateUser) -> CloudFuture<'a, User> {
        let mut fields = Map::new();
        fields.insert("name".into(), (*user.name).into());
        fields.insert("domain_id".into(), (*user.domain_id).into());
        fields.insert("password".into(), user.password.expose_secret().into());
        fields.insert("enabled".into(), true.into());
        set(&mut fields, "email", user.email.as_deref());
        set(&mut fields, ORIGIN, user.origin.as_deref());
        Box::pin(self.post(fields))
    }

    fn update_user<'a>(&'a self, id: &'a str, change: &'a UpdateUser) -> CloudFuture<'a, User> {
        let password = change.password.as_ref();
        let mut fields = Map::new();
        set(&mut fields, "name", change.name.as_deref());
        set(&mut fields, "email", change.email.as_deref());
        set(
            &mut fields,
            "password",
            password.map(|it| it.expose_secret()),
        );
        set(&mut fields, "enabled", change.enabled);
        let body = json!({ "user": fields });
        let path = format!("/users/{}", encoded(id));
        Box::pin(async move {
            self.keystone
                .write(Method::PATCH, &path, &body, "user")
                .await
        })
    }

    fn project<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<Project>> {
        Box::pin(self.by_id(id))
    }

    fn project_by_name<'a>(
        &'a self,
        domain: &'a str,
        name: &'a str,
    ) -> CloudFuture<'a, Option<Project>> {
        Box::pin(self.by_name(name, Some(domain)))
    }

    fn create_project<'a>(&'a self, project: &'a CreateProject) -> CloudFuture<'a, Project> {
        let mut fields = Map::new();
        fields.insert("name".into(), (*project.name).into());
        fields.insert("domain_id".into(), (*project.domain_id).into());
        fields.insert("description".into(), (*project.description).into());
        set(&mut fields, "parent_id", project.parent_id.as_deref());
        set(&mut fields, ORIGIN, project.origin.as_deref());
        Box::pin(self.post(fields))
    }

    fn roles(&self) -> CloudFuture<'_, Vec<Role>> {
        Box::pin(self.keystone.list("/roles", "roles"))
    }

    fn assignments<'a>(&'a self, of: AssignmentsOf<'a>) -> CloudFuture<'a, Vec<Assignment>> {
        Box::pin(self.assigned(of))
    }

    fn members<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Member>> {
        Box::pin(self.joined(project))
    }

    fn grant<'a>(&'a self, project: &'a str, user: &'a str, role: &'a str) -> CloudFuture<'a, ()> {
        Box::pin(async move {
            match self.assign(Method::PUT, project, user, role).await {
                Err(CloudError::Conflict { .. }) => Ok(()),
                outcome => outcome,
            }
        })
    }

    fn revoke<'a>(&'a self, project: &'a str, user: &'a str, role: &'a str) -> CloudFuture<'a, ()> {
        Box::pin(async move {
            match self.assign(Method::DELETE, project, user, role).await {
                Err(CloudError::Missing { .. }) => Ok(()),
                outcome => outcome,
            }
        })
    }
}

/// A kind of thing that Keystone finds by id and by name.
trait Known {
    const KIND: &'static str;

    fn id(&self) -> &str;
    fn name(&self) -> &str;
    fn domain(&self) -> &str;
}

impl Known for Domain {
    const KIND: &'static str = "domain";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn domain(&self) -> &str {
        &self.id
    }
}

impl Known for Group {
    const KIND: &'static str = "group";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// Groups are not looked up by name.
    fn domain(&self) -> &str {
        ""
    }
}

impl Known for Project {
    const KIND: &'static str = "project";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn domain(&self) -> &str {
        &self.domain_id
    }
}

impl Known for User {
    const KIND: &'static str = "user";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn domain(&self) -> &str {
        &self.domain_id
    }
}

fn set(fields: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        fields.insert(key.into(), value.into());
    }
}

/// An attribute that Keystone keeps without minding it.
const ORIGIN: &str = "wafflehaus_origin";
