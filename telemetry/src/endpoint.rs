//! Where spans go: the addresses that people configure, checked and mapped. Pure.

use url::{Host, Url};

use crate::grpc::EXPORT;
use crate::mask;

const OTLP_HTTP_PORT: u16 = 4318;
const TRACES_PATH: &str = "v1/traces";

/// An address that cannot be a collector's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is not a collector's address: {reason}; write for example http://localhost:4318")]
pub struct InvalidEndpoint {
    address: String,
    reason: String,
}

/// What a `JAEGER_ENDPOINT` was turned into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedEndpoint {
    /// The OTLP base URL on the same host.
    pub endpoint: String,
    /// What to tell the person who set it.
    pub warning: String,
}

/// The URL that spans are posted to: `/v1/traces` under a collector's base URL, or the URL itself where it says so already.
///
/// # Errors
/// When the text is no http or https URL.
pub fn traces_url(endpoint: &str) -> Result<String, InvalidEndpoint> {
    let url = parse(endpoint)?;
    let base = url.as_str().trim_end_matches('/');
    Ok(if base.ends_with(TRACES_PATH) { base.to_owned() } else { format!("{base}/{TRACES_PATH}") })
}

/// The URL of the call that spans are sent by over gRPC.
///
/// # Errors
/// When the text is no http URL: gRPC goes in the clear, to a collector beside the roles.
pub fn grpc_url(endpoint: &str) -> Result<String, InvalidEndpoint> {
    let mut url = parse(endpoint)?;
    if url.scheme() != "http" {
        return Err(invalid(endpoint, "gRPC is spoken in the clear here; over TLS use http/protobuf"));
    }
    url.set_path(EXPORT);
    Ok(url.into())
}

/// Maps the address of a Jaeger collector (`http://host:14268/api/traces`, a protocol that Jaeger itself has retired) to
/// OTLP on the same host.
///
/// # Errors
/// When the text is no http or https URL.
pub fn from_jaeger(address: &str) -> Result<MappedEndpoint, InvalidEndpoint> {
    let mut url = parse(address)?;
    url.set_path("");
    url.set_query(None);
    url.set_port(Some(OTLP_HTTP_PORT)).map_err(|()| invalid(address, "it has no host"))?;
    let endpoint = url.as_str().trim_end_matches('/').to_owned();
    let shown = mask::address(&endpoint);
    let warning = format!(
        "JAEGER_ENDPOINT names Jaeger's retired protocol; spans go to {shown} instead. Set OTEL_EXPORTER_OTLP_ENDPOINT={shown} and remove JAEGER_ENDPOINT"
    );
    Ok(MappedEndpoint { endpoint, warning })
}

/// Whether an address leads to the machine that asks.
#[must_use]
pub fn is_on_this_machine(address: &str) -> bool {
    match Url::parse(address).as_ref().map(Url::host) {
        Ok(Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Some(Host::Ipv4(ip))) => ip.is_loopback(),
        Ok(Some(Host::Ipv6(ip))) => ip.is_loopback(),
        _ => false,
    }
}

fn parse(address: &str) -> Result<Url, InvalidEndpoint> {
    let url = Url::parse(address.trim()).map_err(|error| invalid(address, error))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid(address, format!("{:?} is neither http nor https", url.scheme())));
    }
    Ok(url)
}

fn invalid(address: &str, reason: impl ToString) -> InvalidEndpoint {
    InvalidEndpoint { address: mask::address(address), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jaegers_old_address_becomes_otlp_on_the_same_host() {
        for (old, new) in [
            ("http://jaeger:14268/api/traces", "http://jaeger:4318"),
            ("http://localhost:14268/api/traces", "http://localhost:4318"),
            ("http://10.0.0.7:14268", "http://10.0.0.7:4318"),
            ("http://[::1]:14268/api/traces?format=jaeger.thrift", "http://[::1]:4318"),
            ("https://traces.example.org/api/traces", "https://traces.example.org:4318"),
        ] {
            let mapped = from_jaeger(old).unwrap();
            assert_eq!(mapped.endpoint, new);
            assert!(mapped.warning.contains(&format!("OTEL_EXPORTER_OTLP_ENDPOINT={new}")), "{}", mapped.warning);
        }
    }

    #[test]
    fn spans_are_posted_under_the_base_address() {
        for (endpoint, url) in [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("http://localhost:4318/", "http://localhost:4318/v1/traces"),
            ("https://otlp.example.org/tenant/a", "https://otlp.example.org/tenant/a/v1/traces"),
            ("http://localhost:4318/v1/traces", "http://localhost:4318/v1/traces"),
        ] {
            assert_eq!(traces_url(endpoint).as_deref(), Ok(url));
        }
    }

    #[test]
    fn a_call_of_grpc_stands_where_the_protocol_has_it() {
        for endpoint in ["http://localhost:4317", "http://localhost:4317/", "http://localhost:4317/v1/traces"] {
            assert_eq!(grpc_url(endpoint).unwrap(), format!("http://localhost:4317/{EXPORT}"));
        }
        let error = grpc_url("https://localhost:4317").unwrap_err().to_string();
        assert!(error.contains("http/protobuf"), "{error}");
    }

    #[test]
    fn this_machine_is_known_by_every_name_that_it_has() {
        for here in ["http://localhost:4318", "http://127.0.0.1:4318/v1", "https://[::1]/", "http://a.localhost"] {
            assert!(is_on_this_machine(here), "{here}");
        }
        for elsewhere in ["http://collector:4318", "http://10.0.0.7", "http://localhost.example.org", "nothing"] {
            assert!(!is_on_this_machine(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_an_example() {
        for wrong in ["", "localhost:4318", "jaeger", "grpc://jaeger:4317", "unix:/run/otel.sock"] {
            let error = traces_url(wrong).unwrap_err().to_string();
            assert!(error.contains("http://localhost:4318"), "{error}");
            assert!(from_jaeger(wrong).is_err(), "{wrong:?}");
        }
    }
}
