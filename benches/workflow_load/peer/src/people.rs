//! Users, projects, roles and tokens of one domain.

use std::collections::{BTreeMap, HashMap};

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    keystone::{Reply, fault},
    things::Things,
};

pub struct People {
    at: String,
    pub users: Things,
    pub projects: Things,
    passwords: HashMap<String, String>,
    /// Places in [`ROLES`], by project and user.
    grants: HashMap<(String, String), Vec<usize>>,
    /// What is told of it, and whether it is an administrator's.
    tokens: HashMap<String, (Value, bool)>,
    calls: BTreeMap<String, u64>,
    made: u128,
}

impl People {
    /// There is an administrator, `admin`, on the project `service`.
    pub fn new(at: &str) -> Self {
        let mut this = Self {
            at: at.to_owned(),
            users: Things::default(),
            projects: Things::default(),
            passwords: HashMap::new(),
            grants: HashMap::new(),
            tokens: HashMap::new(),
            calls: BTreeMap::new(),
            made: 0,
        };
        let user = this.add_user(&json!({"name": "admin", "password": "secret"}));
        let project = this.add_project(&json!({"name": "service"}));
        let [project, user] = [project, user].map(|it| id_of(&it.unwrap_or_default()));
        this.grants.insert((project, user), vec![0]);
        this
    }

    pub fn add_user(&mut self, fields: &Value) -> Option<Value> {
        let mut fields = fields.as_object()?.clone();
        let password = fields.remove("password");
        let id = self.id();
        let user = self.users.add(id.clone(), &fields)?;
        self.set_password(&id, password);
        Some(user)
    }

    pub fn add_project(&mut self, fields: &Value) -> Option<Value> {
        let id = self.id();
        self.projects.add(id, fields.as_object()?)
    }

    pub fn change_user(&mut self, id: &str, fields: &Value) -> Option<Value> {
        let mut fields = fields.as_object()?.clone();
        let password = fields.remove("password");
        let user = self.users.change(id, &fields)?;
        self.set_password(id, password);
        Some(user)
    }

    fn set_password(&mut self, user: &str, password: Option<Value>) {
        if let Some(Value::String(password)) = password {
            self.passwords.insert(user.to_owned(), password);
        }
    }

    /// Whether there are such a project, user and role.
    pub fn grant(&mut self, project: &str, user: &str, role: &str) -> bool {
        let Some(role) = (0..ROLES.len()).find(|it| role_id(*it) == role) else {
            return false;
        };
        if !self.projects.has(project) || !self.users.has(user) {
            return false;
        }
        let held = self.grants.entry((project.to_owned(), user.to_owned()));
        let held = held.or_default();
        if !held.contains(&role) {
            held.push(role);
        }
        true
    }

    pub fn roles(name: Option<&str>) -> Vec<Value> {
        let wanted = |place: &usize| name.is_none_or(|it| it == ROLES[*place]);
        (0..ROLES.len()).filter(wanted).map(role).collect()
    }

    /// A token of a project for a name and a password.
    pub fn log_in(&mut self, body: &Value) -> Reply {
        let said = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        let user = self
            .users
            .named(said("/auth/identity/password/user/name"))
            .pop();
        let project = self.projects.named(said("/auth/scope/project/name")).pop();
        let (Some(user), Some(project)) = (user, project) else {
            return fault(StatusCode::UNAUTHORIZED, "Nobody, or nowhere.");
        };
        let password = self.passwords.get(&id_of(&user)).map(String::as_str);
        let held = self.grants.get(&(id_of(&project), id_of(&user)));
        let is_right =
            password.is_some() && password == said("/auth/identity/password/user/password");
        let Some(held) = held.filter(|_| is_right) else {
            return fault(StatusCode::UNAUTHORIZED, "That is not right.");
        };
        let named = |it: &Value| json!({"id": it["id"], "name": it["name"], "domain": domain()});
        let mut token = json!({
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "methods": ["password"],
            "audit_ids": ["none"],
            "user": named(&user),
            "project": named(&project),
            "roles": held.iter().map(|it| role(*it)).collect::<Vec<_>>(),
        });
        let is_admin = held.contains(&0);
        let id = self.id();
        self.tokens
            .insert(id.clone(), (json!({ "token": token }), is_admin));
        token["catalog"] = self.catalog();
        (StatusCode::CREATED, json!({ "token": token }), Some(id))
    }

    fn catalog(&self) -> Value {
        let endpoint = |it| json!({"interface": it, "url": self.at, "region": "RegionOne", "region_id": "RegionOne", "id": it});
        let endpoints = ["public", "internal", "admin"].map(endpoint);
        json!([{"type": "identity", "name": "keystone", "id": "keystone", "endpoints": endpoints}])
    }

    pub fn told(&self, token: &str) -> Reply {
        match self.tokens.get(token) {
            Some((body, _)) => (StatusCode::OK, body.clone(), Some(token.to_owned())),
            None => fault(StatusCode::NOT_FOUND, "Could not find the token."),
        }
    }

    pub fn is_admin(&self, token: &str) -> bool {
        self.tokens.get(token).is_some_and(|it| it.1)
    }

    pub fn version(&self) -> Value {
        let links = json!([{"rel": "self", "href": format!("{}/", self.at)}]);
        let kind = "application/vnd.openstack.identity-v3+json";
        let kinds = json!([{"base": "application/json", "type": kind}]);
        let updated = "2020-04-07T00:00:00Z";
        json!({"id": "v3.14", "status": "stable", "updated": updated, "links": links, "media-types": kinds})
    }

    pub fn count(&mut self, method: &Method, path: &[&str]) {
        let plain = path.iter().map(|it| if it.len() == 32 { "…" } else { it });
        let asked = format!("{method} /{}", plain.collect::<Vec<_>>().join("/"));
        *self.calls.entry(asked).or_default() += 1;
    }

    /// How often what was asked, since this was asked before.
    pub fn calls(&mut self) -> Value {
        json!(std::mem::take(&mut self.calls))
    }

    fn id(&mut self) -> String {
        self.made += 1;
        format!("{:032x}", self.made.wrapping_mul(SPREAD))
    }
}

pub fn domain() -> Value {
    json!({"id": "default", "name": "Default"})
}

fn id_of(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_default().to_owned()
}

fn role(place: usize) -> Value {
    json!({"id": role_id(place), "name": ROLES[place], "domain_id": null, "links": {}})
}

fn role_id(place: usize) -> String {
    format!("a0{place:030x}")
}

const ROLES: [&str; 5] = [
    "admin",
    "member",
    "project_admin",
    "project_mod",
    "heat_stack_owner",
];
/// Odd, so that no id comes twice.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
