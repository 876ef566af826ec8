//! All talking to sources: once, politely, guarded, bounded.

pub mod guard;
pub mod http;
pub mod polite;
pub mod resolve;

use std::time::Duration;

use async_trait::async_trait;

use crate::source::{Reply, Request};

/// The port through which everything is read.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Asks and gives the whole answer, whatever its status. Ends within the policy's deadline.
    async fn fetch(&self, request: &Request, policy: &Policy) -> Result<Reply, FetchError>;
}

/// What one source may cost and where it may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Hosts (names or addresses) that may be reached although they are private.
    pub allow_private: Vec<String>,
    /// Cap on the decoded body.
    pub max_bytes: usize,
    /// For everything: connecting, redirects, the last byte.
    pub deadline: Duration,
    pub max_redirects: u32,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            allow_private: Vec::new(),
            max_bytes: 10 << 20,
            deadline: Duration::from_secs(30),
            max_redirects: 5,
        }
    }
}

/// Why there is no answer. The poller branches on none but shows each by its own name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("the name {host} does not resolve: {detail}")]
    Dns { host: String, detail: String },
    #[error("cannot connect to {host}: {detail}")]
    Connect { host: String, detail: String },
    #[error("TLS with {host} failed: {detail}")]
    Tls { host: String, detail: String },
    #[error("refused to reach {target}: {why}")]
    Refused { target: String, why: String },
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("more than {0} redirects, or one that goes nowhere")]
    Redirects(u32),
    #[error("the answer broke off: {0}")]
    Broken(String),
}

impl FetchError {
    /// The value of the label `result` of `vigie_source_polls_total`.
    pub fn reason(&self) -> &'static str {
        match self {
            FetchError::Timeout(_) => "timeout",
            FetchError::Dns { .. } => "dns",
            FetchError::Connect { .. } => "connect",
            FetchError::Tls { .. } => "tls",
            FetchError::Refused { .. } => "refused_ssrf",
            FetchError::TooLarge(_) => "too_large",
            FetchError::Redirects(_) => "redirect",
            FetchError::Broken(_) => "broken",
        }
    }
}
