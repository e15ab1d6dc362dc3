//! Gateways of configurations, in which requests go past what there is much of.

use std::{env, error::Error, fmt::Write as _, fs, process};

use http::Response;
use tower::layer::layer_fn;
use wafflehaus::{
    config::{Loader, Registry},
    pipeline::{Body, Gateway, Next},
};

use crate::cases::{self, Case, Nova, create, get, over};

/// So many prefixes, of which the shortest leads on.
pub fn url_map(prefixes: usize) -> Case {
    let mut text = String::from("[composite.main]\nuse = \"url_map\"\n\"/v2.1/+\" = \"nova\"\n");
    for prefix in 1..prefixes {
        writeln!(text, "\"/v2.1/prefix-{prefix}/+\" = \"nova\"")?;
    }
    through(&text, get)
}

/// So many routes with a filter each, of which the caller takes the last.
pub fn routes(routes: usize) -> Case {
    let names: Vec<_> = (0..routes).map(|route| format!("\"r{route}\"")).collect();
    let mut text = format!(
        "[pipeline.main]\npipeline = [\"identity\", \"router\"]\n[filter.identity]\n\
         use = \"identity\"\n[composite.router]\nuse = \"role_router\"\nroutes = [{}]\n\
         route_default = [\"nova\"]\n",
        names.join(", ")
    );
    let mut filters = String::new();
    for route in 0..routes {
        let role = match route + 1 {
            last if last == routes => "member".to_owned(),
            other => format!("role-{other}"),
        };
        write!(
            text,
            "roles_r{route} = [\"{role}\"]\nroute_r{route} = [\"count{route}\", \"nova\"]\n"
        )?;
        write!(
            filters,
            "[filter.count{route}]\nuse = \"network_count_check\"\nnetworks_max = 5\n"
        )?;
    }
    through(&(text + &filters), create(1024))
}

fn through<R>(text: &str, request: R) -> Case
where
    R: Fn() -> http::Request<cases::Body> + 'static,
{
    let gateway = gateway(text)?;
    over(layer_fn(move |_: Nova| gateway.clone()), request)
}

fn gateway(text: &str) -> Result<Gateway, Box<dyn Error>> {
    let text = format!("trust_identity_headers = true\n{text}\n[app.nova]\nuse = \"at_once\"\n");
    let file = env::temp_dir().join(format!("wafflehaus-budget-{}.toml", process::id()));
    fs::write(&file, text)?;
    let registry = Registry::standard().app(["at_once"], |_| {
        Some(Next::from_fn(async |_| Response::new(Body::default())))
    });
    let loaded = Loader::new().registry(registry).load(&file);
    fs::remove_file(&file)?;
    Ok(Gateway::new(loaded?.plan))
}
