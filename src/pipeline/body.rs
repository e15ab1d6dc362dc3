//! The one body type that requests and answers have between the filters of a pipeline.

use std::{
    any::Any,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};
use hyper::body::Incoming;

use super::BoxError;
use crate::{body::ResponseBody, proxy::UpstreamBody};

/// A body: nothing, bytes that are there, a stream from the network, or any other in a box.
///
/// What a server or a [`Proxy`](crate::proxy::Proxy) gives is not boxed, however many filters
/// of this crate it went through.
#[derive(Default)]
pub struct Body {
    kind: Kind,
}

enum Kind {
    Boxed(UnsyncBoxBody<Bytes, BoxError>),
    Incoming(Incoming),
    Upstream(UpstreamBody),
    Whole(Bytes),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl Body {
    /// Takes any body; one of this crate's own is unwrapped, so that filters do not add up.
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut body = Some(body);
        if let Some(body) = take(&mut body) {
            return body;
        }
        if let Some(body) = take::<_, Incoming>(&mut body) {
            return Kind::Incoming(body).into();
        }
        if let Some(body) = take::<_, ResponseBody<Self>>(&mut body) {
            return body.into_inner().unwrap_or_else(Self::from);
        }
        if let Some(body) = take::<_, ResponseBody<UpstreamBody>>(&mut body) {
            let upstream = body.into_inner().map(Kind::Upstream);
            return upstream.map_or_else(Self::from, Self::from);
        }
        body.map(|body| Kind::Boxed(body.map_err(Into::into).boxed_unsync()))
            .unwrap_or_default()
            .into()
    }
}

impl From<Kind> for Body {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Kind::Whole(bytes).into()
    }
}

/// Takes the value out, if it is of this type.
fn take<T: 'static, U: 'static>(value: &mut Option<T>) -> Option<U> {
    (value as &mut dyn Any).downcast_mut::<Option<U>>()?.take()
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.kind {
            Kind::Boxed(body) => Pin::new(body).poll_frame(cx),
            Kind::Incoming(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Kind::Upstream(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Boxed(body) => body.is_end_stream(),
            Kind::Incoming(body) => body.is_end_stream(),
            Kind::Upstream(body) => body.is_end_stream(),
            Kind::Whole(bytes) => bytes.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Boxed(body) => body.size_hint(),
            Kind::Incoming(body) => body.size_hint(),
            Kind::Upstream(body) => body.size_hint(),
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Boxed(_) => "boxed",
            Kind::Incoming(_) => "incoming",
            Kind::Upstream(_) => "upstream",
            Kind::Whole(_) => "whole",
        };
        f.debug_tuple("Body").field(&kind).finish()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};

    use super::*;

    #[test]
    fn what_is_a_body_already_is_not_boxed_again() {
        let body = Body::new(Body::from(Bytes::from("x")));
        assert_eq!(format!("{body:?}"), "Body(\"whole\")");
        let own = ResponseBody::<Body>::own(http::Response::new(Bytes::from("no"))).into_body();
        assert_eq!(format!("{:?}", Body::new(own)), "Body(\"whole\")");
        let passed = ResponseBody::inner(Body::default());
        assert_eq!(format!("{:?}", Body::new(passed)), "Body(\"whole\")");
    }

    #[expect(clippy::disallowed_methods, reason = "a test's own bodies")]
    #[tokio::test]
    async fn any_other_body_keeps_its_frames() {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-end", "1".parse().unwrap());
        let frames = [Frame::data(Bytes::from("ab")), Frame::trailers(trailers)];
        let frames = frames.map(Ok::<_, std::io::Error>);
        let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
        assert_eq!(format!("{body:?}"), "Body(\"boxed\")");
        let collected = body.collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["x-end"], "1");
        assert_eq!(collected.to_bytes(), "ab");

        let body = Body::new(Full::new(Bytes::from("abc")));
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abc");
    }
}
