//! Fetching over HTTP: capped, guarded, by hand from hop to hop.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::resolve::LookUp;
use super::{Fetch, FetchError, Policy};
use crate::source::{Reply, Request};

/// What all HTTP requests of one process share.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Who to write to about the requests: a page, a mail address, or both. Goes into User-Agent.
    pub contact: Option<String>,
    /// For the name, TCP and TLS together; a dead address must not cost the whole deadline.
    pub connect_timeout: Duration,
    /// Cap on the bodies being read at the same time, in bytes.
    pub in_flight: usize,
}

impl Default for HttpSettings {
    fn default() -> HttpSettings {
        HttpSettings {
            contact: None,
            connect_timeout: Duration::from_secs(10),
            in_flight: 64 << 20,
        }
    }
}

/// Fetches over HTTP/1.1 and HTTP/2. One per process.
pub struct HttpFetch {}

impl HttpFetch {
    /// Prepares TLS and the system's resolver; fails when the contact does not fit a header.
    pub fn new(settings: HttpSettings) -> anyhow::Result<HttpFetch> {
        let _ = settings;
        todo!()
    }

    /// The same with names looked up elsewhere.
    pub fn with_names(settings: HttpSettings, names: Arc<dyn LookUp>) -> anyhow::Result<HttpFetch> {
        let _ = (settings, names);
        todo!()
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn fetch(&self, _request: &Request, _policy: &Policy) -> Result<Reply, FetchError> {
        todo!()
    }
}
