//! What a project may have, and asking for more of it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    project,
    size::{self, Amounts},
};
use crate::{
    workflow::{
        Task, TaskState,
        quota::{Limits, QuotaStore},
        store::{Filter, Page, Slice},
    },
    workflow_service::{
        access::Rule,
        app::App,
        caller::Visitor,
        error::{ApiError, Body},
        list,
        notes::Notes,
        payload::{Params, Payload},
        time::Time,
        view,
    },
};

/// The quotas of all regions, and the sizes that projects can have, from the smallest on.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Quotas {
    regions: BTreeMap<String, Arc<dyn QuotaStore>>,
    sizes: Vec<(String, Limits)>,
}

impl Quotas {
    /// No region, and no size.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a region.
    pub fn region(mut self, name: impl Into<String>, quotas: Arc<dyn QuotaStore>) -> Self {
        self.regions.insert(name.into(), quotas);
        self
    }

    /// Adds a size, larger than those before.
    pub fn size(mut self, name: impl Into<String>, limits: Limits) -> Self {
        self.sizes.push((name.into(), limits));
        self
    }
}

/// What the caller's project may have.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuotaAnswer {
    regions: Vec<RegionQuota>,
    #[schema(value_type = Object)]
    quota_sizes: BTreeMap<String, Limits>,
    #[schema(example = json!(["small", "large"]))]
    quota_size_order: Vec<String>,
    active_quota_tasks: Vec<QuotaTask>,
}

/// What a project may have in a region.
#[derive(Debug, Serialize, ToSchema)]
struct RegionQuota {
    region: String,
    #[schema(value_type = Object)]
    current_quota: Amounts,
    /// A size, or `custom`.
    #[schema(example = "small")]
    current_quota_size: String,
    /// Sizes that need nobody's approval.
    quota_change_options: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current_usage: Option<Amounts>,
}

/// A request for another quota.
#[derive(Debug, Serialize, ToSchema)]
struct QuotaTask {
    id: String,
    regions: Vec<String>,
    /// The size that was asked for; nothing for amounts of one's own.
    size: Option<String>,
    /// Who has asked.
    request_user: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    task_created: Time,
    valid: bool,
    /// `Awaiting Approval` or `Completed`.
    status: &'static str,
}

/// Shows what the caller's project may have.
#[utoipa::path(
    get,
    path = "/v1/openstack/quotas",
    tag = "openstack",
    params(
        ("regions" = Option<String>, Query, description = "Which, with commas between; else all."),
        ("include_usage" = Option<bool>, Query, description = "Whether to tell what is used; else it is.")
    ),
    responses((status = 200, body = QuotaAnswer), (status = 404, body = Body))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    params: Params,
) -> Result<Json<QuotaAnswer>, ApiError> {
    let caller = visitor.admit(&app, Rule::ShowQuotas)?;
    let project = project(&caller)?;
    let (known, sizes) = (&app.quotas.regions, &app.quotas.sizes);
    if known.is_empty() {
        return Err(ApiError::not_found("Not found."));
    }
    let named = params.get("regions").unwrap_or_default().split(',');
    let named: Vec<&str> = named.map(str::trim).filter(|it| !it.is_empty()).collect();
    if let Some(unknown) = named.iter().find(|it| !known.contains_key(**it)) {
        return Err(ApiError::bad_request(format!(
            "Region: {unknown} is not valid"
        )));
    }
    let with_usage = match params.get("include_usage") {
        // The command-line client shows it without asking for it.
        None => true,
        Some(text) if text.eq_ignore_ascii_case("true") || text == "1" => true,
        Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => false,
        Some(_) => return Err(ApiError::field("include_usage", "Must be a valid boolean.")),
    };
    let mut regions = Vec::new();
    for (region, store) in known {
        if !named.is_empty() && !named.contains(&region.as_str()) {
            continue;
        }
        let quotas = store.quotas(project).await?;
        regions.push(RegionQuota {
            region: region.clone(),
            current_quota: size::amounts(&quotas, |it| it.limit),
            current_quota_size: size::of(&quotas, sizes).unwrap_or("custom").to_owned(),
            quota_change_options: size::below(&quotas, sizes),
            current_usage: with_usage.then(|| size::amounts(&quotas, |it| it.used)),
        });
    }
    Ok(Json(QuotaAnswer {
        regions,
        quota_sizes: sizes.iter().cloned().collect(),
        quota_size_order: sizes.iter().map(|(name, _)| name.clone()).collect(),
        active_quota_tasks: requests(&app, project).await?,
    }))
}

/// The last requests for another quota of this project.
async fn requests(app: &App, project: &str) -> Result<Vec<QuotaTask>, ApiError> {
    let filter = json!({
        "task_type": {"exact": app.task_type(view::UPDATE_QUOTA)},
        "project_id": {"exact": project},
        "cancelled": {"exact": false},
    });
    let filter = list::own(Filter::tasks(), &filter)?;
    let tasks = app
        .engine
        .find_tasks(&filter, &Slice::of(Page::first(5)))
        .await?;
    let all: Vec<_> = app.quotas.regions.keys().cloned().collect();
    Ok(tasks.iter().map(|it| request(it, &all)).collect())
}

fn request(task: &Task, all_regions: &[String]) -> QuotaTask {
    let given = |key: &str| task.actions.iter().find_map(|it| it.data.get(key));
    let regions = given("regions").and_then(Value::as_array);
    let regions: Vec<String> = regions
        .into_iter()
        .flatten()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect();
    QuotaTask {
        regions: if regions.is_empty() {
            all_regions.to_vec()
        } else {
            regions
        },
        size: given("size").and_then(Value::as_str).map(str::to_owned),
        request_user: task
            .requester
            .keystone_user()
            .and_then(|it| it.username.clone()),
        task_created: Time(task.created_on),
        valid: task.actions.iter().all(|it| it.valid),
        status: match task.state() {
            TaskState::Completed => "Completed",
            _ => "Awaiting Approval",
        },
        id: task.id.to_string(),
    }
}

/// Asks for another quota. What raises none is approved at once, all else by somebody.
#[utoipa::path(
    post,
    path = "/v1/openstack/quotas",
    tag = "openstack",
    request_body(content = Object, example = json!({"size": "large"})),
    responses((status = 202, body = Notes), (status = 404, body = Body), (status = 409, body = Body))
)]
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    payload: Payload,
) -> Result<(StatusCode, Json<Notes>), ApiError> {
    view::ask(&app, view::UPDATE_QUOTA, visitor, payload, |_| ()).await
}
