//! What a person gets wrong on the command line ends with a sentence and exit code 2, never with a backtrace.

use std::process::Output;

use crate::system::{System, ally};

fn sentence(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked") && !text.contains("backtrace"), "{text}");
    text
}

#[test]
fn wrong_input_is_exit_code_2_and_says_what_would_be_right() {
    for (arguments, says) in [
        (&["serve", "--role", "cook"][..], "planner"),
        (&["token"], "--sub"),
        (&["token", "--sub", "amy", "--minutes", "soon"], "soon"),
        (&["demo", "--athletes", "nowhere"], "--athletes"),
        (&["config", "show", "--config", "nowhere.toml"], "nowhere.toml"),
        (&["walk"], "walk"),
        (&["plan", "make", "--profile", "x.json", "--start", "9999-12-27"], "2199-12-31"),
        (&["dlq", "list", "--since", "9999-12-31T23:59:59-23:59"], "2199-12-31"),
        (&["events", "show", "job", "7", "--at-time", "0001-01-01T00:00:00Z"], "1900-01-01"),
        (&["dlq", "redrive", "--all", "--note", "why\u{1}"], "U+0001"),
        (&["dlq", "redrive", "--all", "--note", "why", "--as", "k\u{7f}m"], "U+007F"),
        (&["dlq", "list", "--fingerprint", "a\u{1}"], "U+0001"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = ally(arguments).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", sentence(&output));
        assert!(sentence(&output).contains(says), "{arguments:?}: {}", sentence(&output));
    }
}

#[test]
fn a_file_that_says_a_key_twice_is_no_profile() {
    let folder = tempfile::tempdir().unwrap();
    let twice = r#"{"injuries":[{"bodyPart":"knee","pain":8}],"injuries":[]}"#;
    std::fs::write(folder.path().join("twice.json"), twice).unwrap();
    let output = ally(&["plan", "make", "--profile", "twice.json"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence(&output).contains("injuries is said twice"), "{}", sentence(&output));
}

#[test]
fn a_wrong_variable_is_named_before_anything_binds() {
    for (variable, value) in [
        ("GATEWAY_BFF_PORT", "many"),
        ("NATS_REPLICAS", "2"),
        ("ALLY_PREFIX", "a.b"),
        ("ALLY_JWT_SECRET", "short"),
        ("DATABASE_URL", "mysql://x"),
        ("NATS_URL", "http://x"),
        ("ALLY_SERVERS", "mine"),
    ] {
        let output = ally(&["serve", "--role", "planner"]).env(variable, value).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{variable}={value}: {}", sentence(&output));
        assert!(sentence(&output).contains(variable), "{variable}={value}: {}", sentence(&output));
        assert!(output.stdout.is_empty(), "nothing was bound");
    }
}

/// As a file from Windows, or one whose syntax nobody has read, leaves them in the environment.
#[test]
fn quotes_around_a_variable_are_refused_and_a_carriage_return_is_nobody_s() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "0123456789abcdef0123456789abcdef";
    let token = |value: &str| {
        let mut command = ally(&["token", "--sub", "amy"]);
        command.env("ALLY_JWT_SECRET", value).current_dir(folder.path()).output().unwrap()
    };
    for quoted in [format!("\"{secret}\""), format!("\"{secret}\"\r"), format!("'{secret}'")] {
        let output = token(&quoted);
        assert_eq!(output.status.code(), Some(2), "{quoted:?}");
        let said = sentence(&output);
        assert!(said.contains("ALLY_JWT_SECRET stands in quotes") && !said.contains(secret), "{said}");
    }
    assert_eq!(token(&format!("{secret}\r")).status.code(), Some(0));
    for (variable, value) in [("GATEWAY_BFF_PORT", "4000\r"), ("NATS_URL", "nats://127.0.0.1:4222\r\n")] {
        let output = ally(&["config", "show"]).env(variable, value).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{variable}: {}", sentence(&output));
    }
    let quoted = ally(&["config", "show"]).env("GATEWAY_BFF_PORT", "\"4000\"").output().unwrap();
    assert!(sentence(&quoted).contains("GATEWAY_BFF_PORT stands in quotes"), "{}", sentence(&quoted));
}

#[test]
fn a_gateway_without_a_secret_does_not_start() {
    let output = ally(&["serve", "--role", "gateway"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence(&output).contains("ALLY_JWT_SECRET"), "{}", sentence(&output));
}

#[test]
fn a_taken_port_is_told_with_the_variable_that_moves_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = ally(&["serve", "--role", "planner"]).env("PLANNING_ENGINE_PORT", &port).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = sentence(&output);
    assert!(said.contains(&port) && said.contains("PLANNING_ENGINE_PORT"), "{said}");
}

#[test]
fn a_server_that_is_not_there_is_a_sentence() {
    let output = ally(&["migrate"]).env("DATABASE_URL", "postgres://ally@127.0.0.1:1/ally").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence(&output).contains("PostgreSQL"), "{}", sentence(&output));
    let output = ally(&["doctor", "--json"]).env("GATEWAY_BFF_PORT", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("ally serve --role gateway"));
}

#[test]
fn what_is_shown_of_the_configuration_holds_no_secret() {
    let system = System::new();
    let mut command = system.command(&["config", "show"]);
    let output = command.env("DATABASE_URL", "postgres://ally:hunter2@db/ally").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(!shown.contains("hunter2") && !shown.contains("a secret of tests"), "{shown}");
    assert!(shown.contains("http = 4000"), "{shown}");
}

/// Each of these showed the secret once: another server of a list, a slash, a parameter, a secret like an address.
#[test]
fn no_command_shows_a_secret_whatever_it_looks_like() {
    let secrets = [
        ("NATS_URL", "nats://127.0.0.1:1,nats://amy:hunter2@127.0.0.1:2"),
        ("NATS_URL", "nats://hunter2@127.0.0.1:1"),
        ("NATS_URL", "nats://127.0.0.1:hunter2"),
        ("DATABASE_URL", "postgres://ally:pass/hunter2@127.0.0.1:1/ally"),
        ("DATABASE_URL", "postgres://ally@127.0.0.1:1/ally?password=hunter2"),
        ("DATABASE_URL", "postgres://ally@127.0.0.1:1/ally?hunter2=x"),
        ("ALLY_JWT_SECRET", "a://b:hunter2 and so on, thirty-two bytes or more"),
        ("LLM_BASE_URL", "https://127.0.0.1:1/v1?key=hunter2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://amy:hunter2@127.0.0.1:1"),
        ("JAEGER_ENDPOINT", "https://amy:hunter2@127.0.0.1:1/api/traces"),
        ("ARCHIVE_URL", "s3://key:hunter2@bucket"),
    ];
    std::thread::scope(|scope| {
        for (variable, value) in secrets {
            for arguments in
                [&["config", "show"][..], &["doctor"], &["dlq", "list"], &["migrate"], &["streams", "apply"]]
            {
                scope.spawn(move || {
                    let folder = tempfile::tempdir().unwrap();
                    let mut command = ally(arguments);
                    command
                        .env("NATS_URL", "nats://127.0.0.1:1")
                        .env("DATABASE_URL", "postgres://ally@127.0.0.1:1/ally");
                    command.env("PLAN_PROVIDER", "llm").env("LLM_BASE_URL", "http://127.0.0.1:1").env("LLM_MODEL", "m");
                    let output = command.env(variable, value).current_dir(folder.path()).output().unwrap();
                    let said = format!(
                        "{}{}",
                        String::from_utf8_lossy(&output.stdout),
                        String::from_utf8_lossy(&output.stderr)
                    );
                    assert!(!said.contains("hunter2"), "{arguments:?} with {variable}={value}: {said}");
                });
            }
        }
    });
}

#[test]
fn the_committed_documents_are_the_ones_that_are_served() {
    for (arguments, file) in [
        (&["openapi"][..], "openapi.json"),
        (&["openapi", "--version", "3.0"], "openapi-3.0.json"),
        (&["openapi", "--service", "presence"], "presence.openapi.json"),
        (&["asyncapi"], "asyncapi.json"),
        (&["asyncapi", "--service", "presence"], "presence.asyncapi.json"),
    ] {
        let output = ally(arguments).output().unwrap();
        let committed = std::fs::read_to_string(format!("{}/api/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), committed.trim_end(), "run `make openapi`");
    }
}

#[test]
fn the_committed_page_of_metrics_is_that_of_the_list() {
    let output = ally(&["metrics"]).output().unwrap();
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), committed.trim_end(), "run `make metrics`");
}

#[test]
fn a_plan_is_exported_as_the_api_would() {
    let folder = tempfile::tempdir().unwrap();
    let profile = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/athletes/advanced-full-gym.json");
    let made = ally(&["plan", "make", "--profile", profile, "--start", "2027-01-04", "--json"]).output().unwrap();
    let file = folder.path().join("plan.json");
    std::fs::write(&file, made.stdout).unwrap();
    let file = file.to_str().unwrap();
    let export = |more: &[&str]| ally(&[&["plan", "export", file, "--format"], more].concat()).output().unwrap();
    let calendar = String::from_utf8(export(&["ics", "--start", "07:15", "--profile", profile]).stdout).unwrap();
    assert!(calendar.contains("BEGIN:VEVENT\r\n") && calendar.contains("DTSTART:20270104T0715"), "{calendar}");
    assert!(export(&["csv"]).stdout.starts_with(b"plan,version,week,"));
    assert!(export(&["md"]).stdout.starts_with(b"# Training plan\n"));
    let out = folder.path().join("w1d1.fit");
    let output = export(&["fit", "--session", "w1d1", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", sentence(&output));
    assert_eq!(&std::fs::read(out).unwrap()[8..12], b".FIT");
    for (arguments, says) in [(&["fit"][..], "--session"), (&["ics", "--session", "w9d9"], "w1d1")] {
        let output = export(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(sentence(&output).contains(says), "{}", sentence(&output));
    }
}
