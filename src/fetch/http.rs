//! Fetching over HTTP: capped, guarded, by hand from hop to hop.

mod body;
mod errors;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use reqwest::{Client, Response};
use url::Url;

use super::guard::{self, Refusal};
use super::resolve::{Guarded, LookUp, SystemNames};
use super::{Fetch, FetchError, Policy};
use crate::source::{HttpReply, HttpRequest, Reply, Request};
use body::Bodies;

/// The same for every request: validators belong to it too (`sources.md` §1.1). zstd is left out
/// since its decoder allocates a window of up to 128 MB on a stranger's word.
const ENCODINGS: &str = "gzip, br";
/// Headers of one answer, by number and by bytes. Real answers have 10 to 40.
const MAX_HEADERS: usize = 128;
const MAX_HEADER_BYTES: usize = 64 << 10;
/// Distinct `allow_private` lists with a client of their own; the oldest makes room.
const MAX_CLIENTS: usize = 32;
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
pub struct HttpFetch {
    connect_timeout: Duration,
    user_agent: HeaderValue,
    names: Arc<dyn LookUp>,
    /// For sources that may reach public addresses only: nearly all.
    public: Client,
    clients: Mutex<Vec<(Arc<[String]>, Client)>>,
    bodies: Bodies,
}

impl HttpFetch {
    /// Prepares TLS and the system's resolver; fails when the contact does not fit a header, or
    /// when the machine has no certificate authorities.
    pub fn new(settings: HttpSettings) -> anyhow::Result<HttpFetch> {
        HttpFetch::with_names(settings, Arc::new(SystemNames::new()?))
    }

    /// The same with names looked up elsewhere.
    pub fn with_names(settings: HttpSettings, names: Arc<dyn LookUp>) -> anyhow::Result<HttpFetch> {
        let HttpSettings { contact, connect_timeout, in_flight } = settings;
        Ok(HttpFetch {
            connect_timeout,
            user_agent: user_agent(contact.as_deref())?,
            public: client(&names, &Arc::from([]), connect_timeout)?,
            names,
            clients: Mutex::new(Vec::new()),
            bodies: Bodies::new(in_flight),
        })
    }

    /// The client whose resolver lets this list through: reqwest tells a resolver the name alone,
    /// not for which request it is.
    fn client_for(&self, allow_private: &[String]) -> Result<Client, FetchError> {
        if allow_private.is_empty() {
            return Ok(self.public.clone());
        }
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = clients.iter().find(|(list, _)| **list == *allow_private) {
            return Ok(known.clone());
        }
        let list = Arc::from(allow_private);
        let new = client(&self.names, &list, self.connect_timeout)
            .map_err(|error| FetchError::Broken(format!("no client: {error:#}")))?;
        if clients.len() >= MAX_CLIENTS {
            clients.remove(0);
        }
        clients.push((list, new.clone()));
        Ok(new)
    }

    async fn follow(&self, asked: &HttpRequest, policy: &Policy) -> Result<HttpReply, FetchError> {
        guard::check(&asked.url, &policy.allow_private)?;
        let client = self.client_for(&policy.allow_private)?;
        let mut headers = self.headers(asked)?;
        let mut url = asked.url.clone();
        url.set_fragment(None);
        let mut permanent = true;
        let mut hops = 0;
        loop {
            let response = self.ask(&client, &url, &headers).await?;
            let status = response.status().as_u16();
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                let moved = (hops > 0 && permanent).then(|| url.clone());
                return self.reply(response, url, moved, policy).await;
            }
            let next = location(&response, &url).filter(|_| hops < policy.max_redirects);
            let next = next.ok_or(FetchError::Redirects(policy.max_redirects))?;
            guard::check_hop(&url, &next, &policy.allow_private)?;
            if !same_site(&url, &next) {
                keep_impersonal(&mut headers);
            }
            permanent &= matches!(status, 301 | 308);
            hops += 1;
            url = next;
        }
    }

    async fn ask(
        &self,
        client: &Client,
        url: &Url,
        headers: &HeaderMap,
    ) -> Result<Response, FetchError> {
        client
            .get(url.clone())
            .headers(headers.clone())
            .send()
            .await
            .map_err(|error| errors::classify(&error, url, self.connect_timeout))
    }

    /// What is sent, ours last so that no source changes who we say we are.
    fn headers(&self, asked: &HttpRequest) -> Result<HeaderMap, FetchError> {
        let mut headers = HeaderMap::with_capacity(asked.headers.len() + 2);
        for (name, value) in &asked.headers {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(HeaderValue::from_bytes(value).ok())
                .ok_or_else(|| FetchError::Refused {
                    target: asked.url.host_str().unwrap_or_default().to_owned(),
                    why: format!("the request header `{name}` holds what HTTP does not allow"),
                })?;
            headers.append(parsed.0, parsed.1);
        }
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS));
        Ok(headers)
    }

    async fn reply(
        &self,
        response: Response,
        url: Url,
        moved: Option<Url>,
        policy: &Policy,
    ) -> Result<HttpReply, FetchError> {
        let status = response.status().as_u16();
        let headers = plain_headers(response.headers())?;
        let body = self.bodies.read(response, policy.max_bytes).await?;
        Ok(HttpReply { status, headers, body, url, moved })
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    /// Follows redirects by hand, since the guard has to see every hop, and since only then the
    /// status of every hop is known.
    async fn fetch(&self, request: &Request, policy: &Policy) -> Result<Reply, FetchError> {
        let Request::Http(asked) = request;
        // One deadline over everything: a server that sends a byte now and then never trips a
        // timeout that starts anew with each of them.
        tokio::time::timeout(policy.deadline, self.follow(asked, policy))
            .await
            .map_err(|_| FetchError::Timeout(policy.deadline))?
            .map(Reply::Http)
    }
}

impl From<Refusal> for FetchError {
    fn from(refusal: Refusal) -> FetchError {
        FetchError::Refused { target: refusal.target, why: refusal.why.to_string() }
    }
}

fn client(
    names: &Arc<dyn LookUp>,
    allow_private: &Arc<[String]>,
    connect_timeout: Duration,
) -> reqwest::Result<Client> {
    Client::builder()
        .dns_resolver(Guarded {
            names: Arc::clone(names),
            allow_private: Arc::clone(allow_private),
        })
        .redirect(reqwest::redirect::Policy::none())
        // HTTP_PROXY would bypass the resolver, and with it the guard.
        .no_proxy()
        .referer(false)
        .no_zstd()
        .no_deflate()
        .connect_timeout(connect_timeout)
        // An idle connection costs 33 to 39 kB for an hour of silence, and one that the server
        // closes at the moment of its second use looks like a failure of the source.
        .pool_max_idle_per_host(0)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(64 << 10)
        .build()
}

/// `vigie/0.1.0 (+https://example.org/vigie; ops@example.org)`: who asks and where to complain.
fn user_agent(contact: Option<&str>) -> anyhow::Result<HeaderValue> {
    let version = env!("CARGO_PKG_VERSION");
    let text = match contact.map(str::trim).filter(|contact| !contact.is_empty()) {
        Some(contact) => format!("vigie/{version} (+{contact})"),
        None => format!("vigie/{version} (feed monitor; no contact configured)"),
    };
    HeaderValue::from_str(&text).ok().filter(|value| value.as_bytes().is_ascii()).ok_or_else(|| {
        anyhow::anyhow!("the contact is not one line of ASCII, as a header needs: {text:?}")
    })
}

/// Where a redirect leads; `None` when it leads nowhere.
fn location(response: &Response, from: &Url) -> Option<Url> {
    // Some servers send raw UTF-8 here, which the URL parser escapes as browsers do.
    let text = std::str::from_utf8(response.headers().get(LOCATION)?.as_bytes()).ok()?;
    let mut url = from.join(text).ok()?;
    url.set_fragment(None);
    Some(url)
}

/// Same host, and same port but for the step from port 80 to 443: others may listen on the rest.
fn same_site(from: &Url, to: &Url) -> bool {
    let upgraded = from.port().is_none() && to.port().is_none();
    from.host() == to.host()
        && (from.port_or_known_default() == to.port_or_known_default() || upgraded)
}

/// Leaves only what says nothing about who asks or what was read before. A list of what stays:
/// tokens come under too many names to list what goes, and validators belong to the old URL.
fn keep_impersonal(headers: &mut HeaderMap) {
    let stays = ["accept", "accept-language", "a-im", "user-agent", "accept-encoding"];
    let kept = headers
        .iter()
        .filter(|(name, _)| stays.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    *headers = kept;
}

fn plain_headers(headers: &HeaderMap) -> Result<Vec<(String, Vec<u8>)>, FetchError> {
    let bytes: usize =
        headers.iter().map(|(name, value)| name.as_str().len() + value.as_bytes().len()).sum();
    if headers.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(FetchError::Broken(format!(
            "{} headers of {bytes} bytes are too many",
            headers.len()
        )));
    }
    Ok(headers.iter().map(|(n, v)| (n.as_str().to_owned(), v.as_bytes().to_vec())).collect())
}

#[cfg(test)]
mod tests;
