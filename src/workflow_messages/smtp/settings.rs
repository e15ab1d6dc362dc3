//! Which mail server, and how it is spoken to.

use std::{net::IpAddr, time::Duration};

use lettre::transport::smtp::{
    client::{Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use rustls::pki_types::ServerName;
use secrecy::SecretString;
use serde::Deserialize;

use crate::workflow_messages::settings::Section;

/// A mail server.
pub(in crate::workflow_messages) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) login: Option<(String, SecretString)>,
    pub(super) hello: ClientId,
    /// How long a mail may take, with all that has to be done before it.
    pub(super) timeout: Duration,
}

pub(super) enum Tls {
    None,
    /// After a greeting in the clear; without it nothing is sent.
    Starttls(TlsParameters),
    /// From the first byte on.
    Wrapped(TlsParameters),
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Security {
    None,
    Starttls,
    Tls,
}

impl Server {
    pub(in crate::workflow_messages) fn read(mut section: Section<'_>) -> Option<Self> {
        let host: Option<String> = section.needed("host");
        let host = host.and_then(|host| match ServerName::try_from(host.as_str()) {
            Ok(_) => Some(host),
            Err(_) => section.wrong("host", "this is neither a host's name nor an address"),
        });
        let security = section.value("security").unwrap_or(Security::Tls);
        let port = section.value("port").unwrap_or(match security {
            Security::None => 25,
            Security::Starttls => 587,
            Security::Tls => 465,
        });
        let username: Option<String> = section.value("username");
        let password = section.secret(["password", "password_file", "password_env"]);
        let hello: Option<String> = section.value("hello_name");
        let timeout: u32 = section.value("timeout_seconds").unwrap_or(60);
        let authority = section.contents("cafile");
        let login = match (username, password) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            (Some(_), None) => section.wrong("username", "there is no password for this user"),
            (None, Some(_)) => section.wrong("password", "there is no user for this password"),
        };
        if timeout == 0 || port == 0 {
            let key = if port == 0 { "port" } else { "timeout_seconds" };
            let _: Option<()> = section.wrong(key, "this must not be 0");
        }
        if hello
            .as_deref()
            .is_some_and(|it| ServerName::try_from(it).is_err())
        {
            let _: Option<()> = section.wrong("hello_name", "this is not a host's name");
        }
        let tls = host.as_deref().and_then(|host| match security {
            Security::None if is_loopback(host) => Some(Tls::None),
            Security::None => {
                let message = "without TLS only this machine's own mail server can be used";
                section.wrong("security", message)
            }
            Security::Starttls => parameters(host, authority, &mut section).map(Tls::Starttls),
            Security::Tls => parameters(host, authority, &mut section).map(Tls::Wrapped),
        });
        section.finish();
        Some(Self {
            host: host?,
            port,
            tls: tls?,
            login,
            hello: hello.map_or_else(ClientId::default, ClientId::Domain),
            timeout: Duration::from_secs(timeout.into()),
        })
    }
}

fn parameters(
    host: &str,
    authority: Option<String>,
    section: &mut Section<'_>,
) -> Option<TlsParameters> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = authority {
        match Certificate::from_pem(pem.as_bytes()) {
            // The system's authorities have then no say, as in the rest of the settings.
            Ok(it) => {
                builder = builder
                    .certificate_store(CertificateStore::None)
                    .add_root_certificate(it)
            }
            Err(_) => return section.wrong("cafile", "the certificates cannot be read"),
        }
    }
    builder
        .build_rustls()
        .map_or_else(|error| section.wrong("security", error), Some)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|it: IpAddr| it.is_loopback())
}
