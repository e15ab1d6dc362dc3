//! What every middleware here has in common.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use crate::body::ResponseBody;

/// Defines `get_ref`, `get_mut` and `into_inner` for a service around `inner`.
macro_rules! inner_service_accessors {
    () => {
        /// The service inside.
        pub const fn get_ref(&self) -> &S {
            &self.inner
        }

        /// The service inside.
        pub const fn get_mut(&mut self) -> &mut S {
            &mut self.inner
        }

        /// The service inside, alone.
        #[must_use]
        pub fn into_inner(self) -> S {
            self.inner
        }
    };
}
pub(crate) use inner_service_accessors;

pin_project! {
    /// The inner service's answer, or a refusal that is ready.
    #[project = EarlyProj]
    #[derive(Debug)]
    pub(crate) enum Early<F> {
        Pass { #[pin] future: F },
        // Boxed: it is rare, and would make every pass-through future larger.
        Refused { response: Option<Box<Response<Bytes>>> },
    }
}

impl<F> Early<F> {
    pub(crate) const fn pass(future: F) -> Self {
        Self::Pass { future }
    }

    pub(crate) fn refused(response: Response<Bytes>) -> Self {
        Self::Refused {
            response: Some(Box::new(response)),
        }
    }
}

/// What is known of an answer when a service has been called.
#[cfg(feature = "config")]
pub(crate) enum Settled<F, L> {
    /// It is the inner service's.
    Pass(F),
    /// It is this, of the layer's own.
    Refused(Response<Bytes>),
    /// It has to be waited for.
    Later(L),
}

/// The future of a layer's answer, which mostly is nothing but the inner service's. Whoever keeps
/// futures in boxes can keep that one as it is.
#[cfg(feature = "config")]
pub(crate) trait Settle: Sized {
    /// Of the inner service.
    type Inner;

    fn settled(self) -> Settled<Self::Inner, Self>;
}

#[cfg(feature = "config")]
impl<F> Early<F> {
    pub(crate) fn settled<L>(self, later: impl FnOnce(Self) -> L) -> Settled<F, L> {
        match self {
            Self::Pass { future } => Settled::Pass(future),
            Self::Refused {
                response: Some(response),
            } => Settled::Refused(*response),
            Self::Refused { response: None } => Settled::Later(later(self)),
        }
    }
}

impl<F, R, E> Future for Early<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            EarlyProj::Pass { future } => {
                Poll::Ready(ready!(future.poll(cx)).map(ResponseBody::pass))
            }
            // INVARIANT: polled again after it was ready, a future may do as it likes.
            EarlyProj::Refused { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(ResponseBody::own(*response))),
                None => Poll::Pending,
            },
        }
    }
}
