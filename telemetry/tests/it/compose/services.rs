//! What each service may do: no right too many, limits, health that is asked for, and nobody but the API reachable from outside.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{PROJECTS, compose, services, services_of, strings, text, variables, yaml};

/// The rights of those whose entrypoint begins as root and goes on as somebody else.
const ADDED_RIGHTS: &[(&str, &[&str])] = &[("postgres", &["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"])];
/// Who faces out, by `ALLY_BIND`, and on which port of the container.
const OPEN: &[(&str, &str)] = &[("gateway", "4000"), ("presence", "4103")];
const PROFILES: &[&str] = &["core", "observability", "cluster"];

/// Whether it runs to its end and is then done.
fn is_once(service: &Value) -> bool {
    service["restart"].as_str().is_some_and(|restart| restart.starts_with("on-failure"))
}

#[test]
fn every_service_has_no_right_that_it_does_not_need() {
    for (name, service) in services() {
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name} keeps rights");
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        assert_eq!(service["read_only"], true, "{name} could change its own image");
        let added = ADDED_RIGHTS.iter().find(|(service, _)| *service == name).map_or(&[][..], |(_, rights)| rights);
        assert_eq!(strings(&service["cap_add"]), added, "{name}");
        for wide in ["privileged", "network_mode", "pid", "ipc", "devices"] {
            assert!(service[wide].is_null(), "{name} has {wide}");
        }
    }
}

#[test]
fn every_service_has_limits_and_logs_that_end() {
    for (name, service) in services() {
        for limit in ["mem_limit", "cpus", "pids_limit"] {
            assert!(!service[limit].is_null(), "{name} has no {limit}");
        }
        let logging = &service["logging"];
        assert_eq!(logging["driver"], "json-file", "{name}");
        for option in ["max-size", "max-file", "labels"] {
            assert!(logging["options"][option].is_string(), "{name}'s logs have no {option}");
        }
        for tmpfs in strings(&service["tmpfs"]) {
            assert!(tmpfs.contains(":size="), "{name} may fill the memory with {tmpfs}");
        }
    }
}

#[test]
fn every_service_that_stays_is_asked_for_its_health() {
    let mut asked = 0;
    for (name, service) in services() {
        if is_once(&service) {
            continue;
        }
        let check = &service["healthcheck"];
        let test = strings(&check["test"]);
        assert!(test.first().is_some_and(|kind| kind == "CMD") && test.len() > 1, "{name} has no health check");
        for part in ["interval", "timeout", "retries"] {
            assert!(!check[part].is_null(), "{name}'s health check has no {part}");
        }
        asked += 1;
    }
    assert!(asked >= 15, "{asked} services");
}

#[test]
fn who_is_waited_for_is_healthy_or_done() {
    for project in PROJECTS {
        for (name, service) in services_of(project) {
            assert!(!service["depends_on"].is_array(), "{name} waits for nothing but a start");
            for (on, how) in service["depends_on"].as_object().into_iter().flatten() {
                let target = &yaml(project)["services"][on];
                let wanted = if is_once(target) { "service_completed_successfully" } else { "service_healthy" };
                assert_eq!(how["condition"], wanted, "{name} on {on}");
                // Waiting for somebody whose profile is off is an error.
                let profiles = strings(&target["profiles"]);
                assert!(profiles.is_empty() || profiles == strings(&service["profiles"]), "{name} on {on}");
            }
        }
    }
}

#[test]
fn only_the_api_and_presence_listen_beyond_this_machine() {
    let mut open = Vec::new();
    for (name, service) in services() {
        for port in strings(&service["ports"]) {
            if port.starts_with("${ALLY_BIND:-127.0.0.1}:") {
                open.push((name.clone(), port.rsplit_once(':').unwrap().1.to_owned()));
            } else {
                assert!(port.starts_with("127.0.0.1:"), "{name} publishes {port}");
            }
        }
    }
    // Whoever is reached by callers looks at their tokens, and does not start without what signs them.
    for (name, service) in services_of("compose.yaml") {
        let is_open = OPEN.iter().any(|(open, _)| *open == name);
        assert_eq!(!service["environment"]["ALLY_JWT_SECRET"].is_null(), is_open, "{name}");
    }
    let open: Vec<_> = open.iter().map(|(name, port)| (name.as_str(), port.as_str())).collect();
    assert_eq!(open, OPEN);
    // The preview publishes nothing else at all.
    let preview = yaml("preview.yaml");
    for (name, service) in services_of("compose.yaml") {
        let laid_over = &preview["services"][&name]["ports"];
        let is_open = OPEN.iter().any(|(open, _)| *open == name);
        let left = if laid_over.is_null() { strings(&service["ports"]) } else { strings(laid_over) };
        assert_eq!(left.len(), usize::from(is_open), "the preview publishes {left:?} of {name}");
    }
}

#[test]
fn each_service_is_on_the_networks_that_it_needs() {
    for (name, service) in services_of("compose.yaml") {
        let networks = strings(&service["networks"]);
        let faces_out = OPEN.iter().any(|(open, _)| *open == name);
        assert_eq!(networks.contains(&"api".to_owned()), faces_out, "{name} on {networks:?}");
        assert!(networks.contains(&"data".to_owned()), "{name} on {networks:?}");
        let is_store = name.starts_with("nats") && name != "nats-exporter" || name == "postgres";
        assert_eq!(networks.contains(&"monitoring".to_owned()), !is_store, "{name} on {networks:?}");
    }
    for (name, service) in services_of("monitoring.yaml") {
        assert_eq!(strings(&service["networks"]), ["monitoring"], "{name}");
    }
}

#[test]
fn the_monitoring_is_a_project_of_its_own() {
    let [platform, monitoring] = [yaml("compose.yaml"), yaml("monitoring.yaml")];
    assert_eq!((&platform["name"], &monitoring["name"]), (&json!("ally"), &json!("ally-monitoring")));
    assert!(platform["include"].is_null(), "what is included is of the same project");
    for shared in ["services", "volumes"] {
        let names = |project: &Value| project[shared].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert!(names(&platform).is_disjoint(&names(&monitoring)), "{shared} of both");
    }
    for project in [platform, monitoring] {
        assert_eq!(project["networks"]["monitoring"], json!({"name": "ally-monitoring", "external": true}));
    }
    for kind in ["sh", "ps1"] {
        let start = text(&compose(&format!("scripts/start-monitoring.{kind}")));
        assert!(start.contains("docker network create ally-monitoring"), "start-monitoring.{kind} makes no network");
    }
}

#[test]
fn each_service_of_the_platform_has_a_profile_that_can_be_chosen() {
    let mut seen = BTreeSet::new();
    for (name, service) in services_of("compose.yaml") {
        let profiles = strings(&service["profiles"]);
        assert!(profiles.len() == 1 && PROFILES.contains(&profiles[0].as_str()), "{name} is of {profiles:?}");
        seen.extend(profiles);
    }
    assert_eq!(seen.len(), PROFILES.len());
}

#[test]
fn a_cluster_is_three_servers_that_know_each_other() {
    let servers: Vec<_> = services_of("compose.yaml")
        .into_iter()
        .filter(|(_, service)| service["image"].as_str().is_some_and(|image| image.starts_with("nats:")))
        .map(|(name, service)| (name, strings(&service["command"])))
        .collect();
    assert_eq!(servers.len(), 3);
    let routes = text(&compose("nats/cluster.conf"));
    assert!(routes.contains("include ./nats.conf"), "a server of the cluster has other settings");
    let script = text(&compose("scripts/start-monitoring.sh"));
    let names: BTreeSet<_> = servers.iter().map(|(_, command)| command.last().unwrap()).collect();
    assert_eq!(names.len(), 3, "each has a name of its own: {servers:?}");
    for (host, command) in &servers {
        assert!(routes.contains(&format!("nats://{host}:6222\n")), "{host} has no route");
        assert!(script.contains(&format!("nats://{host}:4222")), "roles of a cluster do not know {host}");
        assert!(script.contains(&format!("http://{host}:8222")), "the exporter of a cluster does not ask {host}");
        assert!(command[1].ends_with("cluster.conf") || command[1].contains("NATS_CONFIG"), "{command:?}");
    }
    let streams = &yaml("compose.yaml")["services"]["streams"]["environment"]["NATS_REPLICAS"];
    assert_eq!(variables(streams.as_str().unwrap()), [("NATS_REPLICAS".to_owned(), Some("1".to_owned()))]);
    assert!(script.contains("set_value NATS_REPLICAS 3"));
}
