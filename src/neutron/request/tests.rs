use super::*;

const P: &str = "90032ff8-184e-4ede-9457-9739e199de44";

fn read(line: &str) -> Result<Request, Unclear> {
    read_at(line, &Mount::root())
}

fn read_at(line: &str, mount: &Mount) -> Result<Request, Unclear> {
    let line = line.replace("$P", P).replace("$U", &P.to_uppercase());
    let (method, uri) = line.split_once(' ').unwrap();
    Request::of(&method.parse().unwrap(), &uri.parse().unwrap(), mount)
}

#[test]
fn rule_2_what_changes_servers_is_recognised_however_it_is_spelled() {
    let port = P.parse().unwrap();
    let trunk = P.parse().unwrap();
    for (line, expected) in [
        ("POST /v2.0/ports", Request::CreatePorts),
        ("POST //v2.0///%70orts/", Request::CreatePorts),
        ("POST /v2.0/ports.json", Request::CreatePorts),
        ("PUT /v2.0/ports/$P", Request::UpdatePort { port }),
        ("PUT /v2.0/ports/$P.json/", Request::UpdatePort { port }),
        ("DELETE /v2.0/ports/$P", Request::DeletePort { port }),
        ("POST /v2.0/trunks", Request::CreateTrunks),
        ("DELETE /v2.0/trunks/$P", Request::DeleteTrunk { trunk }),
        (
            "PUT /v2.0/trunks/$P/add_subports",
            Request::AddSubports { trunk },
        ),
        (
            "PUT /v2.0/trunks/$P/remove_subports.json",
            Request::RemoveSubports { trunk },
        ),
    ] {
        assert_eq!(read(line), Ok(expected), "{line}");
    }
    let mount = Mount::at("/networking").unwrap();
    let line = "POST /networking/v2.0/ports";
    assert_eq!(read_at(line, &mount), Ok(Request::CreatePorts));
}

#[test]
fn rule_3_what_changes_no_server_is_passed() {
    for line in [
        "GET /v2.0/ports",
        "GET /v2.0/ports/$P/index",
        "HEAD /v2.0/ports/x",
        "POST /v2.0/networks",
        "POST /v2.0/floatingips",
        "PUT /v2.0/routers/$P/add_router_interface",
        "PUT /v2.0/trunks/$P",
        "POST /v2.0/ports/$P/bindings",
        "PUT /v2.0/ports/$P/bindings/host/activate",
        "PUT /v2.0/ports/$P/add_allowed_address_pairs",
        "PUT /v2.0/ports/$P/remove_allowed_address_pairs",
        "PUT /v2.0/ports/$P/tags/ports",
        "DELETE /v2.0/networks/$P/tags/ports",
        "POST /v2.0/trunks/$P/tags",
        "PUT /v2.0/qos/policies/$P",
        "POST /",
    ] {
        assert_eq!(read(line), Ok(Request::Other), "{line}");
    }
}

#[test]
fn rule_4_what_can_be_read_in_two_ways_is_unclear() {
    for (line, unclear) in [
        ("POST /v2.0/ports?_method=PUT", Unclear::MethodOverride),
        ("GET /v2.0/ports/$P?_method=DELETE", Unclear::MethodOverride),
        ("PUT /v2.0/ports/$P%0A", Unclear::ControlCharacter),
        ("PUT /v2.0/x/../ports/$P", Unclear::DotSegment),
        ("PUT /v2.0/ports%2F$P", Unclear::EncodedSlash),
        ("PUT /v2.0/ports/$U", Unclear::PortId),
        ("DELETE /v2.0/ports/$P%20", Unclear::PortId),
        ("PUT /v2.0/ports/$P.txt", Unclear::PortId),
        ("PUT /v2.0/ports/$P.json.json", Unclear::PortId),
        ("DELETE /v2.0/trunks/$U", Unclear::TrunkId),
        ("PATCH /v2.0/ports/$P", Unclear::UnknownForm),
        ("DELETE /v2.0/ports", Unclear::UnknownForm),
        ("PUT /v2.0/ports/$P/index", Unclear::UnknownForm),
        ("DELETE /v2.0/ports/$P/index", Unclear::UnknownForm),
        ("POST /v2.0/ports/index", Unclear::PortId),
        ("POST /v2.0/ports/index/tags", Unclear::PortId),
        ("POST /v2.0/ports/$P", Unclear::UnknownForm),
        ("POST /v2.0/ports.map", Unclear::UnknownForm),
        (
            "PUT /v2.0/trunks/$P/add_subports/index",
            Unclear::UnknownForm,
        ),
        ("PUT /v2.0/metering/ports/$P", Unclear::UnknownForm),
        ("POST /v2.0/qos/ports.json", Unclear::UnknownForm),
        ("POST /ports", Unclear::UnknownPrefix),
        ("POST /networking/v2.0/ports", Unclear::UnknownPrefix),
        ("PUT /V2.0/ports/$P", Unclear::UnknownPrefix),
        ("FOO /v2.0/networks", Unclear::UnknownMethod),
    ] {
        assert_eq!(read(line), Err(unclear), "{line}");
    }
}
