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
//! * the service user `nova` in `service`;
//! * the networks `net1` to `net4`, shared; a flavor with the id `1`, an image.
//!
//! The HTTP server of its Keystone sends no `Date`; most tests put one in front that does, as
//! Apache would.
//!
//! What passed and what was refused is told by what Nova then has, asked as an administrator and
//! past the gateway. The workflow engine's stores and actions are held against its Keystone, Neutron and
//! Nova as well, in projects of their own. Each test deletes what it made, even if it fails.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod attach;
mod cloud;
mod create;
mod gateway;
mod keystone;
mod people;
mod reads;
mod support;
mod wire;
mod workflow;
