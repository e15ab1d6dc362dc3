//! Nova's refusals.

use http::StatusCode;
use serde_json::json;

use super::super::call::{Fault, Reply, json as json_reply, set};

/// A fault as the controllers give it.
pub(in super::super) fn refusal(fault: &Fault) -> Reply {
    let name = match fault.status.as_u16() {
        400 => "badRequest",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "itemNotFound",
        405 => "badMethod",
        409 => "conflictingRequest",
        413 | 429 => "overLimit",
        415 => "badMediaType",
        501 => "notImplemented",
        503 => "serviceUnavailable",
        _ => "computeFault",
    };
    let code = fault.status.as_u16();
    let mut reply = json_reply(
        fault.status,
        &json!({name: {"code": code, "message": fault.message}}),
    );
    if code == 413 || code == 429 {
        set(&mut reply, "retry-after", "0");
    }
    reply
}

/// A refusal by what stands before the controllers, which is WebOb's own.
pub(super) fn webob(status: StatusCode, message: &str) -> Reply {
    json_reply(
        status,
        &json!({
            "message": message,
            "code": status.to_string(),
            "title": status.canonical_reason(),
        }),
    )
}
