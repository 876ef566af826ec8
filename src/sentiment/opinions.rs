//! What others say of the tone, and what becomes of our own answer.

use crate::model::{Opinion, Sentiment, Tone};

/// Our own answer once another opinion is heard; the opinion is kept as the reason.
///
/// A person's correction stands as it is. A second model has its share in the mean of the
/// probabilities: mixed stays ours, since few models know it, and where we know nothing of the
/// language the other one answers alone, if it counts at all.
pub(super) fn heard(own: Sentiment, opinion: Opinion) -> Sentiment {
    let mut sentiment = match opinion {
        Opinion::Correction { tone, .. } => corrected(own, tone),
        Opinion::Second { negative, neutral, positive, weight } if weight > 0.0 => {
            shared(own, [negative, neutral, positive], weight)
        }
        Opinion::Second { .. } | Opinion::SecondFailed { .. } => own,
    };
    sentiment.opinions.push(opinion);
    sentiment
}

/// The words that we heard stay as evidence: they are still in the text.
fn corrected(own: Sentiment, tone: Tone) -> Sentiment {
    let weight = |of: Tone| f64::from(u8::from(of == tone));
    Sentiment {
        label: tone,
        negative: weight(Tone::Negative),
        neutral: weight(Tone::Neutral),
        positive: weight(Tone::Positive),
        mixed: weight(Tone::Mixed),
        confidence: 1.0,
        ..own
    }
}

fn shared(own: Sentiment, said: [f64; 3], weight: f64) -> Sentiment {
    let weight = if own.label == Tone::Unknown { 1.0 } else { weight };
    let share = 1.0 - own.mixed;
    let [negative, neutral, positive] = said;
    let mean = |own: f64, other: f64| own * (1.0 - weight) + other * share * weight;
    // The other one is as sure as it says; ours is believed as far as the language is known.
    let known = own.confidence / own.weight(own.label).max(f64::MIN_POSITIVE);
    let sentiment = Sentiment {
        negative: mean(own.negative, negative),
        neutral: mean(own.neutral, neutral),
        positive: mean(own.positive, positive),
        ..own
    };
    let label = sentiment.heaviest();
    let confidence = sentiment.weight(label) * (known.min(1.0) * (1.0 - weight) + weight);
    Sentiment { label, confidence, ..sentiment }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Lang, Language};
    use crate::sentiment::second::{Judge, Second};

    /// A judge that always says the same.
    struct Always(Result<[f64; 3], String>);

    impl Judge for Always {
        fn judge(&self, _: &str) -> Result<[f64; 3], String> {
            self.0.clone()
        }
    }

    fn always(said: [f64; 3], languages: &[Lang], weight: f64) -> Second {
        Second::new(Arc::new(Always(Ok(said))), languages.to_vec(), weight)
    }

    fn own(negative: f64, neutral: f64, positive: f64, mixed: f64) -> Sentiment {
        let unnamed = Sentiment { negative, neutral, positive, mixed, ..Sentiment::unknown() };
        Sentiment { label: unnamed.heaviest(), ..unnamed }
    }

    const FRENCH: Language = Language { code: Some(Lang::FR), confidence: 1.0 };

    #[track_caller]
    fn check(own: Sentiment, opinion: Opinion, expected: ([f64; 4], Tone)) {
        let heard = heard(own, opinion.clone());
        let found = [heard.negative, heard.neutral, heard.positive, heard.mixed];
        let near = found.iter().zip(expected.0).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near && heard.label == expected.1, "{heard:?}");
        assert_eq!(heard.opinions, [opinion]);
    }

    #[track_caller]
    fn check_second(own: Sentiment, said: [f64; 3], weight: f64, expected: ([f64; 4], Tone)) {
        let opinion = always(said, &[], weight).ask("un texte", FRENCH).expect("it is asked");
        check(own, opinion, expected);
    }

    #[test]
    fn the_answer_is_the_weighted_mean_and_mixed_stays_ours() {
        let ours = || own(0.1, 0.3, 0.6, 0.0);
        let said = [0.8, 0.1, 0.1];
        check_second(ours(), said, 0.5, ([0.45, 0.2, 0.35, 0.0], Tone::Negative));
        check_second(ours(), said, 0.25, ([0.275, 0.25, 0.475, 0.0], Tone::Positive));
        check_second(ours(), said, 1.0, ([0.8, 0.1, 0.1, 0.0], Tone::Negative));
        let torn = own(0.2, 0.0, 0.2, 0.6);
        check_second(torn, said, 0.5, ([0.26, 0.02, 0.12, 0.6], Tone::Mixed));
    }

    #[test]
    fn without_weight_it_is_heard_and_not_followed() {
        let (ours, said) = (own(0.1, 0.3, 0.6, 0.0), [1.0, 0.0, 0.0]);
        check_second(ours, said, 0.0, ([0.1, 0.3, 0.6, 0.0], Tone::Positive));
        check_second(Sentiment::unknown(), said, 0.0, ([0.0, 1.0, 0.0, 0.0], Tone::Unknown));
    }

    #[test]
    fn where_we_know_nothing_the_other_one_answers_alone() {
        let said = [0.7, 0.2, 0.1];
        check_second(Sentiment::unknown(), said, 0.3, ([0.7, 0.2, 0.1, 0.0], Tone::Negative));
    }

    #[test]
    fn a_correction_stands_as_it_is() {
        let by = Some("claire".to_owned());
        let opinion = Opinion::Correction { tone: Tone::Mixed, by, at: None };
        check(own(0.1, 0.3, 0.6, 0.0), opinion.clone(), ([0.0, 0.0, 0.0, 1.0], Tone::Mixed));
        check(Sentiment::unknown(), opinion, ([0.0, 0.0, 0.0, 1.0], Tone::Mixed));
    }

    #[test]
    fn it_is_asked_in_its_languages_only_and_never_about_a_text_without_letters() {
        let french = always([1.0, 0.0, 0.0], &[Lang::FR], 0.5);
        let english = Language { code: Some(Lang::EN), confidence: 1.0 };
        assert!(french.ask("un texte", FRENCH).is_some());
        assert_eq!(french.ask("a text", english), None);
        assert_eq!(french.ask("???", FRENCH), None);
        assert_eq!(french.ask("un texte", Language::default()), None);
        let every = always([1.0, 0.0, 0.0], &[], 0.5);
        assert!(every.ask("a text", Language::default()).is_some());
    }

    #[test]
    fn a_judge_that_fails_leaves_our_own_answer_and_its_reason() {
        let failing = Arc::new(Always(Err("out of memory".to_owned())));
        let opinion = Second::new(failing, Vec::new(), 1.0).ask("un texte", FRENCH);
        let opinion = opinion.expect("it is asked");
        assert_eq!(opinion, Opinion::SecondFailed { reason: "out of memory".to_owned() });
        check(own(0.1, 0.3, 0.6, 0.0), opinion, ([0.1, 0.3, 0.6, 0.0], Tone::Positive));
    }
}
