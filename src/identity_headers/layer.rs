//! The settings.

use bytes::Bytes;
use http::Response;
use tower_layer::Layer;

use super::IdentityHeaders;
use crate::{fault::Renderer, nova::Mount, policy::Denial};

/// Puts [`IdentityHeaders`] around a service. See the [module](super).
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct IdentityHeadersLayer {
    mount: Mount,
    renderer: Renderer,
}

impl IdentityHeadersLayer {
    /// With the defaults of the [module](super).
    pub fn new() -> Self {
        Self::default()
    }

    /// The prefix of Nova's API. Default none.
    pub fn mount(mut self, mount: Mount) -> Self {
        self.mount = mount;
        self
    }

    /// How a refusal looks. Default [`fault::render`](crate::fault::render).
    pub fn with_fault_renderer(
        mut self,
        render: impl Fn(&Denial) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.renderer = Renderer::new(render);
        self
    }
}

impl<S> Layer<S> for IdentityHeadersLayer {
    type Service = IdentityHeaders<S>;

    fn layer(&self, inner: S) -> IdentityHeaders<S> {
        IdentityHeaders::new(inner, self.mount.clone(), self.renderer.clone())
    }
}
