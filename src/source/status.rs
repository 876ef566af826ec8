//! What an answer without a page means, and when its server wants to be asked again.

use std::time::Duration;

use url::Url;

use super::{HttpReply, Reason, Unreadable, dates};
use crate::model::Timestamp;

/// However long a server wants to be left alone, it is asked once a day.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Why a status other than 200, 226 and 304 gave nothing.
pub(super) fn refusal(reply: &HttpReply, seen: Timestamp) -> Unreadable {
    let status = reply.status;
    let (reason, meaning) = match status {
        401 => (Reason::Denied, "asks for a login"),
        403 => (Reason::Denied, "refuses to be read"),
        404 => (Reason::NotFound, "is not there"),
        410 => (Reason::Gone, "is gone for good"),
        429 => (Reason::RateLimited, "was asked too often"),
        400..=499 => (Reason::Http4xx, "refused the request"),
        503 => (Reason::Http5xx, "is out of service for now"),
        500..=599 => (Reason::Http5xx, "failed on its side"),
        300..=399 => (Reason::Parse, "redirects to nowhere"),
        _ => (Reason::Parse, "answered without a page to read"),
    };
    let mut detail = format!("{} {meaning} (HTTP {status})", shown(&reply.url));
    if let Some(wall) = reply.header_text("cf-mitigated") {
        // Cloudflare's bot wall: asking faster or otherwise will not help, its owner can.
        let wall: String = wall.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        detail = format!(
            "{detail}: stopped by Cloudflare's bot wall (cf-mitigated: {wall}), ask the site to let the feed through"
        );
    }
    Unreadable { reason, detail, retry_after: retry_after(reply, seen) }
}

/// `Retry-After`, in seconds or as a date; nothing when it is absent, past or unreadable.
fn retry_after(reply: &HttpReply, seen: Timestamp) -> Option<Duration> {
    let value = reply.header_text("retry-after")?.trim();
    let wait = match value.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 => {
            Duration::try_from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64())).ok()?
        }
        Ok(_) => return None,
        Err(_) => Duration::try_from(dates::parse(value)?.duration_since(seen)).ok()?,
    };
    (!wait.is_zero()).then(|| wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

/// An address for people and logs: without the name, password and keys it may carry.
pub(super) fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}
