//! What the index knows of a mention: terms and numbers, never the text itself (the store has it).

use jiff::Timestamp;
use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use xxhash_rust::xxh3::xxh3_64;

use super::analysis::{ANALYSIS_VERSION, tokens};
use crate::model::finding::full_text;
use crate::model::{Finding, Item, Mention};
use crate::query::{Prepared, address, authors, languages, sites};

pub(super) const SEQ: &str = "seq";
pub(super) const EVENT: &str = "event";

/// The fields of a document.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub schema: Schema,
    pub seq: Field,
    /// Folded words with their places: phrases, prefixes, and every single word.
    pub words: Field,
    /// The same with hashtags cut at their capitals, where that changes something: a field of its
    /// own, since a phrase must not begin in one cut and end in the other.
    pub split: Field,
    /// Accounts named in the text, with their `@`.
    pub handle: Field,
    pub watch: Field,
    pub source: Field,
    pub kind: Field,
    pub lang: Field,
    /// Towards any watch.
    pub tone: Field,
    pub topic: Field,
    /// `acme:tone:negative`, `acme:topic:recall`, `acme:lang:fr`, `acme:aside:no`: what was found
    /// for one watch.
    pub finding: Field,
    /// `yes` or `no` for any watch.
    pub aside: Field,
    pub author: Field,
    pub site: Field,
    pub url: Field,
    pub event: Field,
}

impl Fields {
    pub(super) fn new() -> Fields {
        let mut builder = Schema::builder();
        // Words come cut; the tokenizer that is named never sees them.
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let placed = TextOptions::default().set_indexing_options(indexing);
        let seq = builder.add_u64_field(SEQ, INDEXED | FAST);
        let words = builder.add_text_field("words", placed.clone());
        let split = builder.add_text_field("split", placed);
        let mut exact = |name: &str| builder.add_text_field(name, STRING);
        let handle = exact("handle");
        let watch = exact("watch");
        let source = exact("source");
        let kind = exact("kind");
        let lang = exact("lang");
        let tone = exact("tone");
        let topic = exact("topic");
        let finding = exact("finding");
        let aside = exact("aside");
        let author = exact("author");
        let site = exact("site");
        let url = exact("url");
        let event = builder.add_i64_field(EVENT, FAST);
        let schema = builder.build();
        Fields {
            schema,
            seq,
            words,
            split,
            handle,
            watch,
            source,
            kind,
            lang,
            tone,
            topic,
            finding,
            aside,
            author,
            site,
            url,
            event,
        }
    }

    /// Names the form of the index: another hash means that what is on disk cannot be used.
    pub(super) fn hash(&self) -> String {
        let json = serde_json::to_string(&self.schema).unwrap_or_default();
        format!("{:016x}", xxh3_64(format!("{ANALYSIS_VERSION} {json}").as_bytes()))
    }

    pub(super) fn document(&self, mention: &Mention) -> TantivyDocument {
        let item = &mention.item;
        let mut doc = TantivyDocument::new();
        doc.add_u64(self.seq, mention.seq);
        doc.add_i64(self.event, instant(mention.event_time()));
        doc.add_text(self.source, mention.source.as_str());
        doc.add_text(self.kind, &mention.kind);

        // One value, not two: matching sees one text too, in which the title's last word and the
        // text's first one follow each other.
        let text = full_text(&item.title, &item.text);
        let prepared = Prepared::new(&text);
        doc.add_pre_tokenized_text(self.words, tokens(prepared.words()));
        if prepared.split_words().next().is_some() {
            doc.add_pre_tokenized_text(self.split, tokens(prepared.split_words()));
        }
        prepared.handles().for_each(|handle| doc.add_text(self.handle, handle));
        for lang in languages(mention.findings.iter().map(|finding| finding.language), item) {
            doc.add_text(self.lang, lang.code());
        }
        for finding in &mention.findings {
            self.add_finding(finding, item, &mut doc);
        }
        authors(item).for_each(|author| doc.add_text(self.author, author));
        for site in sites(item) {
            doc.add_text(self.site, site);
        }
        if let Some(url) = &item.url {
            doc.add_text(self.url, address(url));
        }
        doc
    }

    fn add_finding(&self, finding: &Finding, item: &Item, doc: &mut TantivyDocument) {
        let (watch, tone) = (finding.watch.as_str(), finding.sentiment.label.as_str());
        doc.add_text(self.watch, watch);
        doc.add_text(self.tone, tone);
        doc.add_text(self.finding, of_watch(watch, "tone", tone));
        let aside = yes_or_no(finding.aside.is_some());
        doc.add_text(self.aside, aside);
        doc.add_text(self.finding, of_watch(watch, "aside", aside));
        for lang in languages([finding.language], item) {
            doc.add_text(self.finding, of_watch(watch, "lang", lang.code()));
        }
        for topic in &finding.topics {
            doc.add_text(self.topic, topic);
            doc.add_text(self.finding, of_watch(watch, "topic", topic));
        }
    }
}

/// The term that says something of one watch only. A watch's id has no colon.
pub(super) fn of_watch(watch: &str, field: &str, what: &str) -> String {
    format!("{watch}:{field}:{what}")
}

pub(super) fn yes_or_no(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

/// An instant as the index keeps it: microseconds, as precise as any source and store.
pub(super) fn instant(at: Timestamp) -> i64 {
    at.as_microsecond()
}
