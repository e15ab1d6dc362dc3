//! How the service user proves itself to Keystone.

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// What Keystone asks for. Secrets are not printed, and their memory is cleared; but the bytes
/// of a token request, which hold one, are in ordinary memory while it is sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthMethod {
    /// An application credential, which has a user, a project and roles of its own.
    ApplicationCredential {
        /// Its id.
        id: String,
        /// Its secret.
        secret: SecretString,
    },
    /// A user's password, for a token of a project.
    Password {
        /// The user.
        user: Named,
        /// The user's password.
        password: SecretString,
        /// The project on which the user has its roles.
        project: Named,
    },
}

/// A user or a project.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Named {
    /// By its id.
    Id(String),
    /// By a name that is unique in a domain.
    Name {
        /// The name.
        name: String,
        /// The domain.
        domain: Domain,
    },
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Domain {
    /// By its id, such as `default`.
    Id(String),
    /// By its name, such as `Default`.
    Name(String),
}

impl Named {
    /// By name, in the domain of this name.
    pub fn in_domain(name: impl Into<String>, domain: impl Into<String>) -> Self {
        Self::Name {
            name: name.into(),
            domain: Domain::Name(domain.into()),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Id(id) => json!({ "id": id }),
            Self::Name { name, domain } => json!({
                "name": name,
                "domain": match domain {
                    Domain::Id(id) => json!({ "id": id }),
                    Domain::Name(name) => json!({ "name": name }),
                },
            }),
        }
    }
}

impl AuthMethod {
    /// The body of a token request.
    pub(super) fn request(&self) -> Bytes {
        let auth = match self {
            Self::ApplicationCredential { id, secret } => json!({
                "identity": {
                    "methods": ["application_credential"],
                    "application_credential": { "id": id, "secret": secret.expose_secret() },
                },
            }),
            Self::Password {
                user,
                password,
                project,
            } => {
                let mut user = user.json();
                if let Some(user) = user.as_object_mut() {
                    user.insert("password".to_owned(), password.expose_secret().into());
                }
                json!({
                    "identity": { "methods": ["password"], "password": { "user": user } },
                    "scope": { "project": project.json() },
                })
            }
        };
        json!({ "auth": auth }).to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(method: &AuthMethod) -> Value {
        serde_json::from_slice(&method.request()).unwrap()
    }

    #[test]
    fn a_password_request_names_user_and_project_by_name_or_id() {
        let method = AuthMethod::Password {
            user: Named::in_domain("waffle", "Default"),
            password: "p\"w".into(),
            project: Named::Name {
                name: "service".into(),
                domain: Domain::Id("default".into()),
            },
        };
        let expected = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": {
                "name": "waffle", "domain": { "name": "Default" }, "password": "p\"w",
            } } },
            "scope": { "project": { "name": "service", "domain": { "id": "default" } } },
        } });
        assert_eq!(body(&method), expected);

        let method = AuthMethod::Password {
            user: Named::Id("u".into()),
            password: "pw".into(),
            project: Named::Id("p".into()),
        };
        let expected = json!({ "auth": {
            "identity": {
                "methods": ["password"],
                "password": { "user": { "id": "u", "password": "pw" } },
            },
            "scope": { "project": { "id": "p" } },
        } });
        assert_eq!(body(&method), expected);
    }

    #[test]
    fn an_application_credential_is_not_scoped() {
        let method = AuthMethod::ApplicationCredential {
            id: "a".into(),
            secret: "s".into(),
        };
        let expected = json!({ "auth": { "identity": {
            "methods": ["application_credential"],
            "application_credential": { "id": "a", "secret": "s" },
        } } });
        assert_eq!(body(&method), expected);
    }
}
