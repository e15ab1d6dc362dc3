//! The built-in actions as scenarios, on a cloud in files.

use std::{path::Path, sync::Arc};

use serde_json::{Map, Value, json};
use wafflehaus::workflow::{
    Caller, KeystoneUser, Registry, TaskType,
    actions::{
        AddDefaultUsersToProject, BlankSlate, DefaultProjectResources, EditUserRoles,
        NetworkSettings, NewDefaultNetwork, NewProject, NewProjectWithUser, NewUser, People,
        Regions, ResetUserPassword, SendAdditionalEmail, UpdateQuota, UpdateUserEmail,
    },
    identity::{CreateProject, CreateUser, InMemoryIdentity, Scope, Via},
    network::InMemoryNetwork,
    quota::{InMemoryQuota, Limits, QuotaStore, Service},
    resources::{InMemoryResources, Kind, Resource, ResourceStore},
};

use crate::{client, crash::Scenario, world::password};

pub(crate) const SCENARIOS: &[Scenario] = &[
    of("signup", || {
        body(&json!({ "project_name": "new", "email": EVE, "setup_resources": true }))
    }),
    of("invite", || {
        body(&json!({ "email": EVE, "roles": ["member", "project_mod"] }))
    }),
    of("confirm", || {
        body(&json!({ "email": ANN, "roles": ["member", "project_mod"] }))
    }),
    of("reset", || body(&json!({ "email": ANN }))),
    of("grant", || {
        body(&json!({ "user_id": known().ann, "roles": ["member", "project_mod"] }))
    }),
    of("revoke", || {
        let roles = ["member", "heat_stack_owner"];
        body(&json!({ "user_id": known().ann, "roles": roles, "remove": true }))
    }),
    of("project", || body(&json!({ "project_name": "own" }))),
    of("network", || body(&json!({}))),
    of("quota", || body(&json!({ "size": "large" }))),
    of("email", || body(&json!({ "new_email": EVE }))),
    of("clear", || body(&json!({ "email": BOSS }))),
    of("client", || body(&json!({ "business_name": "Acme" }))),
];

const fn of(name: &'static str, body: fn() -> Map<String, Value>) -> Scenario {
    Scenario {
        name,
        task_type: name,
        registry,
        body,
        submitted: || {
            let mut submitted = password("hunter2");
            submitted.insert("confirm".into(), true.into());
            submitted
        },
        caller,
        state,
    }
}

const ANN: &str = "ann@acme.example";
const BOSS: &str = "boss@acme.example";
const EVE: &str = "eve@acme.example";
const ROLES: [&str; 4] = ["project_admin", "project_mod", "member", "heat_stack_owner"];

/// A body that names the caller's project.
fn body(fields: &Value) -> Map<String, Value> {
    let mut body = fields.as_object().unwrap().clone();
    body.insert("project_id".into(), known().acme.into());
    body
}

/// The ids of what is there before.
struct Known {
    acme: String,
    ann: String,
    boss: String,
}

/// Puts a project with two people into a store that has nothing yet.
fn people(identity: &InMemoryIdentity) -> Known {
    identity.add_domain("default", "Default").unwrap();
    for role in ROLES.iter().chain(&["admin"]) {
        identity.add_role(role).unwrap();
    }
    let acme = CreateProject::new("acme", "default");
    let acme = identity.add_project(&acme).unwrap();
    let user = |name: &str, roles: &[&str]| {
        let new = CreateUser::new(name, "default", "old".into()).email(name);
        let id = identity.add_user(&new).unwrap();
        for role in roles {
            let scope = Scope::Project(acme.clone());
            identity.assign(&id, role, scope, Via::Direct).unwrap();
        }
        id
    };
    user("admin", &[]);
    Known {
        ann: user(ANN, &["member", "heat_stack_owner"]),
        boss: user(BOSS, &["project_admin"]),
        acme,
    }
}

/// The same ids, because they are numbers in order.
fn known() -> Known {
    people(&InMemoryIdentity::new())
}

fn caller() -> Caller {
    let known = known();
    let mut user = KeystoneUser::default();
    user.user_id = known.boss;
    user.project_id = Some(known.acme);
    user.roles = vec!["project_admin".into()];
    Caller::user(user)
}

struct Cloud {
    identity: Arc<InMemoryIdentity>,
    network: Arc<InMemoryNetwork>,
    quota: Arc<InMemoryQuota>,
    resources: Arc<InMemoryResources>,
}

impl Cloud {
    /// What is in the files of this folder. Whoever comes first puts something there.
    fn at(folder: &str) -> Self {
        let file = |name: &str| Path::new(folder).join(name);
        let cloud = Self {
            identity: Arc::new(InMemoryIdentity::in_file(file("identity"))),
            network: Arc::new(InMemoryNetwork::in_file(file("network"))),
            quota: Arc::new(InMemoryQuota::in_file(file("quota"))),
            resources: Arc::new(InMemoryResources::in_file(file("resources"))),
        };
        if !file("identity").exists() {
            cloud.network.add_external("public").unwrap();
            cloud.quota.set_defaults(&limits(10)).unwrap();
            let known = people(&cloud.identity);
            for kind in [Kind::Network, Kind::Router, Kind::Server] {
                let thing = Resource::new(kind, format!("{kind}-id"), "");
                cloud.resources.add(&known.acme, thing).unwrap();
            }
        }
        cloud
    }
}

fn limits(instances: i64) -> Limits {
    Limits::new().limit(Service::Nova, "instances", instances)
}

/// Warns the old address of a user.
fn warning(people: &People) -> SendAdditionalEmail {
    let warning = json!({ "template": "warning", "email_current_user": true });
    let warning = serde_json::from_value(warning).unwrap();
    SendAdditionalEmail::new(people.clone()).stage("pre_approve", warning)
}

fn registry(folder: &str) -> Registry {
    let cloud = Cloud::at(folder);
    let people = People::new(cloud.identity);
    let regions = Regions::new("one", NetworkSettings::new("public"), cloud.network);
    let quota = [("one", cloud.quota as Arc<dyn QuotaStore>)];
    let resources = [("one", cloud.resources as Arc<dyn ResourceStore>)];
    let all = Registry::new()
        .action(NewProjectWithUser::new(people.clone(), ROLES))
        .and_then(|it| it.action(AddDefaultUsersToProject::admin(people.clone())))
        .and_then(|it| {
            it.action(DefaultProjectResources::new(
                people.clone(),
                regions.clone(),
            ))
        })
        .and_then(|it| it.action(NewUser::new(people.clone(), ROLES)))
        .and_then(|it| it.action(ResetUserPassword::new(people.clone())))
        .and_then(|it| it.action(EditUserRoles::new(people.clone(), ROLES)))
        .and_then(|it| it.action(NewProject::new(people.clone(), ROLES)))
        .and_then(|it| it.action(NewDefaultNetwork::new(people.clone(), regions)))
        .and_then(|it| it.action(UpdateQuota::new(people.clone(), quota).size("large", limits(20))))
        .and_then(|it| it.action(UpdateUserEmail::new(people.clone())))
        .and_then(|it| it.action(warning(&people)))
        .and_then(|it| it.action(BlankSlate::new(people, resources)));
    let signup = [
        "NewProjectWithUser",
        "AddAdminToProject",
        "DefaultProjectResources",
    ];
    let types = [
        TaskType::new("signup", signup),
        TaskType::new("invite", ["NewUser"]),
        TaskType::new("confirm", ["NewUser"]),
        TaskType::new("reset", ["ResetUserPassword"]),
        TaskType::new("grant", ["EditUserRoles"]),
        TaskType::new("revoke", ["EditUserRoles"]),
        TaskType::new("project", ["NewProject"]),
        TaskType::new("network", ["NewDefaultNetwork"]),
        TaskType::new("quota", ["UpdateQuota"]),
        TaskType::new("email", ["UpdateUserEmail", "SendAdditionalEmail"]),
        TaskType::new("clear", ["BlankSlate"]),
    ];
    let add = |all: Registry, it| all.task_type(it).unwrap();
    let all = types.into_iter().fold(all.unwrap(), add);
    client::action(all, folder)
        .task_type(TaskType::new("client", ["NewClient"]))
        .unwrap()
}

/// All that the cloud has. Only the tasks' ids differ from run to run.
fn state(folder: &str) -> Vec<String> {
    let cloud = Cloud::at(folder);
    let all = [
        cloud.identity.snapshot(),
        cloud.network.snapshot(),
        cloud.quota.snapshot(),
        cloud.resources.snapshot(),
    ];
    let plain = |text: String| {
        let mut parts = text.split("wafflehaus task ");
        let mut plain = parts.next().unwrap().to_owned();
        for part in parts {
            plain.push_str("a task");
            plain.push_str(part.split_at(32).1);
        }
        plain
    };
    let mut all: Vec<_> = all.map(|it| plain(it.unwrap().to_string())).into();
    all.extend(client::told(folder));
    all
}
