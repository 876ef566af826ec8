//! The letter as plain text: complete, for readers, watches and consoles without HTML.

use std::fmt::Write as _;

use super::letter::{Letter, Quote};

/// Lays the letter out as text; lines end in LF, words are not wrapped.
pub fn text(letter: &Letter) -> String {
    let mut out = String::new();
    line(&mut out, &format!("{} — {}", letter.level, letter.event));
    line(&mut out, "");
    line(&mut out, &letter.verdict);
    if let Some(caution) = &letter.caution {
        line(&mut out, caution);
    }
    if let Some(news) = &letter.news {
        line(&mut out, news);
    }
    heading(&mut out, letter.numbers_title);
    let width = letter.numbers.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    for (label, value) in &letter.numbers {
        line(&mut out, &format!("{label:<width$}  {value}"));
    }
    if !letter.sparkline.is_empty() {
        heading(&mut out, letter.chart_title);
        line(&mut out, &letter.sparkline);
        line(&mut out, &letter.chart_alt);
    }
    list(&mut out, letter.why_title, &letter.why);
    if let Some(first) = &letter.first {
        heading(&mut out, letter.first_title);
        quote(&mut out, first);
    }
    heading(&mut out, letter.mentions_title);
    if letter.mentions.is_empty() {
        line(&mut out, letter.no_mentions);
    }
    for (index, mention) in letter.mentions.iter().enumerate() {
        if index > 0 {
            line(&mut out, "");
        }
        quote(&mut out, mention);
    }
    list(&mut out, letter.coverage_title, &letter.coverage);
    // RFC 3676 §4.3: a line "-- " begins the signature, which readers dim.
    line(&mut out, "\n-- ");
    for part in &letter.footer {
        line(&mut out, part);
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn heading(out: &mut String, title: &str) {
    let rule = "-".repeat(title.chars().count());
    line(out, &format!("\n{title}\n{rule}"));
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    heading(out, title);
    for entry in lines {
        line(out, entry);
    }
}

fn quote(out: &mut String, quote: &Quote) {
    line(out, &quote.byline);
    out.push_str("> ");
    for piece in &quote.pieces {
        // Asterisks are how plain text marks a word.
        let (before, after) = if piece.marked { ("*", "*") } else { ("", "") };
        let _infallible = write!(out, "{before}{}{after}", piece.text);
    }
    out.push('\n');
    if let Some(link) = &quote.link {
        line(out, link);
    }
}
