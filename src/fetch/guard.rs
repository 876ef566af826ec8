//! What may be asked: addresses that a source must not reach.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

use url::{Host, Url};

/// Ports that serve feeds and APIs. Any other is more likely a service of the operator's own
/// machine that a redirect tries to reach through us.
pub const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Why a target was refused, in words that name the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// What was asked for: `scheme://host:port`, never the path, which may hold a secret.
    pub target: String,
    pub why: Why,
}

/// The rule that a target broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    Scheme(String),
    /// A user name or password in the address.
    UserInfo,
    NoHost,
    Port {
        port: u16,
        host: String,
    },
    /// An address that is not of the public internet, and the host that led to it.
    Private {
        address: IpAddr,
        host: String,
    },
    /// A redirect from https to http.
    Downgrade,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Scheme(scheme) => write!(f, "scheme `{scheme}` is not http or https"),
            Why::UserInfo => f.write_str("the address holds a user name or password; remove it"),
            Why::NoHost => f.write_str("the address names no host"),
            Why::Port { port, host } => write!(
                f,
                "port {port} is not one of 80, 443, 8080, 8443; \
                 to allow it, add \"{host}\" to allow_private of this source"
            ),
            Why::Private { address, host } if address.to_string() == *host => write!(
                f,
                "{address} is not a public address; \
                 to allow it, add \"{host}\" to allow_private of this source"
            ),
            Why::Private { address, host } => write!(
                f,
                "{host} is at {address}, which is not a public address; \
                 to allow it, add \"{host}\" to allow_private of this source"
            ),
            Why::Downgrade => f.write_str("a redirect leads from https to plain http"),
        }
    }
}

/// Says whether a URL may be asked, before any name is looked up. Names are checked again by
/// their addresses when dialled ([`may_dial`]), since a name can resolve to anything.
pub fn check(url: &Url, allow_private: &[String]) -> Result<(), Refusal> {
    let refuse = |why| Err(Refusal { target: target(url), why });
    if !matches!(url.scheme(), "http" | "https") {
        return refuse(Why::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(Why::UserInfo);
    }
    let Some(host) = url.host() else { return refuse(Why::NoHost) };
    let name = plain(&host);
    if allows(allow_private, &name) {
        return Ok(());
    }
    if let Some(port) = url.port_or_known_default().filter(|port| !PORTS.contains(port)) {
        return refuse(Why::Port { port, host: name });
    }
    // The WHATWG parser has already turned 127.1, 0x7f000001 and 2130706433 into 127.0.0.1.
    let literal = match host {
        Host::Domain(_) => return Ok(()),
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
    };
    if may_dial(literal, &name, allow_private) {
        Ok(())
    } else {
        refuse(Why::Private { address: literal, host: name })
    }
}

/// Says whether a redirect may be followed: what [`check`] asks, and never from https to http.
pub fn check_hop(from: &Url, to: &Url, allow_private: &[String]) -> Result<(), Refusal> {
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(Refusal { target: target(to), why: Why::Downgrade });
    }
    check(to, allow_private)
}

/// Says whether an address to which `host` resolved may be dialled: a public one always, another
/// one only when the host or the address itself is listed.
pub fn may_dial(address: IpAddr, host: &str, allow_private: &[String]) -> bool {
    is_global(address)
        || allows(allow_private, host)
        || allows(allow_private, &unmapped(address).to_string())
}

/// Whether a host, a name or an address, is listed. Letter case, brackets and the final dot of a
/// name mean nothing.
pub fn allows(allow_private: &[String], host: &str) -> bool {
    allow_private.iter().any(|allowed| same_host(allowed, host))
}

fn same_host(allowed: &str, host: &str) -> bool {
    fn bare(text: &str) -> &str {
        text.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.')
    }
    let (allowed, host) = (bare(allowed), bare(host));
    match (allowed.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        (Ok(allowed), Ok(host)) => unmapped(allowed) == unmapped(host),
        (Err(_), Err(_)) => !host.is_empty() && allowed.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// A host as people write it in a list: no brackets around IPv6.
fn plain(host: &Host<&str>) -> String {
    match host {
        Host::Domain(name) => (*name).to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    }
}

fn target(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

/// Whether an address belongs to the public internet. IPv6 addresses that carry an IPv4 one
/// (mapped, NAT64, 6to4) are judged by what they carry, since that is what is reached.
pub fn is_global(address: IpAddr) -> bool {
    match unmapped(address) {
        IpAddr::V4(v4) => is_global_v4(v4),
        IpAddr::V6(v6) => is_global_v6(v6),
    }
}

/// The IPv4 address inside an IPv6 one, if there is one.
fn unmapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let v4 = |high: u16, low: u16| {
        IpAddr::V4(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
    };
    match v6.segments() {
        // ::ffff:0:0/96 mapped (RFC 4291 §2.5.5.2), and the translated form of RFC 2765.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => v4(high, low),
        // 64:ff9b::/96, NAT64 (RFC 6052 §2.1).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // 2002::/16, 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => v4(high, low),
        _ => address,
    }
}

/// Everything that the IANA registry of special addresses (RFC 6890) calls not global; the
/// standard library's own `is_global` is not stable.
fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, ..) => true, // this network, private, loopback
        (100, 64..=127, _) => true, // carrier-grade NAT (RFC 6598)
        (169, 254, _) => true,      // link local, where clouds keep their metadata
        (172, 16..=31, _) | (192, 168, _) => true,
        (192, 0, 0 | 2) => true,   // protocol assignments, documentation
        (192, 88, 99) => true,     // the retired 6to4 relay
        (198, 18..=19, _) => true, // benchmarks (RFC 2544)
        (198, 51, 100) | (203, 0, 113) => true, // documentation
        (224..=255, ..) => true,   // multicast, reserved, broadcast
        _ => false,
    };
    !special
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only 2000::/3 is handed out: that alone excludes ::, ::1, fc00::/7, fe80::/10, ff00::/8,
    // the discard prefix 100::/64 and the local NAT64 prefix 64:ff9b:1::/48.
    let handed_out = segments[0] & 0xe000 == 0x2000;
    let special = match (segments[0], segments[1]) {
        (0x2001, 0x0000..=0x01ff) => true, // protocol assignments, Teredo, benchmarks, ORCHID
        (0x2001, 0x0db8) => true,          // documentation
        (0x3fff, 0x0000..=0x0fff) => true, // documentation (RFC 9637)
        _ => false,
    };
    handed_out && !special
}

#[cfg(test)]
mod tests;
