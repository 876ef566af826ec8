//! Whether a model that was adapted to some texts is better on texts that it did not learn from.

use super::super::evaluate::{Answer, Figures};
use super::super::{Model, Passage, score};
use super::{Row, likeness};
use crate::model::Language;
use crate::rules::Rules;

/// The texts are cut into as many parts; each is judged by a model adapted to the others.
const PARTS: u64 = 5;

/// Points of negative recall that a gain elsewhere may cost.
const MOST_LOST: f64 = 3.0;

/// What is said of each text before and after, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    pub before: Vec<Answer>,
    pub after: Vec<Answer>,
}

impl Trial {
    /// Judges every row by the rules as they are, and by the rules with a model that `adapt` made
    /// of rows like none of its part: copies of one text stay together.
    pub fn new(rows: &[Row], rules: &Rules, adapt: impl Fn(&[Row]) -> Model) -> Trial {
        let part = |row: &Row| likeness(&row.text) % PARTS;
        let mut trial = Trial { before: Vec::new(), after: Vec::new() };
        for out in 0..PARTS {
            let held: Vec<&Row> = rows.iter().filter(|row| part(row) == out).collect();
            if held.is_empty() {
                continue;
            }
            let others: Vec<Row> = rows.iter().filter(|row| part(row) != out).cloned().collect();
            let mut adapted = rules.clone();
            adapted.models.prefer(adapt(&others));
            for row in held {
                trial.before.push(answer(row, rules));
                trial.after.push(answer(row, &adapted));
            }
        }
        trial
    }

    /// Texts that are right now and were wrong, and the other way round.
    pub fn changed(&self) -> (usize, usize) {
        let right = |answer: &Answer| answer.tone() == answer.truth;
        let pairs = || self.before.iter().zip(&self.after);
        let mended = pairs().filter(|(before, after)| !right(before) && right(after)).count();
        let broken = pairs().filter(|(before, after)| right(before) && !right(after)).count();
        (mended, broken)
    }

    /// Better by more than a coin tossed for each changed text would often give (one standard
    /// deviation), and not at the cost of a rare tone or of the complaints that alerts live on.
    pub fn is_better(&self) -> bool {
        let (mended, broken) = self.changed();
        let gain = mended as f64 - broken as f64;
        let (before, after) = (Figures::of(&self.before), Figures::of(&self.after));
        gain > ((mended + broken) as f64).sqrt()
            && after.macro_f1 > before.macro_f1
            && after.negative_recall >= before.negative_recall - MOST_LOST
    }
}

fn answer(row: &Row, rules: &Rules) -> Answer {
    let language = Language { code: row.lang, confidence: 1.0 };
    let passage = Passage { text: &row.text, language, watch: &row.names, ..Passage::default() };
    Answer::of(row.tone, &score(&passage, rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure(tone: usize) -> Answer {
        let mut said = [0.0; 3];
        said[tone] = 1.0;
        Answer { truth: 0, said }
    }

    #[track_caller]
    fn check(mended: usize, broken: usize, better: bool) {
        let mut trial = Trial { before: vec![sure(0); 20], after: vec![sure(0); 20] };
        for _ in 0..mended {
            trial.before.push(sure(1));
            trial.after.push(sure(0));
        }
        for _ in 0..broken {
            trial.before.push(sure(0));
            trial.after.push(sure(1));
        }
        assert_eq!(trial.changed(), (mended, broken));
        assert_eq!(trial.is_better(), better, "{mended} mended, {broken} broken");
    }

    #[test]
    fn better_is_more_than_chance() {
        check(0, 0, false);
        check(1, 0, false);
        check(2, 0, true);
        check(10, 7, false);
        check(14, 6, true);
        check(3, 9, false);
    }
}
