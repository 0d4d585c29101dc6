//! Who is called: a real Alertmanager with the routes and inhibitions of `compose/`, and a webhook in the place of Slack and PagerDuty.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ally_telemetry::testing::tool;
use poem::listener::TcpAcceptor;
use poem::web::{Data, Json};
use poem::{EndpointExt, Server, handler, post};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::system::{eventually, get};

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/compose/alertmanager/alertmanager.yml");

/// An alert as it came.
#[derive(Debug, Clone)]
pub struct Call {
    pub alert: String,
    pub labels: Value,
    pub runbook: String,
    pub at: Instant,
}

/// What came, oldest first.
#[derive(Clone, Default)]
struct Calls {
    all: Arc<Mutex<Vec<Call>>>,
    count: watch::Sender<usize>,
}

/// The Alertmanager and its webhook; both end when it is dropped.
pub struct Pager {
    pub address: String,
    calls: Calls,
    child: Child,
    _webhook: AbortOnDropHandle<std::io::Result<()>>,
    _folder: TempDir,
}

#[handler]
fn called(Data(calls): Data<&Calls>, Json(body): Json<Value>) {
    let mut all = calls.all.lock().unwrap();
    for alert in body["alerts"].as_array().unwrap() {
        if alert["status"] == "firing" {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            all.push(Call {
                alert: text(&alert["labels"]["alertname"]),
                labels: alert["labels"].clone(),
                runbook: text(&alert["annotations"]["runbook_url"]),
                at: Instant::now(),
            });
        }
    }
    calls.count.send_replace(all.len());
}

impl Pager {
    /// With the pauses of `compose/`, or with a shorter one before the first call.
    pub async fn start(group_wait: Option<&str>) -> Self {
        let calls = Calls::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let webhook = format!("http://{}/", listener.local_addr().unwrap());
        let acceptor = TcpAcceptor::from_std(listener).unwrap();
        let endpoint = poem::Route::new().at("/", post(called)).data(calls.clone());
        let serving = AbortOnDropHandle::new(tokio::spawn(Server::new_with_acceptor(acceptor).run(endpoint)));

        let folder = tempfile::tempdir().unwrap();
        let mut config: Value = serde_saphyr::from_str(&std::fs::read_to_string(CONFIG).unwrap()).unwrap();
        for receiver in config["receivers"].as_array_mut().unwrap() {
            *receiver = json!({"name": receiver["name"], "webhook_configs": [{"url": webhook}]});
        }
        if let Some(wait) = group_wait {
            config["route"]["group_wait"] = json!(wait);
        }
        let file = folder.path().join("alertmanager.yml");
        std::fs::write(&file, serde_json::to_string(&config).unwrap()).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let child = Command::new(tool("prometheus-alertmanager"))
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--cluster.listen-address=", "--log.level=warn"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let pager = Self { address, calls, child, _webhook: serving, _folder: folder };
        eventually("Alertmanager is ready", async || {
            let answer = get(format!("http://{}/-/ready", pager.address)).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        pager
    }

    /// All that came so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.all.lock().unwrap().clone()
    }

    /// The first call from a moment on that fits, within a time.
    pub async fn call(&self, within: Duration, since: Instant, fits: impl Fn(&Call) -> bool) -> Option<Call> {
        let mut count = self.calls.count.subscribe();
        let found = || self.calls().into_iter().find(|call| call.at >= since && fits(call));
        tokio::time::timeout_at((since + within).into(), async {
            loop {
                count.borrow_and_update();
                if let Some(call) = found() {
                    return call;
                }
                count.changed().await.unwrap();
            }
        })
        .await
        .ok()
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
