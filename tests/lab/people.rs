//! Users that a test makes in Keystone, and the ways in which they get tokens.

use serde_json::{Value, json};

use crate::support::{Lab, text};

/// A user that a test has made, with `member` and `role1` in `project1`.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A token, and what Keystone told of it when it gave it away.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) token: String,
    pub(crate) told: Value,
}

impl Lab {
    pub(crate) async fn person(&self, called: &str) -> Person {
        let name = format!("{}-{called}", self.mark);
        let body = json!({ "user": {
            "name": name, "domain_id": "default", "password": self.cloud.password,
        } });
        let made = self.keystone("POST /v3/users", &body).await;
        let person = Person {
            id: text(&made["user"]["id"]),
            name,
        };
        let project = self.user1.project.clone();
        for role in ["member", "role1"] {
            let place = format!("projects/{project}");
            self.grant(&person, role, &place).await;
        }
        person
    }

    /// Gives a role in `projects/…` or `domains/…`, or on the `system`.
    pub(crate) async fn grant(&self, person: &Person, role: &str, place: &str) {
        self.assign("PUT", person, role, place).await;
    }

    pub(crate) async fn withdraw(&self, person: &Person, role: &str, place: &str) {
        self.assign("DELETE", person, role, place).await;
    }

    async fn assign(&self, method: &str, person: &Person, role: &str, place: &str) {
        let list = format!("GET /v3/roles?name={role}");
        let role = text(&self.keystone(&list, &Value::Null).await["roles"][0]["id"]);
        let asked = format!("{method} /v3/{place}/users/{}/roles/{role}", person.id);
        self.keystone(&asked, &Value::Null).await;
    }

    /// Asks Keystone as an administrator.
    pub(crate) async fn keystone(&self, asked: &str, body: &Value) -> Value {
        self.cloud.identity(&self.admin.token, asked, body).await
    }

    /// A token by password.
    pub(crate) async fn token_of(&self, person: &Person, scope: Option<Value>) -> Known {
        let identity = self.cloud.password_of(&person.name);
        self.authenticate(identity, scope).await
    }

    pub(crate) async fn authenticate(&self, identity: Value, scope: Option<Value>) -> Known {
        let (told, token) = self.cloud.authenticate(identity, scope).await;
        Known { token, told }
    }

    /// A token of the service user `nova`.
    pub(crate) async fn service_token(&self) -> Known {
        let scope = json!({ "project": { "name": "service", "domain": { "name": "Default" } } });
        let identity = self.cloud.password_of("nova");
        self.authenticate(identity, Some(scope)).await
    }

    pub(crate) fn project1(&self) -> Option<Value> {
        Some(json!({ "project": { "id": self.user1.project } }))
    }

    /// A token of an application credential that has this besides a name.
    pub(crate) async fn credential(&self, person: &Person, extra: Value) -> Known {
        let made = self.make_credential(person, extra).await;
        let identity = json!({
            "methods": ["application_credential"],
            "application_credential": { "id": made["id"], "secret": made["secret"] },
        });
        self.authenticate(identity, None).await
    }

    /// An application credential for what a person may do in `project1`.
    pub(crate) async fn make_credential(&self, person: &Person, extra: Value) -> Value {
        // By name: otherwise Keystone gives it the roles that it remembers of the token, and while
        // others are granted theirs those have been somebody else's, which it then refuses itself.
        let roles = json!([{ "name": "member" }, { "name": "role1" }]);
        let mut body = json!({ "application_credential": { "name": self.mark, "roles": roles } });
        let fields = body["application_credential"].as_object_mut().unwrap();
        fields.extend(extra.as_object().unwrap().clone());
        let asked = format!("POST /v3/users/{}/application_credentials", person.id);
        let own = self.token_of(person, self.project1()).await;
        let made = self.cloud.identity(&own.token, &asked, &body).await;
        made["application_credential"].clone()
    }

    /// Deletes the users of this test, and with them their credentials and trusts.
    pub(crate) async fn forget_users(&self) {
        let list = format!("GET /v3/users?name__startswith={}", self.mark);
        let users = self.keystone(&list, &Value::Null).await;
        for user in users["users"].as_array().unwrap() {
            let delete = format!("DELETE /v3/users/{}", text(&user["id"]));
            self.keystone(&delete, &Value::Null).await;
        }
    }
}
