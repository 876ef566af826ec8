//! What the index knows of a mention: terms and numbers, never the text itself (the store has it).

use jiff::Timestamp;
use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use xxhash_rust::xxh3::xxh3_64;

use super::analysis::{ANALYSIS_VERSION, ENGLISH, FOLDED, FRENCH};
use crate::model::finding::full_text;
use crate::model::{Lang, Mention};
use crate::text::fold::folded;

pub(super) const SEQ: &str = "seq";
pub(super) const EVENT: &str = "event";

/// The fields of a document.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub schema: Schema,
    pub seq: Field,
    /// Folded words with their places: phrases, prefixes, and every single word.
    pub words: Field,
    pub french: Field,
    pub english: Field,
    pub watch: Field,
    pub source: Field,
    pub kind: Field,
    pub lang: Field,
    /// `negative` for anybody, `acme:negative` for one watch.
    pub tone: Field,
    /// `rappel` and `acme:rappel`.
    pub topic: Field,
    /// `yes` or `no` for any watch, `acme:yes` for one.
    pub aside: Field,
    pub author: Field,
    pub site: Field,
    pub event: Field,
}

impl Fields {
    pub(super) fn new() -> Fields {
        let mut builder = Schema::builder();
        let analysed = |tokenizer: &str, record| {
            let indexing =
                TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
            TextOptions::default().set_indexing_options(indexing)
        };
        let seq = builder.add_u64_field(SEQ, INDEXED | FAST);
        let words = builder
            .add_text_field("words", analysed(FOLDED, IndexRecordOption::WithFreqsAndPositions));
        let french =
            builder.add_text_field("french", analysed(FRENCH, IndexRecordOption::WithFreqs));
        let english =
            builder.add_text_field("english", analysed(ENGLISH, IndexRecordOption::WithFreqs));
        let watch = builder.add_text_field("watch", STRING);
        let source = builder.add_text_field("source", STRING);
        let kind = builder.add_text_field("kind", STRING);
        let lang = builder.add_text_field("lang", STRING);
        let tone = builder.add_text_field("tone", STRING);
        let topic = builder.add_text_field("topic", STRING);
        let aside = builder.add_text_field("aside", STRING);
        let author = builder.add_text_field("author", STRING);
        let site = builder.add_text_field("site", STRING);
        let event = builder.add_i64_field(EVENT, FAST);
        let schema = builder.build();
        Fields {
            schema,
            seq,
            words,
            french,
            english,
            watch,
            source,
            kind,
            lang,
            tone,
            topic,
            aside,
            author,
            site,
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
        let language = language(mention);
        if language == Some(Lang::FR) {
            doc.add_text(self.french, &text);
        } else if language == Some(Lang::EN) {
            doc.add_text(self.english, &text);
        }
        doc.add_text(self.words, &text);
        if let Some(lang) = language {
            doc.add_text(self.lang, lang.code());
        }
        for finding in &mention.findings {
            let (watch, tone) = (finding.watch.as_str(), finding.sentiment.label.as_str());
            doc.add_text(self.watch, watch);
            doc.add_text(self.tone, tone);
            doc.add_text(self.tone, of_watch(watch, tone));
            let aside = yes_or_no(finding.aside.is_some());
            doc.add_text(self.aside, aside);
            doc.add_text(self.aside, of_watch(watch, aside));
            for topic in &finding.topics {
                doc.add_text(self.topic, topic);
                doc.add_text(self.topic, of_watch(watch, topic));
            }
        }
        if let Some(author) = &item.author {
            for name in [Some(&author.name), author.handle.as_ref()].into_iter().flatten() {
                doc.add_text(self.author, keyword(name));
            }
        }
        for site in sites(item.url.as_deref()) {
            doc.add_text(self.site, site);
        }
        doc
    }
}

/// The term that says something of one watch only. A watch's id has no colon.
pub(super) fn of_watch(watch: &str, what: &str) -> String {
    format!("{watch}:{what}")
}

pub(super) fn yes_or_no(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

/// An instant as the index keeps it: microseconds, as precise as any source and store.
pub(super) fn instant(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// An author's name or account as it is looked up: folded, without the leading `@`.
pub(super) fn keyword(name: &str) -> String {
    folded(name.trim().trim_start_matches('@'))
}

/// What the analysis found; the source's word when it found nothing.
fn language(mention: &Mention) -> Option<Lang> {
    mention
        .findings
        .iter()
        .find_map(|finding| finding.language.code)
        .or_else(|| mention.item.lang_hint.as_deref().and_then(Lang::parse))
}

/// The host of an address and the domain that it belongs to: `blog.example.fr`, `example.fr`.
fn sites(url: Option<&str>) -> Vec<String> {
    let host = url
        .and_then(|url| url::Url::parse(url).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    let Some(host) = host else { return Vec::new() };
    let domain = psl::domain_str(&host).unwrap_or(&host).to_owned();
    if domain == host { vec![host] } else { vec![host, domain] }
}
