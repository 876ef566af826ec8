//! Another matcher, as simple as can be and slow, over texts whose words are known.

use proptest::prelude::*;

use super::*;
use crate::model::Lang;

/// A piece of a text whose words are known: as they stand, and as a tag is cut into.
struct Piece {
    written: &'static str,
    whole: &'static [&'static str],
    /// Folded, and as written.
    cut: &'static [(&'static str, &'static str)],
    handle: Option<&'static str>,
}

const fn piece(
    written: &'static str,
    whole: &'static [&'static str],
    cut: &'static [(&'static str, &'static str)],
) -> Piece {
    Piece { written, whole, cut, handle: None }
}

const PIECES: &[Piece] = &[
    piece("orange", &["orange"], &[("orange", "orange")]),
    piece("Orange", &["orange"], &[("orange", "Orange")]),
    piece("ORANGES", &["oranges"], &[("oranges", "ORANGES")]),
    piece("orangeade,", &["orangeade"], &[("orangeade", "orangeade")]),
    piece("L’Oréal", &["l", "oreal"], &[("l", "L"), ("oreal", "Oréal")]),
    piece("loreal", &["loreal"], &[("loreal", "loreal")]),
    piece("la", &["la"], &[("la", "la")]),
    piece("La", &["la"], &[("la", "La")]),
    piece("Poste.", &["poste"], &[("poste", "Poste")]),
    piece("postes", &["postes"], &[("postes", "postes")]),
    piece("laposte", &["laposte"], &[("laposte", "laposte")]),
    piece("#LaPoste", &["laposte"], &[("la", "La"), ("poste", "Poste")]),
    piece("cheval", &["cheval"], &[("cheval", "cheval")]),
    piece("Chevaux", &["chevaux"], &[("chevaux", "Chevaux")]),
    piece("東京", &["東", "京"], &[("東", "東"), ("京", "京")]),
    piece("京東", &["京", "東"], &[("京", "京"), ("東", "東")]),
    piece("zut", &["zut"], &[("zut", "zut")]),
    Piece { handle: Some("@sfr"), ..piece("@sfr", &["sfr"], &[("sfr", "sfr")]) },
    Piece {
        handle: Some("@sfr@orange"),
        ..piece("@sfr@orange", &["sfr", "orange"], &[("sfr", "sfr"), ("orange", "orange")])
    },
    piece("SFR", &["sfr"], &[("sfr", "SFR")]),
];

/// What one word of a term accepts.
#[derive(Debug, Clone)]
struct Want {
    forms: &'static [&'static str],
    open: bool,
    written: Option<&'static str>,
}

const fn want(forms: &'static [&'static str]) -> Want {
    Want { forms, open: false, written: None }
}

const fn exact(form: &'static [&'static str], written: &'static str) -> Want {
    Want { forms: form, open: false, written: Some(written) }
}

const fn open(forms: &'static [&'static str]) -> Want {
    Want { forms, open: true, written: None }
}

/// A term as it is typed, and the writings that it stands for.
#[derive(Debug)]
struct Asked {
    text: &'static str,
    writings: &'static [&'static [Want]],
    handle: Option<&'static str>,
}

const fn asked(text: &'static str, writings: &'static [&'static [Want]]) -> Asked {
    Asked { text, writings, handle: None }
}

static TERMS: &[Asked] = &[
    asked("orange", &[&[want(&["orange"])]]),
    asked("=Orange", &[&[exact(&["orange"], "Orange")]]),
    asked("~orange", &[&[want(&["orange", "oranges"])]]),
    asked("ORANGE*", &[&[open(&["orange"])]]),
    asked("l'Oréal", &[&[want(&["l"]), want(&["oreal"])], &[want(&["loreal"])]]),
    asked("d'Orange", &[&[want(&["orange"])]]),
    asked("\"la poste\"", &[&[want(&["la"]), want(&["poste"])], &[want(&["laposte"])]]),
    asked("=\"La Poste\"", &[&[exact(&["la"], "La"), exact(&["poste"], "Poste")]]),
    asked("=laposte", &[&[exact(&["laposte"], "laposte")]]),
    asked(
        "~\"la poste\"",
        &[&[want(&["la", "las"]), want(&["poste", "postes"])], &[want(&["laposte", "lapostes"])]],
    ),
    asked(
        "\"orange la pos*\"",
        &[&[want(&["orange"]), want(&["la"]), open(&["pos"])], &[open(&["orangelapos"])]],
    ),
    asked("#LaPoste", &[&[want(&["la"]), want(&["poste"])], &[want(&["laposte"])]]),
    asked("~cheval", &[&[want(&["cheval", "chevals", "chevaux"])]]),
    asked("東京", &[&[want(&["東"]), want(&["京"])]]),
    asked("京", &[&[want(&["京"])]]),
    asked("sfr", &[&[want(&["sfr"])]]),
    asked("la", &[&[want(&["la"])]]),
    Asked { text: "@sfr", writings: &[], handle: Some("@sfr") },
];

#[derive(Debug, Clone)]
pub(crate) struct Scoped {
    term: usize,
    part: Part,
}

/// A query that is built, not read.
#[derive(Debug, Clone)]
pub(crate) enum Built {
    Term(Scoped),
    Near(Vec<Scoped>, Vec<Scoped>, usize, bool),
    French,
    And(Vec<Built>),
    Or(Vec<Built>),
    Without(Box<Built>, Box<Built>),
}

impl Scoped {
    fn text(&self) -> String {
        let scope = match self.part {
            Part::Anywhere => "",
            Part::Title => "titre:",
            Part::Text => "text:",
        };
        format!("{scope}{}", TERMS[self.term].text)
    }
}

impl Built {
    /// As somebody would type it.
    pub(crate) fn text(&self) -> String {
        let list =
            |terms: &[Scoped]| terms.iter().map(Scoped::text).collect::<Vec<_>>().join(" OU ");
        let all = |parts: &[Built], between: &str| {
            parts.iter().map(|part| format!("({})", part.text())).collect::<Vec<_>>().join(between)
        };
        match self {
            Built::Term(term) => term.text(),
            Built::Near(left, right, within, ordered) => {
                let name = if *ordered { "PUIS" } else { "NEAR" };
                format!("({}) {name}/{within} ({})", list(left), list(right))
            }
            Built::French => "lang:fr".to_owned(),
            Built::And(parts) => all(parts, " ET "),
            Built::Or(parts) => all(parts, " OR "),
            Built::Without(wanted, excluded) => {
                format!("({}) SAUF ({})", wanted.text(), excluded.text())
            }
        }
    }
}

/// First and last word of a place, counted in the finest cut.
type Run = (usize, usize);

/// A text whose words are known.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    title: Vec<usize>,
    text: Vec<usize>,
    french: bool,
}

/// A word of one cut: folded, as written, its place among the words of the finest cut.
type Cut = (String, String, Run);

impl Known {
    fn written(pieces: &[usize]) -> String {
        pieces.iter().map(|at| PIECES[*at].written).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn item(&self, id: &str) -> Item {
        Item {
            title: Known::written(&self.title),
            text: Known::written(&self.text),
            ..Item::new(ItemKey::of(&[id]), id)
        }
    }

    pub(crate) fn language(&self) -> Lang {
        if self.french { Lang::FR } else { Lang::EN }
    }

    fn pieces(&self) -> impl Iterator<Item = &'static Piece> {
        self.title.iter().chain(&self.text).map(|at| &PIECES[*at])
    }

    fn finest(&self) -> Vec<Cut> {
        let words = self.pieces().flat_map(|piece| piece.cut);
        words
            .enumerate()
            .map(|(at, (folded, written))| ((*folded).to_owned(), (*written).to_owned(), (at, at)))
            .collect()
    }

    fn whole(&self) -> Vec<Cut> {
        let mut at = 0;
        let mut words = Vec::new();
        for piece in self.pieces() {
            let one = piece.whole.len() == 1;
            for (n, word) in piece.whole.iter().enumerate() {
                let run = if one { (at, at + piece.cut.len() - 1) } else { (at + n, at + n) };
                let inside = &piece.cut[run.0 - at..=run.1 - at];
                let written = inside.iter().map(|(_, written)| *written).collect();
                words.push(((*word).to_owned(), written, run));
            }
            at += piece.cut.len();
        }
        words
    }

    fn title_words(&self) -> usize {
        self.title.iter().map(|at| PIECES[*at].cut.len()).sum()
    }

    fn places(&self, asked: &Scoped) -> Vec<Run> {
        let mut runs = Vec::new();
        let term = &TERMS[asked.term];
        for lane in [self.finest(), self.whole()] {
            for writing in term.writings {
                for window in lane.windows(writing.len()) {
                    if window.iter().zip(*writing).all(|(word, want)| accepts(want, word)) {
                        runs.push((window[0].2.0, window.last().unwrap().2.1));
                    }
                }
            }
        }
        let mut at = 0;
        for piece in self.pieces() {
            if let (Some(asked), Some(found)) = (term.handle, piece.handle)
                && (found == asked || found.starts_with(&format!("{asked}@")))
            {
                runs.push((at, at + piece.cut.len() - 1));
            }
            at += piece.cut.len();
        }
        let title = self.title_words();
        runs.retain(|(first, last)| match asked.part {
            Part::Anywhere => true,
            Part::Title => *last < title,
            Part::Text => *first >= title,
        });
        runs
    }

    fn near(&self, left: &[Scoped], right: &[Scoped], within: usize, ordered: bool) -> Vec<Run> {
        let all = |side: &[Scoped]| -> Vec<Run> {
            side.iter().flat_map(|term| self.places(term)).collect()
        };
        let mut runs = Vec::new();
        for a in all(left) {
            for b in all(right) {
                let after = b.0 > a.1 && b.0 - a.1 - 1 <= within;
                let before = a.0 > b.1 && a.0 - b.1 - 1 <= within;
                if after || (before && !ordered) {
                    runs.extend([a, b]);
                }
            }
        }
        runs
    }

    fn ask(&self, built: &Built) -> Option<Vec<Run>> {
        let there = |runs: Vec<Run>| if runs.is_empty() { None } else { Some(runs) };
        match built {
            Built::Term(term) => there(self.places(term)),
            Built::Near(left, right, within, ordered) => {
                there(self.near(left, right, *within, *ordered))
            }
            Built::French => self.french.then(Vec::new),
            Built::And(parts) => {
                let all: Option<Vec<_>> = parts.iter().map(|part| self.ask(part)).collect();
                all.map(|runs| runs.concat())
            }
            Built::Or(parts) => {
                let any: Vec<_> = parts.iter().filter_map(|part| self.ask(part)).collect();
                if any.is_empty() { None } else { Some(any.concat()) }
            }
            Built::Without(wanted, excluded) => {
                if self.ask(excluded).is_some() {
                    None
                } else {
                    self.ask(wanted)
                }
            }
        }
    }

    /// Whether each byte of the full text belongs to a place, or `None` when nothing matches.
    pub(super) fn covered(&self, built: &Built, full: &str) -> Option<Vec<bool>> {
        let runs = self.ask(built)?;
        let mut at = 0;
        let words: Vec<(usize, usize)> = self
            .finest()
            .iter()
            .map(|(_, written, _)| {
                let start = at + full.get(at..).unwrap().find(written.as_str()).unwrap();
                at = start + written.len();
                (start, at)
            })
            .collect();
        let mut covered = vec![false; full.len()];
        for (first, last) in runs {
            let (start, end) = (words[first].0, words[last].1);
            covered[start..end].fill(true);
        }
        Some(covered)
    }
}

fn accepts(want: &Want, (folded, written, _): &Cut) -> bool {
    want.forms.iter().any(|form| folded == form || (want.open && folded.starts_with(form)))
        && want.written.is_none_or(|asked| written == asked)
}

fn scoped() -> impl Strategy<Value = Scoped> {
    let parts = prop_oneof![
        4 => Just(Part::Anywhere),
        1 => Just(Part::Title),
        1 => Just(Part::Text),
    ];
    (0..TERMS.len(), parts).prop_map(|(term, part)| Scoped { term, part })
}

pub(crate) fn built() -> impl Strategy<Value = Built> {
    let side = || prop::collection::vec(scoped(), 1..3);
    let leaf = prop_oneof![
        6 => scoped().prop_map(Built::Term),
        3 => (side(), side(), 0_usize..4, any::<bool>())
            .prop_map(|(left, right, within, ordered)| Built::Near(left, right, within, ordered)),
        1 => Just(Built::French),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Built::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Built::Or),
            (inner.clone(), inner).prop_map(|(a, b)| Built::Without(Box::new(a), Box::new(b))),
        ]
    })
}

pub(crate) fn texts() -> impl Strategy<Value = Known> {
    let pieces = |most| prop::collection::vec(0..PIECES.len(), 0..most);
    (pieces(4), pieces(9), any::<bool>()).prop_map(|(title, text, french)| Known {
        title,
        text,
        french,
    })
}
