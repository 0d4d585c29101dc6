//! Which addresses a webhook may be sent to: those of the public internet, and none that leads inside.
//!
//! An address is judged where it is connected to, so that a name which resolves to another one later gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ally_domain::webhook::EndpointUrl;
use reqwest::Url;

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRule {
    /// Those of the public internet, by https.
    Public,
    /// These, and the machine's own, also by http: for a developer's machine only.
    PublicAndLoopback,
}

/// Why nothing is sent to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// It is not encrypted.
    #[error("an endpoint is reached by https:// only")]
    Plain,
    /// It is no address.
    #[error("this is no address that can be reached")]
    NoAddress,
    /// It leads inside. The address is not in the text: what an internal name resolves to is nobody's who may enter one.
    #[error("it leads to no address of the public internet, and nothing is sent inside")]
    Inside {
        /// Which.
        address: IpAddr,
    },
}

impl AddressRule {
    /// Judges what can be judged before a name is looked up: the scheme, and an address that stands for itself.
    ///
    /// # Errors
    /// Why nothing would be sent there.
    pub fn check(self, url: &EndpointUrl) -> Result<(), Forbidden> {
        self.parsed(url).map(|_| ())
    }

    /// The same, and the address in parts.
    pub(super) fn parsed(self, url: &EndpointUrl) -> Result<Url, Forbidden> {
        let parsed = Url::parse(url.as_str()).map_err(|_| Forbidden::NoAddress)?;
        // The parser reads every spelling of a number as the address that it is: 0x7f.1 is 127.0.0.1.
        let literal = parsed.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if let Some(address) = literal {
            self.allow(address)?;
        }
        let plain_is_allowed = self == Self::PublicAndLoopback;
        if parsed.scheme() != "https" && !plain_is_allowed {
            return Err(Forbidden::Plain);
        }
        Ok(parsed)
    }

    /// Judges an address that is about to be connected to.
    ///
    /// # Errors
    /// When it leads inside.
    pub fn allow(self, address: IpAddr) -> Result<(), Forbidden> {
        let canonical = address.to_canonical();
        let own = self == Self::PublicAndLoopback && canonical.is_loopback();
        if own || is_public(canonical) { Ok(()) } else { Err(Forbidden::Inside { address }) }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The registry of special addresses (RFC 6890 and what it was updated by), without what is reachable from everywhere.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            // Inside of one large cloud this public address answers for the machine's own platform.
            | (168, 63, 129)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., ..)
    );
    !special
}

/// What is handed out to the public (2000::/3), without what is special in it, and without what carries an address of version 4
/// inside and so leads anywhere: Teredo and 6to4. NAT64 (64:ff9b::/96) and its like lie outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let handed_out = first & 0xe000 == 0x2000;
    let special = match first {
        // 2001::/23: Teredo, benchmarking, ORCHID and others; 2001:db8::/32: documentation.
        0x2001 => second < 0x0200 || second == 0x0db8,
        0x2002 => true,
        // 3fff::/20: documentation.
        0x3fff => second < 0x1000,
        _ => false,
    };
    handed_out && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSIDE: &[&str] = &[
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "168.63.129.16",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    const OUTSIDE: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
    ];

    #[test]
    fn what_leads_inside_is_refused_and_the_rest_is_not() {
        for inside in INSIDE {
            assert!(AddressRule::Public.allow(inside.parse().unwrap()).is_err(), "{inside}");
        }
        for outside in OUTSIDE {
            assert_eq!(AddressRule::Public.allow(outside.parse().unwrap()), Ok(()), "{outside}");
        }
    }

    #[test]
    fn the_switch_for_loopback_opens_nothing_else() {
        let opened: Vec<_> = INSIDE
            .iter()
            .filter(|inside| AddressRule::PublicAndLoopback.allow(inside.parse().unwrap()).is_ok())
            .collect();
        assert_eq!(opened, [&"127.0.0.1", &"127.255.0.1", &"::1", &"::ffff:127.0.0.1"]);
    }

    #[test]
    fn every_spelling_of_a_literal_address_is_judged_before_anything_is_looked_up() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]:8443/",
            "https://[::ffff:7f00:1]/",
            "https://127.0.0.1./",
        ] {
            let judged = AddressRule::Public.check(&url.parse().unwrap());
            assert!(matches!(judged, Err(Forbidden::Inside { .. })), "{url}: {judged:?}");
        }
        assert_eq!(AddressRule::Public.check(&"http://a.example/".parse().unwrap()), Err(Forbidden::Plain));
        assert_eq!(AddressRule::Public.check(&"https://a.example/".parse().unwrap()), Ok(()));
        assert_eq!(AddressRule::PublicAndLoopback.check(&"http://127.0.0.1:9/".parse().unwrap()), Ok(()));
    }
}
