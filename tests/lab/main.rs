//! The whole gateway before a real OpenStack: real Keystone, Neutron and Nova, and a hypervisor
//! that is none.
//!
//! ```text
//! WAFFLEHAUS_LAB=/path/to/openrc cargo test --test lab
//! ```
//!
//! Without the path of the lab's `openrc` each test says that it is skipped. The lab's addresses
//! are on loopback, found in its catalog. Its Nova stands behind a server that does not read
//! chunks, such as uwsgi. It has, all with the password of the `openrc`:
//!
//! * `user1` in `project1` with `role1`, `user2` in `project2` with `role2`, `user3` in `project3`
//!   with `specialrole`, and `multi` in `project3` with `role1` too, all with `member`;
//! * the service user `nova` in `service`, and a role of that name;
//! * the networks `net1` to `net4`, shared; a flavor with the id `1`, an image. Networks and image have
//!   the ids of `requests::ids`.
//!
//! `WAFFLEHAUS_LAB_NOVA`, an address, has another server in front of the same Nova. Trunks are tried
//! if its Neutron has them.
//!
//! Its `openrc` puts the `openstack` command on the path, and takes user and project from `OSLAB_USER`
//! and `OSLAB_PROJECT`. The HTTP server of its Keystone sends no `Date`; most tests put one in front that does, as
//! Apache would.
//!
//! Two tests stop its Keystone for some seconds, while no other test here runs. They say that they
//! are skipped unless `WAFFLEHAUS_LAB_UP` is the path of the command that starts what does not run
//! of the lab and returns when it is healthy. Beside the `openrc`, `run/keystone.pid` has the id of
//! the leader of Keystone's process group and when it was started, as in `/proc`.
//!
//! The requests of `tests/adversary` are sent here too: its table, and whatever else can be put
//! together from a seed (see `differential`), each in a project that this test makes. A person's
//! commands at a terminal are a snapshot (see `transcript`).
//!
//! What passed and what was refused is told by what Nova then has, asked as an administrator and
//! past the gateway. The workflow engine's stores and actions are held against its Keystone, Neutron and
//! Nova as well, in projects of their own. Each test deletes what it made, even if it fails.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod access_rules;
mod adjutant;
mod attach;
#[path = "../common/tls.rs"]
mod authority;
mod by_project;
mod catalogue;
mod cli;
mod cloud;
mod control;
mod create;
#[path = "../common/database.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod database;
mod differential;
mod gateway;
mod judging;
mod keystone;
mod neutron;
mod operator;
mod outage;
mod own_credential;
mod people;
mod reads;
#[path = "../adversary/requests/mod.rs"]
#[expect(dead_code, reason = "a part of it is for a simulated cloud")]
mod requests;
mod signup;
#[path = "../workflow_messages/sink.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod sink;
mod support;
mod tenant;
mod transcript;
mod trunks;
#[path = "../common/webdriver.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod webdriver;
mod wire;
mod workflow;
