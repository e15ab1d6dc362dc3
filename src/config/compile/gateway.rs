//! What holds for the whole gateway.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use super::{Compiler, Mistake, Settings};
use crate::{
    config::{
        document::Body,
        factories::{NOVA_BODY_LIMIT, account::Account},
        settings::Findings,
    },
    guard::{NoLookup, PortLookup, ProjectLookup},
    neutron::DeviceLookup,
    nova::Mount,
    openstack::{Endpoint, Fallback, Inventory, NeutronLookup, NovaLookup},
    pipeline::{GatewaySettings, Outline},
    proxy::Upstream,
};

impl Compiler<'_> {
    pub(super) fn gateway(&mut self) -> (GatewaySettings, Outline, Option<Inventory>) {
        let document = self.document;
        let here = (None, &document.place);
        let mut settings = Settings::new(here, "", &document.globals, &[], self.files);
        let mount = settings.key("mount").or(Mount::root());
        let body_limit = settings.key("max_request_body_size").or(NOVA_BODY_LIMIT);
        let body_deadline = settings
            .key("request_body_deadline")
            .or(Duration::from_secs(60));
        let listen = settings.key("listen").get();
        let metrics = settings.key("metrics").get();
        apart(&mut settings, listen, metrics);
        let neutron: Option<Endpoint> = settings.key("neutron_url").get();
        let nova: Option<Endpoint> = settings.key("nova_url").get();
        let upstream: Option<Upstream> = settings.key("upstream").get();
        for key in ELSEWHERE {
            settings.ignored(key);
        }
        // Mistakes in these are told where they are used; a part of them may be elsewhere.
        let (mut outline, findings) = settings.finish();
        self.take(findings);
        let nova = nova.or_else(|| {
            let url = format!("{}{}/v2.1", upstream?, mount.prefix());
            url.parse().ok()
        });
        let Lookups {
            devices,
            inventory,
            ports,
            projects,
        } = self.lookups(neutron, nova, &mut outline);
        let server_lock = self.server_lock();
        let settings = GatewaySettings {
            listen,
            metrics,
            mount,
            body_limit,
            body_deadline,
            devices,
            lookup: ports,
            project_lookup: projects,
            server_lock,
        };
        (settings, outline, inventory)
    }

    /// Neutron, and Nova if Neutron fails, with the account of the Keystone filter or else that
    /// of the globals.
    fn lookups(
        &mut self,
        neutron: Option<Endpoint>,
        nova: Option<Endpoint>,
        outline: &mut Outline,
    ) -> Lookups {
        let document = self.document;
        let keystone = self.keystone.take();
        let (local, globals) = match &keystone {
            Some((section, handed)) => {
                let local = match &section.body {
                    Body::Made { settings, .. } => settings.as_slice(),
                    Body::Broken | Body::Pipeline(_) => &[],
                };
                (local, self.globals(section, handed))
            }
            None => ([].as_slice(), document.globals.clone()),
        };
        let here = (None, &document.place);
        let mut settings = Settings::new(here, "", local, &globals, self.files);
        let account = Account::read(&mut settings);
        let (read, findings) = settings.finish();
        // With another account, or another authority, the lookups are others.
        outline.add(&read);
        if keystone.is_none() {
            self.take(findings);
        }
        let Some(Account { credential, .. }) = account else {
            return Lookups::default();
        };
        let neutron = neutron.map(|url| NeutronLookup::new(url, credential.clone()));
        let nova = nova.map(|url| NovaLookup::new(url, credential));
        let devices: Arc<dyn DeviceLookup> = match &neutron {
            Some(neutron) => Arc::new(neutron.clone()),
            None => Arc::new(NoLookup::default()),
        };
        let inventory = neutron.clone().zip(nova.clone());
        let inventory = inventory.map(|(neutron, nova)| Inventory::new(neutron, nova));
        let projects: Arc<dyn ProjectLookup> = match &nova {
            Some(nova) => Arc::new(nova.clone()),
            None => Arc::new(NoLookup::default()),
        };
        let ports: Arc<dyn PortLookup> = match (neutron, nova) {
            (Some(neutron), Some(nova)) => Arc::new(Fallback::new(neutron, nova)),
            (Some(neutron), None) => Arc::new(neutron),
            (None, Some(nova)) => {
                let warning = "no `neutron_url`: ports are looked up with Nova alone, which does \
                               not find those that a create names";
                self.warning(Mistake::new(document.place.clone(), warning));
                Arc::new(nova)
            }
            (None, None) => Arc::new(NoLookup::default()),
        };
        Lookups {
            devices,
            inventory,
            ports,
            projects,
        }
    }

    /// In paste.ini, a global that nobody knows may be a variable, or of another program; only
    /// one that looks like a slip of the finger is worth a word.
    fn take(&mut self, findings: Findings) {
        let Findings { mistakes, warnings } = findings;
        self.findings.warnings.extend(warnings);
        for mistake in mistakes {
            if self.document.strict || !mistake.message.starts_with("there is no key") {
                self.findings.mistakes.push(mistake);
            } else if mistake.message.contains("did you mean") {
                self.findings.warnings.push(mistake);
            }
        }
    }
}

/// Tenants are not to read metrics.
fn apart(settings: &mut Settings<'_>, listen: Option<SocketAddr>, metrics: Option<SocketAddr>) {
    let Some(metrics) = metrics else { return };
    if metrics.ip().is_unspecified() {
        let warning = "every address of this machine, also those that tenants reach: name one \
                       that only you do";
        settings.warning("metrics", warning);
    }
    let is_same = |listen: &SocketAddr| {
        let [a, b] = [listen.ip(), metrics.ip()];
        let meet = a == b || a.is_unspecified() || b.is_unspecified();
        metrics.port() != 0 && metrics.port() == listen.port() && meet
    };
    if listen.as_ref().is_some_and(is_same) {
        settings.mistake(
            "metrics",
            "tenants are answered there: `listen` is the same",
        );
    }
}

/// Where facts come from.
struct Lookups {
    devices: Arc<dyn DeviceLookup>,
    /// If both Neutron and Nova can be asked.
    inventory: Option<Inventory>,
    ports: Arc<dyn PortLookup>,
    projects: Arc<dyn ProjectLookup>,
}

/// From nowhere.
impl Default for Lookups {
    fn default() -> Self {
        Self {
            devices: Arc::new(NoLookup::default()),
            inventory: None,
            ports: Arc::new(NoLookup::default()),
            projects: Arc::new(NoLookup::default()),
        }
    }
}

/// Globals that are read by the factories that need them, or by the program.
const ELSEWHERE: [&str; 45] = [
    "admin_password",
    "admin_password_file",
    "admin_tenant_name",
    "admin_user",
    "answer_timeout",
    "application_credential_id",
    "application_credential_secret",
    "application_credential_secret_file",
    "auth_host",
    "auth_plugin",
    "auth_port",
    "auth_protocol",
    "auth_strategy",
    "auth_type",
    "auth_uri",
    "auth_url",
    "auth_version",
    "cafile",
    "connect_timeout",
    "forwarding",
    "identity_uri",
    "idle_timeout",
    "insecure",
    "most_idle",
    "password",
    "password_file",
    "project_domain_id",
    "project_domain_name",
    "project_id",
    "project_name",
    "rewrite_host",
    "server_lock",
    "server_lock_file",
    "server_lock_wait",
    "server_lock_waiters",
    "trust_forwarded",
    "trust_identity_headers",
    "uncertain_for",
    "upstream_cafile",
    "user_domain_id",
    "user_domain_name",
    "user_id",
    "username",
    "www_authenticate_uri",
    "here",
];
