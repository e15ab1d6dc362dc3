//! One function for each fuzz target. Each panics if what it claims is not so.

mod bodies;
mod path_query;
mod stack;

pub use bodies::{action_body, attach_body, create_body};
pub use path_query::path_query;
pub use stack::stack;

use crate::lawful::Ids;

/// An id for each number.
struct Numbered;

impl Ids for Numbered {
    fn network(&self, number: u8) -> String {
        format!("{number:02x}0def01-c0de-4aaa-8bbb-fedcba9876{number:02x}")
    }

    fn port(&self, number: u8) -> String {
        format!("{number:02x}fe1dc0-9c38-4d5a-b4b1-0f1e2d3c4b{number:02x}")
    }

    fn server(&self, number: u8) -> String {
        format!("{number:02x}389fec-e5c8-4dc9-9777-532dc521fb{number:02x}")
    }

    fn address(&self, number: u8) -> String {
        if number.is_multiple_of(2) {
            format!("10.0.0.{number}")
        } else {
            format!("fd00::{number:x}")
        }
    }
}
