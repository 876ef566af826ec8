//! Names to addresses, without those that a source must not reach.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{self, Why};

/// One question to a name server: two fit into [`LOOK_UP`], so that a lost packet loses nothing.
const QUESTION: Duration = Duration::from_secs(3);
/// A whole look-up. Less than the connect timeout, so that a silent name server is called one.
const LOOK_UP: Duration = Duration::from_secs(8);
/// Answers kept, in responses.
const CACHE: u64 = 4096;

/// Looks up names; a trait so that tests need no name server.
#[async_trait]
pub trait LookUp: Send + Sync {
    /// All addresses of a name, in the order to try them; the error is for people.
    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, String>;
}

/// The system's hosts file and name servers, with a cache, and without blocking a thread as the C
/// library's resolver would.
pub struct SystemNames {
    resolver: TokioResolver,
}

impl SystemNames {
    /// Reads `/etc/resolv.conf` once. Without one, the name server of this machine is asked, as
    /// the C library does; never a public one, which nobody chose.
    pub fn new() -> anyhow::Result<SystemNames> {
        let (config, mut options) = read_system_conf().unwrap_or_else(|problem| {
            tracing::warn!(%problem, "no usable /etc/resolv.conf: asking the name server on 127.0.0.1");
            let local = NameServerConfig::udp_and_tcp(IpAddr::V4(Ipv4Addr::LOCALHOST));
            (ResolverConfig::from_name_servers(vec![local]), ResolverOpts::default())
        });
        options.ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
        options.timeout = options.timeout.min(QUESTION);
        options.cache_size = CACHE;
        // A name that did not resolve is asked again by its source's own back-off; a long negative
        // answer must not outlive a repaired zone by hours.
        options.negative_max_ttl = Some(Duration::from_mins(1));
        let mut builder =
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options;
        Ok(SystemNames { resolver: builder.build()? })
    }
}

#[async_trait]
impl LookUp for SystemNames {
    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        match self.resolver.lookup_ip(name).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) if error.is_nx_domain() => Err("there is no such name".to_owned()),
            Err(error) if error.is_no_records_found() => Err("the name has no address".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Why a name gave no address to dial. Found again in the chain of causes of reqwest's error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAddress {
    #[error("{0}")]
    Unknown(String),
    #[error("{0}")]
    Refused(Why),
}

/// The resolver that reqwest dials by: what it gives has been checked, and nothing looks the name
/// up a second time, so a name that changes between the two (rebinding) gains nothing.
pub(super) struct Guarded {
    pub(super) names: Arc<dyn LookUp>,
    pub(super) allow_private: Arc<[String]>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allow) = (Arc::clone(&self.names), Arc::clone(&self.allow_private));
        Box::pin(async move {
            let addresses = dialable(&*names, name.as_str(), &allow).await?;
            // Port 0 stands for the one of the URL.
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

/// The addresses of a name that may be dialled; an error when there is none.
async fn dialable(
    names: &dyn LookUp,
    name: &str,
    allow_private: &[String],
) -> Result<Vec<IpAddr>, NoAddress> {
    let mut addresses = tokio::time::timeout(LOOK_UP, names.look_up(name))
        .await
        .map_err(|_| NoAddress::Unknown("the name servers do not answer".to_owned()))?
        .map_err(NoAddress::Unknown)?;
    let private = addresses
        .iter()
        .find(|address| !guard::may_dial(**address, name, allow_private))
        .map(|address| Why::Private { address: *address, host: name.to_owned() });
    addresses.retain(|address| guard::may_dial(*address, name, allow_private));
    match private {
        _ if !addresses.is_empty() => Ok(addresses),
        Some(why) => Err(NoAddress::Refused(why)),
        None => Err(NoAddress::Unknown("the name has no address".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(&'static [&'static str]);

    #[async_trait]
    impl LookUp for Fixed {
        async fn look_up(&self, _name: &str) -> Result<Vec<IpAddr>, String> {
            Ok(self.0.iter().map(|text| text.parse().unwrap()).collect())
        }
    }

    #[track_caller]
    fn check(answer: &'static [&'static str], allow: &[&str], dialled: Result<&[&str], &str>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let allow: Vec<String> = allow.iter().map(|host| (*host).to_owned()).collect();
        let found = runtime.block_on(dialable(&Fixed(answer), "news.example", &allow));
        match (found, dialled) {
            (Ok(found), Ok(dialled)) => {
                let found: Vec<String> = found.iter().map(ToString::to_string).collect();
                assert_eq!(found, dialled);
            }
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, _) => panic!("{answer:?} gave {found:?}"),
        }
    }

    #[test]
    fn only_public_answers_are_dialled() {
        check(&["93.184.215.14"], &[], Ok(&["93.184.215.14"]));
        check(&["10.0.0.1", "93.184.215.14", "::1"], &[], Ok(&["93.184.215.14"]));
        check(&["10.0.0.1"], &[], Err("news.example is at 10.0.0.1"));
        check(&["::ffff:169.254.169.254"], &[], Err("allow_private"));
        check(&[], &[], Err("no address"));
    }

    #[test]
    fn a_listed_name_or_address_is_dialled_although_private() {
        check(&["10.0.0.1"], &["news.example"], Ok(&["10.0.0.1"]));
        check(&["10.0.0.1", "10.0.0.2"], &["10.0.0.2"], Ok(&["10.0.0.2"]));
        check(&["10.0.0.1"], &["other.example"], Err("10.0.0.1"));
    }

    #[tokio::test]
    async fn localhost_needs_no_name_server() {
        let names = SystemNames::new().unwrap();
        let found = names.look_up("localhost").await.unwrap();
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
    }
}
