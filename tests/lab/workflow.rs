//! The stores of the workflow engine, and the actions that use them, before real services.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::task::spawn_local;
use wafflehaus::{
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
    workflow::{
        Action, Caller, CloudError, KeystoneUser, Outcome, Services, Trial,
        actions::{
            BlankSlate, EditUserRoles, NetworkSettings, NewDefaultNetwork, NewProjectWithUser,
            NewUser, People, Regions, ResetUserPassword, RolesMapping, UpdateQuota,
        },
        identity::{
            AssignmentsOf, CreateProject, CreateUser, IdentityStore as _, KeystoneIdentity, Scope,
            UpdateUser, Via,
        },
        network::{NetworkStore as _, NeutronNetwork},
        quota::{Limits, OpenStackQuota, QuotaStore, Service},
        resources::{Kind, OpenStackResources, Resource, ResourceStore},
    },
};

use crate::support::{Lab, PATIENCE, text, with_lab_for};

/// A project of a test's own, and the stores.
pub(crate) struct Bench {
    pub(crate) lab: Arc<Lab>,
    pub(crate) credential: ServiceCredential,
    pub(crate) identity: Arc<KeystoneIdentity>,
    network: Arc<NeutronNetwork>,
    pub(crate) quota: Arc<OpenStackQuota>,
    resources: Arc<OpenStackResources>,
    pub(crate) project: String,
}

/// Runs a test on a bench, and deletes the projects and what is in them.
async fn with_bench<T: Future<Output = ()> + 'static>(
    test: impl FnOnce(Arc<Bench>) -> T + 'static,
) {
    with_bench_for(PATIENCE, test).await;
}

/// The same for a test that may take as long as this.
pub(crate) async fn with_bench_for<T: Future<Output = ()> + 'static>(
    patience: Duration,
    test: impl FnOnce(Arc<Bench>) -> T + 'static,
) {
    with_lab_for(patience, async |lab| {
        let bench = Arc::new(Bench::new(lab).await);
        let ended = spawn_local(test(Arc::clone(&bench))).await;
        bench.clean_up().await;
        if let Err(failed) = ended {
            std::panic::resume_unwind(failed.into_panic());
        }
    })
    .await;
}

impl Bench {
    async fn new(lab: Arc<Lab>) -> Self {
        let cloud = &lab.cloud;
        let endpoint = |it| -> Endpoint { format!("http://{it}").parse().unwrap() };
        let admin = AuthMethod::Password {
            user: Named::in_domain("admin", "Default"),
            password: cloud.password.clone().into(),
            project: Named::in_domain("admin", "Default"),
        };
        // A busy machine needs many seconds for a network.
        let client = Client::builder().deadline(Duration::from_secs(60)).build();
        let client = client.unwrap();
        let credential = ServiceCredential::new(client, endpoint(cloud.keystone), admin);
        let nova = format!("http://{}/v2.1", cloud.nova).parse().unwrap();
        let services = Services::new(credential.clone())
            .neutron(endpoint(cloud.neutron))
            .nova(nova);
        let identity = KeystoneIdentity::new(endpoint(cloud.keystone), credential.clone());
        let project = CreateProject::new(&*lab.mark, "default").origin("bench");
        let project = identity.create_project(&project).await.unwrap();
        assert_eq!(project.origin.as_deref(), Some("bench"));
        Self {
            credential: credential.clone(),
            identity: Arc::new(identity),
            network: Arc::new(NeutronNetwork::new(endpoint(cloud.neutron), credential)),
            quota: Arc::new(OpenStackQuota::new(services.clone())),
            resources: Arc::new(OpenStackResources::new(services)),
            project: project.id,
            lab,
        }
    }

    pub(crate) fn mapping(&self) -> RolesMapping {
        RolesMapping::new([("manager", ["member", "reader", "role1"])])
    }

    pub(crate) fn people(&self) -> People {
        People::new(self.identity.clone()).mapping(self.mapping())
    }

    /// Somebody called `name` of this test, with an address.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("{}-{name}@lab.example", self.lab.mark)
    }

    async fn user(&self, name: &str) -> String {
        let address = self.address(name);
        let password = SecretString::from("first password");
        let user = CreateUser::new(&*address, "default", password).email(&*address);
        self.identity.create_user(&user).await.unwrap().id
    }

    /// A user who manages the test's project.
    pub(crate) async fn boss(&self) -> String {
        let (boss, manager) = (self.user("boss").await, self.role("manager").await);
        let granted = self.identity.grant(&self.project, &boss, &manager).await;
        granted.unwrap();
        boss
    }

    /// This user as a caller in the test's project.
    fn caller(&self, user: &str) -> Caller {
        let mut caller = KeystoneUser::default();
        user.clone_into(&mut caller.user_id);
        caller.project_id = Some(self.project.clone());
        caller.roles = vec!["manager".into()];
        Caller::user(caller)
    }

    pub(crate) async fn role(&self, name: &str) -> String {
        let roles = self.identity.roles().await.unwrap();
        roles.into_iter().find(|it| it.name == name).unwrap().id
    }

    /// How a user has come to its roles on the test's project, in the order of their names.
    async fn ways(&self, user: &str) -> Vec<(String, Via)> {
        let of = AssignmentsOf::UserOn {
            project: &self.project,
            user,
        };
        let all = self.identity.assignments(of).await.unwrap();
        let mut ways: Vec<_> = all.into_iter().map(|it| (it.role.name, it.via)).collect();
        ways.sort_by(|a, b| a.0.cmp(&b.0));
        ways
    }

    /// The id of the user with this name.
    pub(crate) async fn id_of(&self, name: &str) -> String {
        let address = self.address(name);
        let found = self.identity.user_by_name("default", &address).await;
        found.unwrap().unwrap().id
    }

    /// The roles that a user was given on the test's project.
    pub(crate) async fn direct(&self, user: &str) -> Vec<String> {
        let direct = self.ways(user).await.into_iter();
        let direct = direct.filter(|(_, via)| *via == Via::Direct);
        direct.map(|(name, _)| name).collect()
    }

    /// How much the test's project may have of something.
    pub(crate) async fn limit(&self, resource: &str) -> i64 {
        let quotas = self.quota.quotas(&self.project).await.unwrap();
        quotas
            .iter()
            .find(|it| it.resource == resource)
            .unwrap()
            .limit
    }

    /// Whether a user of this test can log in with a password.
    pub(crate) async fn logs_in(&self, name: &str, password: &str) -> bool {
        let identity = json!({ "methods": ["password"], "password": { "user": {
            "name": self.address(name), "domain": { "id": "default" }, "password": password,
        } } });
        let body = json!({ "auth": { "identity": identity } }).to_string();
        let request = crate::cloud::line("POST /v3/auth/tokens")
            .header("content-type", "application/json")
            .body(crate::cloud::full(body));
        let answer = crate::cloud::send(self.lab.cloud.keystone, request.unwrap()).await;
        answer.status == 201
    }

    /// An external network of this test.
    async fn external(&self) -> String {
        let name = format!("{}-public", self.lab.mark);
        let body = json!({ "network": { "name": name, "router:external": true } }).to_string();
        let lab = &self.lab;
        let made = lab.cloud.neutron(&lab.admin, "POST /v2.0/networks", &body);
        text(&made.await["network"]["id"])
    }

    async fn clean_up(&self) {
        let lab = &self.lab;
        let list = format!("GET /v3/projects?name__startswith={}", lab.mark);
        let projects = lab.keystone(&list, &Value::Null).await;
        for project in projects["projects"].as_array().unwrap() {
            let id = text(&project["id"]);
            for resource in self.resources.list(&id).await.unwrap() {
                self.resources.delete(&resource).await.unwrap();
            }
            let delete = format!("DELETE /v3/projects/{id}");
            lab.keystone(&delete, &Value::Null).await;
        }
        let list = format!("GET /v2.0/networks?name={}-public", lab.mark);
        let networks = lab.cloud.neutron(&lab.admin, &list, "").await;
        for network in networks["networks"].as_array().unwrap() {
            let delete = format!("DELETE /v2.0/networks/{}", text(&network["id"]));
            lab.cloud.neutron(&lab.admin, &delete, "").await;
        }
    }
}

async fn valid<A: Action>(trial: &mut Trial<'_, A>, stage: &str) {
    let outcome = trial.run(stage).await;
    assert_eq!(outcome.unwrap(), Outcome::Valid, "{stage}");
}

async fn submitted<A: Action>(trial: &mut Trial<'_, A>, body: Value) {
    trial.submit(body.as_object().unwrap()).unwrap();
    valid(trial, "submit").await;
}

#[tokio::test]
async fn people_are_found_by_name_and_by_id_or_not_at_all() {
    with_bench(async |bench| {
        let identity = &bench.identity;
        let ann = bench.user("ann").await;
        let address = bench.address("ann");
        let found = identity.user_by_name("default", &address).await.unwrap();
        let found = found.unwrap();
        assert_eq!((&found.id, found.email.as_deref()), (&ann, Some(&*address)));
        assert_eq!(identity.user(&ann).await.unwrap(), Some(found));
        for (domain, name) in [
            ("default", "no such user"),
            ("none", &*address),
            ("default", ""),
        ] {
            let found = identity.user_by_name(domain, name).await.unwrap();
            assert_eq!(found, None, "{name} in {domain}");
        }
        for id in ["none", "", "..", "?name=admin", "a/b"] {
            assert_eq!(identity.user(id).await.unwrap(), None, "{id}");
        }
        let domain = identity.domain("default").await.unwrap().unwrap();
        let named = identity.domain_by_name(&domain.name).await.unwrap();
        assert_eq!(named, Some(domain));
        let named = identity
            .project_by_name("default", &bench.lab.mark)
            .await
            .unwrap();
        let project = identity.project(&bench.project).await.unwrap();
        assert_eq!(
            (named.clone(), named.unwrap().id),
            (project, bench.project.clone())
        );

        let again = CreateUser::new(&*address, "default", "x".into());
        let taken = identity.create_user(&again).await.unwrap_err();
        assert!(matches!(taken, CloudError::Conflict { .. }), "{taken}");
        let locked = UpdateUser::new().enabled(false).email("new@lab.example");
        let user = identity.update_user(&ann, &locked).await.unwrap();
        assert_eq!(
            (user.enabled, user.email.as_deref()),
            (false, Some("new@lab.example"))
        );
    })
    .await;
}

#[tokio::test]
async fn assignments_tell_how_they_came() {
    with_bench(async |bench| {
        let identity = &bench.identity;
        let (lab, project) = (&bench.lab, &bench.project);
        let ann = bench.user("ann").await;
        let [member, role1, manager] = [
            bench.role("member").await,
            bench.role("role1").await,
            bench.role("manager").await,
        ];
        for _ in 0..2 {
            identity.grant(project, &ann, &member).await.unwrap();
        }
        let put = |place: String| async move {
            lab.keystone(&format!("PUT /v3/{place}"), &Value::Null)
                .await;
        };
        put(format!(
            "OS-INHERIT/domains/default/users/{ann}/roles/{role1}/inherited_to_projects"
        ))
        .await;
        let group = json!({ "group": { "name": lab.mark, "domain_id": "default" } });
        let group = text(&lab.keystone("POST /v3/groups", &group).await["group"]["id"]);
        put(format!("groups/{group}/users/{ann}")).await;
        put(format!("projects/{project}/groups/{group}/roles/{manager}")).await;
        let special = bench.role("specialrole").await;
        // What is passed on below the project is not held on it.
        put(format!(
            "OS-INHERIT/projects/{project}/users/{ann}/roles/{special}/inherited_to_projects"
        ))
        .await;

        let ways = bench.ways(&ann).await;
        let members = identity.members(project).await.unwrap();
        put(format!("system/users/{ann}/roles/{special}")).await;
        put(format!("domains/default/users/{ann}/roles/{special}")).await;
        let everywhere = identity
            .assignments(AssignmentsOf::User(&ann))
            .await
            .unwrap();
        lab.keystone(&format!("DELETE /v3/groups/{group}"), &Value::Null)
            .await;

        let has = |name: &str, via| ways.contains(&(name.to_owned(), via));
        assert!(has("member", Via::Direct), "{ways:?}");
        assert!(has("role1", Via::Inherited), "{ways:?}");
        assert!(has("manager", Via::Group), "{ways:?}");
        assert!(has("reader", Via::Implied), "{ways:?}");
        assert!(
            !ways.iter().any(|(name, _)| name == "specialrole"),
            "{ways:?}"
        );
        assert_eq!(members.len(), 1);
        assert_eq!(members[0].user.email, Some(bench.address("ann")));
        assert_eq!(
            members[0].roles(Via::Direct).collect::<Vec<_>>(),
            ["member"]
        );
        for scope in [
            Scope::System,
            Scope::Domain("default".into()),
            Scope::Project(project.clone()),
        ] {
            assert!(
                everywhere.iter().any(|it| it.scope == scope),
                "{everywhere:?}"
            );
        }
        for _ in 0..2 {
            identity.revoke(project, &ann, &member).await.unwrap();
        }
        let ways = bench.ways(&ann).await;
        assert!(!ways.contains(&("member".into(), Via::Direct)), "{ways:?}");
    })
    .await;
}

#[tokio::test]
async fn people_are_invited_edited_and_reset() {
    with_bench(async |bench| {
        let people = bench.people();
        let boss = bench.boss().await;
        let eve = bench.address("eve");
        let invite = NewUser::new(people.clone(), ["member", "role1"]);
        let body = json!({ "email": eve, "roles": ["_member_"], "project_id": bench.project });
        Trial::new(&invite, body).unwrap_err();
        let body = json!({ "email": eve, "roles": ["member"], "project_id": bench.project });
        let mut trial = Trial::new(&invite, body)
            .unwrap()
            .requester(bench.caller(&boss));
        valid(&mut trial, "pre_approve").await;
        valid(&mut trial, "post_approve").await;
        submitted(&mut trial, json!({ "password": "eve's first" })).await;
        assert!(bench.logs_in("eve", "eve's first").await);
        // As if the process had died between the effect and its record.
        trial.forget_result("submit", "create user");
        submitted(&mut trial, json!({ "password": "eve's second" })).await;
        assert!(bench.logs_in("eve", "eve's second").await);
        let id = bench.id_of("eve").await;

        let edit = EditUserRoles::new(people.clone(), ["member", "role1"]);
        for (role, remove) in [("role1", false), ("member", true)] {
            let body = json!({
                "user_id": id, "roles": [role], "remove": remove, "project_id": bench.project,
            });
            let mut trial = Trial::new(&edit, body)
                .unwrap()
                .requester(bench.caller(&boss));
            for stage in ["pre_approve", "post_approve", "submit"] {
                valid(&mut trial, stage).await;
            }
        }
        assert_eq!(bench.ways(&id).await, [("role1".to_owned(), Via::Direct)]);

        let reset = ResetUserPassword::new(people);
        let mut trial = Trial::new(&reset, json!({ "email": eve })).unwrap();
        valid(&mut trial, "pre_approve").await;
        submitted(&mut trial, json!({ "password": "eve's third" })).await;
        assert!(bench.logs_in("eve", "eve's third").await);
        assert!(!bench.logs_in("eve", "eve's second").await);

        // An administrator of anything is not reset.
        let admin = bench.role("admin").await;
        let place = format!("PUT /v3/system/users/{id}/roles/{admin}");
        bench.lab.keystone(&place, &Value::Null).await;
        let outcome = trial.run("submit").await.unwrap();
        let Outcome::Invalid(reason) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(reason.code, "role_blacklisted");
    })
    .await;
}

#[tokio::test]
async fn a_signup_makes_a_project_and_its_user() {
    with_bench(async |bench| {
        let action = NewProjectWithUser::new(bench.people(), ["member"]);
        let name = format!("{}-signup", bench.lab.mark);
        let body = json!({ "project_name": name, "email": bench.address("new") });
        let mut trial = Trial::new(&action, body).unwrap();
        valid(&mut trial, "pre_approve").await;
        valid(&mut trial, "post_approve").await;
        trial.forget_result("post_approve", "create project");
        valid(&mut trial, "post_approve").await;
        submitted(&mut trial, json!({ "password": "a password" })).await;
        assert!(bench.logs_in("new", "a password").await);
        let project = text(&trial.shared_cache()["project_id"]);
        let members = bench.identity.members(&project).await.unwrap();
        assert_eq!(members[0].user.name, bench.address("new"));
    })
    .await;
}

#[tokio::test]
async fn a_network_is_set_up_once_and_cleared_away() {
    with_bench(async |bench| {
        let boss = bench.boss().await;
        let public = bench.external().await;
        let regions = Regions::new(
            "RegionOne",
            NetworkSettings::new(public),
            bench.network.clone(),
        );
        let action = NewDefaultNetwork::new(bench.people(), regions);
        let body = json!({ "project_id": bench.project });
        let mut trial = Trial::new(&action, body)
            .unwrap()
            .requester(bench.caller(&boss));
        valid(&mut trial, "pre_approve").await;
        valid(&mut trial, "post_approve").await;
        let made = bench.resources.list(&bench.project).await.unwrap();
        let kinds: Vec<Kind> = made.iter().map(|it| it.kind).collect();
        let expected = [
            Kind::RouterInterface,
            Kind::Router,
            Kind::Subnet,
            Kind::Network,
        ];
        assert_eq!(kinds, expected, "{made:?}");
        for step in [
            "create network",
            "create subnet",
            "create router",
            "add interface",
        ] {
            // As if the process had died between the effect and its record.
            trial.forget_result("post_approve", step);
            valid(&mut trial, "post_approve").await;
            let now = bench.resources.list(&bench.project).await.unwrap();
            assert_eq!(now, made, "{step}");
        }
        let router = text(&trial.cache()["router_id_RegionOne"]);
        let subnet = text(&trial.cache()["subnet_id_RegionOne"]);
        let again = bench.network.add_interface(&router, &subnet).await.unwrap();
        assert_eq!(again.port_id, text(&trial.cache()["port_id_RegionOne"]));

        let store = bench.resources.clone() as Arc<dyn ResourceStore>;
        let clear = BlankSlate::new(bench.people(), [("RegionOne", store)]);
        let body = json!({ "project_id": bench.project, "email": bench.address("boss") });
        let mut trial = Trial::new(&clear, body)
            .unwrap()
            .requester(bench.caller(&boss));
        valid(&mut trial, "pre_approve").await;
        submitted(&mut trial, json!({ "confirm": true })).await;
        let left = bench.resources.list(&bench.project).await.unwrap();
        assert_eq!(left, Vec::<Resource>::new());
    })
    .await;
}

#[tokio::test]
async fn quotas_are_set_in_nova_and_neutron() {
    with_bench(async |bench| {
        let boss = bench.boss().await;
        let limits = Limits::new()
            .limit(Service::Nova, "instances", 3)
            .limit(Service::Neutron, "port", 30)
            // There is no Cinder.
            .limit(Service::Cinder, "volumes", 3);
        let store = bench.quota.clone() as Arc<dyn QuotaStore>;
        let action = UpdateQuota::new(bench.people(), [("RegionOne", store)]).size("small", limits);
        let amounts = json!({ "nova": { "cores": -1 } });
        for asked in [json!({ "size": "small" }), json!({ "limits": amounts })] {
            let mut body = asked;
            body["project_id"] = bench.project.clone().into();
            let mut trial = Trial::new(&action, body)
                .unwrap()
                .requester(bench.caller(&boss));
            valid(&mut trial, "pre_approve").await;
            valid(&mut trial, "post_approve").await;
        }
        for (resource, limit) in [("instances", 3), ("port", 30), ("cores", -1)] {
            assert_eq!(bench.limit(resource).await, limit, "{resource}");
        }
    })
    .await;
}
