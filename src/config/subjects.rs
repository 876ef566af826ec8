//! The tables of which there are many: watches, sources, recipients.

use toml::Spanned;
use toml::de::DeValue;

use super::check::Context;
use super::roster::Lists;
use super::table::{At, Place, Problems, TableReader};
use super::{Recipient, SourceConfig};
use crate::diagnostic::Diagnostic;
use crate::model::{Lang, Roster, Sensitivity, SourceId, Watch, WatchId};
use crate::query::{Known, Query, lint};
use crate::source::KINDS;
use crate::text::nearest::nearest;

/// A watch, where its query and its recipients were written, and whom it adds to the lists of all
/// watches.
pub(super) struct WatchEntry {
    pub watch: Watch,
    pub query: Place,
    pub recipients: Vec<At<String>>,
    pub lists: Lists,
}

pub(super) fn watch(
    value: Spanned<DeValue<'_>>,
    file: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<At<WatchEntry>> {
    let mut table = TableReader::new(value, file, problems)?;
    let id = table.required_text("id").and_then(|id| slug(id, &mut table, WatchId::new));
    let name = table.text("name").map(|name| name.value);
    let query = table.required_text("query");
    let languages = table.texts("languages");
    let languages = languages.into_iter().filter_map(|l| language(&l, &mut table)).collect();
    let sensitivity = sensitivity(&mut table);
    let timezone = timezone(&mut table);
    let recipients = table.texts("recipients");
    let lists = Lists::of_watch(&mut table);
    let place = table.place.clone();
    if let Some(At { value, place }) = &query {
        let wrong = Query::parse(value).err().unwrap_or_default();
        point_into(place, value, wrong, context, table.problems());
    }
    table.finish();
    let (id, query) = (id?, query?);
    let watch = Watch {
        name: name.unwrap_or_else(|| id.to_string()),
        id,
        query: query.value,
        languages,
        sensitivity,
        timezone,
        recipients: recipients.iter().map(|r| r.value.clone()).collect(),
        roster: Roster::default(),
    };
    let value = WatchEntry { watch, query: query.place, recipients, lists };
    Some(At { value, place })
}

/// Holds the queries of all watches against what there is to name.
pub(super) fn check_queries(
    watches: &[At<WatchEntry>],
    known: &Known<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) {
    for WatchEntry { watch, query, .. } in watches.iter().map(|watch| &watch.value) {
        point_into(query, &watch.query, lint(&watch.query, known), context, problems);
    }
}

/// Problems of a query point into the query where the file spells it out letter by letter.
fn point_into(
    place: &Place,
    query: &str,
    found: Vec<Diagnostic>,
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let Place { file, span } = place;
    let written = context.files.get(*file).and_then(|f| f.text.get(span.start + 1..span.end - 1));
    for mut problem in found {
        if written == Some(query) {
            problem = problem.shifted(span.start + 1);
        } else {
            problem.span = span.clone();
        }
        problems.push(*file, problem);
    }
}

fn sensitivity(table: &mut TableReader<'_, '_>) -> Sensitivity {
    let Some(word) = table.text("sensitivity") else { return Sensitivity::default() };
    let known = Sensitivity::ALL.into_iter().find(|s| s.as_str() == word.value);
    known.unwrap_or_else(|| {
        let title = format!("unknown sensitivity `{}`", word.value);
        let help = "known: prudent, balanced, sensitive";
        table.problems().error(&word.place, title, "unknown", help);
        Sensitivity::default()
    })
}

fn timezone(table: &mut TableReader<'_, '_>) -> String {
    let Some(zone) = table.text("timezone") else { return "Europe/Paris".to_owned() };
    if jiff::tz::TimeZone::get(&zone.value).is_err() {
        let title = format!("unknown time zone `{}`", zone.value);
        let help = "write an IANA name: \"Europe/Paris\", \"America/Montreal\"";
        table.problems().error(&zone.place, title, "unknown", help);
    }
    zone.value
}

pub(super) fn source(
    value: Spanned<DeValue<'_>>,
    file: usize,
    problems: &mut Problems,
) -> Option<At<SourceConfig>> {
    let span = value.span();
    let mut table = TableReader::new(value, file, problems)?;
    let id = table.required_text("id").and_then(|id| slug(id, &mut table, SourceId::new));
    let kind = table.required_text("kind");
    let every = table.duration("every").filter(|every| {
        let polite = every.value.as_secs() >= 60;
        if !polite {
            let title = "polling interval is below the floor of 60s";
            table.problems().error(
                &every.place,
                title,
                "too fast",
                "be polite: use \"5m\" or more",
            );
        }
        polite
    });
    let allow_private = table.texts("allow_private").into_iter().map(|host| host.value).collect();
    let lang = table.text("lang").and_then(|lang| language(&lang, &mut table));
    let place = table.place.clone();
    let kind = kind?;
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
    let Some(known) = KINDS.iter().find(|known| known.name() == kind.value) else {
        let all = names.join(", ");
        let help = match nearest(&kind.value, &names) {
            Some(near) => format!("did you mean `{near}`? known kinds: {all}"),
            None => format!("known kinds: {all}"),
        };
        let title = format!("unknown source kind `{}`", kind.value);
        table.problems().error(&kind.place, title, "no such kind", &help);
        return None;
    };
    // The kind knows its own options and reports the ones it does not know.
    let rest = Spanned::new(span, DeValue::Table(table.rest()));
    match known.build(rest) {
        Ok(source) => {
            let value = SourceConfig {
                id: id?,
                kind: known.name(),
                source: source.into(),
                every: every.map(|every| every.value),
                allow_private,
                lang,
            };
            Some(At { value, place })
        }
        Err(wrong) => {
            for diagnostic in wrong {
                table.problems().push(file, diagnostic);
            }
            None
        }
    }
}

pub(super) fn recipient(
    value: Spanned<DeValue<'_>>,
    file: usize,
    problems: &mut Problems,
) -> Option<At<Recipient>> {
    let mut table = TableReader::new(value, file, problems)?;
    let id = table.required_text("id");
    let email = table.required_text("email");
    let name = table.text("name").map(|name| name.value);
    let lang = table.text("language").and_then(|lang| {
        let place = lang.place.clone();
        let lang = language(&lang, &mut table)?;
        if lang != Lang::FR && lang != Lang::EN {
            let title = format!("mails are not written in `{lang}`");
            table.problems().error(&place, title, "no such pack", "write \"fr\" or \"en\"");
        }
        Some(lang)
    });
    if let Some(email) = &email
        && super::address::domain_of(&email.value).is_none()
    {
        let title = format!("`{}` is no e-mail address", email.value);
        let help = "write \"name@example.org\"";
        table.problems().error(&email.place, title, "not an address", help);
    }
    let place = table.place.clone();
    table.finish();
    let (id, email) = (id?.value, email?.value);
    Some(At { value: Recipient { id, email, name, language: lang.unwrap_or(Lang::FR) }, place })
}

fn slug<T>(
    id: At<String>,
    table: &mut TableReader<'_, '_>,
    new: impl Fn(&str) -> Result<T, crate::model::id::BadSlug>,
) -> Option<T> {
    match new(&id.value) {
        Ok(slug) => Some(slug),
        Err(error) => {
            let diagnostic = Diagnostic::error(id.place.span, error.to_string())
                .label("not an id")
                .help("it names series and messages: write \"acme-fr\"");
            table.problems().push(id.place.file, diagnostic);
            None
        }
    }
}

fn language(text: &At<String>, table: &mut TableReader<'_, '_>) -> Option<Lang> {
    let lang = Lang::parse(&text.value);
    if lang.is_none() {
        let title = format!("`{}` is no language", text.value);
        let help = "write a two-letter code: \"fr\", \"en\"";
        table.problems().error(&text.place, title, "not a code", help);
    }
    lang
}
