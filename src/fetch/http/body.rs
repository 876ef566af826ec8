//! Bodies: decoded, capped while they stream, and bounded together.

use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::errors;
use crate::fetch::FetchError;

/// Up to here a body is read without asking for room: nearly all are smaller.
const SMALL: usize = 256 << 10;
const KIB: usize = 1 << 10;

/// Room for the bodies being read at the same time: many hostile servers together must not
/// exhaust the memory that one of them cannot.
pub(super) struct Bodies {
    room: Semaphore,
    kib: usize,
}

impl Bodies {
    pub(super) fn new(bytes: usize) -> Bodies {
        let kib = (bytes / KIB).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Bodies { room: Semaphore::new(kib), kib }
    }

    /// Reads a body to its end, or to the cap. Waits for room, so give it a deadline.
    pub(super) async fn read(
        &self,
        mut response: Response,
        max_bytes: usize,
    ) -> Result<Vec<u8>, FetchError> {
        known_encoding(&response)?;
        // Known only when the body is not encoded; a server may lie, so it bounds nothing.
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > max_bytes) {
            return Err(FetchError::TooLarge(max_bytes));
        }
        let mut body = Vec::with_capacity(announced.unwrap_or(0).min(SMALL));
        let mut room = None;
        while let Some(chunk) = response.chunk().await.map_err(|error| errors::broken(&error))? {
            let grown = body.len() + chunk.len();
            if grown > max_bytes {
                return Err(FetchError::TooLarge(max_bytes));
            }
            if grown > SMALL && room.is_none() {
                room = Some(self.make_room(announced.unwrap_or(max_bytes)).await?);
            }
            body.extend_from_slice(&chunk);
        }
        drop(room);
        Ok(body)
    }

    /// Takes all that a body may need at once: bodies that each hold a part and wait for the rest
    /// would wait for each other.
    async fn make_room(&self, bytes: usize) -> Result<SemaphorePermit<'_>, FetchError> {
        let kib = u32::try_from(bytes.div_ceil(KIB).min(self.kib)).unwrap_or(u32::MAX);
        self.room.acquire_many(kib).await.map_err(|closed| FetchError::Broken(closed.to_string()))
    }
}

/// Refuses a body in an encoding that was not asked for, which would be read as noise: what is
/// decoded has lost the header.
fn known_encoding(response: &Response) -> Result<(), FetchError> {
    match response.headers().get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            let encoding = String::from_utf8_lossy(encoding.as_bytes()).into_owned();
            Err(FetchError::Broken(format!("the content encoding `{encoding}` was not asked for")))
        }
        _ => Ok(()),
    }
}
