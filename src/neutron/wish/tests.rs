use super::*;

const P: &str = "90032ff8-184e-4ede-9457-9739e199de44";
const N: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";
const S: &str = "13c2a413-1f58-44c5-bc87-2c6e6058d12d";

fn read(request: Request, body: &str) -> Result<Vec<Wish>, String> {
    let body = body.replace("$P", P).replace("$N", N).replace("$S", S);
    let wishes = request.wishes(body.as_bytes());
    wishes.map_err(|error| error.to_string())
}

fn create() -> Wish {
    Wish::Create {
        network: N.parse().unwrap(),
        server: S.parse().unwrap(),
    }
}

fn port() -> PortId {
    P.parse().unwrap()
}

fn trunk() -> TrunkId {
    P.parse().unwrap()
}

#[test]
fn rule_2_a_new_port_of_a_server_attaches_and_others_do_not() {
    for (body, expected) in [
        (
            r#"{"port": {"network_id": "$N", "device_id": "$S"}}"#,
            vec![create()],
        ),
        (
            r#"{"port": {"network_id": "$N", "d\u0065vice_id": "$S"}}"#,
            vec![create()],
        ),
        (
            r#"{"port": {"network_id": "$N", "device_id": "$S", "device_owner": "network:dhcp"}}"#,
            vec![create()],
        ),
        (
            r#"{"ports": [{"network_id": "$N", "device_id": "$S"}, {"network_id": "$N"},
                {"device_id": "$S", "network_id": "$N"}]}"#,
            vec![create(), create()],
        ),
        (
            r#"{"port": {"network_id": "$N", "name": "x", "fixed_ips": []}}"#,
            vec![],
        ),
        (
            r#"{"port": {"network_id": "$N", "device_id": "dhcp-1"}}"#,
            vec![],
        ),
        (r#"{"port": {"network_id": "$N", "device_id": ""}}"#, vec![]),
        // Neutron's to refuse.
        (r#"{"port": {}}"#, vec![]),
        (r#"{"ports": []}"#, vec![]),
    ] {
        assert_eq!(read(Request::CreatePorts, body), Ok(expected), "{body}");
    }
}

#[test]
fn rule_2_an_update_moves_a_port_or_leaves_it_idle() {
    let update = Request::UpdatePort { port: port() };
    let to = |to| Wish::Move { port: port(), to };
    let server = Device::Server(S.parse().unwrap());
    let idle = Wish::Idle { port: port() };
    for (body, expected) in [
        (r#"{"port": {"device_id": "$S"}}"#, vec![to(server)]),
        (r#"{"port": {"device_id": ""}}"#, vec![to(Device::Nobody)]),
        (r#"{"port": {"device_id": null}}"#, vec![to(Device::Nobody)]),
        (
            r#"{"port": {"device_id": "lb-1"}}"#,
            vec![to(Device::Other)],
        ),
        (r#"{"port": {"fixed_ips": []}}"#, vec![idle.clone()]),
        (r#"{"port": {"fixed_ips": null}}"#, vec![idle.clone()]),
        (
            r#"{"port": {"device_owner": "network:dhcp"}}"#,
            vec![idle.clone()],
        ),
        (
            r#"{"port": {"device_id": "$S", "fixed_ips": []}}"#,
            vec![to(server), idle],
        ),
        (r#"{"port": {"name": "x", "fixed_ips": [{}]}}"#, vec![]),
        (r#"{"port": {"device_owner": "compute:nova"}}"#, vec![]),
    ] {
        assert_eq!(read(update, body), Ok(expected), "{body}");
    }
}

#[test]
fn rule_2_trunks_join_and_leave_with_their_sub_ports() {
    let join = |trunk| Wish::Join {
        trunk,
        sub_ports: vec![port()],
    };
    let sub = r#"{"sub_ports": [{"port_id": "$P", "segmentation_id": 7}]}"#;
    let of = r#"{"trunk": {"port_id": "$P", "sub_ports": [{"port_id": "$P"}]}}"#;
    let leave = |sub_ports| Wish::Leave {
        trunk: trunk(),
        sub_ports,
    };
    let trunk = trunk();
    for (request, body, expected) in [
        (
            Request::AddSubports { trunk },
            sub,
            vec![join(Trunk::Made(trunk))],
        ),
        (Request::CreateTrunks, of, vec![join(Trunk::Of(port()))]),
        (
            Request::CreateTrunks,
            r#"{"trunk": {"port_id": "$P"}}"#,
            vec![],
        ),
        (
            Request::CreateTrunks,
            r#"{"trunks": [{"sub_ports": []}]}"#,
            vec![],
        ),
        (
            Request::RemoveSubports { trunk },
            sub,
            vec![leave(Some(vec![port()]))],
        ),
        (
            Request::DeleteTrunk { trunk },
            "not looked at",
            vec![leave(None)],
        ),
    ] {
        assert_eq!(read(request, body), Ok(expected), "{body}");
    }
    let deleted = Wish::Move {
        port: port(),
        to: Device::Nobody,
    };
    assert_eq!(
        read(Request::DeletePort { port: port() }, ""),
        Ok(vec![deleted])
    );
    assert_eq!(read(Request::Other, "not looked at"), Ok(Vec::new()));
}

#[test]
fn rule_5_what_neutron_may_read_otherwise_is_an_error() {
    let update = Request::UpdatePort { port: port() };
    let add = Request::AddSubports { trunk: trunk() };
    for (request, body) in [
        (Request::CreatePorts, ""),
        (Request::CreatePorts, "[]"),
        (Request::CreatePorts, "{}"),
        (Request::CreatePorts, r#"{"port": null}"#),
        (Request::CreatePorts, r#"{"port": []}"#),
        (Request::CreatePorts, r#"{"port": {}, "ports": []}"#),
        (Request::CreatePorts, r#"{"port": {}, "x": 1}"#),
        (Request::CreatePorts, r#"{"port": {}, "port": {}}"#),
        (Request::CreatePorts, r#"{"port": {"device_id": "$S"}}"#),
        (
            Request::CreatePorts,
            r#"{"port": {"name": "a", "n\u0061me": "b"}}"#,
        ),
        (
            Request::CreatePorts,
            r#"{"port": {"network_id": "ABCDEF01-C0DE-4AAA-8BBB-FEDCBA987601"}}"#,
        ),
        (
            Request::CreatePorts,
            r#"{"ports": [{"port": {"device_id": "$S"}}]}"#,
        ),
        (Request::CreatePorts, r#"{"ports": {"device_id": "$S"}}"#),
        (Request::CreatePorts, r#"{"ports": [null]}"#),
        (update, r#"{"ports": [{"device_id": "$S"}]}"#),
        (update, r#"{"port": {"device_id": "$S "}}"#),
        (update, r#"{"port": {"device_id": 7}}"#),
        (update, r#"{"port": {"device_id": "", "device_id": "$S"}}"#),
        (update, r#"{"port": {"fixed_ips": {}}}"#),
        (
            Request::CreateTrunks,
            r#"{"trunk": {"sub_ports": [{"port_id": "$P"}]}}"#,
        ),
        (Request::CreateTrunks, r#"{"trunks": [{"trunk": {}}]}"#),
        (add, "{}"),
        (add, r#"{"sub_ports": [{}]}"#),
        (add, r#"{"sub_ports": ["$P"]}"#),
        (
            add,
            r#"{"sub_ports": [{"port_id": "$P", "port_id": "$P"}]}"#,
        ),
        (add, r#"{"sub_ports": [], "trunk": {}}"#),
    ] {
        assert!(read(request, body).is_err(), "{request:?} {body}");
    }
}
