//! What scoring costs: microseconds for a post of 280 characters, and to load the models.
//!
//! `cargo bench --bench sentiment`. The best of many rounds: on a shared machine the others
//! measure the neighbours.

#![expect(clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use vigie::model::{Lang, Language};
use vigie::rules::Rules;
use vigie::sentiment::{Models, Passage, score};

const ROUNDS: usize = 300;
const EACH: u32 = 100;

const POSTS: &[(&str, &str)] = &[
    (
        "fr",
        "@AcmeFrance Bonjour, ma commande devait arriver lundi et personne ne répond au service \
         client depuis trois jours 😡 Franchement déçue, j'adorais vos produits mais là c'est du \
         grand n'importe quoi... Merci de me rembourser rapidement ! #acme #ServiceClient \
         https://example.org/suivi/12345",
    ),
    (
        "en",
        "@AcmeUK Hi, my order was supposed to arrive on Monday and nobody has answered at customer \
         service for three days 😡 Honestly disappointed, I used to love your products but this is \
         beyond a joke... Please refund me quickly! #acme #CustomerService \
         https://example.org/track/12345",
    ),
    (
        "de",
        "@AcmeDE Hallo, meine Bestellung sollte am Montag kommen und seit drei Tagen antwortet \
         niemand beim Kundendienst 😡 Ehrlich gesagt enttäuscht, ich mochte eure Produkte sehr, \
         aber das geht gar nicht... Bitte schnell zurückzahlen! #acme #Kundendienst \
         https://example.org/paket/12345",
    ),
];

fn main() {
    let rules = Rules::builtin();
    for (lang, text) in POSTS {
        let language = Language { code: Lang::parse(lang), confidence: 1.0 };
        let passage = Passage { text, language, ..Passage::default() };
        let best = best(|| {
            for _ in 0..EACH {
                black_box(score(black_box(&passage), &rules));
            }
        });
        let micros = best.as_secs_f64() * 1e6 / f64::from(EACH);
        let length = text.chars().count();
        println!("score {lang}: {micros:6.1} µs for {length} characters");
    }
    let load = best(|| drop(black_box(Models::shipped())));
    println!("load of the models: {:.3} ms", load.as_secs_f64() * 1e3);
}

fn best(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}
