//! The gateway's own account in Keystone, in the words of keystoneauth and of its forerunner.

use crate::{
    config::Settings,
    openstack::{AuthMethod, Client, Domain, Endpoint, Named, ServiceCredential},
};

/// A service user and the Keystone that knows it.
#[derive(Clone, Debug)]
pub(in crate::config) struct Account {
    pub(in crate::config) keystone: Endpoint,
    pub(in crate::config) credential: ServiceCredential,
}

impl Account {
    /// Reads it; nothing if there is none, or told of what is wrong.
    pub(in crate::config) fn read(settings: &mut Settings<'_>) -> Option<Self> {
        let keystone = keystone(settings);
        let method = method(settings);
        let authority = settings.contents("cafile");
        let insecure: bool = settings.inherited("insecure").or(false);
        if insecure {
            settings.mistake(
                "insecure",
                "certificates are always verified; `cafile` says whom to trust",
            );
        }
        let (keystone, method) = match (keystone, method) {
            (Some(keystone), Some(method)) => (keystone, method),
            (Some(_), None) => {
                let message = "a Keystone, but no account: give `username`, `password` and \
                               `project_name`, or an application credential";
                settings.mistake("auth_url", message);
                return None;
            }
            (None, _) => return None,
        };
        let mut client = Client::builder();
        if let Some(pem) = authority {
            client = client.certificate_authority(pem);
        }
        match client.build() {
            Ok(client) => Some(Self {
                credential: ServiceCredential::new(client, keystone.clone(), method),
                keystone,
            }),
            Err(error) => {
                settings.mistake("cafile", error.to_string());
                None
            }
        }
    }
}

fn keystone(settings: &mut Settings<'_>) -> Option<Endpoint> {
    let url: Option<Endpoint> = settings.inherited("auth_url").get();
    let identity: Option<Endpoint> = settings.inherited("identity_uri").get();
    let host: Option<String> = settings.inherited("auth_host").get();
    let port: usize = settings.inherited("auth_port").or(35357);
    let scheme: String = settings.inherited("auth_protocol").or("https".to_owned());
    settings.ignored("auth_version");
    url.or(identity).or_else(|| {
        let url = format!("{scheme}://{}:{port}", host?);
        match url.parse() {
            Ok(endpoint) => Some(endpoint),
            Err(error) => {
                settings.mistake("auth_host", format!("{error}"));
                None
            }
        }
    })
}

fn method(settings: &mut Settings<'_>) -> Option<AuthMethod> {
    let wanted: Option<String> = settings.inherited("auth_type").get();
    let plugin: Option<String> = settings.inherited("auth_plugin").get();
    let application = application_credential(settings);
    let password = password(settings);
    match wanted.or(plugin).as_deref() {
        None => application.or(password),
        Some("password" | "v3password") => password,
        Some("v3applicationcredential") => application,
        Some(other) => {
            let message =
                format!("`{other}` is not known; password and v3applicationcredential are");
            settings.mistake("auth_type", message);
            None
        }
    }
}

fn application_credential(settings: &mut Settings<'_>) -> Option<AuthMethod> {
    let id: Option<String> = settings.inherited("application_credential_id").get();
    let secret = settings.secret(
        "application_credential_secret",
        "application_credential_secret_file",
    );
    let (id, secret) = both(
        settings,
        ("application_credential_id", id),
        ("application_credential_secret", secret),
    )?;
    Some(AuthMethod::ApplicationCredential { id, secret })
}

fn password(settings: &mut Settings<'_>) -> Option<AuthMethod> {
    let user = named(settings, ["user_id", "username", "admin_user"], "user");
    let project = named(
        settings,
        ["project_id", "project_name", "admin_tenant_name"],
        "project",
    );
    let password = settings.secret("password", "password_file");
    let old = settings.secret("admin_password", "admin_password_file");
    let (user, password) = both(settings, ("username", user), ("password", password.or(old)))?;
    let Some(project) = project else {
        settings.mistake(
            "project_name",
            "the project on which the user has its roles is missing",
        );
        return None;
    };
    Some(AuthMethod::Password {
        user,
        password,
        project,
    })
}

/// By id, or by a name in a domain; `default` is the id of Keystone's first.
fn named(
    settings: &mut Settings<'_>,
    [id, name, old]: [&'static str; 3],
    kind: &str,
) -> Option<Named> {
    let (domain_id, domain_name) = match kind {
        "user" => ("user_domain_id", "user_domain_name"),
        _ => ("project_domain_id", "project_domain_name"),
    };
    let by_id: Option<String> = settings.inherited(id).get();
    let by_name: Option<String> = settings.inherited(name).get();
    let by_old: Option<String> = settings.inherited(old).get();
    let domain = match (
        settings.inherited(domain_id).get::<String>(),
        settings.inherited(domain_name).get::<String>(),
    ) {
        (Some(id), _) => Domain::Id(id),
        (None, Some(name)) => Domain::Name(name),
        (None, None) => Domain::Id("default".to_owned()),
    };
    by_id.map(Named::Id).or_else(|| {
        let name = by_name.or(by_old)?;
        Some(Named::Name { name, domain })
    })
}

/// Both or neither: one alone is a mistake.
fn both<A, B>(
    settings: &mut Settings<'_>,
    (a, first): (&'static str, Option<A>),
    (b, second): (&'static str, Option<B>),
) -> Option<(A, B)> {
    match (first, second) {
        (Some(first), Some(second)) => Some((first, second)),
        (Some(_), None) => {
            settings.mistake(a, format!("`{a}` without `{b}`"));
            None
        }
        (None, Some(_)) => {
            settings.mistake(b, format!("`{b}` without `{a}`"));
            None
        }
        (None, None) => None,
    }
}
