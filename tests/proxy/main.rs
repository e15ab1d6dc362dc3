//! The proxy over real sockets: what reaches Nova byte by byte, and what comes back.

mod common;
mod failures;
mod heads;
mod serving;
mod streaming;
mod tls;
mod upgrades;
