//! Why a transition decided as it did, in values and in words.

use std::fmt;

use crate::model::{Ended, Former, Lang, Level, Timestamp};

/// The incident before: how long ago it ended, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ago {
    pub hours: i64,
    pub ended: Ended,
}

impl Ago {
    pub fn new(former: &Former, now: Timestamp) -> Ago {
        Ago { hours: now.duration_since(former.closed).as_hours().max(0), ended: former.ended }
    }

    fn french(self) -> String {
        let ago = match self.hours {
            hours @ 0..48 => format!("{hours} h"),
            hours => format!("{} jours", hours / 24),
        };
        let ended = match self.ended {
            Ended::FalseAlarm => "une fausse alerte",
            Ended::ByHand => "clos par l’équipe",
            Ended::Quiet => "retombé de lui-même",
        };
        format!(" ; le précédent de cette veille remonte à {ago}, {ended}")
    }
}

impl fmt::Display for Ago {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("; the last of this watch was ")?;
        match self.hours {
            hours @ 0..48 => write!(f, "{hours} h ago")?,
            hours => write!(f, "{} days ago", hours / 24)?,
        }
        f.write_str(match self.ended {
            Ended::FalseAlarm => ", a false alarm",
            Ended::ByHand => ", closed by the team",
            Ended::Quiet => ", and went quiet by itself",
        })
    }
}

/// Every way a decision can come about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    Opened {
        level: Level,
        surprise: f64,
        threshold: f64,
        ago: Option<Ago>,
    },
    /// A topic whose rule asks for an alert, whatever the number of mentions.
    KnownRisk {
        mentions: u32,
        authors: u32,
        ago: Option<Ago>,
    },
    /// It closed less than a day ago and surges again: the same bad buzz.
    Reopened {
        level: Level,
        minutes: i64,
    },
    /// Many more mentions than usual, and not of negatives.
    Surges {
        surprise: f64,
        threshold: f64,
    },
    /// Far fewer mentions than usual, although the sources are heard.
    Silent {
        surprise: f64,
        threshold: f64,
    },
    /// So little of the usual volume can be heard.
    Blind {
        audible: f64,
    },
    /// What was worth a notice is not any more.
    Over {
        minutes: i64,
    },
    /// A surge became a bad buzz, which tells it.
    Overtaken,
    /// The number of negatives is not improbable enough.
    UsualRate {
        surprise: f64,
        threshold: f64,
    },
    /// Improbable, but by too little evidence to be a crowd.
    TooFew {
        observed: f64,
        authors: f64,
    },
    /// Many mentions, of which the usual share is negative.
    UsualShare {
        share: f64,
        usual: f64,
    },
    /// Would be enough once a day is learned.
    ColdStart {
        hours: f64,
    },
    NotSurprising {
        surprise: f64,
        threshold: f64,
    },
    /// It was surprising, but the last three hours are not: a past that was caught up with.
    NoLonger {
        score_now: f64,
    },
    CoolDown {
        peak: Level,
    },
    Raised {
        from: Level,
        to: Level,
        score: f64,
    },
    AwaitsSecond {
        level: Level,
    },
    SurgedAgain {
        surprise: f64,
    },
    Holds {
        level: Level,
        score_now: f64,
    },
    Hysteresis {
        level: Level,
        minutes: i64,
    },
    /// A level fell; `to` is `None` when a watch went quiet.
    Fell {
        from: Level,
        to: Option<Level>,
        score_now: f64,
    },
    Closed {
        hours: i64,
    },
}

impl Reason {
    /// The reason as a mail tells it. Only what is told to people is said in French; everything
    /// else stays in logs, which speak English.
    pub fn words(&self, lang: Lang) -> String {
        let level = |level: Level| match level {
            Level::Notice => "à noter",
            Level::Watch => "veille",
            Level::Warning => "alerte",
            Level::Crisis => "crise",
        };
        let tenth = |n: f64| format!("{n:.1}").replace('.', ",");
        match *self {
            _ if lang != Lang::FR => self.to_string(),
            Reason::Opened { level: at, surprise, threshold, ago } => format!(
                "ouvert au niveau {} : la surprise, {}, atteint le seuil de {}{}",
                level(at),
                tenth(surprise),
                tenth(threshold),
                ago.map(Ago::french).unwrap_or_default()
            ),
            Reason::KnownRisk { mentions, authors, ago } => format!(
                "ouvert pour un risque connu : {mentions} mentions d’un sujet sensible par {authors} auteurs{}",
                ago.map(Ago::french).unwrap_or_default()
            ),
            Reason::Reopened { level: at, minutes } => format!(
                "rouvert au niveau {} : reprend {} h {:02} après sa clôture",
                level(at),
                minutes / 60,
                minutes % 60
            ),
            Reason::Surges { surprise, threshold } => format!(
                "volume inhabituel sans hausse du négatif : surprise {} pour un seuil de {}",
                tenth(surprise),
                tenth(threshold)
            ),
            Reason::Silent { surprise, threshold } => format!(
                "volume anormalement bas : surprise {} pour un seuil de {}",
                tenth(surprise),
                tenth(threshold)
            ),
            Reason::Blind { audible } => format!(
                "sources muettes : {:.0} % du volume habituel peut être entendu",
                audible * 100.0
            ),
            Reason::Over { minutes } => format!("terminé : rien d’inhabituel depuis {minutes} min"),
            Reason::Overtaken => "clos : devenu un bad buzz, suivi à part".to_owned(),
            Reason::Raised { from, to, score } => {
                format!("passé de {} à {} : score {score:.0}", level(from), level(to))
            }
            Reason::SurgedAgain { surprise } => {
                format!("repart après une accalmie : surprise {}", tenth(surprise))
            }
            Reason::Closed { hours } => format!("clos : calme depuis {hours} h"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Reason::Opened { level, surprise, threshold, ago } => {
                let level = level.as_str();
                write!(f, "opened as {level}: surprise {surprise:.1} reaches {threshold:.1}")?;
                ago.map_or(Ok(()), |ago| ago.fmt(f))
            }
            Reason::KnownRisk { mentions, authors, ago } => {
                write!(
                    f,
                    "opened for a known risk: {mentions} mentions of a sensitive topic by {authors} authors"
                )?;
                ago.map_or(Ok(()), |ago| ago.fmt(f))
            }
            Reason::Reopened { level, minutes } => write!(
                f,
                "opened again as {}: it surges {} h {:02} after its end",
                level.as_str(),
                minutes / 60,
                minutes % 60
            ),
            Reason::Surges { surprise, threshold } => write!(
                f,
                "many more mentions than usual, and not of negatives: surprise {surprise:.1} reaches {threshold:.1}"
            ),
            Reason::Silent { surprise, threshold } => write!(
                f,
                "far fewer mentions than usual: surprise {surprise:.1} reaches {threshold:.1}"
            ),
            Reason::Blind { audible } => {
                write!(f, "only {:.0} % of the usual volume can be heard", audible * 100.0)
            }
            Reason::Over { minutes } => write!(f, "over: nothing unusual for {minutes} minutes"),
            Reason::Overtaken => f.write_str("closed: it became a bad buzz, which tells it"),
            Reason::UsualRate { surprise, threshold } => write!(
                f,
                "not opened: the rate of negatives is usual (surprise {surprise:.1}, needs {threshold:.1})"
            ),
            Reason::TooFew { observed, authors } => write!(
                f,
                "not opened: {observed:.1} negatives by {authors:.0} authors are too few people; it \
                 takes 5 authors, 3 of them in their own words, and more where they repeat themselves"
            ),
            Reason::UsualShare { share, usual } => write!(
                f,
                "not opened: {:.0} % negative is not far enough from the usual {:.0} %",
                share * 100.0,
                usual * 100.0
            ),
            Reason::ColdStart { hours } => {
                write!(f, "not opened: the watch is new ({hours:.0} of 24 hours learned)")
            }
            Reason::NotSurprising { surprise, threshold } => {
                write!(f, "not opened: surprise {surprise:.1} is below {threshold:.1}")
            }
            Reason::NoLonger { score_now } => write!(
                f,
                "not opened: it is over, the last three hours score {score_now:.0} and need 25"
            ),
            Reason::CoolDown { peak } => write!(
                f,
                "not opened: a {} closed within the hour and this is not worse",
                peak.as_str()
            ),
            Reason::Raised { from, to, score } => {
                write!(f, "raised from {} to {}: score {score:.0}", from.as_str(), to.as_str())
            }
            Reason::AwaitsSecond { level } => {
                write!(f, "not raised yet: {} must hold for a second evaluation", level.as_str())
            }
            Reason::SurgedAgain { surprise } => {
                write!(f, "raised: surges again after a lull, surprise {surprise:.1}")
            }
            Reason::Holds { level, score_now } => {
                write!(f, "stays {}: the last three hours score {score_now:.0}", level.as_str())
            }
            Reason::Hysteresis { level, minutes } => {
                write!(f, "stays {}: quieter for only {minutes} min", level.as_str())
            }
            Reason::Fell { from, to: Some(to), score_now } => write!(
                f,
                "fell from {} to {}: the last three hours score {score_now:.0}",
                from.as_str(),
                to.as_str()
            ),
            Reason::Fell { from, to: None, score_now } => {
                write!(f, "{} goes quiet: the last three hours score {score_now:.0}", from.as_str())
            }
            Reason::Closed { hours } => write!(f, "closed: quiet for {hours} h"),
        }
    }
}
