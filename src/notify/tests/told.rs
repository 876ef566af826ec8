//! What people said, what came before, and who does not answer: in the words of both languages.

use super::{at_event, render};
use crate::model::incident::SeverityTerm;
use crate::model::{
    Ended, Event, Former, Heeded, IncidentId, Lang, Level, Matter, Said, Severity, SourceId,
    Unheard,
};
use crate::notify::AlertFacts;

/// An alert of a threshold that people's words moved, after another incident.
pub(super) fn heeding(caution: f64) -> AlertFacts {
    let mut facts = at_event(Event::Opened, Level::Warning);
    let at = |text: &str| Some(text.parse().unwrap());
    facts.incident.caution = caution;
    let said = |count, last| Said { count, last: at(last) };
    facts.incident.heeded = Heeded {
        false_alarms: said(1, "2026-11-12T09:00:00Z"),
        missed: if caution < 0.0 { said(2, "2026-11-03T09:00:00Z") } else { Said::default() },
        late: if caution < 0.0 { said(1, "2026-10-03T09:00:00Z") } else { Said::default() },
    };
    facts.incident.former = Some(Former {
        id: IncidentId("acme-20261112-0830".into()),
        closed: at("2026-11-12T09:00:00Z").unwrap(),
        ended: Ended::FalseAlarm,
    });
    let term = |(name, value): (&str, i8)| SeverityTerm { name: name.into(), value };
    let terms = [("level", 3), ("spread", 1), ("copies", -1), ("planned", -1)].map(term);
    facts.incident.severity = Severity { value: 2, terms: terms.into() };
    facts
}

#[test]
fn a_threshold_that_people_moved_says_by_what() {
    #[track_caller]
    fn check(caution: f64, lang: Lang, sentences: &[&str]) {
        let text = render(&heeding(caution), lang).text.replace('\u{a0}', " ");
        for sentence in sentences {
            assert!(text.contains(sentence), "no {sentence:?} in\n{text}");
        }
    }
    check(
        0.3,
        Lang::FR,
        &[
            "Seuil de 3,2 : 2,9 du réglage, 0,3 de plus après une fausse alerte du 12 nov. 2026.",
            "Le précédent, acme-20261112-0830, s’est terminé le 12 nov. 2026 : une fausse alerte.",
            "2 sur 5 (niveau 3, trois sortes de sources +1, copies coordonnées −1, prévu −1)",
        ],
    );
    check(
        0.3,
        Lang::EN,
        &[
            "Threshold of 3.2: 2.9 of the setting, 0.3 more after one false alarm of 12 Nov 2026.",
            "The one before, acme-20261112-0830, ended on 12 Nov 2026: a false alarm.",
            "2 of 5 (level 3, three kinds of source +1, coordinated copies −1, planned −1)",
        ],
    );
    check(
        -0.45,
        Lang::EN,
        &[
            "less after one false alarm of 12 Nov 2026, 2 missed crises, the last marked on 3 Nov 2026 \
           and one crisis found late marked on 3 Oct 2026.",
        ],
    );
    check(
        -0.45,
        Lang::FR,
        &["de moins après une fausse alerte du 12 nov. 2026, 2 crises manquées"],
    );
}

pub(super) fn blind(names: &[&str], event: Event) -> AlertFacts {
    let mut facts = at_event(event, Level::Notice);
    facts.incident.matter = Matter::Blind;
    facts.incident.because.audible = 0.12;
    let sources = names.iter().map(|name| SourceId::new(name).unwrap()).collect();
    facts.incident.unheard = Unheard::new(sources);
    facts
}

#[test]
fn a_notice_of_blindness_names_its_sources() {
    #[track_caller]
    fn check(names: &[&str], lang: Lang, subject: &str, sentence: &str) {
        let rendered = render(&blind(names, Event::Opened), lang);
        let plain = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ");
        assert_eq!(plain(&rendered.subject), subject);
        assert!(plain(&rendered.text).contains(sentence), "{}", rendered.text);
        assert!(plain(&rendered.html).contains(sentence), "{}", rendered.html);
    }
    check(
        &["forum-lait"],
        Lang::FR,
        "[À NOTER] Acme : forum-lait ne répond plus, 12 % du volume entendu",
        "Acme n’est presque plus écoutée : forum-lait ne répond plus, et 12 % seulement du volume",
    );
    check(
        &["forum-lait", "mastodon-fr", "blog", "presse", "radio"],
        Lang::FR,
        "[À NOTER] Acme : forum-lait, mastodon-fr, blog et 2 autres ne répondent plus, 12 % du volume entendu",
        "forum-lait, mastodon-fr, blog et 2 autres ne répondent plus",
    );
    check(
        &["forum-lait", "mastodon-fr"],
        Lang::EN,
        "[NOTICE] Acme: forum-lait and mastodon-fr do not answer, 12% of the volume heard",
        "Acme is hardly heard any more: forum-lait and mastodon-fr do not answer, and only 12%",
    );
    check(
        &[],
        Lang::EN,
        "[NOTICE] Acme: its sources could not be heard for a while, 12% of the volume heard",
        "its sources could not be heard for a while",
    );
}
