//! The description of the API, and all that it says.

use serde_json::{Value, json};
use wafflehaus::workflow_service::WorkflowService;

use crate::support::Lab;

fn api() -> Value {
    serde_json::to_value(WorkflowService::openapi()).unwrap()
}

#[test]
fn the_description_is_as_it_was() {
    let api = serde_json::to_string_pretty(&api()).unwrap();
    insta::assert_snapshot!("openapi", api);
}

#[test]
fn every_operation_has_an_id_of_its_own_and_says_what_can_go_wrong() {
    let api = api();
    let mut ids = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            let answers = operation["responses"].as_object().unwrap();
            assert!(
                answers.contains_key("400") && answers.contains_key("503"),
                "{path}"
            );
            assert!(operation["summary"].is_string(), "{path}");
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[tokio::test]
async fn every_example_of_a_request_works() {
    let api = api();
    let mut tried = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"]["application/json"];
            let Some(mut body) = example(&api, content) else {
                continue;
            };
            // Each in a world of its own: they take each other's place.
            let lab = Lab::new().await;
            let (path, who) = prepare(&lab, path, method, &mut body).await;
            let answer = lab
                .tell(&format!("{} {path}", method.to_uppercase()), &who, body)
                .await;
            assert!(
                (200..300).contains(&answer.status),
                "{method} {path}: {answer:?}"
            );
            let known = &operation["responses"][answer.status.to_string()];
            assert!(
                known.is_object(),
                "{method} {path}: {} is not documented",
                answer.status
            );
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
}

/// The example of a body, or of the fields that it is made of.
fn example(api: &Value, content: &Value) -> Option<Value> {
    if let Some(example) = content.get("example") {
        return Some(example.clone());
    }
    let name = content["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    let fields = api["components"]["schemas"][name]["properties"].as_object()?;
    let example = |it: &Value| it.get("example").or_else(|| it["examples"].get(0)).cloned();
    let fields = fields
        .iter()
        .map(|(name, it)| Some((name.clone(), example(it)?)));
    Some(Value::Object(fields.collect::<Option<_>>()?))
}

/// Fills in what only this world knows, and says who asks.
async fn prepare(lab: &Lab, path: &str, method: &str, body: &mut Value) -> (String, String) {
    let mut who = "admin";
    let mut path = path.to_owned();
    if path.contains("/openstack/") || path.contains("/actions/") {
        who = "boss";
        path = path
            .replace("{user_id}", &lab.ids["ann"])
            .replace("{view}", "InviteUser");
        if path.ends_with("CreateProject") || path.ends_with("CreateProjectAndUser") {
            who = "";
        }
        if path.ends_with("password-set") {
            who = "admin";
        }
        if path.ends_with("roles") && method == "delete" {
            lab.tell(&format!("PUT {path}"), who, body.clone()).await;
        }
    } else if path.contains("/token") {
        let invite = json!({"email": "bob@acme.example", "roles": ["member"]});
        let task = lab
            .tell("POST /v1/openstack/users", "boss", invite)
            .await
            .body["task"]
            .clone();
        if path.contains("{token}") {
            path = path.replace("{token}", &lab.mails.token("bob@acme.example").await);
        } else {
            body["task"] = task;
        }
    } else {
        let task = lab.signed_up().await;
        let notified = lab.ask("GET /v1/notifications", "admin").await.body;
        let notification = notified["notifications"][0]["uuid"]
            .as_str()
            .unwrap()
            .to_owned();
        let id = if path.contains("notification") {
            notification
        } else {
            task
        };
        path = path.replace("{uuid}", &id);
    }
    (path, who.to_owned())
}

#[tokio::test]
async fn rule_11_the_page_is_there_if_it_is_wanted_and_needs_nobody_else() {
    let lab = Lab::new().await;
    let page = lab.ask("GET /docs/", "").await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self'"));
    let html = page.body.as_str().unwrap();
    assert!(html.contains("swagger") && !html.contains("http"), "{html}");
    assert_eq!(lab.ask("GET /docs/openapi.json", "").await.body, api());
    let without = Lab::set(json!({"docs": false})).await;
    assert_eq!(without.ask("GET /docs/", "").await.status, 404);
}
