//! Counters in Prometheus' text format. Counted by route, never by path: a path is whatever a client sends.

use crate::app::App;
use crate::routes;
use axum::http::StatusCode;
use std::fmt::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the latency buckets, in microseconds.
const BUCKETS_US: [u64; 10] =
    [250, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 500_000, 2_500_000, 10_000_000];

/// See the module.
#[derive(Debug, Default)]
pub struct Metrics {
    routes: OnceLock<Vec<Counters>>,
    in_flight: AtomicI64,
    pub(crate) connections: AtomicI64,
    pub(crate) connections_refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Counters {
    by_class: [AtomicU64; 6],
    buckets: [AtomicU64; BUCKETS_US.len() + 1],
    sum_us: AtomicU64,
}

/// A request that has begun and not ended.
pub(crate) struct InFlight;

impl Metrics {
    fn counters(&self) -> &[Counters] {
        // The last one counts what matches no route.
        self.routes.get_or_init(|| (0..=routes::table().len()).map(|_| Counters::default()).collect())
    }
    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight
    }
    pub(crate) fn end(&self, _: InFlight, route: Option<usize>, status: StatusCode, elapsed: Duration) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        let all = self.counters();
        let Some(counters) = all.get(route.unwrap_or(all.len() - 1)) else { return };
        let us = elapsed.as_micros() as u64;
        counters.by_class[usize::from(status.as_u16() / 100).min(5)].fetch_add(1, Ordering::Relaxed);
        counters.buckets[BUCKETS_US.partition_point(|bound| *bound < us)].fetch_add(1, Ordering::Relaxed);
        counters.sum_us.fetch_add(us, Ordering::Relaxed);
    }
    /// Everything as text.
    pub fn render(&self, app: &App) -> String {
        let mut out = String::new();
        head(&mut out, "cmdb_http_requests_total", "counter", "Requests by route and class of status.");
        for (id, counters) in self.named() {
            for (class, count) in counters.by_class.iter().enumerate() {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    line(
                        &mut out,
                        &format!("cmdb_http_requests_total{{route=\"{id}\",status=\"{class}xx\"}}"),
                        count,
                    );
                }
            }
        }
        self.render_latency(&mut out);
        let gauge = |out: &mut String, name: &str, help: &str, value: i64| {
            head(out, name, "gauge", help);
            line(out, name, value);
        };
        let flying = self.in_flight.load(Ordering::Relaxed);
        gauge(&mut out, "cmdb_http_requests_in_flight", "Requests being worked on.", flying);
        let connections = self.connections.load(Ordering::Relaxed);
        gauge(&mut out, "cmdb_http_connections", "Open connections.", connections);
        head(&mut out, "cmdb_http_connections_refused_total", "counter", "Connections over the cap.");
        line(
            &mut out,
            "cmdb_http_connections_refused_total",
            self.connections_refused.load(Ordering::Relaxed),
        );
        if let Ok(cmdb) = app.cmdb() {
            let snapshot = cmdb.snapshot();
            let counts = snapshot.counts();
            gauge(&mut out, "cmdb_position", "Newest position.", snapshot.position().0 as i64);
            gauge(&mut out, "cmdb_items", "Items.", i64::from(counts.items));
            gauge(&mut out, "cmdb_relationships", "Relationships.", i64::from(counts.relationships));
        }
        out
    }
    fn named(&self) -> impl Iterator<Item = (&'static str, &Counters)> {
        routes::table().iter().map(|r| r.id).chain(["unknown"]).zip(self.counters())
    }
    fn render_latency(&self, out: &mut String) {
        head(
            out,
            "cmdb_http_request_seconds",
            "histogram",
            "Time from the request's head to the answer's head.",
        );
        for (id, counters) in self.named() {
            let mut total = 0;
            let counts: Vec<u64> = counters.buckets.iter().map(|b| b.load(Ordering::Relaxed)).collect();
            if counts.iter().all(|c| *c == 0) {
                continue;
            }
            for (at, count) in counts.iter().enumerate() {
                total += count;
                let bound =
                    BUCKETS_US.get(at).map_or("+Inf".to_owned(), |us| format!("{}", *us as f64 / 1e6));
                line(
                    out,
                    &format!("cmdb_http_request_seconds_bucket{{route=\"{id}\",le=\"{bound}\"}}"),
                    total,
                );
            }
            let sum = counters.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
            line(out, &format!("cmdb_http_request_seconds_sum{{route=\"{id}\"}}"), sum);
            line(out, &format!("cmdb_http_request_seconds_count{{route=\"{id}\"}}"), total);
        }
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "{name} {value}");
}
