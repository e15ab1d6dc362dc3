use super::*;

const SERVER: &str = "5abcde01-c0de-4aaa-8bbb-fedcba987601";
const PORT: &str = "9abcde01-c0de-4aaa-8bbb-fedcba987601";

fn read(line: &str) -> Result<Operation, Unclear> {
    read_below(line, &Mount::root())
}

/// Reads `METHOD target`, with `S` and `P` as segments standing for a server and a port.
fn read_below(line: &str, mount: &Mount) -> Result<Operation, Unclear> {
    let (method, target) = line.split_once(' ').unwrap();
    let target = target.replace("/S/", &format!("/{SERVER}/"));
    let target = match target.strip_suffix("/P") {
        Some(head) => format!("{head}/{PORT}"),
        None => target,
    };
    Operation::of(&method.parse().unwrap(), &target.parse().unwrap(), mount)
}

fn attach(api: AttachApi) -> Operation {
    Operation::AttachInterface {
        server: SERVER.parse().unwrap(),
        api,
    }
}

fn detach() -> Operation {
    Operation::DetachInterface {
        server: SERVER.parse().unwrap(),
        port: PORT.parse().unwrap(),
    }
}

#[test]
fn a_create_is_seen_below_every_prefix_nova_knows() {
    for line in [
        "POST /v2.1/servers",
        "POST /v2/servers",
        "POST /v2.1/6f70656e/servers",
        "POST /v2/any-project-at-all/servers",
        "POST //v2.1//6f//servers",
        "POST /v2.1/%73ervers",
        "POST /v2%2E1/servers",
        "POST /v2.1/servers/",
        "POST /v2.1/servers?x=y",
        "POST http://other.example/v2.1/servers",
        "POST /v2.1/os-volumes_boot",
        "POST /v2/6f/os-create-server-ext",
    ] {
        assert_eq!(read(line), Ok(Operation::CreateServer), "{line}");
    }
}

#[test]
fn attach_and_detach_are_seen_in_both_extensions() {
    let os = attach(AttachApi::OsInterface);
    assert_eq!(read("POST /v2.1/servers/S/os-interface"), Ok(os));
    assert_eq!(read("POST /v2/6f/servers/S/os-interface/"), Ok(os));
    let vendor = attach(AttachApi::OsVirtualInterfacesV2);
    assert_eq!(
        read("POST /v2/6f/servers/S/os-virtual-interfacesv2"),
        Ok(vendor)
    );
    assert_eq!(read("DELETE /v2.1/servers/S/os-interface/P"), Ok(detach()));
    assert_eq!(
        read("DELETE /v2/6f/servers/S/os-virtual-interfacesv2/P"),
        Ok(detach())
    );
}

#[test]
fn actions_and_events_are_seen_below_every_prefix() {
    let server = SERVER.parse().unwrap();
    for line in [
        "POST /v2.1/servers/S/action",
        "POST /v2/6f/servers/S/action/",
        "POST /v2.1//servers/S//%61ction",
        "POST /v2.1/os-volumes_boot/S/action",
        "POST /v2/6f/os-volumes_boot/S/action",
    ] {
        assert_eq!(read(line), Ok(Operation::ServerAction { server }), "{line}");
    }
    for line in [
        "POST /v2.1/os-server-external-events",
        "POST /v2/6f/os-server-external-events/",
    ] {
        assert_eq!(read(line), Ok(Operation::ExternalEvents), "{line}");
    }
}

#[test]
fn what_no_policy_judges_is_other() {
    for line in [
        "GET /v2.1/servers",
        "HEAD /v2.1/servers/S/os-interface",
        "OPTIONS /v2.1/servers",
        "GET /v2.1/servers/not-an-id/os-interface/x",
        "GET /servers",
        "GET /",
        "GET /v2.1/servers/S/action",
        "POST /v2.1/flavors/S/action",
        "POST /v2.1/os-networks/S/action",
        "PUT /v2.1/servers/S/tags/action",
        "PUT /v2.1/os-volumes_boot/5abcde01",
        "GET /v2.1/os-server-external-events",
        "POST /v2.1/os-keypairs",
        "PUT /v2.1/servers/S/metadata/os-interface",
        "PUT /v2.1/servers/S/tags/servers",
        "PUT /v2.1/servers/S/tags/servers.json",
        "DELETE /v2.1/os-keypairs/os-interface",
        "DELETE /v2.1/servers/S",
        "POST /v2.1/Servers",
        "POST /v3/auth/tokens",
        "PATCH /v2.1/anything",
    ] {
        assert_eq!(read(line), Ok(Operation::Other), "{line}");
    }
}

#[test]
fn an_operation_where_it_is_not_expected_is_refused() {
    for line in [
        "POST /servers",
        "POST /6f/servers",
        "POST /V2.1/servers",
        "POST /v2.10/servers",
        "POST /v2.1/a/b/servers",
        "POST /compute/v2.1/servers",
        "POST /servers/S/os-interface",
        "DELETE /v2.1/a/b/servers/S/os-interface/P",
        "PUT /compute/v2.1/servers/x/os-interface",
        "POST /servers/S/action",
        "POST /v2.1/a/b/os-volumes_boot/S/action",
        "POST /os-server-external-events",
    ] {
        assert_eq!(read(line), Err(Unclear::UnknownPrefix), "{line}");
    }
    // One of the two readings of `servers/servers` is a create in a project of that name.
    assert_eq!(
        read("POST /v2.1/servers/servers"),
        Ok(Operation::CreateServer)
    );
}

#[test]
fn forms_an_operation_does_not_have_are_refused() {
    for line in [
        "POST /v2/6f/servers.json",
        "POST /v2/servers.xml",
        "POST /v2.1/servers/S/os-interface.json",
        "PUT /v2.1/servers/S/os-interface",
        "PUT /v2.1/servers/S/os-interface/P",
        "DELETE /v2.1/servers/S/os-interface",
        "POST /v2.1/servers/S/os-interface/P",
        "PATCH /v2.1/servers/S/os-virtual-interfacesv2/P",
        "PUT /v2/6f/servers/S/admin-virtual-interfaces/P",
        "PUT /v2.1/servers/S/action",
        "POST /v2.1/servers/S/action/x",
        "POST /v2/6f/servers/S/action.json",
        "POST /v2/os-server-external-events.xml",
        "POST /a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q",
    ] {
        assert_eq!(read(line), Err(Unclear::UnknownForm), "{line}");
    }
}

#[test]
fn ids_in_another_spelling_are_refused() {
    let upper = SERVER.to_uppercase();
    for line in [
        format!("POST /v2.1/servers/{upper}/os-interface"),
        "DELETE /v2.1/servers/not-a-uuid/os-interface/P".into(),
        "POST /v2.1/servers/x/os-virtual-interfacesv2".into(),
        format!("POST /v2.1/servers/{upper}/action"),
        "POST /v2.1/os-volumes_boot/x/action".into(),
    ] {
        assert_eq!(read(&line), Err(Unclear::ServerId), "{line}");
    }
    for port in [
        PORT.to_uppercase(),
        PORT.replace('-', ""),
        format!("{PORT}.json"),
        "x".into(),
    ] {
        let line = format!("DELETE /v2.1/servers/S/os-interface/{port}");
        assert_eq!(read(&line), Err(Unclear::PortId), "{line}");
    }
}

#[test]
fn an_overridden_method_is_refused_whatever_the_method() {
    for line in [
        "PUT /v2.1/servers?_method=POST",
        "GET /v2.1/servers/S/os-interface/P?_method=DELETE",
        "HEAD /v2.1/servers?a=b;_method=x",
        "GET /?%5Fmethod=POST",
    ] {
        assert_eq!(read(line), Err(Unclear::MethodOverride), "{line}");
    }
}

#[test]
fn methods_nova_does_not_have_are_refused() {
    for line in [
        "FOO /v2.1/servers",
        "TRACE /v2.1/servers",
        "post /v2.1/servers",
    ] {
        assert_eq!(read(line), Err(Unclear::UnknownMethod), "{line}");
    }
}

#[test]
fn an_unclear_path_is_refused_even_for_a_read() {
    for line in [
        "GET /v2.1/x/../servers",
        "GET /v2.1/servers%2Fx",
        "GET /v2.1/servers%0A",
    ] {
        assert!(read(line).is_err(), "{line}");
    }
}

#[test]
fn below_a_mount_prefix_only_that_prefix_counts() {
    let mount = Mount::at("/compute/").unwrap();
    let read = |line| read_below(line, &mount);
    assert_eq!(
        read("POST /compute/v2.1/servers"),
        Ok(Operation::CreateServer)
    );
    assert_eq!(
        read("POST //compute//v2.1/servers"),
        Ok(Operation::CreateServer)
    );
    assert_eq!(read("POST /v2.1/servers"), Err(Unclear::UnknownPrefix));
    assert_eq!(
        read("POST /computer/v2.1/servers"),
        Err(Unclear::UnknownPrefix)
    );
    assert_eq!(read("POST /network/v2.0/ports"), Ok(Operation::Other));
}
