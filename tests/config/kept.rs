//! Nothing that polices is lost on the way from a file to a gateway.

use wafflehaus::pipeline::Plan;

use crate::support::{load, network};

/// A way to Nova with these further sections.
fn toml(name: &str, more: &str) -> Plan {
    let text = format!(
        r#"
        upstream = "http://127.0.0.1:9"
        trust_identity_headers = true
        {more}
        [filter.identity]
        use = "identity"
        [filter.nets]
        use = "request_networks"
        banned_nets = ["{}"]
        [app.nova]
        use = "nova"
    "#,
        network(2)
    );
    load(name, &text).plan
}

/// How often the policy stands in the pipelines.
fn policies(plan: &Plan) -> usize {
    let tree = plan.tree().to_string();
    tree.lines()
        .filter(|line| line.contains("nets (request_networks)"))
        .count()
}

#[test]
fn what_stands_around_a_section_stands_around_those_that_use_it() {
    let app = r#"
        [pipeline.main]
        pipeline = ["identity", "slow"]
        [app.policed]
        use = "nova"
        filter_with = ["nets"]
        [app.slow]
        use = "policed"
    "#;
    assert_eq!(policies(&toml("kept-app.toml", app)), 1);
    let filter = r#"
        [pipeline.main]
        pipeline = ["identity", "log", "nova"]
        [filter.policed]
        use = "request_log"
        filter_with = ["nets"]
        [filter.log]
        use = "policed"
    "#;
    assert_eq!(policies(&toml("kept-filter.toml", filter)), 1);
    let pipeline = r#"
        [composite.main]
        use = "url_map"
        "/v2.1" = "api"
        "/v2" = "compat"
        [pipeline.api]
        pipeline = ["nova"]
        filter_with = ["identity", "nets"]
        [app.compat]
        use = "api"
    "#;
    assert_eq!(policies(&toml("kept-pipeline.toml", pipeline)), 2);
}

#[test]
fn what_stands_around_the_filter_of_a_filter_app_stays() {
    let text = format!(
        "[DEFAULT]\nupstream = http://127.0.0.1:9\ntrust_identity_headers = true\n\
         [pipeline:main]\npipeline = identity z\n\
         [filter:identity]\npaste.filter_factory = nova.api.auth:NovaKeystoneContext.factory\n\
         [filter-app:z]\nuse = both\nnext = nova\n\
         [filter:both]\npaste.filter_factory = nova.api.openstack.requestlog:RequestLog.factory\n\
         filter-with = nets\n\
         [filter:nets]\n\
         paste.filter_factory = wafflehaus.requestnetworks:RequestNetworks.factory\n\
         banned_nets = {}\n\
         [app:nova]\n\
         paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory\n",
        network(2)
    );
    let loaded = load("kept-filter-app.ini", &text);
    assert_eq!(policies(&loaded.plan), 1, "{}", loaded.plan.tree());
    let unused = loaded
        .warnings
        .iter()
        .find(|it| it.message.contains("not used"));
    assert!(unused.is_none(), "{unused:?}");
}

#[test]
fn another_account_is_another_plan() {
    let of = |name: &str, password: &str, place: &str| {
        let account = format!(
            "auth_url = \"http://127.0.0.1:9\"\nusername = \"gateway\"\n\
             project_name = \"service\"\npassword = \"{password}\"\n"
        );
        let (global, local) = if place == "global" {
            (account.as_str(), "")
        } else {
            ("", account.as_str())
        };
        let filters = match place {
            "trusted" | "global" => "\"identity\"",
            _ => "\"keystone\"",
        };
        let text = format!(
            "{global}\n[pipeline.main]\npipeline = [{filters}, \"nets\", \"nova\"]\n\
             [filter.keystone]\nuse = \"keystone\"\n{local}\n"
        );
        toml(name, &text)
    };
    for place in ["global", "filter"] {
        let name = |n: u8| format!("account-{place}-{n}.toml");
        let (first, same, other) = (
            of(&name(1), "old", place),
            of(&name(2), "old", place),
            of(&name(3), "new", place),
        );
        assert!(first == same, "{place}");
        assert!(first != other, "{place}");
    }
}

/// Nova's composite cuts the prefix off before another one looks.
#[tokio::test]
async fn a_composite_in_a_composite_sees_what_is_behind_the_prefix() {
    use bytes::Bytes;
    use http::Request;
    use wafflehaus::{
        guard::NoLookup,
        identity::{Identity, ProjectId, UserId},
        pipeline::Outcome,
    };
    let plan = toml(
        "kept-nested.toml",
        r#"
        [pipeline.main]
        pipeline = ["identity", "outer"]
        [composite.outer]
        use = "url_map"
        "/v2.1/+" = "inner"
        [composite.inner]
        use = "url_map"
        "/" = "nova"
        "/servers" = "strong"
        [pipeline.strong]
        pipeline = ["nets", "nova"]
    "#,
    );
    let body = format!(
        r#"{{"server": {{"networks": [{{"uuid": "{}"}}]}}}}"#,
        network(2)
    );
    let create = Request::post("/v2.1/servers")
        .body(Bytes::from(body))
        .unwrap();
    let caller = Identity::new(UserId::new("alice").unwrap());
    let caller = caller.project(ProjectId::new("6f70656e").unwrap());
    let explanation = plan
        .explain(create.clone(), caller, NoLookup::default())
        .await;
    assert!(
        matches!(explanation.outcome, Outcome::Refused { status: 403, .. }),
        "{explanation:?}"
    );
    // The gateway goes the same way.
    use tower::ServiceExt as _;
    let (head, body) = create.into_parts();
    let mut request = Request::from_parts(head, http_body_util::Full::new(body));
    for (name, value) in [
        ("x-user-id", "alice"),
        ("x-project-id", "6f70656e"),
        ("x-roles", "member"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let Ok(response) = wafflehaus::pipeline::Gateway::new(plan)
        .oneshot(request)
        .await;
    assert_eq!(response.status(), 403);
}
