//! Requests put together from pieces that have fooled somebody.

mod bodies;
mod lawful;
mod request_line;

use proptest::{collection::vec, prelude::*, sample::select};

pub(crate) use lawful::{Wanted, lawful};

use super::{Framing, Ids, Shot};
use bodies::{action_body, attach_body, create_body, events_body, plug_body};
use request_line::{headers, method_and_query, target, version};

/// What a request is after, before it is bent.
#[derive(Clone, Copy, Debug)]
enum Aim {
    Act,
    Attach,
    Create,
    Detach,
    Plug,
    Tell,
    Unplug,
}

impl Ids {
    fn servers(self) -> Vec<&'static str> {
        vec![self.full, self.small]
    }

    fn free_ports(self) -> Vec<&'static str> {
        vec![
            self.on_required,
            self.on_banned,
            self.on_free,
            self.on_spare,
        ]
    }

    fn all_ports(self) -> Vec<&'static str> {
        let attached = vec![self.full_stays, self.full_goes, self.small_stays];
        [attached, self.free_ports()].concat()
    }
}

/// A few requests, one after the other.
pub(crate) fn shots(ids: Ids) -> impl Strategy<Value = Vec<Shot>> {
    vec(shot(ids), 1..4)
}

/// One request.
pub(crate) fn shot(ids: Ids) -> impl Strategy<Value = Shot> {
    let aim = prop_oneof![
        8 => Just(Aim::Create),
        8 => Just(Aim::Attach),
        6 => Just(Aim::Detach),
        4 => Just(Aim::Act),
        2 => Just(Aim::Plug),
        2 => Just(Aim::Unplug),
        1 => Just(Aim::Tell),
    ];
    aim.prop_flat_map(move |aim| {
        let body = match aim {
            Aim::Act => action_body(ids).boxed(),
            Aim::Attach => attach_body(ids).boxed(),
            Aim::Create => create_body(ids).boxed(),
            Aim::Plug => plug_body().boxed(),
            Aim::Tell => events_body(ids).boxed(),
            Aim::Detach | Aim::Unplug => Just(Vec::new()).boxed(),
        };
        // Now and then the body of another request.
        let body = prop_oneof![
            30 => body,
            1 => create_body(ids),
            1 => attach_body(ids),
            1 => Just(Vec::new()),
        ];
        // Now and then a header says which API it is, instead of the path.
        let by_header = select(vec![
            "Accept: application/json;version=2.1/x",
            "Accept: */*;version=\"2/x\"",
            "Accept: text/html, */*;q=0.1;version=2.1/x",
        ]);
        let by_header = (target(ids, aim, Just(String::new())), headers(), by_header).prop_map(
            |(target, mut headers, header)| {
                headers.push(header.to_owned());
                (target, headers)
            },
        );
        let target_and_headers = prop_oneof![
            12 => (target(ids, aim, version()), headers()),
            1 => by_header,
        ];
        (method_and_query(aim), target_and_headers, body)
    })
    .prop_map(|((method, query), (target, headers), body)| {
        let (path, fragment) = match target.split_once('#') {
            Some((path, fragment)) => (path, format!("#{fragment}")),
            None => (target.as_str(), String::new()),
        };
        let question = if query.is_empty() { "" } else { "?" };
        Shot {
            line: format!("{method} {path}{question}{query}{fragment}"),
            headers,
            framing: if body.is_empty() {
                Framing::Raw
            } else {
                Framing::Length
            },
            body: body.into(),
        }
    })
}
