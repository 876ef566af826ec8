//! What counts as one host, and how often it may be asked.

use std::time::Duration;

use url::{Host, Url};

use crate::model::Timestamp;

/// The least time between two requests to one host.
pub const HOST_GAP: Duration = Duration::from_secs(1);

/// How long to wait before a host may be asked again, when it was last asked at `last`.
pub fn host_wait(last: Option<Timestamp>, now: Timestamp) -> Duration {
    let Some(last) = last else { return Duration::ZERO };
    // A clock that was set back must not make anybody wait longer than the gap.
    let since = Duration::try_from(now.duration_since(last)).unwrap_or(Duration::ZERO);
    HOST_GAP.saturating_sub(since)
}

/// What counts as one host for politeness: the registrable domain, since the subdomains of a site
/// share its machines. Addresses and names without one keep their port: different services.
pub fn host_of(url: &Url) -> String {
    let with_port = |host: &str| match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            psl::domain_str(&name).map_or_else(|| with_port(&name), str::to_owned)
        }
        Some(Host::Ipv4(address)) => with_port(&address.to_string()),
        Some(Host::Ipv6(address)) => with_port(&format!("[{address}]")),
        None => String::new(),
    }
}
