//! The whole of a configuration, put together and held against itself.

use std::collections::HashMap;
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;

use super::load::File;
use super::roster::Lists;
use super::sections::Sections;
use super::surroundings::Surroundings;
use super::table::{At, Place, Problems, TableReader};
use super::{Config, events, rules, subjects};
use crate::query::Known;
use crate::rules::Rules;

/// What `check` needs to know while it reads a file.
pub(super) struct Context<'a> {
    pub files: &'a [File],
    pub base: &'a Path,
    pub surroundings: &'a Surroundings,
}

/// Reads every table of every file, and the operator's rules, whose files it returns too. `None`
/// only when something without a default is missing.
pub(super) fn check(
    roots: Vec<Spanned<DeValue<'_>>>,
    files: &[File],
    base: &Path,
    surroundings: &Surroundings,
    problems: &mut Problems,
) -> (Option<Config>, Vec<File>) {
    let context = Context { files, base, surroundings };
    let mut sections = Sections::default();
    let mut watches = Vec::new();
    let mut sources = Vec::new();
    let mut recipients = Vec::new();
    let mut planned = Vec::new();
    for (file, root) in roots.into_iter().enumerate() {
        let Some(mut root) = TableReader::new(root, file, problems) else { continue };
        for table in tables(&mut root, "watch") {
            watches.extend(subjects::watch(table, file, &context, root.problems()));
        }
        for table in tables(&mut root, "source") {
            sources.extend(subjects::source(table, file, root.problems()));
        }
        for table in tables(&mut root, "recipient") {
            recipients.extend(subjects::recipient(table, file, root.problems()));
        }
        for table in tables(&mut root, "event") {
            planned.extend(events::event(table, file, root.problems()));
        }
        sections.read(&mut root, &context);
        root.finish();
    }

    unique("watch", watches.iter().map(|w| (w.value.watch.id.as_str(), &w.place)), problems);
    unique("source", sources.iter().map(|s| (s.value.id.as_str(), &s.place)), problems);
    unique("recipient", recipients.iter().map(|r| (r.value.id.as_str(), &r.place)), problems);
    known_recipients(&watches, &recipients, problems);
    let ids: Vec<&str> = watches.iter().map(|w| w.value.watch.id.as_str()).collect();
    let events = events::known_watches(planned, &ids, problems);
    sections.lists.contradictions(&Lists::default(), problems);
    for watch in &mut watches {
        watch.value.lists.contradictions(&sections.lists, problems);
        watch.value.watch.roster = sections.lists.with(&watch.value.lists);
    }
    something_to_do(&watches, &sources, &sections, problems);
    let (rules, files) = rules::read(sections.rules.as_ref(), &context, problems);
    let topics: Vec<&str> = rules.topics.iter().map(|topic| topic.name.as_str()).collect();
    let ids: Vec<&str> = sources.iter().map(|source| source.value.id.as_str()).collect();
    let known = Known { ambiguous: &rules.ambiguous, topics: &topics, sources: &ids };
    subjects::check_queries(&watches, &known, &context, problems);
    let config = || {
        Some(Config {
            store: sections.store?,
            http: sections.http?,
            fetch: sections.fetch?,
            mail: sections.mail,
            rules: Rules { second: sections.second, ..rules },
            rules_directory: sections.rules.map(|directory| base.join(directory.value)),
            watches: watches.into_iter().map(|w| w.value.watch).collect(),
            sources: sources.into_iter().map(|s| s.value).collect(),
            recipients: recipients.into_iter().map(|r| r.value).collect(),
            events,
            hash: String::new(),
        })
    };
    (config(), files)
}

/// Watches, sources, and a way to tell: without them there is nothing to do.
fn something_to_do(
    watches: &[At<subjects::WatchEntry>],
    sources: &[At<super::SourceConfig>],
    sections: &Sections,
    problems: &mut Problems,
) {
    let nowhere = Place { file: 0, span: 0..0 };
    if watches.is_empty() && !problems.has_errors() {
        problems.error(
            &nowhere,
            "nothing is watched",
            "",
            "add a `[[watch]]` with `id` and `query`",
        );
    }
    if sources.is_empty() && !problems.has_errors() {
        problems.error(
            &nowhere,
            "nothing is read",
            "",
            "add a `[[source]]`; `vigie kinds` shows how",
        );
    }
    let told = watches.iter().any(|w| !w.value.recipients.is_empty());
    if told && sections.mail.is_none() && !problems.has_errors() {
        let title = "watches have recipients, but there is no `[mail]`";
        problems.error(&nowhere, title, "", "add `[mail]` with `relay` and `from`");
    }
}

/// The entries of an array of tables.
fn tables<'a>(root: &mut TableReader<'a, '_>, key: &'static str) -> Vec<Spanned<DeValue<'a>>> {
    let Some(value) = root.take(key) else { return Vec::new() };
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(list) => list.into_iter().collect(),
        _ => {
            let place = Place { file: root.place.file, span };
            let title = format!("`{key}` is a list of tables");
            root.problems().error(&place, title, "one table", &format!("write `[[{key}]]`"));
            Vec::new()
        }
    }
}

fn unique<'a>(
    what: &str,
    ids: impl Iterator<Item = (&'a str, &'a Place)>,
    problems: &mut Problems,
) {
    let mut seen = HashMap::new();
    for (id, place) in ids {
        if seen.insert(id, place).is_some() {
            let title = format!("the {what} id `{id}` is taken");
            problems.error(place, title, "second use", "give each its own id");
        }
    }
}

fn known_recipients(
    watches: &[At<subjects::WatchEntry>],
    recipients: &[At<super::Recipient>],
    problems: &mut Problems,
) {
    let known: Vec<&str> = recipients.iter().map(|r| r.value.id.as_str()).collect();
    let mut used = Vec::new();
    for named in watches.iter().flat_map(|watch| &watch.value.recipients) {
        used.push(named.value.as_str());
        if !known.contains(&named.value.as_str()) {
            let help = match crate::text::nearest::nearest(&named.value, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add a `[[recipient]]` with this id".to_owned(),
            };
            let title = format!("there is no recipient `{}`", named.value);
            problems.error(&named.place, title, "unknown", &help);
        }
    }
    for idle in recipients.iter().filter(|r| !used.contains(&r.value.id.as_str())) {
        let title = format!("no watch tells the recipient `{}`", idle.value.id);
        problems.warning(&idle.place, title, "unused", "name it in `recipients` of a watch");
    }
    for silent in watches.iter().filter(|w| w.value.recipients.is_empty()) {
        let title = format!("nobody is told about the watch `{}`", silent.value.watch.id);
        let help = "add `recipients = [\"…\"]`; incidents still show in metrics";
        problems.warning(&silent.place, title, "no recipients", help);
    }
}
