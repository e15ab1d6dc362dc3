//! The stores over HTTP: what they ask, and what they make of odd answers.

use serde_json::{Value, json};
use wafflehaus::workflow::{
    CloudError, Services,
    identity::{
        AssignmentsOf, CreateProject, CreateUser, IdentityStore as _, KeystoneIdentity, UpdateUser,
    },
    network::{NetworkStore as _, NeutronNetwork},
    quota::{Limits, OpenStackQuota, QuotaStore as _, Service},
    resources::{Kind, OpenStackResources, Resource, ResourceStore as _},
};

use crate::cloud::{Cloud, Seen};

fn keystone(cloud: &Cloud) -> KeystoneIdentity {
    KeystoneIdentity::new(cloud.endpoint(), cloud.credential())
}

fn neutron(cloud: &Cloud) -> NeutronNetwork {
    NeutronNetwork::new(cloud.endpoint(), cloud.credential())
}

fn services(cloud: &Cloud) -> Services {
    Services::new(cloud.credential())
        .nova(cloud.endpoint())
        .neutron(cloud.endpoint())
        .cinder(cloud.endpoint())
}

fn user(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "domain_id": "default", "enabled": true, "email": null })
}

fn users(list: &[Value]) -> Value {
    json!({ "users": list, "links": { "next": null } })
}

/// Which of the errors it is.
fn kind(error: &CloudError) -> &'static str {
    match error {
        CloudError::Conflict { .. } => "conflict",
        CloudError::Missing { .. } => "missing",
        CloudError::Refused { .. } => "refused",
        CloudError::Unavailable { .. } => "unavailable",
        _ => "other",
    }
}

#[tokio::test]
async fn names_are_encoded_and_asked_for_in_a_domain() {
    let name = "a&name=b c/é.";
    let cloud = Cloud::of([(200, users(&[user("u", "A&NAME=b c/É.")]))]).await;
    let found = keystone(&cloud).user_by_name("default", name).await;
    assert_eq!(found.unwrap().unwrap().id, "u");
    let line = "GET /v3/users?name=a%26name%3Db%20c%2F%C3%A9%2E&domain_id=default";
    assert_eq!(cloud.lines(), [line]);
}

#[tokio::test]
async fn an_answer_to_another_question_is_a_failure() {
    for answer in [
        users(&[user("u", "ann"), user("v", "ann")]),
        users(&[user("u", "bob")]),
        json!({ "users": [{ "id": "u", "name": "ann", "domain_id": "other", "enabled": true }] }),
        json!({ "users": [["u", "ann", "default", null, true, null]] }),
        json!({ "users": [], "truncated": true }),
        json!({ "people": [] }),
        json!([]),
        json!({ "users": [], "links": { "next": "http://elsewhere/v3/users?limit=1" } }),
        json!({ "users": [], "links": { "next": "/v3/users?marker=a%20b&marker=c" } }),
        json!({ "users": [], "links": { "next": "/v3/users?marker=a/../b" } }),
    ] {
        let cloud = Cloud::of([(200, answer.clone())]).await;
        let found = keystone(&cloud).user_by_name("default", "ann").await;
        assert_eq!(kind(&found.unwrap_err()), "unavailable", "{answer}");
        assert_eq!(cloud.seen().len(), 1);
    }
    let cloud = Cloud::of([(200, json!({ "user": user("other", "ann") }))]).await;
    let found = keystone(&cloud).user("asked").await;
    assert_eq!(kind(&found.unwrap_err()), "unavailable");
}

#[tokio::test]
async fn a_list_is_read_to_its_end_by_markers_alone() {
    let next = "http://192.0.2.1/steal?domain_id=&limit=2&marker=m-1";
    let cloud = Cloud::of([
        (200, json!({ "roles": [{ "id": "1", "name": "a" }], "links": { "next": next }, "truncated": true })),
        (200, json!({ "roles": [{ "id": "2", "name": "b" }], "links": { "next": null } })),
    ])
    .await;
    let roles = keystone(&cloud).roles().await.unwrap();
    let names: Vec<_> = roles.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(cloud.lines(), ["GET /v3/roles", "GET /v3/roles?marker=m-1"]);

    let endless = json!({ "roles": [], "links": { "next": "/v3/roles?marker=m" } });
    let cloud = Cloud::of([(200, endless)]).await;
    assert_eq!(
        kind(&keystone(&cloud).roles().await.unwrap_err()),
        "unavailable"
    );
    assert_eq!(cloud.seen().len(), 256);
}

#[tokio::test]
async fn only_a_services_own_404_means_that_there_is_none() {
    for (body, found) in [
        (json!({ "error": { "code": 404 } }), "none"),
        (
            json!({ "NeutronError": { "type": "HTTPNotFound" } }),
            "unavailable",
        ),
        (json!({}), "unavailable"),
        (json!("nginx"), "unavailable"),
    ] {
        let cloud = Cloud::of([(404, body.clone())]).await;
        let told = match keystone(&cloud).user("u").await {
            Ok(None) => "none",
            Ok(Some(_)) => "some",
            Err(error) => kind(&error),
        };
        assert_eq!(told, found, "{body}");
    }
    let cloud = Cloud::of([(404, json!({}))]).await;
    for odd in ["", ".", "a/b", "?", "é", "a b"] {
        assert_eq!(keystone(&cloud).user(odd).await.unwrap(), None);
    }
    assert!(cloud.seen().is_empty());
}

#[tokio::test]
async fn a_status_says_whether_to_try_again() {
    for (status, expected) in [
        (400, "refused"),
        (401, "unavailable"),
        (403, "refused"),
        (404, "missing"),
        (408, "unavailable"),
        (409, "conflict"),
        (429, "unavailable"),
        (301, "unavailable"),
        (500, "unavailable"),
        (503, "unavailable"),
    ] {
        let cloud = Cloud::of([(status, json!({ "error": { "message": "s3cret" } }))]).await;
        let change = UpdateUser::new().password("s3cret".into());
        let error = keystone(&cloud)
            .update_user("u", &change)
            .await
            .unwrap_err();
        assert_eq!(
            (kind(&error), error.may_pass()),
            (expected, expected == "unavailable")
        );
        assert!(!format!("{error} {error:?} {change:?}").contains("s3cret"));
        // A refused token is replaced, once.
        let asked = if status == 401 { 2 } else { 1 };
        assert_eq!(cloud.seen().len(), asked, "{status}");
    }
}

#[tokio::test]
async fn what_is_made_carries_its_origin() {
    let cloud = Cloud::start(|seen| {
        let mut made = seen.json();
        let (_, fields) = made.as_object_mut().unwrap().iter_mut().next().unwrap();
        fields["id"] = "new".into();
        fields["enabled"] = true.into();
        (201, made)
    })
    .await;
    let new = CreateUser::new("ann", "default", "pw".into());
    let new = new.email("a@x").origin("task 1");
    let made = keystone(&cloud).create_user(&new).await.unwrap();
    assert_eq!((&*made.id, made.origin.as_deref()), ("new", Some("task 1")));
    let sent = json!({ "user": {
        "name": "ann", "domain_id": "default", "password": "pw", "enabled": true, "email": "a@x",
        "wafflehaus_origin": "task 1",
    } });
    assert_eq!(cloud.seen()[0].json(), sent);
    let new = CreateProject::new("p", "default")
        .parent("q")
        .origin("task 1");
    let made = keystone(&cloud).create_project(&new).await.unwrap();
    assert_eq!(
        (made.parent_id.as_deref(), made.origin.as_deref()),
        (Some("q"), Some("task 1"))
    );
}

#[tokio::test]
async fn members_take_two_calls_however_many_there_are() {
    let cloud = Cloud::start(|seen| {
        let ids = (0..50).map(|it| format!("u{it:02}"));
        if seen.line.starts_with("GET /v3/role_assignments?") {
            let all: Vec<Value> = ids
                .map(|id| {
                    json!({
                        "user": { "id": id, "name": id, "domain": { "id": "default", "name": "D" } },
                        "role": { "id": "r", "name": "member" },
                        "scope": { "project": { "id": "p", "name": "p" } },
                        "links": {},
                    })
                })
                .collect();
            (200, json!({ "role_assignments": all }))
        } else {
            let all: Vec<Value> = ids.map(|id| user(&id, &id)).collect();
            (200, users(&all))
        }
    })
    .await;
    let members = keystone(&cloud).members("p").await.unwrap();
    assert_eq!(members.len(), 50);
    let asked = [
        "GET /v3/role_assignments?effective&include_names=true&scope.project.id=p",
        "GET /v3/users?domain_id=default",
    ];
    assert_eq!(cloud.lines(), asked);
    // Assignments of another project are none of this one's.
    let of = AssignmentsOf::Project("q");
    let error = keystone(&cloud).assignments(of).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable");
}

#[tokio::test]
async fn granting_and_revoking_may_be_repeated() {
    let cloud = Cloud::of([
        (409, json!({})),
        (404, json!({ "error": {} })),
        (404, json!({})),
    ])
    .await;
    let identity = keystone(&cloud);
    identity.grant("p", "u", "r").await.unwrap();
    identity.revoke("p", "u", "r").await.unwrap();
    assert_eq!(
        kind(&identity.grant("p", "u", "r").await.unwrap_err()),
        "missing"
    );
    let [grant, revoke] =
        ["PUT", "DELETE"].map(|it| format!("{it} /v3/projects/p/users/u/roles/r"));
    assert_eq!(cloud.lines()[..2], [grant, revoke]);
}

#[tokio::test]
async fn an_external_network_is_found_by_id_or_by_a_name_of_its_own() {
    let network = |id: &str| json!({ "id": id, "name": "public", "project_id": "p" });
    let answer = move |seen: &Seen, count: usize| {
        let found: Vec<Value> = if seen.line.ends_with("&name=public") {
            ["n1", "n2"][..count].iter().map(|id| network(id)).collect()
        } else {
            Vec::new()
        };
        (200, json!({ "networks": found }))
    };
    let cloud = Cloud::start(move |seen| answer(seen, 1)).await;
    let found = neutron(&cloud).external_network("public").await.unwrap();
    assert_eq!(found.unwrap().id, "n1");
    assert_eq!(
        cloud.lines()[0],
        "GET /v2.0/networks?router%3Aexternal=true&id=public"
    );
    let cloud = Cloud::start(move |seen| answer(seen, 2)).await;
    let error = neutron(&cloud)
        .external_network("public")
        .await
        .unwrap_err();
    assert_eq!(kind(&error), "conflict");
}

#[tokio::test]
async fn a_router_that_is_on_the_subnet_already_says_by_which_port() {
    for (there, expected) in [(true, "port"), (false, "refused")] {
        let cloud = Cloud::start(move |seen| {
            if seen.line.starts_with("PUT") {
                return (400, json!({ "NeutronError": { "type": "BadRequest" } }));
            }
            let owner = if there {
                "network:router_interface"
            } else {
                "network:router_gateway"
            };
            let port = json!({
                "id": "port", "device_owner": owner, "fixed_ips": [{ "subnet_id": "s" }],
            });
            (200, json!({ "ports": [port] }))
        })
        .await;
        let told = match neutron(&cloud).add_interface("r", "s").await {
            Ok(interface) => interface.port_id,
            Err(error) => kind(&error).to_owned(),
        };
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn quotas_are_read_from_all_services_and_reserved_counts_as_used() {
    let cloud = Cloud::start(|seen| {
        let quota = match seen.line.split_whitespace().last().unwrap() {
            "/os-quota-sets/p/detail" => {
                json!({ "quota_set": { "id": "p", "cores": { "limit": 9, "in_use": 2, "reserved": 1 } } })
            }
            "/v2.0/quotas/p/details.json" => {
                json!({ "quota": { "port": { "limit": -1, "used": 4, "reserved": 0 } } })
            }
            "/os-quota-sets/p?usage=true" => {
                json!({ "quota_set": { "volumes": { "limit": 5, "in_use": 1, "reserved": 0 } } })
            }
            _ => json!({}),
        };
        (200, quota)
    })
    .await;
    let quota = OpenStackQuota::new(services(&cloud));
    let quotas = quota.quotas("p").await.unwrap();
    let told: Vec<_> = quotas
        .iter()
        .map(|it| (&*it.resource, it.limit, it.used))
        .collect();
    assert_eq!(told, [("volumes", 5, 1), ("port", -1, 4), ("cores", 9, 3)]);

    let limits = Limits::new()
        .limit(Service::Nova, "cores", 1)
        .limit(Service::Neutron, "port", 2);
    quota.set("p", &limits).await.unwrap();
    let sent: Vec<_> = cloud.seen()[3..]
        .iter()
        .map(|it| (it.line.clone(), it.json()))
        .collect();
    let nova = json!({ "quota_set": { "cores": 1, "force": true } });
    assert_eq!(
        sent[0],
        (
            "PUT /v2.0/quotas/p".into(),
            json!({ "quota": { "port": 2 } })
        )
    );
    assert_eq!(sent[1], ("PUT /os-quota-sets/p".into(), nova));
    let error = OpenStackQuota::new(Services::new(cloud.credential()))
        .set("p", &limits)
        .await;
    assert_eq!(kind(&error.unwrap_err()), "missing");

    let odd = json!({ "quota_set": { "cores": { "limit": 9 } }, "quota": {} });
    let cloud = Cloud::of([(200, odd)]).await;
    let quota = OpenStackQuota::new(services(&cloud));
    assert_eq!(kind(&quota.quotas("p").await.unwrap_err()), "unavailable");
}

#[tokio::test]
async fn a_projects_things_are_listed_in_the_order_of_deletion() {
    let cloud = Cloud::start(|seen| {
        let path = seen.line.trim_start_matches("GET ").split('?').next().unwrap();
        let own = |id: &str| json!({ "id": id, "name": "", "project_id": "p", "tenant_id": "p" });
        let port = |id: &str, owner: &str| {
            json!({ "id": id, "project_id": "p", "device_owner": owner, "device_id": "r" })
        };
        (200, match path {
            "/servers/detail" => json!({ "servers": [own("s")] }),
            "/v2.0/networks" => json!({ "networks": [own("n")] }),
            "/v2.0/routers" => json!({ "routers": [own("r")] }),
            "/v2.0/ports" => json!({ "ports": [
                port("p0", ""),
                port("p1", "network:router_interface"),
                port("p2", "network:router_gateway"),
                port("p3", "network:dhcp"),
                port("p4", "compute:nova"),
            ] }),
            "/v2.0/security-groups" => json!({ "security_groups": [
                { "id": "g0", "name": "default", "project_id": "p" },
                { "id": "g1", "name": "web", "project_id": "p" },
            ] }),
            "/volumes/detail" => json!({ "volumes": [
                { "id": "v", "name": "disk", "os-vol-tenant-attr:tenant_id": "p" },
            ] }),
            _ => json!({ "snapshots": [], "floatingips": [], "subnets": [] }),
        })
    })
    .await;
    let store = OpenStackResources::new(services(&cloud));
    let listed = store.list("p").await.unwrap();
    let expected = [
        Resource::new(Kind::Server, "s", ""),
        Resource::new(Kind::Volume, "v", "disk"),
        Resource::interface("p1", "r"),
        Resource::new(Kind::Router, "r", ""),
        Resource::new(Kind::Port, "p0", ""),
        Resource::new(Kind::Port, "p4", ""),
        Resource::new(Kind::Network, "n", ""),
        Resource::new(Kind::SecurityGroup, "g1", "web"),
    ];
    assert_eq!(listed, expected);
    // A filter that is ignored must not have the things of others deleted.
    assert_eq!(kind(&store.list("q").await.unwrap_err()), "unavailable");
}

#[tokio::test]
async fn things_are_deleted_where_they_are_and_may_be_gone() {
    let cloud = Cloud::of([
        (204, json!({})),
        (404, json!({ "NeutronError": { "type": "RouterNotFound" } })),
        (409, json!({})),
    ])
    .await;
    let store = OpenStackResources::new(services(&cloud));
    let delete = async |it: Resource| store.delete(&it).await;
    delete(Resource::new(Kind::Server, "s", "")).await.unwrap();
    delete(Resource::interface("port", "r")).await.unwrap();
    let error = delete(Resource::new(Kind::SecurityGroup, "g", ""))
        .await
        .unwrap_err();
    assert_eq!(kind(&error), "conflict");
    let lines = [
        "DELETE /servers/s",
        "PUT /v2.0/routers/r/remove_router_interface",
        "DELETE /v2.0/security-groups/g",
    ];
    assert_eq!(cloud.lines(), lines);
    assert_eq!(cloud.seen()[1].json(), json!({ "port_id": "port" }));
}
