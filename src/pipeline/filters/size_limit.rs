//! The largest body, as `oslo_middleware.sizelimit`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::{Response, header::CONTENT_LENGTH};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tower_service::Service as _;

use crate::{
    body::InspectBody,
    pipeline::{Body, Next, Request, refusal},
    policy::{Denial, DenialKind},
};

/// Refuses bodies of more bytes: at once if they say their length, else when they turn out so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SizeLimit(pub(crate) usize);

impl SizeLimit {
    pub(crate) async fn pass(self, request: Request, mut next: Next) -> Response<Body> {
        let Self(limit) = self;
        let told = request.headers().get(CONTENT_LENGTH);
        let told = told.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let length = request.body().size_hint().exact().or(told);
        let Ok(response) = match length {
            Some(length) if length > limit as u64 => return self.refuse(),
            Some(_) => next.call(request).await,
            None => {
                let exceeded = Arc::new(AtomicBool::new(false));
                let flag = Arc::clone(&exceeded);
                let request = request.map(|body| {
                    let body = Limited::new(body, limit).map_err(move |error| {
                        flag.fetch_or(error.is::<LengthLimitError>(), Ordering::Relaxed);
                        error
                    });
                    InspectBody::new(Body::new(body))
                });
                let response = next.call(request).await;
                // What is behind saw only a body that broke off.
                if exceeded.load(Ordering::Relaxed) {
                    return self.refuse();
                }
                response
            }
        };
        response
    }

    fn refuse(self) -> Response<Body> {
        let message = format!("a body may have at most {} bytes", self.0);
        let denial = Denial::new(DenialKind::BodyTooLarge, message);
        refusal(denial)
    }
}
