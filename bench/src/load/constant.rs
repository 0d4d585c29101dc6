//! Requests without work behind them: what the machine, the HTTP server and this generator give at most.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::ConstantArgs;
use super::http::Http;
use super::latency::Recorder;
use super::report::RequestReport;
use crate::progress::Bar;
use crate::usage::{self, ByProgram};

pub async fn run(args: &ConstantArgs) -> anyhow::Result<RequestReport> {
    let of = |pid: Option<u32>| pid.map_or(Ok(ByProgram::new()), usage::of_tree);
    let http = Rc::new(Http::new(args.address));
    let seen = Rc::new(RefCell::new((Recorder::new()?, 0_u64, None::<String>)));
    let (next, bar) = (Rc::new(Cell::new(0)), Rc::new(Bar::new("answered", args.requests)));
    let (before, own_before) = (of(args.pid)?, usage::of_tree(std::process::id())?);
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..args.callers {
        let (http, seen, next, bar) = (http.clone(), seen.clone(), next.clone(), bar.clone());
        let (path, requests) = (args.path.parse::<hyper::Uri>()?, args.requests);
        callers.spawn_local(async move {
            while next.replace(next.get() + 1) < requests {
                let mut request = Request::new(Full::new(Bytes::new()));
                *request.uri_mut() = path.clone();
                let sent = Instant::now();
                let fault = match http.ask(request).await {
                    Ok((StatusCode::OK, _)) => None,
                    Ok((status, _)) => Some(format!("the server answered {status}")),
                    Err(error) => Some(error.to_string()),
                };
                let (latency, errors, first) = &mut *seen.borrow_mut();
                latency.record(sent.elapsed());
                if let Some(fault) = fault {
                    *errors += 1;
                    first.get_or_insert(fault);
                }
                bar.step();
            }
        });
    }
    while callers.join_next().await.is_some() {}
    let seconds = begun.elapsed().as_secs_f64();
    let used = usage::between(&before, &of(args.pid)?);
    let own = usage::between(&own_before, &usage::of_tree(std::process::id())?);
    let (latency, errors, first_error) = &*seen.borrow();
    Ok(RequestReport {
        requests: args.requests,
        errors: *errors,
        first_error: first_error.clone(),
        seconds,
        requests_per_second: (args.requests - errors) as f64 / seconds,
        latency: latency.latency(),
        usage: used,
        generator_cpu_seconds: own.values().map(|usage| usage.cpu_seconds).sum(),
    })
}
