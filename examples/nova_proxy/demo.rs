//! The built-in cloud, and requests to try the gateway with.

use std::{error::Error, fmt::Write, net::SocketAddr};

use wafflehaus::sim::{Cloud, Endpoints, User};

use crate::settings::{Lookup, Settings};

const PROJECT: &str = "6f70656e737461636b";
const SERVER: &str = "5e5e5e5e-5e5e-4e5e-8e5e-5e5e5e5e5e5e";
const PORT: &str = "9a9a9a9a-9a9a-4a9a-8a9a-9a9a9a9a9a9a";

const REQUIRED: &str = "11111111-1111-4111-8111-111111111111";
const BANNED: &str = "22222222-2222-4222-8222-222222222222";
const FREE: [&str; 2] =
    ["33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"];

/// A cloud that runs.
#[derive(Debug)]
pub(crate) struct Demo {
    endpoints: Endpoints,
    password_file: std::path::PathBuf,
}

pub(crate) async fn start() -> Result<Demo, Box<dyn Error>> {
    let cloud = Cloud::new();
    for (network, name) in [(REQUIRED, "office"), (BANNED, "backstage"), (FREE[0], "blue"), (FREE[1], "red")] {
        cloud.add_network(network, name)?;
    }
    cloud.add_user(User::new("alice", PROJECT).roles(["member", "role1"]))?;
    cloud.add_user(User::new("olga", PROJECT).roles(["member", "operator"]))?;
    cloud.add_token("alice-token", "alice")?;
    cloud.add_token("olga-token", "olga")?;
    cloud.add_server_as(SERVER, PROJECT, &[(REQUIRED, PORT)])?;
    Ok(Demo { endpoints: cloud.listen().await? })
}
