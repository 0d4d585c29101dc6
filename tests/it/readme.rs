//! Every command that the README prints is run here, as it is printed, against a running Ally.

use std::net::TcpListener;
use std::process::Command;

use crate::system::{RoleProcess, System};

/// The blocks of `sh` behind a mark `<!-- run: … -->`, in order.
fn blocks(text: &str, who: &str) -> Vec<String> {
    let mark = format!("<!-- run: {who} -->\n```sh\n");
    text.split(&mark).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The README's addresses are those of `make up`; here the roles have others.
fn moved(script: &str, roles: &[(&str, &RoleProcess)]) -> String {
    roles.iter().fold(script.to_owned(), |script, (printed, role)| {
        let (http, metrics) = printed.split_once(' ').unwrap();
        let metrics_url = role.metrics.trim_end_matches("/metrics");
        script.replace(http, &role.http).replace(metrics, metrics_url)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_readme_works_as_printed() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let mut system = System::new();
    // As `make up` has them, but for the pauses: a receiver that is not up yet is tried again soon.
    for (variable, value) in [
        ("ALLY_WEBHOOK_KEY", "a key of tests, long enough for webhooks"),
        ("WEBHOOK_ALLOW_LOOPBACK", "true"),
        ("WEBHOOK_RETRY_FIRST_MS", "200"),
        ("WEBHOOK_RETRY_LONGEST_MS", "2000"),
        ("WEBHOOK_REST_MS", "200"),
        ("WEBHOOK_LONGEST_REST_MS", "2000"),
        ("WEBHOOK_MAX_ATTEMPTS", "1000"),
    ] {
        system.set(variable, value);
    }
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let [gateway, onboarding, planner, presence, projector] =
        system.start_ready(["gateway", "onboarding", "planner", "presence", "projector"]).await;
    let roles = [
        ("http://127.0.0.1:4000 http://127.0.0.1:9464", &gateway),
        ("http://127.0.0.1:4101 http://127.0.0.1:9465", &onboarding),
        ("http://127.0.0.1:4102 http://127.0.0.1:9466", &planner),
        ("http://127.0.0.1:4103 http://127.0.0.1:9467", &presence),
        ("http://127.0.0.1:4104 http://127.0.0.1:9468", &projector),
    ];
    let port = |url: &str| url.trim_end_matches("/metrics").rsplit(':').next().unwrap().to_owned();
    let monitor = port(&crate::system::server("ALLY_TEST_NATS_MONITORING_URL"));
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_ally"));
    for (who, expects) in [
        (
            "developer",
            &[
                "HTTP/1.1 202 Accepted",
                "\"status\":\"completed\"",
                "\"weeks\":[",
                "SUMMARY:Training",
                "plan,version,week",
                "job completed: ",
                "calendar: 8 sessions",
                "\"planVersion\":2",
                "\"action\":\"substitute\"",
                "\"mood\":\"calm\"",
                "{\"members\":0}",
                " ok\n",
            ][..],
        ),
        ("operator", &["\"status\":\"ready\"", "plan_generation_success_total", "NATS monitoring", "no difference"]),
        ("contributor", &["[ports.gateway]", "GATEWAY_BFF_PORT"]),
    ] {
        let script = blocks(&readme, who);
        assert!(!script.is_empty(), "the README has nothing for the {who}");
        // The binary stands where this build has put it.
        let script = moved(&script.concat(), &roles).replace("target/debug/ally", binary.to_str().unwrap());
        let script = script.replace(":4300/", &format!(":{receiver}/"));
        let script = script.replace("--port 4300 ", &format!("--port {receiver} "));
        let mut command = Command::new("bash");
        command.args(["-euc", &script]).current_dir(env!("CARGO_MANIFEST_DIR"));
        // A `make` that runs the tests has flags of its own.
        command.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS");
        for variable in
            ["ALLY_JWT_SECRET", "ALLY_WEBHOOK_KEY", "ALLY_PREFIX", "NATS_URL", "DATABASE_URL", "ALLY_LOCAL_DIR"]
        {
            command.env(variable, system.variable(variable));
        }
        for (variable, role) in [
            ("GATEWAY_BFF", &gateway),
            ("PROFILE_ONBOARDING", &onboarding),
            ("PLANNING_ENGINE", &planner),
            ("REALTIME_PRESENCE_SERVICE", &presence),
            ("PROJECTOR", &projector),
        ] {
            command.env(format!("{variable}_PORT"), port(&role.http));
            command.env(format!("{variable}_METRICS_PORT"), port(&role.metrics));
        }
        let output = command.env("NATS_MONITOR_PORT", &monitor).output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{script}\n{shown}\n{}", String::from_utf8_lossy(&output.stderr));
        for expected in expects {
            assert!(shown.contains(expected), "the {who} does not see {expected:?}:\n{shown}");
        }
    }
    system.remove().await;
}
