//! Paths, methods, and headers that stand in for a path.

use super::*;

#[tokio::test]
async fn paths_do_not_hide_what_is_asked() {
    let post = |target: &str| Shot::json(format!("POST {target}"), bad());
    let upper_server = format!("POST /v2.1/servers/{}/os-interface", upper(SMALL));
    run(vec![
        attack("C1", 403, Harmed, post("/v2.1/servers")),
        attack("C2", 403, Harmed, post(&format!("/v2/{PROJECT}/servers"))),
        attack("C2 v2", 403, Harmed, post("/v2/servers")),
        attack(
            "C3",
            403,
            Harmed,
            post(&format!("//v2.1//{PROJECT}//servers")),
        ),
        attack("C4", 403, Harmed, post("/v2.1/%73ervers")),
        attack("C4 dot", 403, Harmed, post("/v2%2E1/servers")),
        attack(
            "C4 project",
            403,
            Harmed,
            post(&format!("/v2.1/%36{}/servers", &PROJECT[1..])),
        ),
        attack(
            "C5",
            400,
            Harmed,
            Shot::json(
                format!("POST /v2.1/servers%2F{SMALL}%2Fos-interface"),
                attach_banned(),
            ),
        ),
        attack("C5 backslash", 400, Safe, post("/v2.1%5Cservers")),
        attack("C6", 400, Harmed, post("/v2.1/servers%0A")),
        attack(
            "C6 detach",
            400,
            Harmed,
            detach(&format!("{FULL_STAYS}%0A")),
        ),
        attack(
            "C6 attach",
            400,
            Harmed,
            Shot::json(
                format!("POST /v2.1/servers/{SMALL}/os-interface%0a"),
                attach_banned(),
            ),
        ),
        attack("C6 return", 400, Safe, post("/v2.1/servers%0D")),
        attack("C7", 400, Harmed, post("/v2.1/images/../servers")),
        attack("C7 root", 400, Harmed, post("/../v2.1/servers")),
        attack("C7 dot", 400, Harmed, post("/v2.1/./servers")),
        attack("C7 encoded", 400, Safe, post("/v2.1/images/%2e%2e/servers")),
        attack(
            "C8",
            403,
            Harmed,
            post("http://other.example/v2.1/servers").header("Host: other.example"),
        ),
        attack(
            "C8 two hosts",
            403,
            Harmed,
            post("http://other.example/v2.1/servers"),
        ),
        attack("C9", 400, Safe, post("/compute/v2.1/servers")),
        attack("C9 deep", 400, Safe, post("/a/b/c/v2.1/servers")),
        attack("C10", 403, Harmed, post("/v2.1/servers#x")),
        attack("C11", 403, Safe, post("/v2.1/servers/")),
        attack("C11 two", 403, Safe, post("/v2.1/servers//")),
        attack(
            "C12",
            400,
            Safe,
            post(&format!("/v2/{PROJECT}/servers.json")),
        ),
        attack("C12 xml", 400, Safe, post("/v2.1/servers.xml")),
        attack(
            "C13",
            403,
            Safe,
            post(&format!("/v2.1/{OTHER_PROJECT}/servers")),
        ),
        attack(
            "C14",
            400,
            Harmed,
            Shot::json(upper_server, attach_banned()),
        ),
        attack(
            "C15",
            400,
            Safe,
            Shot::bare(format!(
                "DELETE /v2.1/servers/web/os-interface/{FULL_STAYS}"
            )),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_query_cannot_change_the_method() {
    let put = |query: &str| Shot::json(format!("PUT /v2.1/servers?{query}"), bad());
    let interfaces = format!("/v2.1/servers/{SMALL}/os-interface");
    let port = format!("/v2.1/servers/{FULL}/os-interface/{FULL_STAYS}");
    let vif = format!("/v2.1/servers/{FULL}/os-virtual-interfacesv2/{FULL_STAYS}");
    let overridden = |method: &str, query: &str| Shot::bare(format!("{method} {port}?{query}"));
    run(vec![
        attack("C16", 400, Harmed, put("_method=POST")),
        attack("C16 encoded", 400, Safe, put("%5Fmethod=POST")),
        attack("C16 semicolon", 400, Harmed, put("a=b;_method=post")),
        attack(
            "C17",
            400,
            Harmed,
            Shot::json(format!("PUT {interfaces}?_method=post"), attach_banned()),
        ),
        attack("C19", 400, Harmed, overridden("GET", "_method=DELETE")),
        attack(
            "C19 vif",
            400,
            Harmed,
            Shot::bare(format!("GET {vif}?_method=DELETE")),
        ),
        attack(
            "C20 head",
            400,
            Harmed,
            overridden("HEAD", "_method=delete"),
        ),
        attack(
            "C20 patch",
            400,
            Harmed,
            overridden("PATCH", "_method=delete"),
        ),
        attack(
            "C20 options",
            400,
            Harmed,
            overridden("OPTIONS", "_method=delete"),
        ),
        attack(
            "C20 made up",
            400,
            Harmed,
            overridden("FOO", "_method=delete"),
        ),
        attack(
            "C20 trace",
            400,
            Harmed,
            overridden("TRACE", "_method=delete"),
        ),
        attack("C20 alone", 400, Safe, Shot::bare(format!("FOO {port}"))),
        attack("C21", 400, Harmed, put("_method=GET&_method=POST")),
        // What an application credential's rule for GET would let through.
        attack("C62", 400, Harmed, overridden("GET", "x=1&_method=DELETE")),
    ])
    .await;
}

#[tokio::test]
async fn a_header_cannot_choose_the_api() {
    let post = |target: &str| Shot::json(format!("POST {target}"), bad()).without("content-type");
    let by_accept = post(&format!("/{PROJECT}/servers"))
        .header("Content-Type: application/json")
        .header("Accept: application/json;version=2/x");
    let attach = Shot::json(
        format!("POST /servers/{SMALL}/os-interface"),
        attach_banned(),
    );
    let detach = Shot::bare(format!("DELETE /servers/{FULL}/os-interface/{FULL_STAYS}"));
    run(vec![
        attack(
            "C22",
            400,
            Harmed,
            post("/servers").header("Content-Type: application/json;version=2.1/x"),
        ),
        attack(
            "C22 attach",
            400,
            Harmed,
            attach.header("Accept: */*;version=\"2.1/x\""),
        ),
        attack(
            "C22 detach",
            400,
            Harmed,
            detach.header("Accept: */*;version=2.1/x"),
        ),
        attack("C23", 400, Harmed, by_accept),
        attack(
            "C24",
            400,
            Safe,
            post("/servers").header("Content-Type: application/json; version=2.1"),
        ),
    ])
    .await;
}
