//! The letter as HTML: one template, every string escaped by the template engine.

use askama::Template;

use super::letter::Letter;

#[derive(Template)]
#[template(path = "alert.html", config = "src/notify/askama.toml")]
struct Page<'a> {
    letter: &'a Letter,
    chart: bool,
    chart_id: &'static str,
}

/// Lays the letter out as HTML; `chart` says whether an image of that name travels along.
pub fn page(letter: &Letter, chart: bool) -> String {
    let page = Page { letter, chart, chart_id: super::render::CHART_ID };
    // Writing into a string cannot fail; should it, the text part still says everything.
    page.render().unwrap_or_default()
}

/// Narrows the space before `;`, `!` and `?`, as French typography has it; mail clients that draw
/// a box for U+202F are text-only, and read the text part.
#[expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the filter macro writes them"
)]
mod filters {
    #[askama::filter_fn]
    pub(super) fn narrow<T: std::fmt::Display>(
        text: T,
        _: &dyn askama::Values,
    ) -> askama::Result<String> {
        let text = text.to_string();
        Ok([";", "!", "?"].iter().fold(text, |text, mark| {
            text.replace(&format!("\u{a0}{mark}"), &format!("\u{202f}{mark}"))
        }))
    }
}
