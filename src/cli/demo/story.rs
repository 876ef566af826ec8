//! The story of the demo: a quiet week of a fictitious biscuit maker, then a bad buzz.

use crate::model::Timestamp;

/// Which of the three places an item appears in.
pub(super) const PLACES: [&str; 3] = ["presse", "forum", "blogs"];

/// The brand, which exists nowhere else.
pub(super) const BRAND: &str = "Brindille";

/// One item of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Post {
    pub at: Timestamp,
    pub place: usize,
    pub id: String,
    pub author: String,
    pub title: String,
    pub text: String,
}

/// Everything that will be said, in order of time: deterministic, so that every demo tells the
/// same story.
#[derive(Debug)]
pub(super) struct Story {
    pub posts: Vec<Post>,
    /// When the bad buzz begins.
    pub turn: Timestamp,
}

/// Days of quiet before the turn.
pub(super) const QUIET_DAYS: i64 = 7;

/// How long the bad buzz goes on.
const BUZZ_MINUTES: i64 = 240;

impl Story {
    /// A story that begins at this instant.
    pub(super) fn beginning(origin: Timestamp) -> Story {
        let mut dice = Dice(20_261_124);
        let turn = plus(origin, QUIET_DAYS * 24 * 60 + 20);
        let mut posts = Vec::new();
        let minutes = QUIET_DAYS * 24 * 60 + 20 + BUZZ_MINUTES;
        for minute in 0..minutes {
            let at = plus(origin, minute);
            if dice.roll() < quiet_rate(at) / 60.0 {
                posts.push(quiet(&mut dice, at, posts.len()));
            }
            let into = at.duration_since(turn).as_mins();
            if into >= 0 {
                let rate = buzz_rate(into);
                let certain = rate.floor();
                let mut count = dice.roll().lt(&(rate - certain)).into();
                #[expect(clippy::cast_possible_truncation, reason = "a handful a minute")]
                #[expect(clippy::cast_sign_loss, reason = "a rate is not negative")]
                {
                    count += certain as u32;
                }
                for _ in 0..count {
                    posts.push(angry(&mut dice, at, posts.len()));
                }
            }
        }
        Story { posts, turn }
    }

    /// What a place shows at an instant: its newest items, newest first, as feeds do.
    pub(super) fn page(&self, place: usize, now: Timestamp) -> Vec<&Post> {
        let here = self.posts.iter().filter(|post| post.place == place && post.at <= now);
        let mut newest: Vec<&Post> = here.collect();
        newest.reverse();
        newest.truncate(150);
        newest
    }
}

fn plus(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(jiff::SignedDuration::from_mins(minutes)).unwrap_or(at)
}

/// Posts an hour on a quiet day: few at night, most before noon and in the evening.
fn quiet_rate(at: Timestamp) -> f64 {
    const CLOCK: [f64; 24] = [
        0.7, 0.5, 0.4, 0.3, 0.3, 0.4, 0.8, 1.5, 2.5, 3.2, 3.6, 3.6, 3.4, 3.2, 3.2, 3.2, 3.2, 3.3,
        3.4, 3.3, 3.2, 2.6, 1.8, 1.1,
    ];
    let hour = at.as_second().rem_euclid(86_400) / 3_600;
    usize::try_from(hour).ok().and_then(|hour| CLOCK.get(hour)).copied().unwrap_or(1.0)
}

/// Angry posts a minute: it smoulders for twenty minutes, flares up, then slowly tires.
fn buzz_rate(minute: i64) -> f64 {
    match minute {
        0..20 => 0.2,
        20..60 => 0.8,
        60..150 => 1.6,
        _ => 0.5,
    }
}

/// A small generator (SplitMix64): the demo needs no better and no other.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn roll(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = self.next() % from.len().max(1) as u64;
        usize::try_from(at).ok().and_then(|at| from.get(at)).copied().unwrap_or_default()
    }
}

const FIRST_NAMES: [&str; 16] = [
    "Camille", "Hugo", "Inès", "Louis", "Manon", "Nathan", "Léa", "Karim", "Chloé", "Mathis",
    "Sarah", "Yann", "Élodie", "Bastien", "Aïcha", "Gaël",
];
const LAST_NAMES: [&str; 14] = [
    "Aubry", "Besson", "Cordier", "Delmas", "Estève", "Ferrand", "Guérin", "Hamel", "Jourdan",
    "Kerbrat", "Lemaire", "Morvan", "Nicolas", "Ollivier",
];

fn author(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&FIRST_NAMES), dice.pick(&LAST_NAMES))
}

const PLAIN: [&str; 8] = [
    "Brindille ouvre une boutique à {ville} : horaires et accès",
    "Quelqu'un sait si Brindille livre à {ville} ?",
    "Brindille présente sa gamme de {saison}",
    "Les biscuits Brindille sont en rayon à {ville}",
    "Brindille sera au salon de {ville} ce mois-ci",
    "Recette : cheesecake aux sablés Brindille",
    "Brindille recrute un pâtissier à {ville}",
    "Où trouver la boîte {saison} de Brindille ?",
];
const GOOD: [&str; 6] = [
    "Les sablés Brindille sont délicieux, merci à la boutique de {ville}",
    "Superbe accueil chez Brindille à {ville}, je recommande",
    "Excellente surprise, les biscuits Brindille de {saison} sont parfaits",
    "J'adore les galettes Brindille, un vrai bonheur au goûter",
    "Bravo Brindille pour la nouvelle boîte, magnifique et pratique",
    "Très bonne qualité chez Brindille, livraison rapide à {ville}",
];
const BAD: [&str; 5] = [
    "Déçu par ma commande Brindille, la boîte est arrivée cassée à {ville}",
    "Brindille trop cher à {ville}, quelle déception",
    "Service client de Brindille injoignable, c'est pénible",
    "Les biscuits Brindille de {saison} sont fades, je suis déçue",
    "Retard de livraison chez Brindille, toujours rien reçu à {ville}",
];
const TOWNS: [&str; 12] = [
    "Nantes", "Lyon", "Rennes", "Dijon", "Lille", "Brest", "Tours", "Metz", "Nîmes", "Angers",
    "Pau", "Reims",
];
const SEASONS: [&str; 5] = ["Noël", "printemps", "la rentrée", "Pâques", "l'été"];

fn quiet(dice: &mut Dice, at: Timestamp, n: usize) -> Post {
    let roll = dice.roll();
    let line = match roll {
        r if r < 0.50 => dice.pick(&PLAIN),
        r if r < 0.86 => dice.pick(&GOOD),
        _ => dice.pick(&BAD),
    };
    let line = line.replace("{ville}", dice.pick(&TOWNS)).replace("{saison}", dice.pick(&SEASONS));
    let place = usize::try_from(dice.next() % 3).unwrap_or_default();
    Post { at, place, id: format!("q{n}"), author: author(dice), title: String::new(), text: line }
}

const OPENINGS: [&str; 10] = [
    "Honteux.",
    "C'est un scandale.",
    "Je suis furieuse.",
    "Inadmissible !",
    "Dégoûtée.",
    "Plus jamais Brindille.",
    "Quelle honte.",
    "On se moque de nous.",
    "Écœurant.",
    "Vraiment en colère.",
];
const FACTS: [&str; 12] = [
    "Mon fils a trouvé un morceau de plastique dans un sablé Brindille",
    "Du plastique dans les biscuits Brindille et aucun rappel produit",
    "Ma fille s'est blessée à la bouche avec un biscuit Brindille",
    "Brindille savait pour le plastique et n'a rien dit",
    "Des bouts de plastique dans toute la boîte Brindille achetée à {ville}",
    "Brindille refuse de rembourser les boîtes contaminées",
    "Le service client Brindille raccroche quand on parle de plastique",
    "Toujours pas de rappel produit chez Brindille malgré les plaintes",
    "Le magasin de {ville} vend encore les boîtes Brindille dangereuses",
    "Deux enfants malades après un goûter Brindille à {ville}",
    "Brindille efface les commentaires qui parlent du plastique",
    "J'ai jeté toutes mes boîtes Brindille, danger pour les enfants",
];
const ENDINGS: [&str; 10] = [
    "Je porte plainte.",
    "Boycott !",
    "N'achetez plus rien chez eux.",
    "Partagez, c'est dangereux.",
    "Ils mentent depuis des jours.",
    "Aucune excuse, aucun respect.",
    "Service client nul.",
    "C'est grave.",
    "Je veux être remboursée.",
    "Une catastrophe pour la marque.",
];
const HEADLINES: [&str; 4] = [
    "Brindille : des consommateurs signalent du plastique dans des sablés",
    "Rappel produit réclamé : Brindille sous le feu des critiques",
    "Polémique Brindille : la marque reste silencieuse",
    "Sablés Brindille : une plainte déposée à {ville}",
];

fn angry(dice: &mut Dice, at: Timestamp, n: usize) -> Post {
    let town = dice.pick(&TOWNS);
    let text = [dice.pick(&OPENINGS), dice.pick(&FACTS), dice.pick(&ENDINGS)];
    let text = format!("{} {}. {}", text[0], text[1], text[2]).replace("{ville}", town);
    // Most of it comes from the forum, then blogs, then the press.
    let roll = dice.roll();
    let place = if roll < 0.1 {
        0
    } else if roll < 0.7 {
        1
    } else {
        2
    };
    let title =
        if place == 0 { dice.pick(&HEADLINES).replace("{ville}", town) } else { String::new() };
    Post { at, place, id: format!("b{n}"), author: author(dice), title, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story() -> Story {
        Story::beginning("2026-11-17T08:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_story_is_the_same_every_time() {
        assert_eq!(story().posts, story().posts);
    }

    #[test]
    fn the_week_is_quiet_and_then_it_is_not() {
        let story = story();
        let before = story.posts.iter().filter(|post| post.at < story.turn).count();
        let after = story.posts.len() - before;
        assert!((250..600).contains(&before), "{before}");
        assert!(after > 150, "{after}");
        assert!(
            story.posts.iter().all(|post| post.text.contains(BRAND) || post.title.contains(BRAND))
        );
    }

    #[test]
    fn a_page_shows_nothing_of_the_future() {
        let story = story();
        for place in 0..PLACES.len() {
            let page = story.page(place, story.turn);
            assert!(page.iter().all(|post| post.at <= story.turn));
            assert!(page.windows(2).all(|pair| pair[0].at >= pair[1].at));
        }
    }
}
