use proptest::prelude::*;

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
fn what_nobody_sets_is_used_as_it_is_and_not_as_it_is_shown() {
    let config = load("").unwrap();
    assert_eq!(config.database.url.expose(), "postgres://ally@127.0.0.1:5432/ally");
    assert_eq!(config.nats.url.expose(), "nats://127.0.0.1:4222");
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
fn each_wrong_origin_is_named_with_what_is_wrong_with_it() {
    let toml = "[limits]\ncors_allowed_origins = \"https://a.org/app, capacitor://localhost,HTTPS://B.org:443/,*\"\n";
    let ConfigError::Unusable(faults) = load(toml).unwrap_err() else { panic!("readable") };
    let [path, scheme] = faults.as_slice() else { panic!("{faults:?}") };
    assert!(path.contains("https://a.org/app") && path.contains("it has a path"), "{path}");
    assert!(scheme.contains("\"*\"") && scheme.contains("it has no scheme"), "{scheme}");
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
    assert!(shown.contains("postgres://********@db:5432/ally"), "{shown}");
}

/// Secrets of parts that stand in nothing else, with every separator of an address between them.
fn secrets() -> impl Strategy<Value = (String, Vec<String>)> {
    let separators =
        prop::sample::select(vec!["/", "?", "#", "@", ":", "://", "%2F", "&", ",", "=", "+", ".", "-", ""]);
    let part = "[A-Z]{6,9}";
    (part, prop::collection::vec((separators, part), 0..4)).prop_map(|(first, more)| {
        let parts = std::iter::once(first.clone()).chain(more.iter().map(|(_, part)| part.clone())).collect();
        (more.iter().fold(first, |secret, (separator, part)| secret + separator + part), parts)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_part_of_any_secret_is_shown_or_said((secret, parts) in secrets()) {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut said = String::new();
        for nats in [format!("nats://u:{secret}@one:4222"), format!("nats://one,nats://{secret}@two")] {
            for database in [format!("postgres://u:{secret}@db:1/ally"), format!("postgres://db:1/ally?password={secret}")] {
                let text = format!(
                    "[nats]\nurl = {}\n[database]\nurl = {}\n[auth]\njwt_secret = {}\n[llm]\napi_key = {}\nbase_url = {}\n\
                     [observability]\notlp_endpoint = {}\n[archive]\nurl = {}\n",
                    quoted(&nats), quoted(&database), quoted(&secret.repeat(8)), quoted(&secret),
                    quoted(&format!("https://u:{secret}@model/v1?key={secret}")),
                    quoted(&format!("https://collector/?token={secret}")), quoted(&format!("s3://a:{secret}@bucket")),
                );
                match load(&text) {
                    Ok(config) => said += &format!("{config:?}{}", toml::to_string_pretty(&config).unwrap()),
                    Err(error) => said += &error.to_string(),
                }
                let wrong = text.replace("jwt_secret = ", "jwt_secret = [").replace("\n[llm]", "]\n[llm]");
                said += &load(&wrong).unwrap_err().to_string();
                let parsed: toml::Table = text.parse().unwrap();
                let config: Config = parsed.clone().try_into().unwrap();
                said += &format!("{config:?}{}", toml::to_string_pretty(&config).unwrap());
                let limits = ally_projections::DatabaseConfig::new(database.as_str());
                said += &format!("{limits:?}");
                if let Err(error) = ally_projections::Database::connect(limits) {
                    said += &error.to_string();
                }
                let nats = ally_nats::NatsConfig::new(nats.as_str());
                said += &format!("{nats:?}");
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                said += &runtime.block_on(async {
                    match ally_nats::JetStream::connect(nats).await {
                        Ok(jetstream) => jetstream.ready().await.unwrap_err(),
                        Err(error) => error.to_string(),
                    }
                });
                if let Err(error) = ally_telemetry::endpoint::traces_url(&format!("ftp://u:{secret}@collector")) {
                    said += &error.to_string();
                }
            }
        }
        for part in parts {
            prop_assert!(!said.contains(&part), "{part} of {secret}: {said}");
        }
    }
}

#[test]
fn a_file_that_is_not_toml_is_told_by_its_place_and_not_by_its_text() {
    for toml in [
        "[auth]\njwt_secret = hunter2hunter2hunter2hunter2hunter2\n",
        "[auth]\njwt_secret = \"hunter2\nissuer = \"a\"\n",
        "[auth]\njwt_secret = \"hunter2\" hunter2\n",
        "[auth]\njwt_secret = \"hunter2\"\njwt_secret = \"hunter2\"\n",
        "[nats]\nurl = \"nats://amy:hunter2@one\n",
        "[llm]\napi_key = \"hunter2\\q\"\n",
    ] {
        let error = load(toml).unwrap_err().to_string();
        assert!(!error.contains("hunter2") && error.contains("line "), "{toml}: {error}");
    }
}
