//! The description of the API, and all that it says.

use axum::body::Body;
use serde_json::{Value, json};
use wafflehaus::workflow::identity::{Group, Scope};

use crate::support::{Answer, Lab, request};

async fn api(lab: &Lab) -> Value {
    let answer = lab.ask("GET /docs/openapi.json", "").await;
    assert_eq!(answer.status, 200);
    answer.body
}

#[tokio::test]
async fn the_description_is_as_it_was() {
    let api = api(&Lab::new().await).await;
    let api = serde_json::to_string_pretty(&api).unwrap();
    insta::assert_snapshot!("openapi", api);
}

#[tokio::test]
async fn every_operation_has_an_id_of_its_own_and_says_what_can_go_wrong() {
    let api = api(&Lab::new().await).await;
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
async fn every_example_of_a_request_works_and_is_answered_as_described() {
    let api = api(&Lab::new().await).await;
    let mut tried = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"]["application/json"];
            let Some(mut body) = example(&api, content) else {
                continue;
            };
            let sent = &content["schema"];
            assert!(fits(&api, sent, &body).is_ok(), "{path}: {body}");
            // Each in a world of its own: they take each other's place.
            let lab = Lab::new().await;
            let (path, who) = prepare(&lab, path, method, &mut body).await;
            let line = format!("{} {path}", method.to_uppercase());
            let answer = lab.tell(&line, &who, body).await;
            assert!((200..300).contains(&answer.status), "{line}: {answer:?}");
            is_described(&api, operation, &line, &answer);
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
}

/// A world in which every list has something in it, with a user who has roles of every kind.
async fn full() -> (Lab, String, String) {
    let lab = Lab::new().await;
    let task = lab.signed_up().await;
    let approve = format!("POST /v1/tasks/{task}");
    let approved = lab.tell(&approve, "admin", json!({"approved": true})).await;
    assert_eq!(approved.status, 202, "{approved:?}");
    for (who, line, body) in [
        (
            "boss",
            "users",
            json!({"email": "bob@acme.example", "roles": ["member"]}),
        ),
        ("boss", "quotas", json!({"size": "small"})),
        ("boss", "quotas", json!({"size": "large"})),
        (
            "",
            "users/password-reset",
            json!({"email": "nobody@acme.example"}),
        ),
    ] {
        let asked = lab
            .tell(&format!("POST /v1/openstack/{line}"), who, body)
            .await;
        assert_eq!(asked.status, 202, "{asked:?}");
    }
    let on_project = Scope::Project(lab.ids["acme"].clone());
    let (ann, developers) = (lab.ids["ann"].clone(), Group::new("1f", "developers"));
    let by_group = lab
        .identity
        .assign_by(&ann, "project_mod", on_project, developers);
    by_group.unwrap();
    (lab, ann, task)
}

#[tokio::test]
async fn every_answer_to_a_question_is_as_described() {
    let (lab, ann, task) = full().await;
    let api = api(&lab).await;
    let notifications = lab.ask("GET /v1/notifications", "admin").await.body;
    let notification = notifications["notifications"][0]["uuid"].as_str().unwrap();
    let token = lab.mails.token("eve@waffles.example").await;
    let page = "limit=1&filters=%7B%7D";
    for (path, item) in api["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get").filter(|_| path != "/metrics") else {
            continue;
        };
        let id = if path.contains("/task") {
            &task
        } else {
            notification
        };
        let path = path
            .replace("{user_id}", &ann)
            .replace("{uuid}", id)
            .replace("{token}", &token);
        let of_project = path.contains("/openstack/") || path.contains("/actions/");
        for who in ["admin", "boss"] {
            if of_project && who == "admin" {
                continue;
            }
            for query in [
                "",
                page,
                "tasks_per_page=1&tokens_per_page=1&notifications_per_page=1",
            ] {
                let line = format!("GET {path}?{query}");
                let answer = lab.ask(&line, who).await;
                if who == "admin" || of_project && !path.ends_with("SetPassword") {
                    assert_eq!(answer.status, 200, "{line}: {answer:?}");
                }
                is_described(&api, operation, &line, &answer);
            }
        }
    }
}

#[tokio::test]
async fn every_refusal_is_as_described() {
    let (lab, ..) = full().await;
    let api = api(&lab).await;
    let mut seen = std::collections::BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path.replace(['{', '}'], "");
            let line = format!("{} {path}", method.to_uppercase());
            for who in ["", "forged", "ann", "boss", "admin"] {
                let with = |name: &str, value: &str| request(&line, who).header(name, value);
                for (request, body) in [
                    (with("accept", "text/html"), ""),
                    (with("content-type", "text/plain"), "x"),
                    (with("content-type", "application/json"), "["),
                    (with("content-type", "application/json"), "[]"),
                    (
                        with("content-type", "application/json"),
                        r#"{"email": 1, "size": "huge"}"#,
                    ),
                    (
                        with("content-type", "application/json"),
                        &"x".repeat(70_000),
                    ),
                ] {
                    let request = request.body(Body::from(body.to_owned())).unwrap();
                    let answer = lab.send(request).await;
                    is_described(&api, operation, &line, &answer);
                    seen.insert(answer.status);
                }
            }
        }
    }
    let seen: Vec<u16> = seen.into_iter().collect();
    assert_eq!(seen, [200, 400, 401, 403, 404, 406, 413, 415]);
}

/// Whether a status is among those of an operation, and the body as is said there.
fn is_described(api: &Value, operation: &Value, line: &str, answer: &Answer) {
    let known = &operation["responses"][answer.status.to_string()];
    assert!(
        known.is_object(),
        "{line}: {} is not described",
        answer.status
    );
    if let Some(content) = known["content"].get("application/json") {
        let fits = fits(api, &content["schema"], &answer.body);
        assert_eq!(fits, Ok(()), "{line}: {answer:?}");
    }
}

/// Whether a value is as a schema says, as far as ours say anything.
fn fits(api: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fits(api, &api["components"]["schemas"][name], value);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fit = choices.iter().filter(|it| fits(api, it, value).is_ok());
        return match fit.count() {
            1 => Ok(()),
            count => Err(format!("{value} is {count} of {choices:?}")),
        };
    }
    if let Some(all) = schema["allOf"].as_array() {
        let mut whole = json!({"type": "object", "properties": {}, "required": []});
        for part in all {
            let name = part["$ref"].as_str().and_then(|it| it.rsplit('/').next());
            let part = name.map_or(part, |name| &api["components"]["schemas"][name]);
            let properties = whole["properties"].as_object_mut().unwrap();
            properties.extend(part["properties"].as_object().unwrap().clone());
            let required = whole["required"].as_array_mut().unwrap();
            required.extend(part["required"].as_array().into_iter().flatten().cloned());
        }
        return fits(api, &whole, value);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_one = match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(several) => several.iter().any(|it| it == kind),
        _ => true,
    };
    let listed = schema["enum"].as_array();
    if !is_one || listed.is_some_and(|it| !it.contains(value)) {
        return Err(format!("{value} is not {schema}"));
    }
    for item in value.as_array().into_iter().flatten() {
        fits(api, &schema["items"], item)?;
    }
    let Some(object) = value.as_object() else {
        return Ok(());
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        if !object.contains_key(name) {
            return Err(format!("{value} has no {name}"));
        }
    }
    for (name, value) in object {
        let named = schema["properties"].get(name);
        let other = schema.get("additionalProperties");
        if let Some(schema) = named.or(other).filter(|it| it.is_object()) {
            fits(api, schema, value)?;
        } else if schema.get("properties").is_some() && named.is_none() {
            return Err(format!("{name} is not described"));
        }
    }
    Ok(())
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
        path = path.replace("{user_id}", &lab.ids["ann"]);
        if path.ends_with("CreateProject") || path.ends_with("CreateProjectAndUser") {
            who = "";
        }
        if path.ends_with("password-set") || path.ends_with("SetPassword") {
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
    assert_eq!(api(&lab).await["openapi"], "3.1.0");
    let without = Lab::set(json!({"docs": false})).await;
    assert_eq!(without.ask("GET /docs/", "").await.status, 404);
}
