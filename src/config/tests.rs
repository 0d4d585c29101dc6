use super::*;

fn load(toml: &str) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ally.toml");
    std::fs::write(&file, toml).unwrap();
    Config::load(Some(&file), &[])
}

#[test]
fn the_defaults_are_the_ports_of_the_founding_document() {
    let config = load("").unwrap();
    assert_eq!(config.ports.gateway, RolePorts { http: 4000, metrics: 9464 });
    assert_eq!(config.ports.onboarding, RolePorts { http: 4101, metrics: 9465 });
    assert_eq!(config.ports.planner, RolePorts { http: 4102, metrics: 9466 });
    assert!(config.ports.host.is_loopback());
}

#[test]
fn a_flag_wins_over_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ally.toml");
    std::fs::write(&file, "[nats]\nprefix = \"from-file\"\n").unwrap();
    assert_eq!(Config::load(Some(&file), &[]).unwrap().nats.prefix, "from-file");
    let config = Config::load(Some(&file), &[("nats.prefix", "from-flag".into())]).unwrap();
    assert_eq!(config.nats.prefix, "from-flag");
}

#[test]
fn a_wrong_value_is_named_with_the_place_it_came_from() {
    let error = load("[ports.gateway]\nhttp = \"many\"\nmetrics = 1\n").unwrap_err().to_string();
    assert!(error.contains("ports.gateway.http") && error.contains("ally.toml"), "{error}");
    let error = load("[ports]\ngatway = 1\n").unwrap_err().to_string();
    assert!(error.contains("gatway"), "{error}");
}

#[test]
fn every_unusable_value_is_named_at_once() {
    let toml =
        "[nats]\nprefix = \"a.b\"\nreplicas = 2\n[auth]\njwt_secret = \"short\"\n[observability]\nsample_ratio = 2.0\n";
    let ConfigError::Unusable(faults) = load(toml).unwrap_err() else { panic!("readable") };
    let names: Vec<&str> = faults.iter().filter_map(|fault| fault.split(' ').next()).collect();
    assert_eq!(names, ["ALLY_PREFIX", "NATS_REPLICAS", "ALLY_JWT_SECRET", "OTEL_TRACES_SAMPLER_ARG"]);
}

#[test]
fn two_listeners_on_one_port_are_refused() {
    let error = load("[ports.gateway]\nhttp = 4000\nmetrics = 4101\n").unwrap_err().to_string();
    assert!(error.contains("4101"), "{error}");
}

#[test]
fn a_file_that_is_named_must_exist() {
    let error = Config::load(Some(Path::new("nowhere.toml")), &[]).unwrap_err().to_string();
    assert!(error.contains("nowhere.toml"), "{error}");
}

#[test]
fn what_is_shown_holds_no_secret() {
    let toml = "[auth]\njwt_secret = \"0123456789abcdef0123456789abcdef\"\n[database]\nurl = \"postgres://ally:hunter2@db:5432/ally\"\n";
    let config = load(toml).unwrap();
    let shown = format!("{}{config:?}", serde_json::to_string(&config).unwrap());
    assert!(!shown.contains("hunter2") && !shown.contains("0123456789abcdef"), "{shown}");
    assert!(shown.contains("postgres://ally:********@db:5432/ally"), "{shown}");
}
