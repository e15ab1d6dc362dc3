//! Hundreds of reloads, while requests come all the time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use wafflehaus::{
    config::Reload,
    proxy::{Drain, ServeOptions, serve},
};

use crate::support::{Folder, NETWORKS, Running, create, plan};

const RELOADS: usize = 300;
const CLIENTS: usize = 4;

/// A create for the first network passes by the one plan, and is refused by the first policy of
/// the other. By the first policy of the one and the second of the other, it would be refused as
/// too many networks: that no request ever is shows that none was judged by half of each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_or_judged_by_half_of_each_plan() {
    let folder = Folder::new();
    let plans = [plan(0, 1), uncounted(&plan(1, 0))];
    let mut running = Running::start(&folder, &plans[0]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let served = tokio::spawn(serve(
        listener,
        running.gateway.clone(),
        stopped,
        ServeOptions::new(),
    ));

    let done = Arc::new(AtomicBool::new(false));
    let answered = Arc::new([const { AtomicUsize::new(0) }; 2]);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (done, answered) = (Arc::clone(&done), Arc::clone(&answered));
            tokio::spawn(async move {
                let mut connection = TcpStream::connect(address).await.unwrap();
                while !done.load(Ordering::Relaxed) {
                    let (status, body) = ask(&mut connection).await;
                    match status {
                        202 => answered[0].fetch_add(1, Ordering::Relaxed),
                        403 if body.contains("required but missing") => {
                            answered[1].fetch_add(1, Ordering::Relaxed)
                        }
                        _ => panic!("{status} {body}"),
                    };
                }
            })
        })
        .collect();

    for round in 1..=RELOADS {
        folder.write(&plans[round % 2]);
        assert!(matches!(running.reloader.reload(), Reload::Exchanged));
        // From now on, nothing is judged by the plan before.
        let expected = if round % 2 == 0 { 202 } else { 403 };
        assert_eq!(running.answer(create(0)).await, expected, "round {round}");
    }
    // Each kind of answer was seen while plans were exchanged.
    done.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let answered = answered
        .each_ref()
        .map(|count| count.load(Ordering::Relaxed));
    println!("{RELOADS} reloads, answers by each plan: {answered:?}");
    assert!(answered.iter().all(|&count| count > 0), "{answered:?}");
    stop.send(()).unwrap();
    assert_eq!(served.await.unwrap(), Drain::Complete);
}

/// A plan that requires the second network and counts none must not count that one.
fn uncounted(plan: &str) -> String {
    plan.replace(
        "networks_max = 0",
        &format!("networks_max = 0\noptional_nets = {}", NETWORKS[1]),
    )
}

/// One create on a connection that is kept.
async fn ask(connection: &mut TcpStream) -> (u16, String) {
    let body = format!(
        r#"{{"server": {{"name": "web", "imageRef": "", "flavorRef": "1", "networks": [{{"uuid": "{}"}}]}}}}"#,
        NETWORKS[0]
    );
    let head = format!(
        "POST /v2.1/servers HTTP/1.1\r\nHost: gateway\r\nX-Auth-Token: token\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let request = format!("{head}{body}");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = connection.read(&mut part).await.unwrap();
        assert!(count > 0, "the gateway closed the connection");
        answer.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        });
        let length: usize = length.unwrap();
        if body.len() >= length {
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            return (status, body.to_owned());
        }
    }
}
