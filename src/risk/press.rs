//! The press takes it up: distinct press sites within a day, told with the number of texts.

use serde::{Deserialize, Serialize};

use super::recent::{Recent, Said};
use super::usual::Daily;
use super::{DAY, Echo};
use crate::model::{Risk, Seq, Tone};
use crate::text::fingerprint::alike;

/// Articles remembered.
const ARTICLES: usize = 64;

/// Sites from which it is a pick-up. Two are a paper and its regional edition, or a paper and the
/// agency that it prints.
const SITES: usize = 3;

/// Bytes of a site's name: a list of an operator may hold anything.
const LONGEST_SITE: usize = 100;

/// What press sites said badly, or of a grave topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Press {
    recent: Recent<Article>,
    /// Sites a day.
    usual: Daily,
}

/// Second, mention, site, fingerprint. A tuple, since it is saved by the dozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Article(i64, Seq, String, u64);

impl Said for Article {
    fn at(&self) -> (i64, Seq) {
        (self.0, self.1)
    }
}

impl Press {
    pub(super) fn new(start: i64) -> Press {
        Press { recent: Recent::default(), usual: Daily::new(start) }
    }

    /// `grave` is whether it speaks of a topic that calls for an alert.
    pub(super) fn hear(&mut self, echo: &Echo, grave: bool) {
        self.learn_from(echo, grave);
        if let Some(site) = site(echo, grave) {
            let site = site.to_owned();
            let article = Article(echo.second(), echo.seq, site, echo.signal.fingerprint);
            self.recent.add(article, ARTICLES);
        }
    }

    /// A site counts once a day.
    pub(super) fn learn_from(&mut self, echo: &Echo, grave: bool) {
        let Some(site) = site(echo, grave) else { return };
        let second = echo.second();
        let day = second.div_euclid(DAY);
        let mut known = self.recent.iter().filter(|article| article.2 == site);
        if !known.any(|article| article.0.div_euclid(DAY) == day) {
            self.usual.count(second, echo.signal.arrived.as_second());
        }
    }

    pub(super) fn risk(&self, now: i64) -> Option<Risk> {
        let articles: Vec<&Article> = self.recent.within(DAY, now).collect();
        let mut sites: Vec<String> = articles.iter().map(|article| article.2.clone()).collect();
        sites.sort_unstable();
        sites.dedup();
        let (usual, above) = self.usual.expected(DAY, now);
        if sites.len() < SITES || sites.len() as f64 <= above {
            return None;
        }
        let seqs = articles.iter().map(|article| article.1).collect();
        Some(Risk::Press { sites, stories: stories(&articles), usual, seqs })
    }
}

/// The press site of a mention that can be a risk.
fn site(echo: &Echo, grave: bool) -> Option<&str> {
    let bad = grave || echo.signal.tone == Tone::Negative;
    let bad = bad && echo.signal.tone != Tone::Positive;
    echo.press.as_deref().filter(|site| bad && site.len() <= LONGEST_SITE)
}

/// How many different texts there are; one too short to be recognised is its own.
fn stories(articles: &[&Article]) -> u32 {
    let mut first: Vec<u64> = Vec::new();
    for article in articles {
        if !first.iter().any(|known| alike(*known, article.3)) {
            first.push(article.3);
        }
    }
    u32::try_from(first.len()).unwrap_or(u32::MAX)
}
