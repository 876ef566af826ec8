//! Stories on texts made here: what is a copy, what is not, and how much is remembered.

use proptest::prelude::*;

use super::*;
use crate::model::{StoryId, Timestamp};

const COMPLAINT: &str = "Trois heures d'attente au guichet, personne ne répond et le colis est \
    reparti sans explication, c'est la dernière fois que je commande chez eux, et je ne parle \
    même pas du livreur qui n'a jamais sonné alors que j'étais à la maison toute la journée avec \
    la fenêtre ouverte ; le service client demande une photo de la porte";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_409_600 + second).unwrap()
}

fn told(seq: u64, text: &str, voice: u64) -> Option<Told> {
    Sketch::of(text).map(|sketch| Told { seq, sketch, voice })
}

/// Places a new mention.
fn tell(shelf: &mut Shelf, seq: u64, text: &str, voice: u64, now: Timestamp) -> StoryId {
    shelf.place(seq, told(seq, text, voice), None, now)
}

#[track_caller]
fn check(first: &str, second: &str, same: bool) {
    let mut shelf = Shelf::new(10);
    tell(&mut shelf, 1, first, 1, at(0));
    let story = tell(&mut shelf, 2, second, 2, at(1));
    assert_eq!(story == StoryId(1), same, "{first}\n{second}");
}

#[test]
fn a_copy_is_recognised_whatever_a_platform_or_a_person_puts_around_it() {
    check(COMPLAINT, &format!("{COMPLAINT} https://t.example/x?utm=1"), true);
    check(COMPLAINT, &COMPLAINT.to_uppercase(), true);
    check(COMPLAINT, &format!("😡😡 {} 🔥", COMPLAINT.replace(", ", " 😤 ")), true);
    check(COMPLAINT, &format!("RT @anne: {COMPLAINT}"), true);
    check(
        COMPLAINT,
        &format!("{COMPLAINT}\n-- \nAnne Durand, Lyon, association des clients"),
        true,
    );
    let cut: String = COMPLAINT.chars().take(279).collect();
    check(COMPLAINT, &format!("{cut}…"), true);
    check(&format!("{cut}…"), COMPLAINT, true);
    check(
        &format!("Scandale au guichet\n{COMPLAINT}"),
        &format!("Le colis perdu\n{COMPLAINT}"),
        true,
    );
}

#[test]
fn two_texts_on_one_subject_are_two_stories() {
    for (first, second) in [
        (
            "J'ai acheté ce grille-pain Acme il y a un mois, il grille bien mais le bouton casse.",
            "Grille-pain Acme reçu hier, très joli, il grille bien et le prix est correct.",
        ),
        (COMPLAINT, "Deux heures d'attente au téléphone et mon colis est toujours introuvable."),
        ("Acme est en panne ?", "Acme est en panne ?"),
    ] {
        check(first, second, false);
    }
}

#[test]
fn messages_of_one_form_differ_by_their_numbers() {
    let line = |line: u32, hour: u32| {
        format!("Ligne {line} : le départ de {hour} h 05 vers la gare centrale est supprimé")
    };
    check(&line(12, 7), &line(12, 7), true);
    check(&line(12, 7), &line(14, 9), false);
}

#[test]
fn the_frame_of_a_source_does_not_glue_its_items_together() {
    let frame = "Cet article est paru d'abord dans la gazette des consommateurs, abonnez-vous \
                 pour lire toutes nos enquêtes et soutenir une presse libre";
    let items = [
        "Acme rappelle ses fours après trois incendies signalés dans le Nord",
        "Le patron de Bolt quitte son poste et vend ses dernières actions",
        "Nos conseils pour choisir un assureur quand on déménage à la campagne",
        "Une association attaque un vendeur de billets pour des frais cachés",
        "Pourquoi les forfaits illimités ne le sont presque jamais en pratique",
    ];
    let mut shelf = Shelf::new(100);
    for (seq, item) in (1..).zip(items) {
        let text = format!("{item}\n{frame}");
        assert_eq!(tell(&mut shelf, seq, &text, 7, at(0)), StoryId(seq), "{item}");
    }
}

#[test]
fn small_edits_do_not_walk_from_one_story_to_another() {
    let mut words: Vec<String> = COMPLAINT.split_whitespace().map(str::to_owned).collect();
    let mut shelf = Shelf::new(100);
    tell(&mut shelf, 1, &words.join(" "), 1, at(0));
    let mut last = StoryId(1);
    for place in 0..words.len() {
        words[place] = format!("autre{}", char::from(b'a' + u8::try_from(place % 26).unwrap()));
        last = tell(&mut shelf, 2 + place as u64, &words.join(" "), place as u64, at(0));
    }
    assert_ne!(last, StoryId(1), "nothing of the first text is left");
}

#[test]
fn a_story_is_forgotten_a_week_after_its_last_copy() {
    let day = 24 * 3600;
    let mut shelf = Shelf::new(10);
    for (seq, days, story) in [(1, 0, 1), (2, 6, 1), (3, 12, 1), (4, 20, 4)] {
        assert_eq!(tell(&mut shelf, seq, COMPLAINT, seq, at(days * day)), StoryId(story), "{days}");
    }
}

#[test]
fn an_edit_keeps_a_mention_in_its_story_while_it_fits() {
    let mut shelf = Shelf::new(10);
    let other = "Rien à voir : la nouvelle boutique ouvre samedi matin à neuf heures";
    for seq in 1..=3 {
        assert_eq!(tell(&mut shelf, seq, COMPLAINT, seq, at(0)), StoryId(1));
    }
    let mut edit =
        |seq, text: &str, has| shelf.place(seq, told(seq, text, seq), Some(StoryId(has)), at(1));
    assert_eq!(edit(2, &format!("{COMPLAINT} Édit : réglé."), 1), StoryId(1), "still a copy");
    assert_eq!(edit(2, other, 1), StoryId(2), "says something else now");
    assert_eq!(edit(3, "Supprimé", 1), StoryId(3), "says nothing now");
    assert_eq!(edit(1, other, 1), StoryId(1), "leads its story");
    assert_eq!(edit(9, other, 8), StoryId(8), "the story is forgotten, the decision is not");
}

#[test]
fn of_two_stories_the_more_alike_is_chosen() {
    let mut shelf = Shelf::new(10);
    let half = COMPLAINT.get(..COMPLAINT.len() / 2 + 3).unwrap();
    tell(&mut shelf, 1, &format!("{half} mais tout est bien qui finit bien pour nous"), 1, at(0));
    shelf.put(StoryId(2), told(2, COMPLAINT, 2).unwrap(), at(0));
    assert_eq!(tell(&mut shelf, 3, COMPLAINT, 3, at(0)), StoryId(2));
}

/// Texts of words drawn from a large vocabulary: as good as all different.
fn drawn(seed: u64, words: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let word = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("mot{}", state % 50_000)
    };
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_flood_of_different_texts_fills_no_memory() {
    let mut shelf = Shelf::new(200);
    let mut largest = 0;
    for seq in 0..3_000 {
        let story = tell(&mut shelf, seq, &drawn(seq + 1, 160), seq, at(0));
        assert_eq!(story, StoryId(seq));
        assert!(shelf.len() <= 200);
        largest = largest.max(shelf.bytes());
    }
    assert!(largest < 200 * 2_048, "{largest} bytes for 200 stories of the largest kind");
    assert!(shelf.held_is_exact(), "what is forgotten is not counted any more");
}

proptest! {
    #[test]
    fn any_text_is_its_own_copy(text in "(?s).{0,200}", other in "(?s).{0,200}") {
        let mut shelf = Shelf::new(4);
        let first = tell(&mut shelf, 1, &text, 1, at(0));
        let between = tell(&mut shelf, 2, &other, 2, at(0));
        let again = tell(&mut shelf, 3, &text, 3, at(0));
        if Sketch::of(&text).is_some() && between != first {
            prop_assert_eq!(again, first);
        }
    }

    #[test]
    fn the_order_of_equal_times_changes_no_company(order in Just((0..12_u64).collect::<Vec<_>>()).prop_shuffle()) {
        // Three copies of each of four texts, in any order.
        let texts: Vec<String> = (0..4).map(|n| drawn(n + 1, 30)).collect();
        let mut shelf = Shelf::new(20);
        let mut stories = std::collections::HashMap::new();
        for seq in order {
            let text = &texts[usize::try_from(seq % 4).unwrap()];
            let story = tell(&mut shelf, seq, &format!("{text} https://x.example/{seq}"), seq, at(0));
            prop_assert_eq!(*stories.entry(seq % 4).or_insert(story), story);
        }
        let different: std::collections::HashSet<_> = stories.values().collect();
        prop_assert_eq!(different.len(), 4);
    }
}
