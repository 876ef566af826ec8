//! Metrics, health and readiness over HTTP.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Query, Request};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;
use crate::store::Store;

type Refresh = dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// What the pages read.
#[derive(Clone)]
pub struct State {
    pub store: Arc<dyn Store>,
    pub metrics: Metrics,
    /// Brings gauges up to date before a scrape reads them.
    pub refresh: Arc<Refresh>,
}

/// The longest that a scrape waits for the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// Serves until it is told to stop.
pub async fn serve(listener: TcpListener, state: State, stop: CancellationToken) {
    let router = Router::new()
        .route("/", get(front))
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .layer(axum::middleware::from_fn_with_state(state.clone(), measure))
        .with_state(state);
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the HTTP server ended");
    }
}

async fn front() -> &'static str {
    "vigie\n\n/metrics  for Prometheus\n/healthz  the process lives\n/readyz   the store answers \
     (add ?settled=1: and nothing waits to be indexed or sent)\n"
}

async fn metrics(axum::extract::State(state): axum::extract::State<State>) -> Response {
    // A store that hangs must not hang the scrape: the counters are worth having all the same.
    let refreshed = tokio::time::timeout(PATIENCE, (state.refresh)()).await;
    if refreshed.is_err() {
        tracing::warn!("the store did not answer a scrape in time");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.text())
        .into_response()
}

#[derive(Deserialize)]
struct Ready {
    settled: Option<u8>,
}

/// Ready: the store answers. Settled: everything accepted is indexed, and nothing waits to leave.
async fn ready(
    axum::extract::State(state): axum::extract::State<State>,
    Query(wanted): Query<Ready>,
) -> Response {
    let no = |why: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response();
    let asked = tokio::time::timeout(PATIENCE, state.store.outbox()).await;
    let outbox = match asked {
        Ok(Ok(outbox)) => outbox,
        Ok(Err(_)) => return no("the store fails"),
        Err(_) => return no("the store does not answer"),
    };
    if wanted.settled == Some(1) {
        if tokio::time::timeout(PATIENCE, (state.refresh)()).await.is_err() {
            return no("the store does not answer");
        }
        if state.metrics.index_lag.get() > 0 {
            return no("the index is behind");
        }
        if outbox.iter().any(|status| status.state == "queued" || status.state == "sending") {
            return no("messages wait to leave");
        }
    }
    "ready\n".into_response()
}

/// Counts a request under its route, never under its path: paths are the caller's.
async fn measure(
    axum::extract::State(state): axum::extract::State<State>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let route = path.map_or("unknown".to_owned(), |path| path.as_str().to_owned());
    let method = match *request.method() {
        axum::http::Method::GET => "GET",
        axum::http::Method::HEAD => "HEAD",
        axum::http::Method::POST => "POST",
        _ => "other",
    };
    let began = Instant::now();
    let response = next.run(request).await;
    let code = response.status();
    let labels = [route.as_str(), method, code.as_str()];
    state.metrics.http_requests.with_label_values(&labels).inc();
    state
        .metrics
        .http_duration
        .with_label_values(&[route.as_str()])
        .observe(began.elapsed().as_secs_f64());
    response
}
