//! A filter and an application of one's own, under names that both formats know.
//!
//! ```text
//! cargo run --example custom_filter
//! ```
//!
//! listens on 127.0.0.1:8777 (or the address given as an argument), before a cloud that is built
//! into the program. `gateway.toml` and `gateway.ini` beside this file say the same; the program
//! loads both. Bob may look, and change nothing:
//!
//! ```text
//! curl -i http://127.0.0.1:8777/v2.1/servers -H 'X-Auth-Token: bob-token'
//! curl -i -X DELETE http://127.0.0.1:8777/v2.1/servers/5e5e5e5e-5e5e-4e5e-8e5e-5e5e5e5e5e5e/os-interface/9a9a9a9a-9a9a-4a9a-8a9a-9a9a9a9a9a9a -H 'X-Auth-Token: bob-token'
//! ```
//!
//! Olga has the role `operator`, and may. The notice is for everybody, without a token:
//!
//! ```text
//! curl -i -X DELETE http://127.0.0.1:8777/v2.1/servers/5e5e5e5e-5e5e-4e5e-8e5e-5e5e5e5e5e5e/os-interface/9a9a9a9a-9a9a-4a9a-8a9a-9a9a9a9a9a9a -H 'X-Auth-Token: olga-token'
//! curl -i http://127.0.0.1:8777/notice
//! ```

use std::{env, error::Error, future, path::Path};

use bytes::Bytes;
use http::{Method, Response};
use tower::Service as _;
use wafflehaus::{
    config::{Loader, Registry, Settings},
    fault,
    identity::{Identity, Role},
    pipeline::{Body, Filter, Gateway, Next},
    policy::Denial,
    proxy::{ServeOptions, serve},
    sim::{Cloud, Endpoints, User},
};

/// The standard factories and our own, each by a short name and one for paste.ini.
fn registry() -> Registry {
    Registry::standard()
        .filter(["read_only", "example.filters:read_only"], read_only)
        .app(["notice", "example.apps:notice"], notice)
}

/// Refuses whatever could change something, but not from callers with one of `except_roles`.
fn read_only(settings: &mut Settings<'_>) -> Option<Filter> {
    // All keys are asked for whatever is wrong with one: so all mistakes are found at once.
    let names: Vec<String> = settings.key("except_roles").or(Vec::new());
    let message: String = settings
        .key("message")
        .or("nothing can be changed".to_owned());
    let mut roles = Vec::new();
    for name in names {
        match Role::new(&name) {
            Ok(role) => roles.push(role),
            Err(error) => settings.mistake("except_roles", format!("`{name}`: {error}")),
        }
    }
    let filter = Filter::from_fn(move |request, mut next| {
        let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
        let caller = request.extensions().get::<Identity>();
        let excepted = caller.is_some_and(|caller| roles.iter().any(|role| caller.has_role(role)));
        let denial = Denial::forbidden("read_only", message.clone());
        async move {
            if !reads && !excepted {
                return fault::render(&denial).map(Body::from);
            }
            let Ok(response) = next.call(request).await;
            response
        }
    });
    // A configuration without `keystone` in front of this does not start.
    Some(filter.needs_caller())
}

/// Answers everything with one text.
fn notice(settings: &mut Settings<'_>) -> Option<Next> {
    let text: Option<String> = settings.key("text").get();
    let Some(text) = text else {
        settings.mistake("text", "what is the notice?");
        return None;
    };
    let text = Bytes::from(text);
    Some(Next::from_fn(move |_| {
        let text = text.clone();
        async { Response::new(Body::from(text)) }
    }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cloud = cloud().await?;
    let loader = Loader::new()
        .registry(registry())
        .set("upstream", cloud.nova())
        .set("auth_url", format!("{}/v3", cloud.keystone()))
        .set("username", "wafflehaus")
        .set("project_name", "service")
        .set("password", "in-memory");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/custom_filter");
    let [toml, ini] = ["gateway.toml", "gateway.ini"].map(|file| loader.load(&folder.join(file)));
    let (toml, ini) = (toml?, ini?);
    println!("{}", toml.plan.tree());
    println!("both files mean the same: {}", toml.plan == ini.plan);

    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8777".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let gateway = Gateway::new(toml.plan);
    serve(listener, gateway, future::pending(), ServeOptions::new()).await;
    Ok(())
}

/// In earnest this is a real cloud, and the password comes from a file.
async fn cloud() -> Result<Endpoints, Box<dyn Error>> {
    const PROJECT: &str = "6f70656e737461636b";
    let cloud = Cloud::new();
    for (name, role) in [("bob", "employee"), ("olga", "operator")] {
        cloud.add_user(User::new(name, PROJECT).roles(["member", role]))?;
        cloud.add_token(&format!("{name}-token"), name)?;
    }
    let gateway = User::new("wafflehaus", "service").roles(["admin", "service"]);
    cloud.add_user(gateway.project_name("service").password("in-memory"))?;
    let office = "11111111-1111-4111-8111-111111111111";
    cloud.add_network(office, "office")?;
    let port = "9a9a9a9a-9a9a-4a9a-8a9a-9a9a9a9a9a9a";
    cloud.add_server_as(
        "5e5e5e5e-5e5e-4e5e-8e5e-5e5e5e5e5e5e",
        PROJECT,
        &[(office, port)],
    )?;
    Ok(cloud.listen().await?)
}
