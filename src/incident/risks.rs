//! The risks of a whole incident: each as it was when it was gravest.

use std::mem::discriminant;

use crate::model::Risk;

/// Risks that an incident remembers: a flood of topics or of posts must not grow without end.
const MOST: usize = 12;

/// Adds the risks of a moment to those of an incident, each in the place of what it grew from.
pub(super) fn gather(known: &mut Vec<Risk>, now: &[Risk]) {
    for risk in now {
        if let Some(known) = known.iter_mut().find(|known| same(known, risk)) {
            if weight(risk) > weight(known) {
                known.clone_from(risk);
            }
        } else if known.len() < MOST {
            known.push(risk.clone());
        }
    }
    // As a radar tells them: the gravest kind first.
    known.sort_by_key(rank);
}

/// Whether two risks are one at two moments.
fn same(one: &Risk, other: &Risk) -> bool {
    match (one, other) {
        (Risk::Topic { topic: one, .. }, Risk::Topic { topic: other, .. }) => one == other,
        (Risk::Viral { seq: one, .. }, Risk::Viral { seq: other, .. })
        | (Risk::Audience { seq: one, .. }, Risk::Audience { seq: other, .. }) => one == other,
        (Risk::Coordinated { seqs: one, .. }, Risk::Coordinated { seqs: other, .. }) => {
            one.first() == other.first()
        }
        _ => discriminant(one) == discriminant(other),
    }
}

/// How grave it is among its like.
fn weight(risk: &Risk) -> f64 {
    match risk {
        Risk::Topic { mentions, .. } => f64::from(*mentions),
        Risk::Press { sites, .. } => sites.len() as f64,
        Risk::Viral { per_hour, .. } => *per_hour,
        Risk::Audience { reach, .. } => *reach as f64,
        Risk::Coordinated { copies, .. } => f64::from(*copies),
    }
}

fn rank(risk: &Risk) -> u8 {
    match risk {
        Risk::Topic { .. } => 0,
        Risk::Press { .. } => 1,
        Risk::Viral { .. } => 2,
        Risk::Audience { .. } => 3,
        Risk::Coordinated { .. } => 4,
    }
}
