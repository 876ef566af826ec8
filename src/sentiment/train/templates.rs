//! Sentences made from templates: what labelled collections hold too little of (negation,
//! contrast, irony, news titles) and about no brand that exists.

use std::collections::BTreeMap;
use std::collections::HashSet;

use serde::Deserialize;

use super::Row;
use super::chance::Chance;
use crate::model::{Lang, Span};
use crate::text::fold;

/// The templates of each language that has some.
const FILES: &[(Lang, &str)] = &[
    (Lang::FR, include_str!("../../../rules/model/templates-fr.toml")),
    (Lang::EN, include_str!("../../../rules/model/templates-en.toml")),
];

/// What share of the sentences comes from which list, and its tone.
const SHARES: &[(&str, usize, f64)] = &[
    ("positive", 2, 0.27),
    ("negative", 0, 0.38),
    ("neutral", 1, 0.25),
    ("positive-news", 2, 0.04),
    ("negative-news", 0, 0.06),
];

/// Placeholders within placeholders.
const MOST_DEPTH: usize = 4;
/// A name is masked as a watch's match is, or left for the model to see past: this share.
const MASKED: f64 = 0.6;

#[derive(Debug, Deserialize)]
struct Templates {
    words: BTreeMap<String, Vec<String>>,
    sentences: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    typed: BTreeMap<String, String>,
}

/// `count` sentences of a language, always the same ones.
pub fn sentences(lang: Lang, count: usize, seed: u64) -> Result<Vec<Row>, toml::de::Error> {
    let Some((_, text)) = FILES.iter().find(|(of, _)| *of == lang) else { return Ok(Vec::new()) };
    let templates: Templates = toml::from_str(text)?;
    let mut chance = Chance(seed);
    let mut known = HashSet::new();
    let mut rows = Vec::with_capacity(count);
    for _ in 0..count * 20 {
        if rows.len() == count {
            break;
        }
        let (list, tone) = kind(chance.share());
        let list = templates.sentences.get(list).map_or(&[][..], Vec::as_slice);
        let (text, names) = written(&templates, list, &mut chance);
        if known.insert(fold::folded(&text)) || chance.is(0.1) {
            rows.push(Row { text, lang: Some(lang), tone, names, ..Row::default() });
        }
    }
    Ok(rows)
}

fn kind(mut share: f64) -> (&'static str, usize) {
    for (list, tone, part) in SHARES {
        if share < *part {
            return (list, *tone);
        }
        share -= part;
    }
    ("neutral", 1)
}

/// A sentence as somebody may have typed it, with the places of the names that are masked.
fn written(templates: &Templates, list: &[String], chance: &mut Chance) -> (String, Vec<Span>) {
    let filled = filled(templates, chance.one(list), chance);
    let typed = typed(templates, &filled, chance);
    let masked = chance.is(MASKED);
    // Names travel between marks until every change of spelling is done.
    let (mut text, mut names, mut start) = (String::new(), Vec::new(), None);
    for c in typed.chars() {
        match (c, start) {
            (NAME_START, _) => start = Some(text.len()),
            (NAME_END, Some(from)) => names.push(Span { start: from, end: text.len() }),
            _ => text.push(c),
        }
    }
    (text, if masked { names } else { Vec::new() })
}

const NAME_START: char = '\u{1}';
const NAME_END: char = '\u{2}';

/// The template with every placeholder replaced.
fn filled(templates: &Templates, template: &str, chance: &mut Chance) -> String {
    let mut text = template.to_owned();
    for _ in 0..MOST_DEPTH {
        let mut next = String::with_capacity(text.len() * 2);
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            next.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            let words = templates.words.get(name).map_or(&[][..], Vec::as_slice);
            let word = chance.one(words);
            if name == "brand" {
                next.extend([NAME_START]);
                next.push_str(word);
                next.extend([NAME_END]);
            } else {
                next.push_str(word);
            }
            rest = after;
        }
        next.push_str(rest);
        text = next;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// Capitals, accents, final marks, abbreviations, slips of the finger, tags: as posts have them.
fn typed(templates: &Templates, text: &str, chance: &mut Chance) -> String {
    let mut text = match chance.share() {
        share if share < 0.25 => text.to_lowercase(),
        share if share < 0.30 => text.to_uppercase(),
        _ => text.to_owned(),
    };
    if chance.is(0.25) {
        text = without_accents(&text);
    }
    if chance.is(0.3) {
        text.truncate(text.trim_end_matches([' ', '.', '!', '?']).len());
    } else if chance.is(0.2) {
        let ends = ["!", "!!", "...", ".", "!!!"];
        text.push_str(ends.get(chance.place(ends.len())).unwrap_or(&"."));
    }
    if !templates.typed.is_empty() && chance.is(0.12) {
        for (long, short) in &templates.typed {
            if chance.is(0.6) {
                text = abbreviated(&text, long, short);
            }
        }
    }
    if chance.is(0.06) {
        text = slipped(&text, chance);
    }
    if chance.is(0.15) {
        let tags = ["http", "#avis", "#sav", "#conso", "#actu", "@user"];
        text = format!("{text} {}", tags.get(chance.place(tags.len())).unwrap_or(&"http"));
    }
    if chance.is(0.08) {
        text.insert_str(0, "@user ");
    }
    if chance.is(0.5) { capitalised(&text) } else { text }
}

fn without_accents(text: &str) -> String {
    let plain = |c: char| {
        if c.is_uppercase() {
            fold::folded(c.encode_utf8(&mut [0; 4])).to_uppercase()
        } else {
            fold::folded(c.encode_utf8(&mut [0; 4]))
        }
    };
    text.chars().map(|c| if c.is_alphabetic() { plain(c) } else { c.to_string() }).collect()
}

/// Whole words only.
fn abbreviated(text: &str, long: &str, short: &str) -> String {
    let padded = format!(" {text} ");
    padded.replace(&format!(" {long} "), &format!(" {short} ")).trim().to_owned()
}

/// One letter missing, or one twice.
fn slipped(text: &str, chance: &mut Chance) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= 12 {
        return text.to_owned();
    }
    let at = 3 + chance.place(letters.len() - 6);
    let twice = chance.is(0.5);
    let mut out = String::with_capacity(text.len() + 4);
    for (i, c) in letters.into_iter().enumerate() {
        let marks = matches!(c, NAME_START | NAME_END);
        if i == at && !marks && twice {
            out.push(c);
        }
        if i != at || marks || twice {
            out.push(c);
        }
    }
    out
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
