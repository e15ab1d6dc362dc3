//! What a guard takes for a body.

use bytes::Bytes;
use http_body::Body;

use super::InspectBody;

/// A body that a guard can look into.
///
/// Implemented for concrete types only, so that wrapping can be the identity on a body that is
/// wrapped already, and two guards share one reading.
pub trait IntoInspect {
    /// The body that streams when nobody looks.
    type Stream: Body<Data = Bytes>;

    /// Wraps the body, unless it is wrapped.
    fn into_inspect(self) -> InspectBody<Self::Stream>;
}

impl<B: Body<Data = Bytes>> IntoInspect for InspectBody<B> {
    type Stream = B;

    fn into_inspect(self) -> Self {
        self
    }
}

/// Implements [`IntoInspect`] for body types of other crates.
#[cfg(any(feature = "axum", feature = "http-body-util", feature = "hyper"))]
macro_rules! wrap {
    ($([$($generics:tt)*] $body:ty;)*) => {$(
        impl<$($generics)*> IntoInspect for $body
        where
            $body: Body<Data = Bytes>,
        {
            type Stream = Self;

            fn into_inspect(self) -> InspectBody<Self> {
                InspectBody::new(self)
            }
        }
    )*};
}

#[cfg(feature = "hyper")]
wrap! {
    [] hyper::body::Incoming;
}

#[cfg(feature = "axum")]
wrap! {
    [] axum_core::body::Body;
}

#[cfg(feature = "http-body-util")]
wrap! {
    [] http_body_util::Empty<Bytes>;
    [] http_body_util::Full<Bytes>;
    [E] http_body_util::combinators::BoxBody<Bytes, E>;
    [E] http_body_util::combinators::UnsyncBoxBody<Bytes, E>;
    [S] http_body_util::StreamBody<S>;
}
