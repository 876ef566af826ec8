//! How sure a model may be: what its sums are worth as probabilities.

use std::collections::BTreeMap;

use super::Row;
use super::lbfgs::{minimise, narrow};
use crate::model::Lang;
use crate::sentiment::model::{TONES, Voice};

/// The voice under which blind answers are least surprised by the truth. Every set counts alike.
///
/// How often a tone stands in a set says more of who collected it than of what a brand will meet:
/// tones count half-way between their share in the set and one share for all.
pub(super) fn voice(
    lang: Option<Lang>,
    rows: &[Row],
    heard: &[usize],
    blind: &[[f64; TONES]],
    whole: &BTreeMap<usize, [f64; TONES]>,
) -> Voice {
    let counts = counts(rows, heard, whole);
    // ln(sharpness), then the shifts of the first two tones: the third is the measure.
    let mut x = vec![0.0; TONES];
    minimise(&mut x, 200, 1e-9, &mut |x, gradient| {
        gradient.fill(0.0);
        let mut slopes = [0.0; TONES];
        let mut loss = 0.0;
        let voice = from(lang, x);
        for (row, counts) in heard.iter().zip(&counts) {
            let (tone, logits) = (rows[*row].tone, blind[*row]);
            let p = voice.probabilities(logits);
            loss -= counts * p[tone].max(1e-12).ln();
            for of in 0..TONES {
                let pull = counts * (p[of] - f64::from(u8::from(of == tone)));
                slopes[0] += pull * logits[of] * f64::from(voice.sharpness);
                if of < TONES - 1 {
                    slopes[of + 1] += pull;
                }
            }
        }
        gradient.iter_mut().zip(slopes).for_each(|(to, slope)| *to = narrow(slope));
        loss
    });
    from(lang, &x)
}

/// What each of the rows counts: the rows of a set 1 together. Where only some texts of a set were
/// taken, its tones count as they stand in the whole.
fn counts(rows: &[Row], heard: &[usize], whole: &BTreeMap<usize, [f64; TONES]>) -> Vec<f64> {
    let mut found: BTreeMap<usize, [f64; TONES]> = BTreeMap::new();
    for row in heard {
        found.entry(rows[*row].set).or_default()[rows[*row].tone] += 1.0;
    }
    let count = |row: &usize| {
        let Row { set, tone, .. } = rows[*row];
        let found = found.get(&set).copied().unwrap_or([1.0; TONES]);
        let tones = whole.get(&set).copied().unwrap_or(found).map(f64::sqrt);
        tones[tone] / tones.into_iter().sum::<f64>() / found[tone]
    };
    heard.iter().map(count).collect()
}

fn from(lang: Option<Lang>, x: &[f32]) -> Voice {
    Voice { lang, sharpness: x[0].exp(), shift: [x[1], x[2], 0.0] }
}
