//! A browser without a screen: it keeps cookies, reads forms, and sends them.

use std::collections::BTreeMap;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};
use wafflehaus::{
    keystone::Token,
    openstack::Named,
    workflow_pages::{Credentials, PageSettings, Pages, Person, SignIn, SignInError, SignInFuture},
    workflow_service::Settings,
};

use crate::{
    database::Database,
    support::{Answer, Lab, generous},
};

/// Knows the people of the lab: each with the password `old`, and a token called like them.
struct Knows;

impl SignIn for Knows {
    fn sign_in<'a>(&'a self, credentials: &'a Credentials) -> SignInFuture<'a> {
        Box::pin(async move {
            let (name, project) = match credentials {
                Credentials::Token(token) => (token.expose(), None),
                Credentials::Password {
                    user: Named::Name { name, .. },
                    password,
                    project: Named::Name { name: project, .. },
                } => {
                    use secrecy::ExposeSecret as _;
                    if password.expose_secret() == "down" {
                        return Err(SignInError::unavailable("the test says so"));
                    }
                    if password.expose_secret() != "old" {
                        return Err(SignInError::Refused);
                    }
                    (name.as_str(), Some(project.as_str()))
                }
                _ => return Err(SignInError::Refused),
            };
            let known = ["admin", "boss", "ann", "rival"].contains(&name);
            if name == "nobody" {
                return Err(SignInError::NoProject);
            }
            // Keystone has forgotten who is called `late` as soon as it has let them in.
            if !known && name != "late" {
                return Err(SignInError::Refused);
            }
            let token = Token::new(name).unwrap();
            Ok(Person::new(token, name, project.unwrap_or("cloud")))
        })
    }
}

/// A lab with pages.
pub(crate) async fn lab() -> Lab {
    lab_with(json!({}), generous()).await
}

/// The same with these settings of pages and service.
pub(crate) async fn lab_with(pages: Value, service: Value) -> Lab {
    let mut settings = json!({
        "url": "http://127.0.0.1:5050",
        "sign_in_limits": service["limits"],
    });
    for (key, value) in pages.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let settings: PageSettings = serde_json::from_value(settings).unwrap();
    let of_service: Settings = serde_json::from_value(service).unwrap();
    Lab::routed(Database::sqlite(), |service| {
        let service = service.settings(of_service).unwrap();
        let pages = Pages::new(service, settings).unwrap();
        pages.sign_in(Knows).router()
    })
    .await
}

/// A browser at this lab.
pub(crate) struct Browser<'a> {
    pub(crate) lab: &'a Lab,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What a browser shows.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) answer: Answer,
    pub(crate) html: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(lab: &'a Lab) -> Self {
        Self {
            lab,
            cookies: BTreeMap::new(),
        }
    }

    /// Signed in by password.
    pub(crate) async fn signed_in(lab: &'a Lab, who: &str) -> Self {
        let mut browser = Self::new(lab);
        let project = if who == "admin" { "cloud" } else { "acme" };
        let page = browser.sign_in(who, "old", project).await;
        assert_eq!(page.to(), Some("/admin/tasks"), "{page:?}");
        browser
    }

    pub(crate) async fn sign_in(&mut self, user: &str, password: &str, project: &str) -> Page {
        let form = self.get("/admin/sign-in").await;
        let token = form.form_token();
        let fields = [
            ("form_token", token.as_str()),
            ("with", "password"),
            ("user", user),
            ("password", password),
            ("project", project),
            ("domain", "Default"),
        ];
        self.post("/admin/sign-in", &fields).await
    }

    pub(crate) async fn get(&mut self, target: &str) -> Page {
        self.send(self.request("GET", target).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&mut self, target: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .request("POST", target)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("origin", "null");
        let body = Body::from(body.finish());
        self.send(request.body(body).unwrap()).await
    }

    /// Follows a redirection.
    pub(crate) async fn follow(&mut self, page: &Page) -> Page {
        let to = page.to().unwrap().to_owned();
        self.get(&to).await
    }

    pub(crate) fn request(&self, method: &str, target: &str) -> http::request::Builder {
        let cookies = self.cookies.iter().map(|(name, it)| format!("{name}={it}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", "127.0.0.1:5050");
        match cookies.is_empty() {
            true => request,
            false => request.header("cookie", cookies),
        }
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Page {
        let answer = self.lab.send(request).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (name, rest) = text.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match value {
                "" => drop(self.cookies.remove(name)),
                value => drop(self.cookies.insert(name.into(), value.into())),
            }
        }
        Page {
            status: answer.status,
            // One of the ways to write a slash.
            html: answer
                .body
                .as_str()
                .unwrap_or_default()
                .replace("&#x2f;", "/"),
            answer,
        }
    }

    /// Shows a task, and sends the form with this end.
    pub(crate) async fn act(&mut self, id: &str, act: &str) -> Page {
        let page = self.get(&format!("/admin/tasks/{id}")).await;
        self.act_on(&page, id, act).await
    }

    /// Sends the form with this end of a page that was shown before.
    pub(crate) async fn act_on(&mut self, page: &Page, id: &str, act: &str) -> Page {
        let (token, run) = (page.form_token(), page.hidden("run"));
        let fields = [("form_token", &*token), ("run", &*run)];
        self.post(&format!("/admin/tasks/{id}/{act}"), &fields)
            .await
    }

    /// Waits until a task shows this.
    pub(crate) async fn until(&mut self, id: &str, text: &str) -> Page {
        let late = Instant::now() + Duration::from_secs(20);
        loop {
            let page = self.get(&format!("/admin/tasks/{id}")).await;
            if page.html.contains(text) {
                return page;
            }
            assert!(Instant::now() < late, "{}", page.html);
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.answer.headers.get(name);
        value.map_or("", |it| it.to_str().unwrap())
    }

    /// Where a browser is sent.
    pub(crate) fn to(&self) -> Option<&str> {
        (self.status == 303).then(|| self.header("location"))
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    pub(crate) fn form_token(&self) -> String {
        self.hidden("form_token")
    }

    /// The value of a field that nobody sees.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!("type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self.html.split_once(&start).unwrap_or_else(|| {
            panic!("no {name} in {}", self.html);
        });
        rest.split('"').next().unwrap().to_owned()
    }

    pub(crate) fn h1(&self) -> &str {
        let (_, rest) = self.html.split_once("<h1>").unwrap();
        rest.split_once("</h1>").unwrap().0
    }
}
