//! Bodies of creates, attaches and actions.

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use wafflehaus::nova::{
    AttachApi, InterfaceAttach, InvalidBody, RequestedNetwork, RequestedNetworks, ServerAction,
    ServerCreate,
};

use super::Numbered;
use crate::{
    lawful::{Act, Call, Extras, List, One},
    oracle::{
        body::{self, Networks, NotRead, Wish},
        json::NoJson,
        strict,
    },
};

/// Input: a body, as bytes.
///
/// 1. What Nova reads in it the crate reads too, or refuses it: the same networks and ports, in
///    the same order, under the same texts.
/// 2. A body of which Nova makes nothing is refused, unless it is only nested too deep where the
///    crate does not look.
/// 3. A create in the form of a client that behaves is read as it was meant.
/// 4. What a strict reading by `serde_json` takes is taken as the same, and nothing else.
pub fn create_body(data: &[u8]) {
    create_agrees(data);
    if let Some((networks, extras)) = made::<(List, Extras)>(data) {
        let meant = networks.meant(&Numbered);
        let call = Call::Create {
            networks,
            extras,
            collection: 0,
        };
        let body = call.body(&Numbered);
        let body = body.as_bytes();
        assert_eq!(body::create(body), Ok(meant), "the oracle errs");
        assert!(create_agrees(body), "{} is refused", body.escape_ascii());
    }
}

fn create_agrees(data: &[u8]) -> bool {
    let read = ServerCreate::from_json(data).map(|create| create.networks);
    as_strictly(data, &read, &strict::create(data));
    compare(data, body::create(data), read, |theirs, ours| {
        match (theirs, ours) {
            (Networks::Auto, RequestedNetworks::Auto)
            | (Networks::Default, RequestedNetworks::Absent)
            | (Networks::None, RequestedNetworks::None) => true,
            (Networks::Listed(theirs), RequestedNetworks::Listed(ours)) => {
                let mut pairs = theirs.iter().zip(ours);
                theirs.len() == ours.len() && pairs.all(|(theirs, ours)| same(theirs, *ours))
            }
            _ => false,
        }
    })
}

/// As [`create_body`], for attaches by both extensions. One that leaves the choice to Nova is
/// always refused.
pub fn attach_body(data: &[u8]) {
    attach_agrees(data, false);
    attach_agrees(data, true);
    if let Some((wish, vendor, tag)) = made::<(One, bool, bool)>(data) {
        let body = Call::Attach {
            server: 0,
            wish,
            vendor,
            tag,
        }
        .body(&Numbered);
        let meant = match wish {
            One::Network(it) | One::Port(it) if vendor => One::Network(it).meant(&Numbered),
            wish => wish.meant(&Numbered),
        };
        assert_eq!(
            body::attach(body.as_bytes(), vendor),
            Ok(Some(meant)),
            "the oracle errs"
        );
        assert!(attach_agrees(body.as_bytes(), vendor), "{body} is refused");
    }
}

fn attach_agrees(data: &[u8], vendor: bool) -> bool {
    let api = if vendor {
        AttachApi::OsVirtualInterfacesV2
    } else {
        AttachApi::OsInterface
    };
    let read = InterfaceAttach::from_json(data, api).map(|attach| attach.network);
    as_strictly(data, &read, &strict::attach(data, vendor));
    compare(data, body::attach(data, vendor), read, |theirs, ours| {
        theirs.as_ref().is_some_and(|theirs| same(theirs, *ours))
    })
}

/// As [`create_body`], for actions. One that nobody knows is always refused.
pub fn action_body(data: &[u8]) {
    action_agrees(data);
    if let Some(act) = made::<Act>(data) {
        let body = Call::Act {
            server: 0,
            act,
            on_volumes: false,
        }
        .body(&Numbered);
        assert!(body::actions(body.as_bytes()).is_ok(), "the oracle errs");
        assert!(action_agrees(body.as_bytes()), "{body} is refused");
    }
}

fn action_agrees(data: &[u8]) -> bool {
    let read = ServerAction::from_json(data);
    as_strictly(data, &read, &strict::action(data));
    compare(data, body::actions(data), read, |theirs, ours| {
        theirs.iter().all(|act| match (act, ours) {
            (body::Act::AddFixedIp(theirs), ServerAction::AddFixedIp { network }) => {
                network.to_string() == *theirs
            }
            (body::Act::RemoveFixedIp(theirs), ServerAction::RemoveFixedIp { address }) => {
                address.to_string() == *theirs
            }
            (body::Act::Bind, ServerAction::BindPorts)
            | (body::Act::Harmless, ServerAction::BindPorts | ServerAction::Other) => true,
            _ => false,
        })
    })
}

/// Holds the crate's reading against the one by `serde_json`.
fn as_strictly<T: Debug + PartialEq>(
    data: &[u8],
    ours: &Result<T, InvalidBody>,
    theirs: &Option<T>,
) {
    let ours = ours.as_ref();
    assert_eq!(
        ours.ok(),
        theirs.as_ref(),
        "{ours:?}: {}",
        data.escape_ascii()
    );
}

/// Holds the crate's reading against the oracle's, and tells whether there is one.
fn compare<T, U>(
    data: &[u8],
    theirs: Result<T, NotRead>,
    ours: Result<U, InvalidBody>,
    agrees: impl Fn(&T, &U) -> bool,
) -> bool
where
    T: Debug,
    U: Debug,
{
    let Ok(ours) = ours else { return false };
    let fine = match &theirs {
        Ok(theirs) => agrees(theirs, &ours),
        Err(not_read) => *not_read == NotRead::Document(NoJson::Depth),
    };
    assert!(
        fine,
        "{} is {ours:?} but to Nova {theirs:?}",
        data.escape_ascii()
    );
    true
}

fn same(theirs: &Wish, ours: RequestedNetwork) -> bool {
    match (theirs, ours) {
        (Wish::Network(theirs), RequestedNetwork::Network(network)) => {
            network.to_string() == *theirs
        }
        (
            Wish::Port {
                port: theirs,
                beside,
            },
            RequestedNetwork::Port {
                port, beside: ours, ..
            },
        ) => port.to_string() == *theirs && ours.map(|network| network.to_string()) == *beside,
        _ => false,
    }
}

fn made<'a, T: Arbitrary<'a>>(data: &'a [u8]) -> Option<T> {
    Unstructured::new(data).arbitrary().ok()
}
