//! Microversions, and the documents about versions.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::call::{Call, Fault, Reply, json as json_reply, put, set};

/// The highest microversion, that of Nova 2025.1.
const LATEST: u32 = 100;

/// The version that a request is answered as: 2.`minor`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version {
    pub(super) minor: u32,
    /// `/v2`: acts as 2.1 with schemas that ignore what they do not know.
    pub(super) legacy: bool,
}

impl Version {
    pub(super) fn of(call: &Call, legacy: bool) -> Result<Self, Fault> {
        // `/v2` takes both headers away before anybody looks.
        let wanted = if legacy { None } else { requested(call) };
        let minor = match wanted.as_deref() {
            None => 1,
            Some("latest") => LATEST,
            Some(text) => parse(text)?,
        };
        Ok(Self { minor, legacy })
    }

    /// Says in the answer what it was answered as.
    pub(super) fn report(self, reply: &mut Reply) {
        if self.legacy {
            return;
        }
        let version = format!("2.{}", self.minor);
        set(
            reply,
            "openstack-api-version",
            &format!("compute {version}"),
        );
        set(reply, "x-openstack-nova-api-version", &version);
        set(
            reply,
            "vary",
            "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
        );
    }
}

/// The last entry for this service of the common header, else the last of the old one.
fn requested(call: &Call) -> Option<String> {
    let common = call.header("openstack-api-version").unwrap_or_default();
    for entry in common.rsplit(',') {
        let mut words = entry.split_whitespace();
        if let (Some(service), Some(version), None) = (words.next(), words.next(), words.next())
            && service.eq_ignore_ascii_case("compute")
        {
            return Some(version.to_owned());
        }
    }
    let old = call.header("x-openstack-nova-api-version")?;
    old.rsplit(',').next().map(|last| last.trim().to_owned())
}

fn parse(text: &str) -> Result<u32, Fault> {
    let plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|digit| digit.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let Some((major, minor)) = text
        .split_once('.')
        .filter(|(major, minor)| plain(major) && plain(minor) && *major != "0")
    else {
        return Err(Fault::bad_request(format!(
            "API Version String {text} is of invalid format. Must be of format \
             MajorNum.MinorNum."
        )));
    };
    let minor = if major == "2" {
        minor.parse().ok()
    } else {
        None
    };
    minor
        .filter(|minor| (1..=LATEST).contains(minor))
        .ok_or_else(|| {
            Fault::new(
                StatusCode::NOT_ACCEPTABLE,
                format!(
                    "Version {text} is not supported by the API. Minimum is 2.1 and maximum is \
                     2.{LATEST}."
                ),
            )
        })
}

/// The list of versions: 200 at the root, 300 wherever nothing else is.
pub(super) fn choices(call: &Call, root: bool) -> Reply {
    let versions = [describe(call, true), describe(call, false)];
    if root {
        json_reply(StatusCode::OK, &json!({"versions": versions}))
    } else {
        json_reply(StatusCode::MULTIPLE_CHOICES, &json!({"choices": versions}))
    }
}

pub(super) fn document(call: &Call, legacy: bool) -> Reply {
    let mut version = describe(call, legacy);
    let kind = "application/vnd.openstack.compute+json;version=2";
    let kind = format!("{kind}{}", if legacy { "" } else { ".1" });
    let types = json!([{"base": "application/json", "type": kind}]);
    put(&mut version, "media-types", types);
    json_reply(StatusCode::OK, &json!({"version": version}))
}

fn describe(call: &Call, legacy: bool) -> Value {
    let base = call.base();
    if legacy {
        json!({
            "id": "v2.0",
            "status": "SUPPORTED",
            "version": "",
            "min_version": "",
            "updated": "2011-01-21T11:33:21Z",
            "links": [{"rel": "self", "href": format!("{base}/v2/")}],
        })
    } else {
        json!({
            "id": "v2.1",
            "status": "CURRENT",
            "version": format!("2.{LATEST}"),
            "min_version": "2.1",
            "updated": "2013-07-23T11:33:21Z",
            "links": [{"rel": "self", "href": format!("{base}/v2.1/")}],
        })
    }
}
