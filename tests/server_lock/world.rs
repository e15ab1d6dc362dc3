//! A cloud with a server, a guard in front of it, and what can go wrong between them.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{Full, combinators::UnsyncBoxBody};
use tokio::task::JoinHandle;
use tower::{Layer as _, Service, ServiceExt as _, service_fn, util::BoxCloneSyncService};
use wafflehaus::{
    body::InspectBody,
    guard::{GuardLayer, LookupFuture, PortLookup},
    neutron::{Device, DeviceLookup, TrunkPorts},
    nova::{NetworkId, Port, PortId, ServerId, TrunkId},
    policy::{NetworkCountCheck, Policy},
    server_lock::{LocalLock, LockLimits, ServerLock},
    sim::{Api, Cloud, User},
};

use crate::common::{Answer, SERVER, body, line, send};

pub(crate) const PROJECT: &str = "6f70656e";
pub(crate) const OTHER_SERVER: &str = "5abcde02-c0de-4aaa-8bbb-fedcba987601";

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request to the guard, and to Nova behind it.
pub(crate) type Incoming = Request<Full<Bytes>>;
type Outgoing = Request<InspectBody<Full<Bytes>>>;
pub(crate) type Guarded =
    BoxCloneSyncService<Incoming, Response<UnsyncBoxBody<Bytes, Infallible>>, BoxError>;

/// Networks 0 to 9.
pub(crate) fn net(digit: u8) -> String {
    format!("abcdef0{digit}-c0de-4aaa-8bbb-fedcba987601")
}

/// What happens to a request behind the guard.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mishap {
    /// Nothing.
    None,
    /// It is done, and answered as an error.
    DoneAs500,
    /// It is answered as an error, and done so much later.
    DoneLater(Duration),
    /// It is done, and the connection fails.
    DoneAndLost,
    /// Whoever handles it panics, and it is not done.
    Panics,
}

/// The cloud, with a server on network 0 and another one without any.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) cloud: Cloud,
    mishaps: Arc<Mutex<VecDeque<Mishap>>>,
    lookups: Arc<AtomicUsize>,
    /// The network behind the trunk of every named port, or none.
    trunk: Arc<Mutex<Option<u8>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let cloud = Cloud::new();
        for digit in 0..10 {
            cloud.add_network(&net(digit), "net").unwrap();
        }
        let user = User::new("alice", PROJECT).roles(["member"]);
        cloud.add_user(user).unwrap();
        cloud.add_token("token", "alice").unwrap();
        let first = (net(0), "9abcde00-c0de-4aaa-8bbb-fedcba987601");
        cloud
            .add_server_as(SERVER, PROJECT, &[(&first.0, first.1)])
            .unwrap();
        cloud.add_server_as(OTHER_SERVER, PROJECT, &[]).unwrap();
        Self {
            cloud,
            mishaps: Arc::default(),
            lookups: Arc::default(),
            trunk: Arc::default(),
        }
    }

    /// What is to happen to the next requests that pass the guard.
    pub(crate) fn next(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.mishaps.lock().unwrap().extend(mishaps);
    }

    /// Makes the ports that are named parents of trunks on this network.
    pub(crate) fn trunk_on(&self, digit: u8) {
        *self.trunk.lock().unwrap() = Some(digit);
    }

    /// A guard that looks into this cloud.
    pub(crate) fn layer<P: Policy>(&self, policy: P) -> GuardLayer<P> {
        GuardLayer::new(policy).lookup(Arc::new(self.clone()))
    }

    /// A guard for two networks at most, with this lock.
    pub(crate) fn guarded(&self, lock: impl ServerLock) -> Guarded {
        self.behind(&self.layer(two_networks()).server_lock(Arc::new(lock)))
    }

    /// Nova behind this guard.
    pub(crate) fn behind<P: Policy + 'static>(&self, layer: &GuardLayer<P>) -> Guarded {
        boxed(layer.layer(self.nova()))
    }

    /// Nova, if nothing happens on the way.
    pub(crate) fn nova(
        &self,
    ) -> impl Service<Outgoing, Response = Response<Full<Bytes>>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + Sync
    + use<> {
        self.api(Api::Nova)
    }

    /// Nova or Neutron, if nothing happens on the way.
    pub(crate) fn api(
        &self,
        api: Api,
    ) -> impl Service<Outgoing, Response = Response<Full<Bytes>>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + Sync
    + use<> {
        let world = self.clone();
        service_fn(move |request: Outgoing| {
            let service = world.cloud.service(api);
            let mishap = world.mishaps.lock().unwrap().pop_front();
            async move {
                match mishap.unwrap_or(Mishap::None) {
                    Mishap::None => Ok(service.oneshot(request).await?),
                    Mishap::DoneAs500 => {
                        service.oneshot(request).await?;
                        Ok(error())
                    }
                    Mishap::DoneLater(after) => {
                        tokio::spawn(async move {
                            tokio::time::sleep(after).await;
                            service.oneshot(request).await
                        });
                        Ok(error())
                    }
                    Mishap::DoneAndLost => {
                        service.oneshot(request).await?;
                        Err("the connection is lost".into())
                    }
                    Mishap::Panics => panic!("as it was told to"),
                }
            }
        })
    }

    /// The networks of [`SERVER`] by their digits, in the order they came.
    pub(crate) fn networks(&self) -> Vec<u8> {
        let networks = self.cloud.server_networks(SERVER);
        let digit = |network: String| network.as_bytes()[7] - b'0';
        networks.into_iter().map(digit).collect()
    }

    /// How often it was asked what a server has.
    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::Relaxed)
    }

    /// How many requests reached Nova.
    pub(crate) fn reached(&self) -> usize {
        self.cloud.received(Api::Nova).len()
    }
}

/// Guards around a service, as one type.
pub(crate) fn boxed<S, B>(service: S) -> Guarded
where
    S: Service<Incoming, Response = Response<B>, Error = BoxError, Future: Send>,
    S: Clone + Send + Sync + 'static,
    B: http_body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    BoxCloneSyncService::new(service.map_response(|response| response.map(UnsyncBoxBody::new)))
}

fn error() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// What Neutron knows. The ids of the ports are those of the cloud.
impl PortLookup for World {
    fn ports<'a>(&'a self, ids: &'a [PortId], _: Option<ServerId>) -> LookupFuture<'a> {
        // The ports that tests make are on the network with the digit of their own id.
        let ports = ids.iter().filter_map(|id| {
            let text = id.to_string();
            self.cloud.port_device(&text)?;
            let digit = text.as_bytes()[7] - b'0';
            let trunk = *self.trunk.lock().unwrap();
            let trunk = trunk.map(|digit| net(digit).parse().unwrap());
            Some(Port::new(*id, net(digit).parse().unwrap()).with_trunk_networks(trunk))
        });
        let ports = ports.collect();
        Box::pin(async { Ok(ports) })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        let server = server.to_string();
        let networks = self.cloud.server_networks(&server);
        let ports = self.cloud.server_ports(&server).into_iter().zip(networks);
        let ports = ports.map(|(port, network)| {
            let network: NetworkId = network.parse().unwrap();
            Port::new(port.parse().unwrap(), network)
        });
        let ports = ports.collect();
        Box::pin(async { Ok(ports) })
    }
}

impl DeviceLookup for World {
    fn device(&self, port: PortId) -> LookupFuture<'_, Option<Device>> {
        let device = self.cloud.port_device(&port.to_string());
        Box::pin(async move { Ok(device.as_deref().map(Device::recorded)) })
    }

    fn trunk(&self, _: TrunkId) -> LookupFuture<'_, Option<TrunkPorts>> {
        Box::pin(async { Ok(None) })
    }
}

/// At most two networks.
pub(crate) fn two_networks() -> NetworkCountCheck {
    let check = NetworkCountCheck::builder().networks_max(2);
    check.build().unwrap()
}

/// At most so many interfaces, and any networks.
pub(crate) fn interfaces(most: usize) -> NetworkCountCheck {
    let check = NetworkCountCheck::builder().networks_max(9);
    check.interfaces_max(most).build().unwrap()
}

/// A lock with these waiters.
pub(crate) fn with_waiters(waiters: usize) -> LocalLock {
    LocalLock::new(LockLimits::default().waiters(waiters))
}

/// An attach of [`SERVER`] to a network.
pub(crate) fn attach(digit: u8) -> Incoming {
    attach_to(SERVER, digit)
}

pub(crate) fn attach_to(server: &str, digit: u8) -> Incoming {
    attach_body(server, &format!(r#""net_id": "{}""#, net(digit)))
}

pub(crate) fn attach_port(port: &str) -> Incoming {
    attach_body(SERVER, &format!(r#""port_id": "{port}""#))
}

fn attach_body(server: &str, named: &str) -> Incoming {
    line(&format!("POST /v2.1/servers/{server}/os-interface"))
        .header("x-auth-token", "token")
        .body(body(format!(r#"{{"interfaceAttachment": {{{named}}}}}"#)))
        .unwrap()
}

/// Sends it in a task.
pub(crate) fn start(service: &Guarded, request: Incoming) -> JoinHandle<Answer> {
    let service = service.clone();
    tokio::spawn(async move { send(&service, request).await })
}

/// Status and code of the answer.
pub(crate) async fn ask(service: &Guarded, request: Incoming) -> (u16, &'static str) {
    let answer = send(service, request).await;
    (answer.status, answer.code)
}

/// Waits, with a paused clock, until nobody has anything to do but wait.
pub(crate) async fn all_wait() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

pub(crate) const DONE: (u16, &str) = (200, "");
pub(crate) const TOO_MANY: (u16, &str) = (403, "too_many_networks");
pub(crate) const BUSY: (u16, &str) = (409, "server_busy");
