#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "openstack")]
pub mod audit;
#[cfg(any(feature = "openstack", feature = "proxy"))]
mod base_url;
pub mod body;
#[cfg(feature = "config")]
pub mod config;
pub mod fault;
pub mod guard;
#[cfg(any(feature = "openstack", feature = "proxy"))]
mod http_client;
pub mod identity;
pub mod identity_headers;
#[cfg(feature = "keystone")]
pub mod keystone;
mod middleware;
#[cfg(any(feature = "config", feature = "workflow-service"))]
mod nearest;
pub mod neutron;
pub mod nova;
#[cfg(feature = "openstack")]
pub mod openstack;
#[cfg(feature = "config")]
pub mod pipeline;
pub mod policy;
#[cfg(feature = "proxy")]
pub mod proxy;
#[cfg(any(feature = "config", feature = "workflow-service"))]
mod request_id;
pub mod role_router;
pub mod server_lock;
#[cfg(feature = "sim")]
pub mod sim;
#[cfg(feature = "workflow")]
pub mod workflow;
#[cfg(all(feature = "config", feature = "workflow-service"))]
pub mod workflow_config;
#[cfg(feature = "workflow-import")]
pub mod workflow_import;
#[cfg(feature = "workflow-service")]
pub mod workflow_messages;
#[cfg(feature = "workflow-service")]
pub mod workflow_pages;
#[cfg(feature = "workflow-service")]
pub mod workflow_service;
