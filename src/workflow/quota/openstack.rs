//! Quotas, as Nova, Neutron and Cinder know them.

use http::Method;
use serde_json::{Map, Value, json};

use super::{Limits, Quota, QuotaStore, Service};
use crate::workflow::{
    CloudError, CloudFuture, Services,
    cloud::{Remote, encoded},
};

/// Asks the services of a region.
#[derive(Clone, Debug)]
pub struct OpenStackQuota {
    services: Services,
}

impl OpenStackQuota {
    /// Asks these services.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self { services }
    }

    const fn remote(&self, service: Service) -> Option<&Remote> {
        match service {
            Service::Cinder => self.services.cinder.as_ref(),
            Service::Neutron => self.services.neutron.as_ref(),
            Service::Nova => self.services.nova.as_ref(),
        }
    }

    async fn all(&self, project: &str) -> Result<Vec<Quota>, CloudError> {
        let mut quotas = Vec::new();
        for service in [Service::Cinder, Service::Neutron, Service::Nova] {
            if let Some(remote) = self.remote(service) {
                quotas.extend(of(service, remote, project).await?);
            }
        }
        Ok(quotas)
    }

    async fn set_all(&self, project: &str, limits: &Limits) -> Result<(), CloudError> {
        let project = encoded(project);
        for (service, limits) in limits.by_service() {
            let Some(remote) = self.remote(service) else {
                return Err(CloudError::Missing { service: "quota" });
            };
            let (path, mut body) = match service {
                Service::Neutron => (format!("/quotas/{project}"), json!({ "quota": limits })),
                Service::Cinder | Service::Nova => (
                    format!("/os-quota-sets/{project}"),
                    json!({ "quota_set": limits }),
                ),
            };
            // Without it Nova refuses a limit below what is used.
            if service == Service::Nova
                && let Some(set) = body.get_mut("quota_set").and_then(Value::as_object_mut)
            {
                set.insert("force".into(), true.into());
            }
            remote.change(Method::PUT, &path, Some(&body)).await?;
        }
        Ok(())
    }
}

async fn of(service: Service, remote: &Remote, project: &str) -> Result<Vec<Quota>, CloudError> {
    let project = encoded(project);
    let (path, key) = match service {
        Service::Cinder => (format!("/os-quota-sets/{project}?usage=true"), "quota_set"),
        Service::Neutron => (format!("/quotas/{project}/details.json"), "quota"),
        Service::Nova => (format!("/os-quota-sets/{project}/detail"), "quota_set"),
    };
    let quota_set: Option<Map<String, Value>> = remote.get(&path, key).await?;
    let missing = CloudError::Missing {
        service: remote.name(),
    };
    let mut quotas = Vec::new();
    for (resource, told) in quota_set.ok_or(missing)? {
        // The id of the project is among them.
        let Value::Object(told) = told else {
            continue;
        };
        let number = |keys: &[&str]| keys.iter().find_map(|key| told.get(*key)?.as_i64());
        let limit = number(&["limit"]);
        let used = number(&["in_use", "used"]);
        let (Some(limit), Some(used)) = (limit, used) else {
            let cause = "a quota is not told by `limit` and what is used";
            return Err(CloudError::unavailable(remote.name(), cause));
        };
        let reserved = number(&["reserved"]).unwrap_or_default();
        let used = used.saturating_add(reserved);
        quotas.push(Quota::new(service, resource, limit, used));
    }
    Ok(quotas)
}

impl QuotaStore for OpenStackQuota {
    fn quotas<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Quota>> {
        Box::pin(self.all(project))
    }

    fn set<'a>(&'a self, project: &'a str, limits: &'a Limits) -> CloudFuture<'a, ()> {
        Box::pin(self.set_all(project, limits))
    }
}
