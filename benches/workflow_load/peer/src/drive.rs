//! Takes tasks through create, approve and submit, as people do: their tokens come by mail.
//!
//! A task is over when its last mail has come. Then Keystone is asked whether it came out right:
//! the new user has to get a token of the new project with the password that it chose, with
//! exactly the roles that it was to have. Whatever is not as it should be ends the run.

use std::{
    cell::Cell,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{sync::mpsc::UnboundedReceiver, task::LocalSet, time::timeout};

use crate::{
    Fault,
    ask::Ask,
    mail::{self, Letterboxes, Mail},
};

/// Who is there, by their addresses.
pub struct Around {
    pub service: String,
    pub keystone: String,
    pub mail: SocketAddr,
}

struct World {
    service: Ask,
    keystone: Ask,
    boxes: Letterboxes,
    admin: String,
}

/// How long the steps of a task took: created, mail, approved, mail, submitted, mail.
type Steps = [Duration; 6];

pub async fn run(around: Around, count: u32, at_once: u32, name: &str) -> Result<(), Fault> {
    let keystone = Ask::new(&around.keystone);
    let admin = log_in(&keystone, ("admin", "secret"), "service").await?.0;
    let world = Rc::new(World {
        service: Ask::new(&around.service),
        keystone,
        boxes: Letterboxes::default(),
        admin,
    });
    let mails = tokio::spawn(mail::run(around.mail, world.boxes.clone()));
    let (next, begin) = (Rc::new(Cell::new(0)), Instant::now());
    let people = LocalSet::new();
    let mut working = Vec::new();
    for _ in 0..at_once {
        let (world, next, name) = (Rc::clone(&world), Rc::clone(&next), name.to_owned());
        working.push(people.spawn_local(async move {
            let mut steps = Vec::new();
            while next.get() < count {
                next.set(next.get() + 1);
                steps.push(task(&world, &format!("{name}-{}", next.get())).await?);
            }
            Ok::<_, Fault>(steps)
        }));
    }
    let mut steps = Vec::new();
    people
        .run_until(async {
            for person in working {
                steps.extend(person.await??);
            }
            Ok::<_, Fault>(())
        })
        .await?;
    let seconds = begin.elapsed().as_secs_f64();
    mails.abort();
    println!(
        "{}",
        json!({"tasks": steps.len(), "seconds": seconds, "steps": medians(&steps)})
    );
    for number in 1..=count {
        check(&world, &format!("{name}-{number}")).await?;
    }
    Ok(())
}

async fn task(world: &World, name: &str) -> Result<Steps, Fault> {
    let email = address(name);
    let mut mails = world.boxes.open(&email);
    let mut begin = Instant::now();
    let mut lap = || std::mem::replace(&mut begin, Instant::now()).elapsed();
    let body = json!({"email": email, "project_name": name});
    let path = "/v1/openstack/sign-up";
    world.service.post(path, "", &body).await?.well("sign-up")?;
    let created = lap();
    // The envelope names the task, for mails that come back.
    let from = arrival(&mut mails).await?.from;
    let id = from.split(['+', '@']).nth(1).unwrap_or_default().to_owned();
    let first_mail = lap();
    let path = format!("/v1/tasks/{id}");
    let body = json!({"approved": true});
    let approval = world.service.post(&path, &world.admin, &body);
    approval.await?.well("approval")?;
    let approved = lap();
    let text = arrival(&mut mails).await?.text;
    let link = text
        .split_once("/token/")
        .ok_or("a mail without a token")?
        .1;
    let token = link.split(|it: char| !it.is_alphanumeric()).next();
    let token_mail = lap();
    let path = format!("/v1/tokens/{}", token.unwrap_or_default());
    let body = json!({ "password": password(name) });
    world.service.post(&path, "", &body).await?.well("submit")?;
    let submitted = lap();
    arrival(&mut mails).await?;
    Ok([created, first_mail, approved, token_mail, submitted, lap()])
}

async fn arrival(mails: &mut UnboundedReceiver<Mail>) -> Result<Mail, Fault> {
    let mail = timeout(PATIENCE, mails.recv()).await;
    mail.ok()
        .flatten()
        .ok_or_else(|| "a mail does not come".into())
}

/// That a task came out right.
async fn check(world: &World, name: &str) -> Result<(), Fault> {
    let (email, password) = (address(name), password(name));
    let (_, token) = log_in(&world.keystone, (&email, &password), name).await?;
    let roles = token["roles"].as_array().into_iter().flatten();
    let mut roles: Vec<_> = roles.filter_map(|it| it["name"].as_str()).collect();
    roles.sort_unstable();
    if roles == ["member", "project_admin"] {
        return Ok(());
    }
    Err(format!("{name} has the roles {roles:?}").into())
}

async fn log_in(
    keystone: &Ask,
    (user, password): (&str, &str),
    project: &str,
) -> Result<(String, Value), Fault> {
    let domain = json!({"id": "default"});
    let user = json!({"name": user, "domain": domain, "password": password});
    let project = json!({"project": {"name": project, "domain": domain}});
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    let body = json!({"auth": {"identity": identity, "scope": project}});
    let asked = keystone
        .post("/v3/auth/tokens", "", &body)
        .await?
        .well("login")?;
    let token = asked.headers.get("x-subject-token").ok_or("no token")?;
    Ok((token.to_str()?.to_owned(), asked.body["token"].clone()))
}

fn address(name: &str) -> String {
    format!("{name}@people.example")
}

fn password(name: &str) -> String {
    format!("the secret of {name}")
}

/// In milliseconds.
fn medians(steps: &[Steps]) -> Vec<f64> {
    let median = |step: usize| {
        let mut times: Vec<_> = steps.iter().filter_map(|it| it.get(step)).collect();
        times.sort_unstable();
        times
            .get(times.len() / 2)
            .map_or(0.0, |it| it.as_secs_f64() * 1e3)
    };
    (0..6).map(median).collect()
}

const PATIENCE: Duration = Duration::from_secs(60);
