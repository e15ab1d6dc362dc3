//! A service that a webhook tells of new clients, in the process that looks on while others are
//! killed. As such a service has to, it takes what comes with the same `Idempotency-Key` once.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{Mutex, OnceLock},
};

use wafflehaus::workflow::{Field, Kind, Registry, actions::Webhook};

/// What was told in each world, by its key.
type Told = BTreeMap<String, BTreeMap<String, String>>;

static TOLD: Mutex<Told> = Mutex::new(BTreeMap::new());

/// Says in a world where the service is, for the processes that work there.
pub(crate) fn announce(world: &str) {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    let address = ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                serve(&connection.unwrap());
            }
        });
        address
    });
    fs::write(Path::new(world).join("client-service"), address.to_string()).unwrap();
}

/// The action that tells it.
pub(crate) fn action(registry: Registry, world: &str) -> Registry {
    let address = fs::read_to_string(Path::new(world).join("client-service")).unwrap();
    let client = wafflehaus::openstack::Client::builder().build().unwrap();
    let endpoint = format!("http://{address}/{}", name(world)).parse().unwrap();
    let field = Field::new("business_name", Kind::Text { longest: 80 });
    let key = "a key of 16 bytes and more".into();
    let webhook = Webhook::new("NewClient", client, endpoint, &key, [field]).unwrap();
    registry
        .action(webhook.keep("partner_id", "/client/id"))
        .unwrap()
}

/// What the service has been told of a world.
pub(crate) fn told(world: &str) -> Vec<String> {
    let told = TOLD.lock().unwrap();
    let told = told.get(name(world)).into_iter().flatten();
    told.map(|(_, business)| business.clone()).collect()
}

fn name(world: &str) -> &str {
    Path::new(world).file_name().unwrap().to_str().unwrap()
}

/// One request of a connection, which whoever asks may not live to see answered.
fn serve(mut connection: &TcpStream) {
    let mut reader = BufReader::new(connection);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line.trim().is_empty() => break,
            Ok(_) => head.push(line.trim().to_owned()),
        }
    }
    let header = |wanted: &str| {
        head.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    let mut body = vec![0; header("content-length").unwrap().parse().unwrap()];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let world = head[0]
        .split(' ')
        .nth(1)
        .unwrap()
        .trim_matches('/')
        .to_owned();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let business = body["inputs"]["business_name"].to_string();
    let key = header("idempotency-key").unwrap();
    TOLD.lock()
        .unwrap()
        .entry(world)
        .or_default()
        .insert(key, business);
    let answer = r#"{"client": {"id": 7}}"#;
    let answer = format!(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{answer}",
        answer.len()
    );
    // Nobody may be there any more.
    connection.write_all(answer.as_bytes()).unwrap_or_default();
}
