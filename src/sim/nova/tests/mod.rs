//! Each trap that real Nova has for a gateway.

mod callers;
mod create;
mod interfaces;
mod paths;

use super::super::testing::{Answer, head, send};
use super::super::{Api, Cloud};

fn create(networks: &str) -> String {
    format!(r#"{{"server": {{"name": "s", "flavorRef": "1"{networks}}}}}"#)
}

fn on(networks: &str) -> String {
    create(&format!(r#", "networks": {networks}"#))
}

/// The networks of the newest server.
fn newest(cloud: &Cloud) -> Vec<String> {
    cloud.server_networks(cloud.servers().last().unwrap())
}

/// Sends ann's request with what the microversion header says: `compute 2.x`.
async fn at(cloud: &Cloud, version: &str, line: &str, body: &str) -> Answer {
    let head = head(line).header("openstack-api-version", version);
    send(cloud, Api::Nova, head, body).await
}
