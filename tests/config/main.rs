//! Configurations from files: what they come to, how that runs, and what is said of bad ones.

mod bad;
mod mechanisms;
mod program;
mod running;
mod samples;
mod support;
mod twins;
