//! Local web servers of the demo: one place each, as RSS, Atom and JSON Feed.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::story::{BRAND, PLACES, Post, Story};
use crate::model::{Clock, Timestamp};

/// Starts a server for each place; gives the addresses of their feeds.
pub(super) async fn serve(
    story: &Arc<Story>,
    clock: &Arc<dyn Clock>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> std::io::Result<Vec<String>> {
    let mut addresses = Vec::new();
    for place in 0..PLACES.len() {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        addresses.push(format!("http://{}/feed", listener.local_addr()?));
        let (story, clock, stop) = (story.clone(), clock.clone(), stop.clone());
        let inner = tasks.clone();
        tasks.spawn(async move {
            loop {
                let stream = tokio::select! {
                    accepted = listener.accept() => accepted.map(|(stream, _)| stream),
                    () = stop.cancelled() => return,
                };
                let Ok(stream) = stream else { continue };
                let (story, now) = (story.clone(), clock.now());
                inner.spawn(async move {
                    // The peer is this very process; a request that hangs is a bug to survive.
                    let answered = answer(stream, &story, place, now);
                    drop(tokio::time::timeout(Duration::from_secs(5), answered).await);
                });
            }
        });
    }
    Ok(addresses)
}

/// One request, one answer, good night: with an ETag, so that an unchanged feed costs a 304.
async fn answer(
    mut stream: TcpStream,
    story: &Story,
    place: usize,
    now: Timestamp,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0; 2048];
    while !request.windows(4).any(|w| w == b"\r\n\r\n") && request.len() < 16_384 {
        let n = stream.read(&mut chunk).await?;
        if n == 0 {
            break;
        }
        request.extend(chunk.iter().take(n));
    }
    let request = String::from_utf8_lossy(&request).to_lowercase();
    let page = story.page(place, now);
    let etag = format!("\"{}\"", page.first().map_or("none", |post| post.id.as_str()));
    let unchanged = request
        .lines()
        .any(|line| line.strip_prefix("if-none-match:").is_some_and(|tag| tag.trim() == etag));
    let response = if unchanged {
        format!("HTTP/1.1 304 Not Modified\r\netag: {etag}\r\nconnection: close\r\n\r\n")
    } else {
        let (kind, body) = match place {
            0 => ("application/rss+xml", rss(&page)),
            1 => ("application/atom+xml", atom(&page, now)),
            _ => ("application/feed+json", json(&page)),
        };
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}; charset=utf-8\r\netag: {etag}\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn link(post: &Post) -> String {
    format!("https://{}.example/{}", PLACES.get(post.place).unwrap_or(&"web"), post.id)
}

fn title(post: &Post) -> &str {
    if post.title.is_empty() { "" } else { &post.title }
}

fn rss(page: &[&Post]) -> String {
    let items: String = page
        .iter()
        .map(|post| {
            let date = jiff::fmt::rfc2822::to_string(&post.at.to_zoned(jiff::tz::TimeZone::UTC));
            format!(
                "<item><title>{}</title><link>{}</link><guid>{}</guid><pubDate>{}</pubDate>\
                 <author>{}</author><description>{}</description></item>",
                escaped(title(post)),
                link(post),
                link(post),
                date.unwrap_or_default(),
                escaped(&post.author),
                escaped(&post.text)
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel>\
         <title>La presse sur {BRAND}</title><link>https://presse.example/</link>\
         <description>Revue</description><language>fr</language>{items}</channel></rss>"
    )
}

fn atom(page: &[&Post], now: Timestamp) -> String {
    let entries: String = page
        .iter()
        .map(|post| {
            format!(
                "<entry><id>{}</id><title>{}</title><link href=\"{}\"/><updated>{}</updated>\
                 <published>{}</published><author><name>{}</name></author>\
                 <content type=\"text\">{}</content></entry>",
                link(post),
                escaped(title(post)),
                link(post),
                post.at,
                post.at,
                escaped(&post.author),
                escaped(&post.text)
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" \
         xml:lang=\"fr\"><id>https://forum.example/</id><title>Forum</title>\
         <updated>{now}</updated>{entries}</feed>"
    )
}

fn json(page: &[&Post]) -> String {
    let items: Vec<serde_json::Value> = page
        .iter()
        .map(|post| {
            serde_json::json!({
                "id": link(post),
                "url": link(post),
                "title": title(post),
                "content_text": post.text,
                "date_published": post.at.to_string(),
                "authors": [{ "name": post.author }],
            })
        })
        .collect();
    serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Blogs",
        "language": "fr",
        "items": items,
    })
    .to_string()
}
