//! How good answers are, beside the truth.

use std::fmt;

use super::model::TONES;
use super::train::chance::Chance;
use crate::model::Sentiment;

/// A text's true tone (0 negative, 1 neutral, 2 positive) and what was said of the three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    pub truth: usize,
    /// Probabilities, or anything that grows with them.
    pub said: [f64; TONES],
}

impl Answer {
    /// The tone that was said; where labels know no mixed tone, the heaviest of the other three.
    pub fn tone(&self) -> usize {
        let heaviest = (0..TONES).max_by(|a, b| self.said[*a].total_cmp(&self.said[*b]));
        heaviest.unwrap_or(1)
    }

    /// What is said of the three tones, mixed left aside.
    pub fn of(truth: usize, found: &Sentiment) -> Answer {
        let said = [found.negative, found.neutral, found.positive];
        let sum = said.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        Answer { truth, said: said.map(|share| share / sum) }
    }
}

/// Figures of many answers, in percent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    pub texts: usize,
    pub accuracy: f64,
    /// The mean of the tones' F1, over the tones that the truth has.
    pub macro_f1: f64,
    pub average_recall: f64,
    pub negative_recall: f64,
    pub negative_precision: f64,
    /// Expected calibration error of the tone that was said, over 15 bins.
    pub calibration_error: f64,
}

/// As in Guo et al. 2017.
const BINS: usize = 15;
/// Truths that are drawn to learn what chance does.
const DRAWS: u32 = 200;

impl Figures {
    pub fn of(answers: &[Answer]) -> Figures {
        let counts = confusion(answers);
        let known: Vec<usize> =
            (0..TONES).filter(|tone| counts[*tone].iter().sum::<f64>() > 0.0).collect();
        let recall = |tone: usize| share(counts[tone][tone], counts[tone].iter().sum());
        let precision =
            |tone: usize| share(counts[tone][tone], counts.iter().map(|row| row[tone]).sum());
        let f1 = |tone: usize| {
            share(2.0 * recall(tone) * precision(tone), 100.0 * (recall(tone) + precision(tone)))
        };
        let mean = |of: &dyn Fn(usize) -> f64| {
            known.iter().fold(0.0, |sum, tone| sum + of(*tone)) / known.len().max(1) as f64
        };
        let right: f64 = (0..TONES).map(|tone| counts[tone][tone]).sum();
        Figures {
            texts: answers.len(),
            accuracy: share(right, answers.len() as f64),
            macro_f1: mean(&f1),
            average_recall: mean(&recall),
            negative_recall: recall(0),
            negative_precision: precision(0),
            calibration_error: calibration_error(answers),
        }
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { 100.0 * part / whole } else { 0.0 }
}

/// How many texts of each tone were heard as which: `[truth][answer]`.
pub fn confusion(answers: &[Answer]) -> [[f64; TONES]; TONES] {
    let mut counts = [[0.0; TONES]; TONES];
    for answer in answers {
        counts[answer.truth.min(TONES - 1)][answer.tone()] += 1.0;
    }
    counts
}

/// Answers that are about as sure as each other.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    pub texts: usize,
    /// How sure they say they are, and how many are right, in percent.
    pub sure: f64,
    pub right: f64,
}

/// Whether answers are as often right as they say: one line for each step of sureness, of which
/// there are `bins` from 0 to 1.
pub fn reliability(answers: &[Answer], bins: usize) -> Vec<Bin> {
    let mut sums = vec![(0_usize, 0.0_f64, 0.0_f64); bins.max(1)];
    for answer in answers {
        let tone = answer.tone();
        let sure = answer.said[tone].clamp(0.0, 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to bins")]
        let bin = ((sure * sums.len() as f64) as usize).min(sums.len() - 1);
        let (texts, all, right) = &mut sums[bin];
        *texts += 1;
        *all += sure;
        *right += f64::from(u8::from(tone == answer.truth));
    }
    let bin = |(texts, sure, right): (usize, f64, f64)| Bin {
        texts,
        sure: share(sure, texts as f64),
        right: share(right, texts as f64),
    };
    sums.into_iter().map(bin).collect()
}

/// By how much what is said to be sure differs from how often it is right (Naeini et al. 2015).
fn calibration_error(answers: &[Answer]) -> f64 {
    let bins = reliability(answers, BINS);
    let off: f64 = bins.iter().map(|bin| bin.texts as f64 * (bin.right - bin.sure).abs()).sum();
    share(off / 100.0, answers.len() as f64)
}

/// What the calibration error of these answers would be if they were exactly as often right as they
/// say: the mean over truths that are drawn from what was said. On few texts it is far from 0.
pub fn calibration_by_chance(answers: &[Answer]) -> f64 {
    let mut chance = Chance(1);
    let drawn = |answer: &Answer, chance: &mut Chance| {
        let share = chance.share();
        let truth = usize::from(share >= answer.said[0]);
        let truth = truth + usize::from(share >= answer.said[0] + answer.said[1]);
        Answer { truth, ..*answer }
    };
    let errors = (0..DRAWS).map(|_| {
        let drawn: Vec<Answer> = answers.iter().map(|answer| drawn(answer, &mut chance)).collect();
        calibration_error(&drawn)
    });
    errors.sum::<f64>() / f64::from(DRAWS)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "n {:5}  F1 {:5.1}  accuracy {:5.1}  average recall {:5.1}  negative recall {:5.1} \
             precision {:5.1}  ECE {:4.1}",
            self.texts,
            self.macro_f1,
            self.accuracy,
            self.average_recall,
            self.negative_recall,
            self.negative_precision,
            self.calibration_error
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answers: &[(usize, [f64; 3])], expected: Figures) {
        let answers: Vec<Answer> =
            answers.iter().map(|(truth, said)| Answer { truth: *truth, said: *said }).collect();
        let found = Figures::of(&answers);
        assert_eq!(found.to_string(), expected.to_string());
    }

    #[test]
    fn figures_are_those_of_the_textbook() {
        let sure = |tone: usize| {
            let mut said = [0.0; 3];
            said[tone] = 1.0;
            said
        };
        check(
            &[(0, sure(0)), (0, sure(1)), (1, sure(1)), (2, sure(0))],
            Figures {
                texts: 4,
                accuracy: 50.0,
                macro_f1: (50.0 + 200.0 / 3.0) / 3.0,
                average_recall: 50.0,
                negative_recall: 50.0,
                negative_precision: 50.0,
                calibration_error: 50.0,
            },
        );
        check(&[], Figures::default());
    }

    #[test]
    fn chance_alone_makes_few_answers_look_ill_calibrated() {
        let answers = |count: usize| vec![Answer { truth: 0, said: [0.6, 0.3, 0.1] }; count];
        // One answer is right six times in ten: 0.6 · 0.4 + 0.4 · 0.6.
        assert!((calibration_by_chance(&answers(1)) - 48.0).abs() < 3.0);
        assert!(calibration_by_chance(&answers(10_000)) < 1.0);
        let sure = Answer { truth: 0, said: [1.0, 0.0, 0.0] };
        assert!(calibration_by_chance(&[sure; 20]).abs() < 1e-9);
    }

    #[test]
    fn a_tone_that_is_not_there_is_not_counted_against() {
        let found = Figures::of(&[
            Answer { truth: 0, said: [0.9, 0.1, 0.0] },
            Answer { truth: 2, said: [0.1, 0.0, 0.9] },
        ]);
        assert!((found.macro_f1 - 100.0).abs() < 1e-9);
        assert!((found.calibration_error - 10.0).abs() < 1e-9);
    }
}
