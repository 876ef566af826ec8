//! `vigie sentiment evaluate`: how good the scoring is on texts that people labelled.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::output::Output;
use super::super::{ConfigArgument, Exit};
use super::labelled::{self, Text, Texts};
use crate::language;
use crate::model::{Language, Tone};
use crate::rules::Rules;
use crate::sentiment::evaluate::{Answer, Figures, confusion, reliability};
use crate::sentiment::{Passage, score};

/// Files hold JSON lines with `text` and `tone` (or `label`, or `y`: 0, 1, 2), or a table with such
/// columns. Corrections are left aside, everything else that is configured takes part.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie sentiment evaluate rules/corrections.jsonl\n  vigie sentiment evaluate labels.csv --lang fr --at-least macro_f1=0.6"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take every text to be in this language
    #[arg(long)]
    lang: Option<String>,
    /// Show the ten surest mistakes
    #[arg(long)]
    mistakes: bool,
    /// Answer no (exit 1) when a figure is lower: macro_f1=0.6
    #[arg(long, value_name = "FIGURE=SHARE", value_parser = floor)]
    at_least: Vec<Floor>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// A figure that has to be reached.
#[derive(Debug, Clone, Copy)]
struct Floor {
    of: fn(&Figures) -> f64,
    name: &'static str,
    /// 0 to 1.
    share: f64,
}

/// A figure by its name, in percent.
type Named = (&'static str, fn(&Figures) -> f64);

/// The figures where more is better.
const FIGURES: [Named; 5] = [
    ("accuracy", |figures| figures.accuracy),
    ("macro_f1", |figures| figures.macro_f1),
    ("average_recall", |figures| figures.average_recall),
    ("negative_recall", |figures| figures.negative_recall),
    ("negative_precision", |figures| figures.negative_precision),
];

fn floor(written: &str) -> Result<Floor, String> {
    let (name, share) = written.split_once('=').ok_or("write a figure, `=` and a share")?;
    let share: f64 = share.parse().map_err(|_| format!("`{share}` is no number"))?;
    if !(0.0..=1.0).contains(&share) {
        return Err(format!("{share} is no share: write 0.6 for 60 %"));
    }
    let found = FIGURES.iter().find(|(known, _)| *known == name);
    let Some((name, of)) = found else {
        let known = FIGURES.map(|(known, _)| known).join(", ");
        return Err(format!("there is no figure `{name}`; known: {known}"));
    };
    Ok(Floor { of: *of, name, share })
}

const TONES: [Tone; 3] = [Tone::Negative, Tone::Neutral, Tone::Positive];
const MOST_MISTAKES: usize = 10;
/// Steps of sureness in the table; the calibration error is taken over finer ones.
const STEPS: usize = 10;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let opened = super::forced(arguments.lang.as_deref(), output)
        .and_then(|lang| Ok((lang, super::rules(&arguments.config, output)?)))
        .and_then(|(lang, rules)| Ok((lang, rules, labelled::open(&arguments.files, output)?)));
    let (lang, rules, texts) = match opened {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let answers = answers(&texts.rows, lang, &rules);
    let figures = Figures::of(&answers);
    let report = Report { texts: &texts, answers: &answers, figures: &figures };
    if arguments.json {
        output.json(&report.json(arguments));
    } else {
        report.show(output);
        if arguments.mistakes {
            report.show_mistakes(&arguments.files, output);
        }
    }
    let missed =
        arguments.at_least.iter().filter(|floor| (floor.of)(&figures) < 100.0 * floor.share);
    let mut exit = Exit::Done;
    for Floor { of, name, share } in missed {
        let found = of(&figures) / 100.0;
        exit = output.fail(Exit::No, format!("{name} is {found:.3}, not {share} or more"));
    }
    exit
}

/// What is said of each text; a language that nobody names is found out, as in a mention.
fn answers(texts: &[Text], lang: Option<Language>, rules: &Rules) -> Vec<Answer> {
    let usual = language::usual();
    let answer = |text: &Text| {
        let row = &text.row;
        let said = row.lang.map(|code| Language { code: Some(code), confidence: 1.0 });
        let language = lang.or(said);
        let language = language.unwrap_or_else(|| language::detect(&row.text, None, &usual));
        let passage = Passage { text: &row.text, language, ..Passage::default() };
        Answer::of(text.truth, &score(&passage, rules))
    };
    texts.iter().map(answer).collect()
}

/// Everything that is told of one evaluation.
struct Report<'a> {
    texts: &'a Texts,
    answers: &'a [Answer],
    figures: &'a Figures,
}

#[derive(Serialize)]
struct Line<'a> {
    texts: usize,
    left_out: usize,
    mixed: usize,
    accuracy: f64,
    macro_f1: f64,
    average_recall: f64,
    negative_recall: f64,
    negative_precision: f64,
    calibration_error: f64,
    /// `[truth][answer]`: negative, neutral, positive.
    confusion: [[f64; 3]; 3],
    reliability: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mistakes: Option<Vec<Mistake<'a>>>,
}

#[derive(Serialize)]
struct Step {
    texts: usize,
    sure: f64,
    right: f64,
}

#[derive(Serialize)]
struct Mistake<'a> {
    file: String,
    line: usize,
    said: Tone,
    sure: f64,
    truth: Tone,
    text: &'a str,
}

impl<'a> Report<'a> {
    fn show(&self, output: &mut Output) {
        let Texts { rows, bad, mixed } = self.texts;
        output.say(format!("{} texts; left out: {bad} bad lines, {mixed} mixed", rows.len()));
        for (name, of) in FIGURES {
            output.data(format!("{name:<18} {:5.1} %", of(self.figures)));
        }
        output.data(format!(
            "{:<18} {:5.1} %\n",
            "calibration_error", self.figures.calibration_error
        ));
        let counted = confusion(self.answers).into_iter().zip(TONES).map(|(counts, truth)| {
            let counts = counts.map(|count| format!("{count:.0}"));
            std::iter::once(truth.as_str().to_owned()).chain(counts).collect()
        });
        output.table(&["truth \\ answer", "negative", "neutral", "positive"], counted.collect());
        output.data("");
        let steps = self.steps().into_iter().filter(|step| step.texts > 0).map(|step| {
            let percent = |share: f64| format!("{:.0} %", share * 100.0);
            vec![percent(step.sure), percent(step.right), step.texts.to_string()]
        });
        output.table(&["sure", "right", "texts"], steps.collect());
    }

    fn steps(&self) -> Vec<Step> {
        let bins = reliability(self.answers, STEPS).into_iter();
        bins.map(|bin| Step { texts: bin.texts, sure: bin.sure / 100.0, right: bin.right / 100.0 })
            .collect()
    }

    /// The wrong answers, the surest first.
    fn mistakes(&self, files: &[PathBuf]) -> Vec<Mistake<'a>> {
        let wrong = self.texts.rows.iter().zip(self.answers);
        let mut wrong: Vec<_> = wrong.filter(|(_, answer)| answer.tone() != answer.truth).collect();
        let sure = |answer: &Answer| answer.said[answer.tone()];
        wrong.sort_by(|(_, a), (_, b)| sure(b).total_cmp(&sure(a)));
        let mistake = |(text, answer): (&'a Text, &Answer)| Mistake {
            file: files.get(text.file).map(|path| path.display().to_string()).unwrap_or_default(),
            line: text.row.line,
            said: TONES[answer.tone()],
            sure: sure(answer),
            truth: TONES[answer.truth],
            text: text.row.text.as_str(),
        };
        wrong.into_iter().take(MOST_MISTAKES).map(mistake).collect()
    }

    fn show_mistakes(&self, files: &[PathBuf], output: &mut Output) {
        output.data("");
        for Mistake { file, line, said, sure, truth, text } in self.mistakes(files) {
            let (said, truth) = (said.as_str(), truth.as_str());
            output.data(format!("{file}:{line}: {said} ({:.0} % sure), is {truth}", sure * 100.0));
            let words: Vec<&str> = text.split_whitespace().collect();
            let shown: String = words.join(" ").chars().take(160).collect();
            output.data(format!("    {shown}"));
        }
    }

    fn json(&self, arguments: &Arguments) -> Line<'a> {
        let Texts { rows, bad, mixed } = self.texts;
        let share = |percent: f64| percent / 100.0;
        Line {
            texts: rows.len(),
            left_out: *bad,
            mixed: *mixed,
            accuracy: share(self.figures.accuracy),
            macro_f1: share(self.figures.macro_f1),
            average_recall: share(self.figures.average_recall),
            negative_recall: share(self.figures.negative_recall),
            negative_precision: share(self.figures.negative_precision),
            calibration_error: share(self.figures.calibration_error),
            confusion: confusion(self.answers),
            reliability: self.steps(),
            mistakes: arguments.mistakes.then(|| self.mistakes(&arguments.files)),
        }
    }
}
