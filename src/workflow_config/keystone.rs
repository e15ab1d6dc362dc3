//! Keystone, and the account by which it and the other services are asked.

use std::time::Duration;

use crate::{
    openstack::{AuthMethod, Client, Domain, Endpoint, Named, ServiceCredential},
    workflow_messages::Section,
};

/// A Keystone and an account in it.
#[derive(Clone, Debug)]
pub(super) struct Keystone {
    pub(super) client: Client,
    pub(super) endpoint: Endpoint,
    pub(super) credential: ServiceCredential,
    /// That of the account, as far as the configuration says it.
    pub(super) project: Option<Named>,
}

impl Keystone {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let endpoint: Option<Endpoint> = section.needed("auth_url");
        let method = method(&mut section);
        let role: Option<String> = section.value("role");
        let deadline = section.value("deadline_seconds").unwrap_or(DEADLINE);
        if deadline == 0 {
            let _: Option<()> = section.wrong("deadline_seconds", "this must not be 0");
        }
        let mut builder =
            Client::builder().deadline(Duration::from_secs(u64::from(deadline.max(1))));
        if let Some(pem) = section.contents("cafile") {
            builder = builder.certificate_authority(pem);
        }
        let client = builder
            .build()
            .map_or_else(|error| section.wrong("cafile", error), Some);
        section.finish();
        let (endpoint, method, client) = (endpoint?, method?, client?);
        let project = match &method {
            AuthMethod::Password { project, .. } => Some(project.clone()),
            AuthMethod::ApplicationCredential { .. } => None,
        };
        let mut credential = ServiceCredential::new(client.clone(), endpoint.clone(), method);
        if let Some(role) = role {
            credential = credential.role(role);
        }
        Some(Self {
            client,
            endpoint,
            credential,
            project,
        })
    }

    /// Stands in for one that could not be read, so that the rest can be. Nothing is made of a
    /// configuration with mistakes.
    pub(super) fn nowhere() -> Option<Self> {
        let endpoint: Endpoint = "http://127.0.0.1:9".parse().ok()?;
        let client = Client::builder().build().ok()?;
        let method = AuthMethod::ApplicationCredential {
            id: String::new(),
            secret: String::new().into(),
        };
        Some(Self {
            credential: ServiceCredential::new(client.clone(), endpoint.clone(), method),
            client,
            endpoint,
            project: None,
        })
    }
}

fn method(section: &mut Section<'_>) -> Option<AuthMethod> {
    let application = section.has("application_credential_id");
    let id: Option<String> = section.value("application_credential_id");
    let secret = section.secret([
        "application_credential_secret",
        "application_credential_secret_file",
        "application_credential_secret_env",
    ]);
    let named = [
        "user_id",
        "username",
        "password",
        "password_file",
        "password_env",
    ]
    .into_iter()
    .any(|key| section.has(key));
    let has_password = ["password", "password_file", "password_env"]
        .into_iter()
        .any(|key| section.has(key));
    let password = section.secret(["password", "password_file", "password_env"]);
    let user = name(
        section,
        ["user_id", "username", "user_domain_id", "user_domain_name"],
    );
    let project = name(
        section,
        [
            "project_id",
            "project_name",
            "project_domain_id",
            "project_domain_name",
        ],
    );
    if application && named {
        let message = "give an application credential or a user, not both";
        return section.wrong("application_credential_id", message);
    }
    if application {
        let Some(secret) = secret else {
            let message = "there is no secret for this application credential";
            return section.wrong("application_credential_id", message);
        };
        return Some(AuthMethod::ApplicationCredential { id: id?, secret });
    }
    if secret.is_some() {
        let message = "there is no application credential for this secret";
        return section.wrong("application_credential_secret", message);
    }
    if user.is_none() {
        section.wrong::<()>("username", "this is missing, or an application credential");
    }
    if project.is_none() {
        let message = "the project on which the user has its roles is missing";
        section.wrong::<()>("project_name", message);
    }
    if !has_password {
        section.wrong::<()>("password", "this is missing, or a file or variable with it");
    }
    Some(AuthMethod::Password {
        user: user?,
        password: password?,
        project: project?,
    })
}

/// By id, or by a name in a domain; that with the id `default`, unless one is named.
fn name(section: &mut Section<'_>, keys: [&'static str; 4]) -> Option<Named> {
    let [by_id, by_name, domain_id, domain_name] = keys.map(|key| section.value::<String>(key));
    let domain = match (domain_id, domain_name) {
        (Some(id), _) => Domain::Id(id),
        (None, Some(name)) => Domain::Name(name),
        (None, None) => Domain::Id("default".into()),
    };
    let named = by_name.map(|name| Named::Name { name, domain });
    by_id.map(Named::Id).or(named)
}

/// A busy Neutron needs longer than a gateway could wait for it.
const DEADLINE: u32 = 60;
