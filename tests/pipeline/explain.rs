//! What would become of a request.

use bytes::Bytes;
use http::Request;
use wafflehaus::{
    guard::NoLookup,
    identity::{Identity, ProjectId, Role, UserId},
    pipeline::{Explanation, Outcome, Says},
};

use crate::support::load;

const OFFICE: &str = "11111111-1111-4111-8111-111111111111";
const BLUE: &str = "33333333-3333-4333-8333-333333333333";

async fn explain(role: &str, request: Request<Bytes>) -> Explanation {
    let loaded = load(&format!(
        r#"
        [pipeline.main]
        pipeline = ["log", "identity", "router"]
        [filter.log]
        use = "request_log"
        [filter.identity]
        use = "identity"
        [composite.router]
        use = "role_router"
        routes = ["managed", "watched"]
        roles_managed = ["role1"]
        route_managed = ["nets", "count", "show"]
        roles_watched = ["role2"]
        route_watched = ["watch", "show"]
        route_default = ["show"]
        [filter.nets]
        use = "request_networks"
        required_nets = ["{OFFICE}"]
        [filter.count]
        use = "network_count_check"
        networks_max = 1
        [filter.watch]
        use = "request_networks"
        required_nets = ["{OFFICE}"]
        audit = true
    "#
    ));
    let caller = Identity::new(UserId::new("alice").unwrap())
        .project(ProjectId::new("6f70").unwrap())
        .role(Role::new(role).unwrap());
    loaded
        .plan
        .explain(request, caller, NoLookup::default())
        .await
}

fn create(networks: &str) -> Request<Bytes> {
    let body = format!(r#"{{"server": {{"networks": [{networks}]}}}}"#);
    Request::post("/v2.1/servers")
        .body(Bytes::from(body))
        .unwrap()
}

fn says(explanation: &Explanation) -> Vec<(&str, Says)> {
    let way = explanation.way.iter();
    way.map(|step| (step.section.as_str(), step.says)).collect()
}

#[tokio::test]
async fn all_policies_on_the_way_are_asked_and_the_first_refusal_is_the_answer() {
    let two =
        format!(r#"{{"uuid": "{BLUE}"}}, {{"uuid": "44444444-4444-4444-8444-444444444444"}}"#);
    let explanation = explain("ROLE1", create(&two)).await;
    assert_eq!(explanation.operation, "CreateServer");
    assert_eq!(
        says(&explanation),
        [
            ("log", Says::Nothing),
            ("identity", Says::Goes),
            ("router", Says::Goes),
            ("nets", Says::Deny),
            ("count", Says::Deny),
            ("show", Says::Goes),
        ]
    );
    assert!(
        explanation.way[2]
            .why
            .contains("`managed`, because of role `role1`")
    );
    let Outcome::Refused {
        status,
        code,
        message,
    } = explanation.outcome
    else {
        panic!("{explanation:?}");
    };
    assert_eq!((status, code), (403, "network_required"));
    assert!(message.contains(OFFICE));
}

#[tokio::test]
async fn a_policy_that_only_tells_does_not_refuse() {
    let explanation = explain("role2", create(&format!(r#"{{"uuid": "{BLUE}"}}"#))).await;
    assert_eq!(says(&explanation)[3], ("watch", Says::WouldDeny));
    assert_eq!(explanation.way[3].code, Some("network_required"));
    let passes = Outcome::Passes {
        to: "show".to_owned(),
    };
    assert_eq!(explanation.outcome, passes);
}

#[tokio::test]
async fn without_a_fact_it_cannot_be_said() {
    let port = r#"{"port": "9abcde01-c0de-4aaa-8bbb-fedcba987601"}"#;
    let explanation = explain("role1", create(port)).await;
    assert!(matches!(explanation.outcome, Outcome::Unknown { .. }));
    assert_eq!(says(&explanation)[3], ("nets", Says::Unknown));
}

#[tokio::test]
async fn what_concerns_no_policy_passes_and_what_is_unclear_is_refused() {
    let get = Request::get("/v2.1/servers").body(Bytes::new()).unwrap();
    let explanation = explain("role1", get).await;
    assert_eq!(says(&explanation)[3], ("nets", Says::Nothing));
    assert!(matches!(explanation.outcome, Outcome::Passes { .. }));
    let unclear = Request::post("/v2.1/%2e%2e/servers")
        .body(Bytes::new())
        .unwrap();
    let explanation = explain("role1", unclear).await;
    assert!(
        explanation.operation.starts_with("unclear"),
        "{explanation:?}"
    );
    let Outcome::Refused { code, .. } = explanation.outcome else {
        panic!("{explanation:?}");
    };
    assert_eq!(code, "ambiguous_request");
}

#[tokio::test]
async fn a_caller_of_no_route_goes_the_default_way() {
    let explanation = explain("role9", create("")).await;
    assert!(explanation.way[2].why.contains("the default route"));
    assert_eq!(explanation.way.last().unwrap().section, "show");
    assert!(matches!(explanation.outcome, Outcome::Passes { .. }));
}
