//! Putting things into the cloud before the first request.

use super::Cloud;
use super::call::is_canonical_id;
use super::state::{State, Token, new_id};

/// Somebody who can have tokens: always of one project, in Keystone's domain `Default`.
#[derive(Clone)]
pub struct User {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) project: String,
    pub(super) project_name: String,
    pub(super) roles: Vec<String>,
    pub(super) password: String,
}

impl User {
    /// A user with role `member` on a project, whose id and password are the name.
    ///
    /// Nova only recognises a project in a path if its id is made of `0` to `9`, `a` to `f` and
    /// hyphens.
    pub fn new(name: impl Into<String>, project: impl Into<String>) -> Self {
        let (name, project) = (name.into(), project.into());
        Self {
            id: name.clone(),
            password: name.clone(),
            project_name: project.clone(),
            roles: vec!["member".to_owned(), "reader".to_owned()],
            name,
            project,
        }
    }

    /// Sets the user's id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the name of the user's project.
    #[must_use]
    pub fn project_name(mut self, name: impl Into<String>) -> Self {
        self.project_name = name.into();
        self
    }

    /// Replaces the roles.
    #[must_use]
    pub fn roles<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = password.into();
        self
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("project", &self.project)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// Why something could not be put into the cloud.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// It is there already.
    #[error("`{0}` is already in the cloud")]
    Duplicate(String),
    /// Ids of networks, ports and servers are UUIDs in their usual form.
    #[error("`{0}` is not a lower-case UUID with hyphens")]
    NotAnId(String),
    /// It refers to something that is not there.
    #[error("`{0}` is not in the cloud")]
    Unknown(String),
}

impl Cloud {
    /// Adds a network that all projects see.
    pub fn add_network(&self, id: &str, name: &str) -> Result<(), SeedError> {
        self.state().seed_network(id, name, None)
    }

    /// Adds a network that one project owns and others do not see.
    pub fn add_project_network(
        &self,
        id: &str,
        name: &str,
        project: &str,
    ) -> Result<(), SeedError> {
        self.state().seed_network(id, name, Some(project))
    }

    /// Adds a user. No two may share a name or an id.
    pub fn add_user(&self, user: User) -> Result<(), SeedError> {
        let mut state = self.state();
        if let Some(there) = state
            .users
            .values()
            .find(|there| there.name == user.name || there.id == user.id)
        {
            return Err(SeedError::Duplicate(there.name.clone()));
        }
        state.users.insert(user.name.clone(), user);
        Ok(())
    }

    /// A fresh token of a user, good for the project of that user.
    pub fn issue_token(&self, user: &str) -> Result<String, SeedError> {
        let text = new_token();
        self.add_token(&text, user)?;
        Ok(text)
    }

    /// Makes a text of the caller's choice a token of a user, for curl lines that can be pasted.
    pub fn add_token(&self, text: &str, user: &str) -> Result<(), SeedError> {
        let mut state = self.state();
        if !state.users.contains_key(user) {
            return Err(SeedError::Unknown(user.to_owned()));
        }
        if state.tokens.contains_key(text) {
            return Err(SeedError::Duplicate("the token".to_owned()));
        }
        state.grant(text, user, true);
        Ok(())
    }

    /// Adds a port that no server has yet, and says its id.
    pub fn add_port(&self, network: &str, project: &str) -> Result<String, SeedError> {
        let id = new_id();
        self.add_port_as(&id, network, project)?;
        Ok(id)
    }

    /// Adds a port with an id of the caller's choice.
    pub fn add_port_as(&self, id: &str, network: &str, project: &str) -> Result<(), SeedError> {
        let mut state = self.state();
        state.vacant_port(id, network)?;
        state.new_port(id, network, project);
        Ok(())
    }

    /// Adds a server with one NIC on each of the networks, and says its id.
    pub fn add_server(&self, project: &str, networks: &[&str]) -> Result<String, SeedError> {
        let id = new_id();
        let ports: Vec<_> = networks.iter().map(|_| new_id()).collect();
        let pairs: Vec<_> = networks
            .iter()
            .copied()
            .zip(ports.iter().map(String::as_str))
            .collect();
        self.add_server_as(&id, project, &pairs)?;
        Ok(id)
    }

    /// Adds a server with ids of the caller's choice: its own, and for each NIC the network's and
    /// the port's.
    pub fn add_server_as(
        &self,
        id: &str,
        project: &str,
        nics: &[(&str, &str)],
    ) -> Result<(), SeedError> {
        let mut state = self.state();
        if !is_canonical_id(id) {
            return Err(SeedError::NotAnId(id.to_owned()));
        }
        if state.server(id).is_some() {
            return Err(SeedError::Duplicate(id.to_owned()));
        }
        for (at, (network, port)) in nics.iter().enumerate() {
            state.vacant_port(port, network)?;
            if nics.iter().take(at).any(|(_, earlier)| earlier == port) {
                return Err(SeedError::Duplicate((*port).to_owned()));
            }
        }
        let user = state
            .users
            .values()
            .find(|user| user.project == project)
            .map(|user| user.id.clone())
            .unwrap_or_default();
        state.new_server(id, "seeded", project, &user);
        for (network, port) in nics {
            state.new_port(port, network, project);
            state.bind(port, id, super::state::COMPUTE);
            state.remember(id, port);
        }
        Ok(())
    }
}

impl State {
    fn seed_network(
        &mut self,
        id: &str,
        name: &str,
        project: Option<&str>,
    ) -> Result<(), SeedError> {
        if !is_canonical_id(id) {
            return Err(SeedError::NotAnId(id.to_owned()));
        }
        if self.network(id).is_some() {
            return Err(SeedError::Duplicate(id.to_owned()));
        }
        self.new_network(id, name, project);
        Ok(())
    }

    fn vacant_port(&self, id: &str, network: &str) -> Result<(), SeedError> {
        if self
            .network(network)
            .is_none_or(|known| known.id != network)
        {
            return Err(SeedError::Unknown(network.to_owned()));
        }
        if !is_canonical_id(id) {
            return Err(SeedError::NotAnId(id.to_owned()));
        }
        if self.port(id).is_some() {
            return Err(SeedError::Duplicate(id.to_owned()));
        }
        Ok(())
    }

    pub(super) fn grant(&mut self, text: &str, user: &str, scoped: bool) {
        let issued = self.clock.now();
        let token = Token {
            user: user.to_owned(),
            scoped,
            issued,
            expires: issued + self.token_life,
            methods: "password",
        };
        self.tokens.insert(text.to_owned(), token);
    }
}

pub(super) fn new_token() -> String {
    format!(
        "gAAAAA{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NET: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";
    const PORT: &str = "90032ff8-184e-4ede-9457-9739e199de44";

    #[test]
    fn a_thing_is_seeded_once() {
        let cloud = Cloud::new();
        cloud.add_network(NET, "a").unwrap();
        cloud.add_user(User::new("ann", "aa")).unwrap();
        cloud.add_token("t", "ann").unwrap();
        cloud.add_port_as(PORT, NET, "aa").unwrap();
        let again = [
            cloud.add_network(NET, "b"),
            cloud.add_user(User::new("ann", "bb")),
            cloud.add_user(User::new("bob", "bb").id("ann")),
            cloud.add_token("t", "ann"),
            cloud.add_port_as(PORT, NET, "aa"),
            cloud.add_server_as(PORT, "aa", &[(NET, PORT)]),
        ];
        for outcome in again {
            assert!(
                matches!(outcome, Err(SeedError::Duplicate(_))),
                "{outcome:?}"
            );
        }
        assert_eq!(cloud.server_count(), 0);
    }

    #[test]
    fn what_is_referred_to_has_to_be_there() {
        let cloud = Cloud::new();
        assert_eq!(
            cloud.issue_token("ann"),
            Err(SeedError::Unknown("ann".into()))
        );
        assert_eq!(
            cloud.add_port(NET, "aa"),
            Err(SeedError::Unknown(NET.into()))
        );
        assert_eq!(
            cloud.add_server("aa", &[NET]),
            Err(SeedError::Unknown(NET.into()))
        );
    }

    #[test]
    fn ids_are_lower_case_uuids() {
        let cloud = Cloud::new();
        let upper = NET.to_uppercase();
        assert_eq!(
            cloud.add_network(&upper, "a"),
            Err(SeedError::NotAnId(upper.clone()))
        );
        assert_eq!(
            cloud.add_network("net", "a"),
            Err(SeedError::NotAnId("net".into()))
        );
    }

    #[test]
    fn a_password_is_not_printed() {
        let printed = format!("{:?}", User::new("ann", "aa").password("hush"));
        assert!(!printed.contains("hush"));
    }
}
