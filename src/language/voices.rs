//! The two detectors that we did not write, behind one kind of answer.

use crate::model::Lang;

/// What the trigram model says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub lang: Lang,
    pub reliable: bool,
}

/// whatlang among the allowed languages: right nearly always when it calls itself reliable, which
/// it does for half of the tweets. Without the list it is two and a half times slower, and worse.
pub(super) fn trigrams(text: &str, allowed: &[Lang]) -> Option<Answer> {
    let list: Vec<whatlang::Lang> = whatlang::Lang::all()
        .iter()
        .copied()
        .filter(|known| two_letters(known.code()).is_some_and(|lang| allowed.contains(&lang)))
        .collect();
    if list.is_empty() {
        return None;
    }
    let found = whatlang::Detector::with_allowlist(list).detect(text)?;
    let reliable = found.is_reliable();
    two_letters(found.lang().code()).map(|lang| Answer { lang, reliable })
}

/// whichlang: ten times faster and better on short texts, but always sure of itself, and blind to
/// languages outside its sixteen.
pub(super) fn whole(text: &str) -> Option<Lang> {
    two_letters(whichlang::detect_language(text).three_letter_code())
}

/// The language of a text in a script that is not Latin: few languages share one, so that all of
/// them are looked for whatever is allowed.
pub(super) fn by_script(text: &str) -> Option<Answer> {
    let found = whatlang::detect(text)?;
    let lang = two_letters(found.lang().code());
    if found.is_reliable() {
        return lang.map(|lang| Answer { lang, reliable: true });
    }
    // Among languages of one script (Cyrillic, Arabic) the linear model errs less.
    let linear = whole(text).filter(|lang| LINEAR_BEYOND_LATIN.contains(&lang.code()));
    linear.or(lang).map(|lang| Answer { lang, reliable: false })
}

/// What whichlang knows that is not written in Latin letters.
const LINEAR_BEYOND_LATIN: [&str; 6] = ["ar", "hi", "ja", "ko", "ru", "zh"];

/// ISO 639-1 for the ISO 639-3 codes that the two detectors share or that Europe reads.
fn two_letters(code: &str) -> Option<Lang> {
    let two = match code {
        "ara" => "ar",
        "ben" => "bn",
        "bul" => "bg",
        "cat" => "ca",
        "ces" => "cs",
        "cmn" => "zh",
        "dan" => "da",
        "deu" => "de",
        "ell" => "el",
        "eng" => "en",
        "est" => "et",
        "fin" => "fi",
        "fra" => "fr",
        "heb" => "he",
        "hin" => "hi",
        "hrv" => "hr",
        "hun" => "hu",
        "hye" => "hy",
        "ita" => "it",
        "jpn" => "ja",
        "kat" => "ka",
        "khm" => "km",
        "kor" => "ko",
        "lav" => "lv",
        "lit" => "lt",
        "mya" => "my",
        "nld" => "nl",
        "nob" => "nb",
        "pes" => "fa",
        "pol" => "pl",
        "por" => "pt",
        "ron" => "ro",
        "rus" => "ru",
        "slk" => "sk",
        "slv" => "sl",
        "spa" => "es",
        "srp" => "sr",
        "swe" => "sv",
        "tam" => "ta",
        "tha" => "th",
        "tur" => "tr",
        "ukr" => "uk",
        "urd" => "ur",
        "vie" => "vi",
        _ => return None,
    };
    Lang::parse(two)
}
