//! What went wrong, told from the chain of causes.

use std::error::Error;
use std::io;
use std::time::Duration;

use url::Url;

use crate::fetch::FetchError;
use crate::fetch::resolve::NoAddress;

/// Longer details are a server's words, not ours.
const MAX_DETAIL: usize = 300;

/// Names the failure of a request that got no answer.
pub(super) fn classify(error: &reqwest::Error, url: &Url, connect_timeout: Duration) -> FetchError {
    let host = url.host_str().unwrap_or_default().to_owned();
    match causes(error).find_map(|cause| cause.downcast_ref::<NoAddress>()) {
        Some(NoAddress::Unknown(detail)) => {
            return FetchError::Dns { host, detail: detail.clone() };
        }
        Some(NoAddress::Refused(why)) => {
            return FetchError::Refused { target: host, why: why.to_string() };
        }
        None => {}
    }
    if error.is_timeout() {
        return FetchError::Timeout(connect_timeout);
    }
    let detail = detail(error);
    if !error.is_connect() {
        return FetchError::Broken(detail);
    }
    // Errors of TCP come from the operating system and carry its number; those of TLS are made by
    // the library, and have none. Their types cannot be named without a dependency on rustls.
    let from_system = causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.raw_os_error().is_some());
    if url.scheme() == "https" && !from_system {
        FetchError::Tls { host, detail }
    } else {
        FetchError::Connect { host, detail }
    }
}

/// Names the failure of a body that began.
pub(super) fn broken(error: &reqwest::Error) -> FetchError {
    FetchError::Broken(detail(error))
}

fn causes<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'e (dyn Error + 'static)| (*cause).source())
}

/// The two innermost causes: the outer ones only say that something failed, and the outermost
/// names the URL, which may hold a secret.
fn detail(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = causes(error).map(ToString::to_string).collect();
    words.dedup();
    let start = words.len().saturating_sub(2);
    let text = words.split_off(start).join(": ");
    if text.is_empty() {
        "no reason given".to_owned()
    } else {
        text.chars().filter(|c| !c.is_control()).take(MAX_DETAIL).collect()
    }
}
