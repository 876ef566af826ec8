//! An explanation as people read it: what matched is marked in the text, what did not has a reason
//! in words.

use crate::cli::output::Output;
use crate::model::finding::full_text;
use crate::model::{Item, Lang, Language, Opinion, Span};
use crate::query::{Why, merged};
use crate::rules::PressSite;
use crate::standing::Exclusion;
use crate::understand::{Declined, Explanation, Reason, Watches};

pub(super) fn show(item: &Item, said: &Explanation, watches: &Watches, output: &mut Output) {
    let text = full_text(&item.title, &item.text);
    let spans = merged(said.matches.iter().flat_map(|found| found.spans.clone()).collect());
    output.marked(&text, &spans);
    let confidence = said.language.confidence * 100.0;
    output.data(format!("  language   {} ({confidence:.0} % sure)", language(said.language)));
    let s = &said.sentiment;
    output.data(format!(
        "  tone       {} (negative {:.2}, neutral {:.2}, positive {:.2}, mixed {:.2})",
        s.label.as_str(),
        s.negative,
        s.neutral,
        s.positive,
        s.mixed
    ));
    for opinion in &s.opinions {
        output.data(format!("    {}", told(opinion)));
    }
    for evidence in &s.evidence {
        output.data(format!("    {:+.1}  {}", evidence.weight, evidence.text));
    }
    for spoken in &said.topics {
        output.data(format!("  topic      {} by: {}", spoken.topic, words(&text, &spoken.spans)));
        if let Some(alert) = said.alerts.get(&spoken.topic) {
            output.data(format!("             it alerts from {alert}"));
        }
    }
    if let Some(PressSite { host, country, class }) = &said.press {
        output.data(format!("  press      {host} ({}, {country})", class.as_str()));
    }
    for found in &said.matches {
        let (tone, by) = (found.tone.as_str(), words(&text, &found.spans));
        output.data(format!("  matches    {} ({tone}) by: {by}", found.watch));
        if let Some(aside) = &found.aside {
            output.data(format!("  aside      {}: {aside}; it counts for nothing", found.watch));
        }
    }
    for declined in &said.declined {
        let query = watches.iter().find(|(watch, _)| watch.id == declined.watch);
        let query = query.map(|(watch, _)| watch.query.as_str()).unwrap_or_default();
        let why = reason(declined, query, &text);
        output.data(format!("  no match   {}: {why}", declined.watch));
    }
    output.data("");
}

fn language(language: Language) -> String {
    language.code.map_or("undetermined".to_owned(), |code| code.to_string())
}

/// The pieces of a text, as they are written there.
fn words(text: &str, spans: &[Span]) -> String {
    spans.iter().map(|span| piece(text, *span)).collect::<Vec<_>>().join(", ")
}

fn piece(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

fn reason(declined: &Declined, query: &str, text: &str) -> String {
    let watch = &declined.watch;
    match &declined.reason {
        Reason::OnList { list: Exclusion::Author(entry) } => {
            format!("its author is on the exclusion list of `{watch}` (`{entry}`)")
        }
        Reason::OnList { list: Exclusion::Site(entry) } => {
            format!("its site is on the exclusion list of `{watch}` (`{entry}`)")
        }
        Reason::Language { reads, language: found } => {
            let reads: Vec<&str> = reads.iter().map(Lang::code).collect();
            let (reads, found, sure) = (reads.join(", "), language(*found), found.confidence);
            format!("reads {reads} only, this is {found} ({sure:.2})")
        }
        Reason::Query(why) => {
            let (said, at) = because(why, text);
            // Places count from 1 and in characters, as in every other message.
            let column = query.get(..at).map_or(1, |before| before.chars().count() + 1);
            format!("{said} (query, column {column})")
        }
    }
}

/// The reason in words, and the byte of the query that asks for it.
fn because(why: &Why, text: &str) -> (String, usize) {
    match why {
        Why::Missing { any, at } => {
            let any: Vec<String> = any.iter().map(|term| format!("`{term}`")).collect();
            let one_of = if any.len() > 1 { "one of " } else { "" };
            (format!("needs {one_of}{}", any.join(", ")), at.start)
        }
        Why::Excluded { by, at, found } => {
            let found = found.map(|span| format!(", found as `{}`", piece(text, span)));
            (format!("excluded by `{by}`{}", found.unwrap_or_default()), at.start)
        }
        Why::Apart { left, right, within, ordered, at } => {
            let order = if *ordered { " and before it" } else { "" };
            let said =
                format!("`{left}` is there, but not within {within} words of `{right}`{order}");
            (said, at.start)
        }
        Why::Written { wants, found, at } => {
            (format!("needs `{wants}` as written, this says `{}`", piece(text, *found)), at.start)
        }
        Why::Elsewhere { wants, found, at } => {
            let found = piece(text, *found);
            (format!("needs `{wants}`, and `{found}` stands elsewhere in the text"), at.start)
        }
        Why::Field { wants, has, at } => {
            let has = if has.is_empty() { "none".to_owned() } else { has.join(", ") };
            (format!("needs `{wants}`, this has {has}"), at.start)
        }
    }
}

/// Who else had a say, in words.
fn told(opinion: &Opinion) -> String {
    match opinion {
        Opinion::Correction { tone, by, at } => {
            let by = by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
            let on = at.map(|at| format!(" on {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
            format!("corrected{by}{on}: {}", tone.as_str())
        }
        Opinion::Second { negative, neutral, positive, weight } => format!(
            "a second opinion, counting {:.0} %: negative {negative:.2}, neutral {neutral:.2}, \
             positive {positive:.2}",
            weight * 100.0
        ),
        Opinion::SecondFailed { reason } => format!("the second opinion failed: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemKey, Roster, Sensitivity, SourceId, Timestamp, Watch, WatchId};
    use crate::rules::Rules;
    use crate::understand::{Origin, explain};

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let watch = Watch {
            id: WatchId::new("acme").unwrap(),
            name: "Acme".to_owned(),
            query: query.to_owned(),
            languages: vec![Lang::FR],
            sensitivity: Sensitivity::Balanced,
            timezone: "Europe/Paris".to_owned(),
            recipients: Vec::new(),
            roster: Roster::default(),
        };
        let watches = Watches::compile(&[watch]).unwrap();
        let mut item = Item::new(ItemKey::of(&["1"]), "1");
        item.title = "Panne chez Orange".to_owned();
        item.text = "The network was down again this morning and nobody there knows why it was \
                     so; the fruit said box"
            .to_owned();
        let source = SourceId::new("press").unwrap();
        let origin = Origin {
            source: &source,
            kind: "feed",
            lang: None,
            author_lang: None,
            seen: Timestamp::UNIX_EPOCH,
        };
        let english = Language { code: Some(Lang::EN), confidence: 0.92 };
        let said = explain(&item, &origin, Some(english), &watches, &Rules::default());
        let text = full_text(&item.title, &item.text);
        let reasons: Vec<String> = said.declined.iter().map(|d| reason(d, query, &text)).collect();
        assert_eq!(reasons, [expected], "{query}");
    }

    #[test]
    fn the_first_part_that_fails_is_named_with_its_place() {
        check("orange (fibre OU forfait)", "needs one of `fibre`, `forfait` (query, column 8)");
        check("sfr", "needs `sfr` (query, column 1)");
        check("é sfr panne", "needs `e` (query, column 1)");
        check("orange -fruit", "excluded by `fruit`, found as `fruit` (query, column 9)");
        check(
            "orange SAUF (jus OU fruit)",
            "excluded by `fruit`, found as `fruit` (query, column 21)",
        );
        check(
            "orange NEAR/5 box",
            "`orange` is there, but not within 5 words of `box` (query, column 1)",
        );
        check(
            "orange ONEAR/5 panne",
            "`orange` is there, but not within 5 words of `panne` and before it (query, column 1)",
        );
        check("=orange", "needs `=\"orange\"` as written, this says `Orange` (query, column 1)");
        check(
            "text:orange",
            "needs `text:orange`, and `Orange` stands elsewhere in the text (query, column 1)",
        );
        check("orange source:forum", "needs `source:forum`, this has press (query, column 8)");
        check("orange author:anne", "needs `author:anne`, this has none (query, column 8)");
        check("sfr OR (orange -panne)", "excluded by `panne`, found as `Panne` (query, column 17)");
    }

    #[test]
    fn another_language_is_named_with_its_confidence() {
        check("orange", "reads fr only, this is en (0.92)");
    }
}
