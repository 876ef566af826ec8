//! What counts as one host.

use url::{Host, Url};

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
