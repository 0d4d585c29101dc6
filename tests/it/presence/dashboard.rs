//! The dashboard "Realtime Presence Service" over a real Prometheus that scraped real nodes: each panel has something to show.

use serde_json::json;

use super::quick;
use super::socket::Socket;
use crate::dashboards::queries;
use crate::prometheus::Prometheus;
use crate::system::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_panel_has_data_and_no_alert_is_raised_by_people_who_come_and_go() {
    let system = quick();
    let [one, two, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let service = "realtime-presence-service";
    let prometheus = Prometheus::over(&[(service, &one), (service, &two)]).await;
    eventually("two scrapes", async || {
        let seen = prometheus.query("sum(count_over_time(presence_rooms_active[1m]))").await;
        (seen.first() >= Some(&4.0)).then_some(())
    })
    .await;
    let token = system.token("amy");
    for node in [&one, &two] {
        let mut socket = Socket::joined(node, &token, "lobby", json!({})).await;
        for n in 0..20 {
            socket.ask(json!({"type": "heartbeat", "patchState": {"n": n}})).await;
        }
        socket.ask(json!({"type": "leave"})).await;
    }
    for query in queries::of_dashboard("realtime-presence-service.json") {
        eventually(&format!("{}: {}", query.place, query.expression), async || {
            let values = prometheus.query(&query.expression).await;
            values.iter().any(|value| value.is_finite()).then_some(())
        })
        .await;
    }
    // How quick a heartbeat is on a machine that runs tests says nothing; the other roles do not run, and one alert always fires.
    let expected = |alert: &String| {
        alert.starts_with("PresenceHeartbeat") || ["RoleMissing", "Watchdog"].contains(&alert.as_str())
    };
    let alerts = prometheus.alerts().await;
    assert!(alerts.iter().all(expected), "{alerts:?}");
    one.kill();
    eventually("an alert that a node is down", async || {
        prometheus.alerts().await.contains(&"PresenceDown".to_owned()).then_some(())
    })
    .await;
    system.remove().await;
}
