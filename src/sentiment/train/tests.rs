//! Training, on a few sentences.

use super::*;
use crate::model::{Language, Tone};
use crate::sentiment::{Passage, score};

fn row(text: &str, tone: usize) -> Row {
    Row { text: text.to_owned(), lang: Some(Lang::FR), tone, counts: 1.0, ..Row::default() }
}

fn rows() -> Vec<Row> {
    let places = ["au magasin", "hier soir", "dans le train", "chez nous", "à Lyon", "en ville"];
    let times = ["ce matin", "lundi", "en mars", "encore", "demain", "à midi"];
    let mut rows = Vec::new();
    for (at, place) in places.into_iter().enumerate() {
        for time in times.into_iter().skip(at % 2) {
            rows.push(row(&format!("un zorglub {place} {time}"), 0));
            rows.push(row(&format!("un colis {place} {time}"), 1));
            rows.push(row(&format!("un bulgroz {place} {time}"), 2));
        }
    }
    rows
}

fn trained(rows: &[Row]) -> Model {
    let voices = vec![(Some(Lang::FR), vec![0])];
    let recipe = Recipe {
        choice: Choice::default(),
        strength: 0.5,
        parts: 3,
        voices,
        whole: BTreeMap::new(),
    };
    train(rows, &recipe, &Rules::default()).model
}

fn heard(model: Model, text: &str) -> crate::model::Sentiment {
    let mut rules = Rules::default();
    rules.models.prefer(model);
    let language = Language { code: Some(Lang::FR), confidence: 1.0 };
    score(&Passage { text, language, ..Passage::default() }, &rules)
}

#[test]
fn training_twice_gives_the_same_bytes() {
    assert!(trained(&rows()).write() == trained(&rows()).write());
}

#[test]
fn a_word_is_learned_from_where_it_stands() {
    let model = trained(&rows());
    let bad = heard(model.clone(), "un zorglub de plus");
    let good = heard(model, "un bulgroz de plus");
    assert!(bad.negative > bad.positive && good.positive > good.negative, "{bad:?} {good:?}");
    assert!(bad.evidence.iter().any(|e| e.text == "zorglub" && e.weight < 0.0), "{bad:?}");
}

#[test]
fn a_correction_moves_its_own_words_and_leaves_the_others() {
    let rules = Rules::builtin();
    let (model, _) = rules.models.speaking(Some(Lang::FR)).unwrap();
    let wrong: Vec<Row> = (0..5).map(|_| row("Un zorglub chez Acme hier soir", 0)).collect();
    let adapted = adapt(model, &wrong, &rules);
    let lift = |text| heard(adapted.clone(), text).negative - heard(model.clone(), text).negative;
    let (near, far) = ("Encore un zorglub chez Acme", "Merci pour ce livre");
    assert!(lift(near) > 0.1, "{}", lift(near));
    assert!(lift(far).abs() < lift(near) / 4.0, "{} {}", lift(near), lift(far));
}

#[test]
fn an_adapted_model_is_read_back_as_it_was() {
    let model = adapt(&trained(&rows()), &[row("zorglub", 2)], &Rules::default());
    let read = Model::read(model.write().into()).unwrap();
    let text = "un zorglub de plus";
    assert_eq!(heard(model, text), heard(read, text));
}

#[test]
fn a_model_remembers_which_features_it_weighs() {
    for (tagged, affirmed) in [(false, false), (true, false), (false, true), (true, true)] {
        let choice = Choice { tagged, affirmed };
        let mut bytes = Model::new(&[1.0], [0.0; TONES], choice, Vec::new()).write();
        assert_eq!(Model::read(bytes.clone().into()).unwrap().choice, choice);
        bytes[12] |= 4;
        assert!(Model::read(bytes.into()).is_err());
    }
}

#[test]
fn what_was_capped_counts_as_it_stands_in_its_set() {
    let trained = |whole: BTreeMap<usize, [f64; TONES]>| {
        let voices = vec![(Some(Lang::FR), vec![0])];
        let choice = Choice::default();
        train(
            &rows(),
            &Recipe { choice, strength: 0.5, parts: 3, voices, whole },
            &Rules::default(),
        )
    };
    let praise = |trained: &Trained| trained.blind.iter().map(|said| said[2]).sum::<f64>();
    let capped = trained(BTreeMap::from([(0, [10.0, 10.0, 1000.0])]));
    assert!(praise(&capped) > praise(&trained(BTreeMap::new())));
}

#[test]
fn tones_and_sets_count_as_their_weights_say() {
    let mut rows = rows();
    rows.truncate(8);
    rows.push(Row { set: 1, tone: 2, ..Row::default() });
    balance(&mut rows, &[2.0, 5.0]);
    let sum = |set: usize, tone: usize| -> f32 {
        rows.iter().filter(|r| (r.set, r.tone) == (set, tone)).map(|r| r.counts).sum()
    };
    assert!((sum(0, 0) - sum(0, 2)).abs() < 1e-4);
    assert!((sum(0, 0) + sum(0, 1) + sum(0, 2) - 16.0).abs() < 1e-4);
    assert!((sum(1, 2) - 5.0).abs() < 1e-4);
}

#[test]
fn copies_are_known_by_their_words() {
    let text = "Acme, c'est NUL !! https://t.co/x @acme";
    assert_eq!(likeness(text), likeness("acme c’est nul"));
    assert_ne!(likeness(text), likeness("acme c’est bien"));
    let mut seen = HashSet::new();
    assert_eq!(
        fresh(vec![row("Bonjour !", 1), row("bonjour", 2)], &mut seen),
        [row("Bonjour !", 1)]
    );
}

#[test]
fn templates_give_whole_sentences_and_the_same_ones_every_time() {
    for lang in [Lang::FR, Lang::EN] {
        let made = sentences(lang, 300, 1).unwrap();
        assert_eq!(made, sentences(lang, 300, 1).unwrap());
        assert_eq!(made.len(), 300);
        for Row { text, names, .. } in &made {
            assert!(!text.contains(['{', '}', '\u{1}', '\u{2}']) && !text.is_empty(), "{text}");
            assert!(names.iter().all(|name| text.get(name.start..name.end).is_some()), "{text}");
        }
        let tones: HashSet<usize> = made.iter().map(|row| row.tone).collect();
        assert_eq!(tones.len(), TONES);
    }
}

#[test]
fn bytes_that_are_no_model_are_refused() {
    let whole = trained(&rows()).write();
    for (bytes, why) in [
        (Vec::new(), "cut off"),
        (b"vigie-tone 0".to_vec(), "another version"),
        (whole[..whole.len() - 1].to_vec(), "cut off"),
        ([whole.as_slice(), &[0]].concat(), "too much"),
    ] {
        let said = Model::read(bytes.into()).unwrap_err().to_string();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn without_text_there_is_nothing_to_say() {
    let found = heard(trained(&rows()), "");
    assert_ne!(found.label, Tone::Mixed);
    assert!((found.negative + found.neutral + found.positive + found.mixed - 1.0).abs() < 1e-9);
}
