//! The guards with all their policies, and what comes through them.

use arbitrary::Unstructured;

use crate::{
    oracle::{Asked, cloud::Measure, path::arrivals, readings},
    stack::{Caller, Forwarded, Request, Wire, World, send},
};

/// Input: a world and a request, by structure.
///
/// 1. A request is forwarded once, or refused with an error, and nothing of it is forwarded.
/// 2. What is forwarded breaks no rule, whichever Nova reads it, and whatever that takes it for.
/// 3. Its body is the one that was sent. If it was judged, its path has but one spelling, and
///    its headers describe its body and no more.
/// 4. A request of a client that behaves is forwarded, unless it breaks a rule.
pub fn stack(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let (Ok(world), Ok(request)) = (input.arbitrary::<World>(), input.arbitrary::<Request>())
    else {
        return;
    };
    let wire = request.wire(&world);
    let Some(outcome) = send(&world, &wire) else {
        return;
    };
    match &*outcome.forwarded {
        [] => {
            let status = outcome.status;
            assert!(
                status.is_client_error(),
                "{wire:?} is refused with {status}"
            );
            assert!(
                !must_pass(&world, &wire),
                "{wire:?} is refused with {status} in {world:?}"
            );
        }
        [forwarded] => is_harmless(&world, &wire, forwarded),
        _ => panic!("{wire:?} is forwarded more than once"),
    }
}

fn is_harmless(world: &World, wire: &Wire, forwarded: &Forwarded) {
    assert_eq!(
        forwarded.body, wire.body,
        "{wire:?} is forwarded with another body"
    );
    let (cloud, service) = (world.cloud(), world.caller == Caller::Service);
    for asked in readings(&forwarded.head) {
        assert!(
            world.caller.is_scoped(),
            "{wire:?} of {:?} is forwarded",
            world.caller
        );
        assert!(
            is_plain(&forwarded.head.path),
            "{wire:?} is forwarded as {forwarded:?}"
        );
        let harm = cloud.harm(&asked, &forwarded.body, service, Measure::Broken);
        assert_eq!(
            harm, None,
            "{wire:?} in {world:?} is forwarded as {asked:?}"
        );
        if matches!(
            asked,
            Asked::Action { .. } | Asked::Attach { .. } | Asked::Create
        ) {
            assert!(forwarded.whole, "{wire:?} is forwarded in part");
            assert!(
                describes_its_body(forwarded),
                "{wire:?} is forwarded as {forwarded:?}"
            );
        }
    }
}

/// Whether no server could spell the path more simply.
fn is_plain(path: &str) -> bool {
    let escapes_needed = path.split('%').skip(1).all(|after| {
        let byte = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        byte.is_some_and(|byte| !byte.is_ascii_alphanumeric() && !b"-._~".contains(&byte))
    });
    escapes_needed && !path.contains("//") && arrivals(path).len() == 1
}

/// Whether there is one length and one type, and no encoding.
fn describes_its_body(forwarded: &Forwarded) -> bool {
    let values = |wanted: &str| -> Vec<&[u8]> {
        let headers = forwarded.head.headers.iter();
        let its = headers.filter(|(name, _)| name == wanted);
        its.map(|(_, value)| &**value).collect()
    };
    let length = forwarded.body.len().to_string();
    values("content-type") == [b"application/json"]
        && values("content-length") == [length.as_bytes()]
        && ["transfer-encoding", "content-encoding", "expect"]
            .iter()
            .all(|name| values(name).is_empty())
}

fn must_pass(world: &World, wire: &Wire) -> bool {
    let Some(asked) = &wire.lawful else {
        return false;
    };
    let Some(asked) = asked else {
        return true;
    };
    let mounted = wire.target.starts_with(b"/compute") == world.mounted;
    let fits = wire.body.len() <= world.body_limit();
    let service = world.caller == Caller::Service;
    mounted
        && fits
        && world.caller.is_scoped()
        && world
            .cloud()
            .harm(asked, &wire.body, service, Measure::Doubtful)
            .is_none()
}
