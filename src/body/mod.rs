//! Bodies that are read once, whoever looks: the only code that reads a request's body.
//!
//! 1. An [`InspectBody`] nobody inspects is the body it wraps: frames, trailers, length and end
//!    pass through, with no copy and no allocation.
//! 2. Reading is bounded, and the bound is checked before a frame is kept.
//! 3. Bytes that came in one frame are kept as they came; of several, the joined buffer is what
//!    goes on, so they are not held twice. Trailers are kept. The length is exact.
//! 4. What was understood travels *with* the bytes: a second guard finds it there, and it is
//!    gone once a frame is taken. A layer that replaces the body replaces both.
//! 5. Wrapping never nests: [`IntoInspect`] is the identity on an `InspectBody`.
//!
//! A guard takes any body for which [`IntoInspect`] is implemented: with the features `hyper`,
//! `http-body-util` and `axum`, the body types of those crates. Any other enters with
//! [`InspectBody::new`], for instance through tower-http's `MapRequestBodyLayer`.

mod inspect;
mod reading;
mod response;
mod source;

pub use inspect::InspectBody;
pub(crate) use inspect::State;
pub(crate) use reading::{ReadError, Reading};
pub use response::ResponseBody;
pub use source::IntoInspect;
