//! The settings of a port guard.

use std::sync::Arc;

use tower_layer::Layer;

use super::{DeviceLookup, PortGuard, render};
use crate::guard::{GuardLayer, NoLookup};

/// Puts a [`PortGuard`] around a service. See the [module](super).
#[derive(Debug)]
#[must_use]
pub struct PortGuardLayer<P> {
    guard: GuardLayer<P>,
    devices: Arc<dyn DeviceLookup>,
}

impl<P> PortGuardLayer<P> {
    /// With the policies and settings of a guard. What it refuses is told as Neutron tells it.
    pub fn new(guard: GuardLayer<P>) -> Self {
        Self {
            guard: guard.with_fault_renderer(render),
            devices: Arc::new(NoLookup::default()),
        }
    }

    /// Where it is found out what a port is a part of. Default [`NoLookup`], which fails.
    pub fn devices(mut self, devices: Arc<dyn DeviceLookup>) -> Self {
        self.devices = devices;
        self
    }
}

impl<P> Clone for PortGuardLayer<P> {
    fn clone(&self) -> Self {
        Self {
            guard: self.guard.clone(),
            devices: Arc::clone(&self.devices),
        }
    }
}

impl<S, P> Layer<S> for PortGuardLayer<P> {
    type Service = PortGuard<S, P>;

    fn layer(&self, inner: S) -> PortGuard<S, P> {
        PortGuard::new(inner, self.guard.settings(), Arc::clone(&self.devices))
    }
}
