//! Which policies a configuration means.

use wafflehaus::{config::Loader, pipeline::ChooseError};

use crate::support::*;

/// The names of the policies, as many as there are.
async fn policies(rest: &str, pipeline: Option<&str>) -> Result<usize, ChooseError> {
    let (_, endpoints) = cloud().await;
    let file = File::new(&endpoints, rest);
    let loaded = Loader::new().load(&file.path()).unwrap();
    loaded
        .plan
        .policies(pipeline)
        .map(|policies| policies.len())
}

fn routed() -> String {
    format!(
        r#"
        [pipeline.main]
        pipeline = ["keystone", "count", "router"]
        [composite.router]
        use = "role_router"
        routes = ["managed"]
        roles_managed = ["managed"]
        route_managed = ["networks", "nova"]
        route_default = ["nova"]
        [filter.keystone]
        use = "keystone"
        [filter.count]
        use = "network_count_check"
        networks_max = 9
        [filter.networks]
        use = "request_networks"
        banned_nets = ["{BANNED}"]
        [app.nova]
        use = "nova"
        "#
    )
}

#[tokio::test]
async fn the_policies_of_the_only_pipeline_are_meant() {
    assert_eq!(policies(&one_pipeline(), None).await, Ok(2));
    assert_eq!(policies(&one_pipeline(), Some("main")).await, Ok(2));
}

#[tokio::test]
async fn where_ways_differ_one_is_chosen() {
    let names = || vec!["main".to_owned(), "router/managed".to_owned()];
    let several = ChooseError::SeveralWays { pipelines: names() };
    assert_eq!(policies(&routed(), None).await, Err(several));
    // With those in front of it.
    assert_eq!(policies(&routed(), Some("router/managed")).await, Ok(2));
    assert_eq!(policies(&routed(), Some("main")).await, Ok(1));
    let none = ChooseError::NoSuchPipeline {
        asked: "managed".to_owned(),
        pipelines: names(),
    };
    assert_eq!(policies(&routed(), Some("managed")).await, Err(none));
}

#[tokio::test]
async fn two_ways_with_the_same_policies_are_one() {
    let both = one_pipeline()
        .replace("[pipeline.main]", "[pipeline.compute]")
        .replace(
            "[app.nova]",
            r#"[pipeline.network]
            pipeline = ["keystone", "networks", "stay", "neutron"]
            [composite.main]
            use = "url_map"
            "/v2.1" = "compute"
            "/v2.0" = "network"
            [app.neutron]
            use = "neutron"
            [app.nova]"#,
        );
    assert_eq!(policies(&both, None).await, Ok(2));
}

#[tokio::test]
async fn no_policies_are_a_mistake_of_whoever_asks() {
    let bare = one_pipeline().replace(r#""networks", "stay", "#, "");
    assert_eq!(policies(&bare, None).await, Err(ChooseError::NoPolicies));
}
