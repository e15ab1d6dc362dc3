//! What the program counts, and where it tells that.

use std::{collections::BTreeMap, net::TcpListener};

use crate::{
    process::{Program, ask},
    support::{Folder, cloud, plan},
};

/// A program that tells its metrics on a port of its own, and where that is.
struct Told {
    program: Program,
    address: String,
}

impl Told {
    fn by(program: Program) -> Self {
        let line = program.line("exporting metrics");
        let address = line.split_once("address=").unwrap().1.to_owned();
        Self { program, address }
    }

    async fn ask(&self, line: &str) -> String {
        ask(&self.address, &request(line)).await
    }

    /// The value of each series.
    async fn series(&self) -> BTreeMap<String, u64> {
        let answer = self.ask("GET /metrics").await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(
            head.contains("content-type: text/plain; version=0.0.4"),
            "{head}"
        );
        for told in ["alice", "6f70656e", "secret"] {
            assert!(!body.contains(told), "{told}: {body}");
        }
        let lines = body.lines().filter(|line| !line.is_empty());
        let (comments, series): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with('#'));
        let types = comments.iter().filter(|line| line.starts_with("# TYPE "));
        // Anything else would have to be tidied up between two scrapes.
        assert!(types.clone().all(|line| line.ends_with(" counter")));
        let helps = comments.iter().filter(|line| line.starts_with("# HELP "));
        assert_eq!(types.count(), helps.count(), "{body}");
        series
            .into_iter()
            .map(|line| {
                let (name, value) = line.rsplit_once(' ').unwrap();
                (name.to_owned(), value.parse().unwrap())
            })
            .collect()
    }
}

fn request(line: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nX-Auth-Token: token\r\n\r\n")
}

/// The series of decisions, as they stand on the page.
fn decisions(counts: &[(&str, &str, &str, &str, u64)]) -> BTreeMap<String, u64> {
    counts
        .iter()
        .map(|(verdict, code, policy, route, count)| {
            let name = format!(
                "wafflehaus_decisions_total{{verdict=\"{verdict}\",code=\"{code}\",\
                 policy=\"{policy}\",route=\"{route}\"}}"
            );
            (name, *count)
        })
        .collect()
}

#[tokio::test]
async fn every_decision_is_counted_also_after_a_reload() {
    let folder = Folder::new();
    folder.write(&plan(0, 1));
    let (_cloud, endpoints) = cloud().await;
    let more = ["--no-watch", "--threads", "2", "--metrics", "127.0.0.1:0"];
    let mut told = Told::by(Program::start(&folder, &endpoints, &more));
    assert_eq!(told.series().await, BTreeMap::new());

    let creates = async |network: usize, times: usize, status: u16| {
        for _ in 0..times {
            assert_eq!(told.program.create(network).await, status);
        }
    };
    creates(0, 5, 202).await;
    creates(1, 3, 403).await;
    let of = |series: &BTreeMap<String, u64>, counter: &str| {
        let of: BTreeMap<_, _> = series
            .iter()
            .filter(|(name, _)| name.starts_with(counter))
            .map(|(name, count)| (name.clone(), *count))
            .collect();
        of
    };
    let series = told.series().await;
    let nets = "RequestNetworks";
    let expected = decisions(&[
        ("allow", "", nets, "", 5),
        ("allow", "", "NetworkCountCheck", "managed", 5),
        ("deny", "network_required", nets, "", 3),
    ]);
    assert_eq!(of(&series, "wafflehaus_decisions_total"), expected);
    // Whether Keystone was asked depends on the time that passed.
    let tokens = of(&series, "wafflehaus_token_validations_total");
    assert_eq!(tokens.values().sum::<u64>(), 8, "{tokens:?}");

    folder.write("[pipeline:main]\npipeline = nothing\n");
    told.program.signal("-HUP");
    told.program.line("the new configuration is not used");
    folder.write(&plan(1, 1));
    told.program.signal("-HUP");
    told.program
        .line("the gateway runs by the new configuration");
    creates(0, 2, 403).await;
    creates(1, 4, 202).await;
    let series = told.series().await;
    let expected = decisions(&[
        ("allow", "", nets, "", 9),
        ("allow", "", "NetworkCountCheck", "managed", 9),
        ("deny", "network_required", nets, "", 5),
    ]);
    assert_eq!(of(&series, "wafflehaus_decisions_total"), expected);
    let reloads = of(&series, "wafflehaus_reloads_total");
    let once = |outcome| {
        (
            format!("wafflehaus_reloads_total{{outcome=\"{outcome}\"}}"),
            1,
        )
    };
    assert_eq!(
        reloads,
        BTreeMap::from([once("exchanged"), once("rejected")])
    );

    told.program.terminate().await;
    TcpListener::bind(&told.address).unwrap();
}

#[tokio::test]
async fn metrics_have_one_path_on_a_port_of_their_own() {
    let folder = Folder::new();
    folder.write(&plan(0, 1));
    let (_cloud, endpoints) = cloud().await;
    let more = ["--metrics", "127.0.0.1:0"];
    let told = Told::by(Program::start(&folder, &endpoints, &more));
    for (line, status) in [
        ("GET /metrics", "200 OK"),
        ("GET /metrics?name[]=x", "200 OK"),
        ("HEAD /metrics", "200 OK"),
        ("POST /metrics", "405 Method Not Allowed"),
        ("GET /", "404 Not Found"),
        ("GET /metrics/", "404 Not Found"),
        ("GET /v2.1/servers", "404 Not Found"),
    ] {
        let answer = told.ask(line).await;
        let begin = format!("HTTP/1.1 {status}\r\n");
        assert!(answer.starts_with(&begin), "{line}: {answer}");
    }
    // Where tenants are, it is a path of Nova's like any other.
    let answer = ask(&told.program.address, &request("GET /metrics")).await;
    assert!(answer.contains("x-openstack-request-id"), "{answer}");
    assert!(!answer.contains("text/plain"), "{answer}");
}

#[tokio::test]
async fn the_command_line_goes_before_the_configuration_whose_change_needs_a_restart() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let configured = |address: &str| format!("[DEFAULT]\nmetrics = {address}\n{}", plan(0, 1));
    let folder = Folder::new();
    folder.write(&configured("127.0.0.1:0"));
    let (_cloud, endpoints) = cloud().await;
    let told = Told::by(Program::start(&folder, &endpoints, &["--no-watch"]));
    assert!(told.ask("GET /metrics").await.contains(" 200 OK"));

    folder.write(&configured(&taken.local_addr().unwrap().to_string()));
    told.program.signal("-HUP");
    told.program
        .line("`metrics` has changed: this needs a restart");
    assert!(told.ask("GET /metrics").await.contains(" 200 OK"));

    let more = ["--metrics", "127.0.0.1:0"];
    let other = Told::by(Program::start(&folder, &endpoints, &more));
    assert!(other.ask("GET /metrics").await.contains(" 200 OK"));
}
