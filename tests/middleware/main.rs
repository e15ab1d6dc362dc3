//! Each layer as a service: what reaches Nova, and what the caller is told.

#[path = "../common/mod.rs"]
mod common;

mod audit;
mod contract;
mod decisions;
mod guard;
mod role_router;
mod stack;
