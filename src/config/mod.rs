//! Configuration: as written, checked whole, and as needed.

pub mod address;
pub mod bounded;
mod check;
mod events;
pub mod load;
mod opinion;
mod roster;
mod rules;
mod secrets;
mod sections;
mod subjects;
pub mod surroundings;
pub mod table;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::calendar::PlannedEvent;
use crate::model::secret::SecretString;
use crate::model::{Lang, SourceId, Watch};
use crate::rules::Rules;
use crate::source::Source;

pub use load::{Loaded, load};
pub use surroundings::Surroundings;

/// A configuration that is valid by construction.
#[derive(Clone)]
pub struct Config {
    pub store: StoreConfig,
    pub http: HttpConfig,
    pub fetch: FetchConfig,
    /// The built-in rules and the operator's own.
    pub rules: Rules,
    /// Where the operator's own are, and where corrections are written.
    pub rules_directory: Option<PathBuf>,
    pub mail: Option<MailConfig>,
    pub watches: Vec<Watch>,
    pub sources: Vec<SourceConfig>,
    pub recipients: Vec<Recipient>,
    /// What is planned: `[[event]]`.
    pub events: Vec<PlannedEvent>,
    /// SHA-256 of the text it was read from, 16 hex digits: the same on all nodes?
    pub hash: String,
}

#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The state directory: store, index, lock.
    pub directory: PathBuf,
}

#[derive(Debug, Clone)]
pub struct HttpConfig {
    pub listen: SocketAddr,
}

impl Default for HttpConfig {
    fn default() -> HttpConfig {
        HttpConfig { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)) }
    }
}

#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// Where a site can complain: a URL or an address, in the User-Agent.
    pub contact: Option<String>,
    /// Polls at the same time.
    pub parallel: usize,
}

impl Default for FetchConfig {
    fn default() -> FetchConfig {
        FetchConfig { contact: None, parallel: 64 }
    }
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct MailConfig {
    pub relay_host: String,
    pub relay_port: u16,
    pub tls: TlsMode,
    pub username: Option<String>,
    pub password: Option<SecretString>,
    /// `Vigie <alerts@example.org>`, checked.
    pub from: String,
    /// Right-hand side of Message-IDs.
    pub domain: String,
    /// PEM file of the authority that signed the relay's certificate, when it is a private one.
    pub ca_file: Option<PathBuf>,
}

/// How the connection to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS from the first byte (port 465).
    Implicit,
    /// STARTTLS, and no mail without it (the default).
    StartTls,
    /// Plain text: accepted for loopback only.
    None,
}

#[derive(Clone)]
pub struct SourceConfig {
    pub id: SourceId,
    pub kind: &'static str,
    pub source: Arc<dyn Source>,
    /// How often at most; the source's own wishes may make it rarer.
    pub every: Option<Duration>,
    pub allow_private: Vec<String>,
    /// The language when the source does not say.
    pub lang: Option<Lang>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub id: String,
    pub email: String,
    pub name: Option<String>,
    pub language: Lang,
}
