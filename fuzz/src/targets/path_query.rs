//! Request lines, and the headers that can stand in for a version.

use arbitrary::Unstructured;
use http::{Method, Uri};
use wafflehaus::nova::{AttachApi, Mount, Operation, Unclear};

use super::Numbered;
use crate::{
    lawful::{Address, Call},
    oracle::{Asked, Head, readings},
};

/// Input: a request line without the version of HTTP, and a header on each line after it.
///
/// 1. Whatever some Nova takes a request for, the crate reads it as that, with the same ids, or
///    refuses it: mounted at the root and at `/compute`.
/// 2. A request of a client that behaves is read as what it is.
pub fn path_query(data: &[u8]) {
    if let Some(head) = head(data) {
        for mount in mounts() {
            agrees(&head, &mount);
        }
    }
    behaves(data);
}

fn mounts() -> [Mount; 2] {
    [Mount::root(), Mount::at("/compute").expect("a prefix")]
}

/// The head as hyper hands it on: what it would not take is nobody's.
fn head(data: &[u8]) -> Option<Head> {
    let mut lines = data.split(|&byte| byte == b'\n');
    let line = lines.next()?;
    let space = line.iter().position(|&byte| byte == b' ')?;
    let method = Method::from_bytes(&line[..space]).ok()?;
    let uri = Uri::try_from(&line[space + 1..]).ok()?;
    let headers = lines.filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = std::str::from_utf8(&line[..colon]).ok()?.to_lowercase();
        Some((name, line[colon + 1..].to_vec()))
    });
    Some(Head {
        method: method.as_str().to_owned(),
        path: uri.path().to_owned(),
        query: uri.query().map(str::to_owned),
        headers: headers.collect(),
    })
}

fn agrees(head: &Head, mount: &Mount) {
    let Ok(operation) = read(head, mount) else {
        return;
    };
    for asked in readings(head) {
        assert!(
            means(operation, &asked),
            "{head:?} is {operation:?} but to Nova {asked:?}"
        );
    }
}

fn read(head: &Head, mount: &Mount) -> Result<Operation, Unclear> {
    let target = match &head.query {
        Some(query) => format!("{}?{query}", head.path),
        None => head.path.clone(),
    };
    let method = head.method.parse().expect("it was one");
    let uri = target.parse().map_err(|_| Unclear::NotAPath)?;
    Operation::of(&method, &uri, mount)
}

/// Whether the crate's reading is the oracle's.
fn means(operation: Operation, asked: &Asked) -> bool {
    match (operation, asked) {
        (Operation::CreateServer, Asked::Create) | (Operation::ExternalEvents, Asked::Events) => {
            true
        }
        (Operation::ServerAction { server }, Asked::Action { server: theirs }) => {
            server.to_string() == *theirs
        }
        (
            Operation::AttachInterface { server, api },
            Asked::Attach {
                server: theirs,
                vendor,
            },
        ) => {
            let own = api == AttachApi::OsInterface;
            server.to_string() == *theirs && own != *vendor
        }
        (
            Operation::DetachInterface { server, port },
            Asked::Detach {
                server: its,
                port: theirs,
            },
        ) => server.to_string() == *its && port.to_string() == *theirs,
        _ => false,
    }
}

fn behaves(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let (Ok(call), Ok(address)) = (input.arbitrary::<Call>(), input.arbitrary::<Address>()) else {
        return;
    };
    let sent = call.sent(&address, &Numbered);
    let [root, compute] = mounts();
    let mount = if address.mounted { compute } else { root };
    let operation = read(&sent.head, &mount);
    let as_meant = match (&operation, &sent.asked) {
        (Ok(operation), Some(asked)) => means(*operation, asked),
        (Ok(operation), None) => *operation == Operation::Other,
        (Err(_), _) => false,
    };
    assert!(as_meant, "{:?} is {operation:?}", sent.head);
    let theirs: Vec<_> = sent.asked.into_iter().collect();
    assert_eq!(
        readings(&sent.head),
        theirs,
        "{:?}: the oracle errs",
        sent.head
    );
}
