//! Discourse forums: every public post, by the list of the newest ones.
//!
//! `/posts.json?before=ID` gives posts newest first. A poll goes down from the newest post to what
//! was read before, a page at a time; only when it has arrived there does the mark move up, so an
//! interrupted descent goes on where it was and leaves no hole.

mod descent;
mod post;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::Value;
use toml::de::DeValue;
use url::Url;

use self::descent::Descent;
use self::post::Forum;
use super::{
    Cursor, HttpReply, HttpRequest, KindOption, Page, Problem, Reason, Reply, Request, Source,
    SourceKind, Table, Unreadable, status,
};
use crate::diagnostic::Diagnostic;
use crate::model::Timestamp;

/// Posts of one answer; a Discourse gives fifty.
const MAX_POSTS: usize = 1_000;
/// Problems of one page that are told; the first ones tell the story.
const MAX_PROBLEMS: usize = 20;
/// A forum that says "too often" without saying for how long (its search does) is left alone so
/// long: its longest short-term window is a minute.
const UNSAID_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_hours(24);

const OPTIONS: &[KindOption] = &[
    KindOption { name: "url", required: true, help: "address of the forum's front page" },
    KindOption {
        name: "backfill",
        required: false,
        help: "how far back the first poll reads, in post numbers of the forum, 50 when absent, 20000 at most",
    },
];

/// The kind `discourse`.
pub struct DiscourseKind;

impl SourceKind for DiscourseKind {
    fn name(&self) -> &'static str {
        "discourse"
    }

    fn summary(&self) -> &'static str {
        "every public post of a Discourse forum, by the address of its front page"
    }

    fn options(&self) -> &'static [KindOption] {
        OPTIONS
    }

    fn example(&self) -> &'static str {
        "[[source]]\nid = \"example-forum\"\nkind = \"discourse\"\nurl = \"https://forum.example.org/\"\n"
    }

    fn build(&self, table: Table<'_>) -> Result<Box<dyn Source>, Vec<Diagnostic>> {
        let place = table.span();
        let DeValue::Table(options) = table.into_inner() else {
            return Err(vec![Diagnostic::error(place, "a source is a table of options")]);
        };
        let (mut wrong, mut home, mut backfill) = (Vec::new(), None, descent::FIRST_DEPTH);
        for (key, value) in &options {
            let read = match key.get_ref().as_ref() {
                "url" => address(value.get_ref()).map(|url| home = Some(url)),
                "backfill" => depth(value.get_ref()).map(|depth| backfill = depth),
                unknown => {
                    wrong.push(
                        Diagnostic::error(key.span(), format!("unknown option `{unknown}`"))
                            .label("no such option")
                            .help(format!("options of the kind discourse: {}", names())),
                    );
                    continue;
                }
            };
            if let Err((why, help)) = read {
                wrong.push(Diagnostic::error(value.span(), why).help(help));
            }
        }
        if !options.iter().any(|(key, _)| key.get_ref().as_ref() == "url") {
            wrong.push(
                Diagnostic::error(place, "a source of the kind `discourse` needs `url`")
                    .label("no `url` here")
                    .help("add url = \"https://…\", the address of the forum's front page"),
            );
        }
        match home {
            Some(home) if wrong.is_empty() => Ok(Box::new(Discourse { home, backfill })),
            _ => Err(wrong),
        }
    }
}

fn names() -> String {
    OPTIONS.iter().map(|option| option.name).collect::<Vec<_>>().join(", ")
}

/// What is wrong with a value, and the way out.
type Wrong = (String, &'static str);

/// The address of a forum, as a folder: what is asked stands under it.
fn address(value: &DeValue<'_>) -> Result<Url, Wrong> {
    let help = "write it whole, as in \"https://forum.example.org/\"";
    let text = value.as_str().ok_or_else(|| {
        (format!("`url` is a text between quotes, not {}", value.type_str()), help)
    })?;
    let mut url = Url::parse(text.trim())
        .map_err(|e| (format!("`{text}` is not a web address: {e}"), help))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err((format!("`{text}`: forums are read over http or https"), help));
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let folder = format!("{}/", url.path());
        url.set_path(&folder);
    }
    Ok(url)
}

fn depth(value: &DeValue<'_>) -> Result<u64, Wrong> {
    let help = "write a whole number of posts, as in backfill = 500";
    let written = value.as_integer().and_then(|number| number.to_string().parse::<u64>().ok());
    written
        .filter(|depth| (1..=descent::MAX_DEPTH).contains(depth))
        .ok_or_else(|| (format!("`backfill` is a number from 1 to {}", descent::MAX_DEPTH), help))
}

/// One configured forum.
#[derive(Debug)]
struct Discourse {
    /// Ends with a slash.
    home: Url,
    backfill: u64,
}

impl Source for Discourse {
    fn request(&self, cursor: &Cursor, _now: Timestamp) -> Request {
        let mut url = self.under("posts.json");
        if let Some(before) = cursor.state::<Descent>().before {
            url.query_pairs_mut().append_pair("before", &before.to_string());
        }
        let headers = vec![("accept".to_owned(), b"application/json".to_vec())];
        Request::Http(HttpRequest { url, headers })
    }

    fn read(&self, cursor: &Cursor, reply: &Reply, seen: Timestamp) -> Result<Page, Unreadable> {
        let Reply::Http(reply) = reply;
        if reply.status != 200 {
            return Err(refusal(reply, seen));
        }
        let posts = posts(reply)?;
        let ids: Vec<u64> = posts.iter().filter_map(post::id).collect();
        let read = Forum { home: &self.home }.read(&posts);
        let mut problems = read.problems;
        let mut descent = cursor.state::<Descent>();
        let step = descent.go_down(&ids, self.backfill, seen);
        problems.extend(step.problem.map(|what| Problem { what }));
        problems.truncate(MAX_PROBLEMS);
        let mut page = Page {
            items: read.items,
            removed: read.removed,
            problems,
            cursor: Cursor::from_state(&descent),
            more: step.more,
            ..Page::default()
        };
        page.pace.fresh = step.fresh;
        Ok(page)
    }

    fn address(&self) -> &Url {
        &self.home
    }
}

impl Discourse {
    fn under(&self, path: &str) -> Url {
        self.home.join(path).unwrap_or_else(|_| self.home.clone())
    }
}

/// The posts of an answer, as it wrote them.
fn posts(reply: &HttpReply) -> Result<Vec<Value>, Unreadable> {
    let at = status::shown(&reply.url);
    let wrong = |detail| Unreadable { reason: Reason::Parse, detail, retry_after: None };
    let body: Value = serde_json::from_slice(&reply.body).map_err(|e| {
        let is_page = reply.body.trim_ascii_start().starts_with(b"<");
        wrong(if is_page {
            format!("{at} is a web page: `url` must be the front page of a Discourse forum")
        } else {
            format!("{at} is not whole JSON: {e}")
        })
    })?;
    let Value::Object(mut fields) = body else {
        return Err(wrong(format!("{at} is no list of posts")));
    };
    match fields.remove("latest_posts") {
        Some(Value::Array(mut posts)) => {
            posts.truncate(MAX_POSTS);
            Ok(posts)
        }
        _ => Err(wrong(format!("{at} has no `latest_posts`: is it a Discourse forum?"))),
    }
}

/// Why a status other than 200 gave nothing. A Discourse says how long to wait in a header, in
/// the body, or not at all.
fn refusal(reply: &HttpReply, seen: Timestamp) -> Unreadable {
    let mut refused = status::refusal(reply, seen);
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if body.get("error_type").and_then(Value::as_str) == Some("not_logged_in") {
        refused.detail = format!(
            "{} shows its posts to its members only: nothing public to read here",
            status::shown(&reply.url)
        );
    }
    if reply.status == 429 {
        let said = body.pointer("/extras/wait_seconds").and_then(Value::as_f64);
        let said = said.filter(|seconds| *seconds > 0.0).map(|seconds| {
            Duration::try_from_secs_f64(seconds)
                .map_or(LONGEST_WAIT, |wait| wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
        });
        refused.retry_after = refused.retry_after.or(said).or(Some(UNSAID_WAIT));
    }
    refused
}
