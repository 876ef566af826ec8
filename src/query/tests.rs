//! What the watch language means, on French texts first.

mod agreeing;
mod fields;
mod linting;
pub(crate) mod reference;
mod refused;

use super::*;

fn query(text: &str) -> Query {
    Query::parse(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// The places of the query in a text of which nothing else is known.
fn places(asked: &str, text: &str) -> Option<Vec<String>> {
    let item = Item::new(ItemKey::of(&[]), "");
    let spans = query(asked).find(&Document::bare(&Prepared::new(text), &item))?;
    Some(spans.iter().map(|s| text.get(s.start..s.end).unwrap().to_owned()).collect())
}

/// The query finds exactly these places in the text.
#[track_caller]
fn finds(asked: &str, text: &str, expected: &[&str]) {
    let found = places(asked, text);
    let found = found.unwrap_or_else(|| panic!("`{asked}` does not match `{text}`"));
    assert_eq!(found, expected, "`{asked}` in `{text}`");
}

#[track_caller]
fn misses(asked: &str, text: &str) {
    assert_eq!(places(asked, text), None, "`{asked}` in `{text}`");
}

#[test]
fn accents_case_ligatures_and_elision_do_not_matter() {
    finds("l'Oréal", "Chez L’OREAL, rien", &["L’OREAL"]);
    finds("l'Oréal", "vive #loreal et loreal.fr", &["loreal", "loreal"]);
    finds("oreal", "de l’Oréal", &["Oréal"]);
    misses("l'Oréal", "Oréal tout court");
    finds("d’Orange", "je pars de chez Orange", &["Orange"]);
    finds("Orange", "la panne d’Orange", &["Orange"]);
    finds("EDF", "il dit qu'EDF ment", &["EDF"]);
    finds("qu'EDF", "EDF ment", &["EDF"]);
    finds("œuvre", "UNE ŒUVRE", &["ŒUVRE"]);
    finds("oeuvre", "une œuvre, l'e\u{301}te\u{301}", &["œuvre"]);
    finds("été", "l'e\u{301}te\u{301} vient", &["e\u{301}te\u{301}"]);
    finds("aujourd'hui", "dès aujourd’hui !", &["aujourd’hui"]);
    finds("\"probleme d'orange\"", "un problème d’Orange", &["problème d’Orange"]);
    misses("\"probleme d'orange\"", "un problème Orange");
}

#[test]
fn hyphens_spaces_and_one_word_are_the_same_name() {
    finds("rendez-vous", "un rendez vous, un rendez-vous", &["rendez vous", "rendez-vous"]);
    finds("Coca-Cola", "du cocacola", &["cocacola"]);
    finds("SNCF", "sur sncf-connect ce soir", &["sncf"]);
    finds("sncf-connect", "SNCF Connect en panne", &["SNCF Connect"]);
    misses("sncf-connect", "la SNCF");
    misses("SNCF -sncf-connect", "SNCF Connect en panne");
    finds("SNCF -sncf-connect", "la SNCF en panne", &["SNCF"]);
    finds("\"La Redoute\"", "#LaRedoute, laredoute.fr", &["LaRedoute", "laredoute"]);
    misses("\"La Redoute\"", "il redoute la pluie");
    misses("H&M", "hm, je ne sais pas");
    finds("H&M", "chez H & M", &["H & M"]);
}

#[test]
fn tags_are_found_in_parts_and_whole() {
    finds("#BalanceTonPorc", "vu #balancetonporc", &["balancetonporc"]);
    finds("#BalanceTonPorc", "balance ton porc !", &["balance ton porc"]);
    finds("#balancetonporc", "vu #BalanceTonPorc", &["BalanceTonPorc"]);
    finds("orange", "#BoycottOrange", &["Orange"]);
    finds("@sncf_connect", "merci @SNCF_Connect.", &["@SNCF_Connect"]);
    finds("@anne", "de @anne@piaille.fr", &["@anne@piaille.fr"]);
    misses("@orange", "une orange, jean@orange.fr");
    finds("orange", "@Orange_France aide", &["Orange"]);
}

#[test]
fn operators_work_in_two_languages_and_in_capitals_only() {
    finds("orange OU sfr ET panne", "orange", &["orange"]);
    misses("(orange OU sfr) ET panne", "orange");
    finds("(orange OR sfr) panne", "panne SFR", &["panne", "SFR"]);
    misses("orange SAUF fruit", "orange, un fruit");
    misses("orange AND NOT fruit", "orange, un fruit");
    finds("orange -fruit -jus", "orange box", &["orange"]);
    misses("orange et sfr", "orange sfr");
    finds("« orange et sfr »", "orange et SFR", &["orange et SFR"]);
    finds("orange NOT NOT sfr", "orange sfr", &["orange", "sfr"]);
    finds("rappel* produit", "Rappels de produit", &["Rappels", "produit"]);
    finds("\"rappel de lot*\"", "le rappel de lots", &["rappel de lots"]);
    misses("rappel", "rappels");
    misses("orange", "orangeade");
    finds("orange OR \"orange bank\"", "Orange Bank", &["Orange Bank"]);
}

#[test]
fn near_counts_the_words_between() {
    finds("rappel NEAR/2 lot", "le rappel de ce lot, puis encore un rappel", &["rappel", "lot"]);
    misses("rappel NEAR/1 lot", "le rappel de ce lot");
    finds("lot PRÈS/2 rappel", "le rappel de ce lot", &["rappel", "lot"]);
    finds("rappel NEAR lot", "rappel a b c d e lot", &["rappel", "lot"]);
    misses("rappel NEAR lot", "rappel a b c d e f lot");
    finds("rappel PUIS/2 lot", "rappel de ce lot", &["rappel", "lot"]);
    misses("lot ONEAR/2 rappel", "rappel de ce lot");
    finds(
        "(rappel* OU retrait) NEAR/3 (lot OU \"produit laitier\")",
        "Retrait de produit laitier, puis rappels. Lot",
        &["Retrait", "produit laitier", "rappels", "Lot"],
    );
    misses("rappel NEAR/5 rappel", "un seul rappel");
    finds("rappel NEAR/5 rappel", "rappel sur rappel", &["rappel", "rappel"]);
    finds("orange NEAR/0 bank", "bank orange", &["bank", "orange"]);
    finds("boycott NEAR/1 poste", "#BoycottLaPoste", &["Boycott", "Poste"]);
    finds("@sncf NEAR/1 retard", "@sncf_x @sncf encore retard", &["@sncf", "retard"]);
    finds("sfr AND orange NEAR/1 panne", "panne orange chez sfr", &["panne", "orange", "sfr"]);
}

#[test]
fn letters_count_as_written_where_that_is_asked() {
    finds("=Apple", "an apple, an Apple", &["Apple"]);
    misses("=Apple", "APPLE apple");
    finds("=\"La Poste\"", "la poste, La\nPoste", &["La\nPoste"]);
    finds("=été", "ete, e\u{301}te\u{301}", &["e\u{301}te\u{301}"]);
    finds("=Orange*", "orangeade Orangina Orangeade", &["Orangeade"]);
    finds("=Orange", "#BoycottOrange Orange™", &["Orange", "Orange™"]);
    finds("=d'Orange", "un client d'Orange", &["Orange"]);
    misses("=\"La Redoute\"", "laredoute.fr");
    finds("Orange -=orange", "Orange", &["Orange"]);
}

#[test]
fn singular_and_plural_are_found_on_request() {
    finds("~rappel", "un rappel, des rappels", &["rappel", "rappels"]);
    misses("rappel", "rappels");
    finds("~cheval", "les chevaux", &["chevaux"]);
    finds("~\"produit défectueux\"", "produits défectueux", &["produits défectueux"]);
    finds("~company", "two companies", &["companies"]);
    finds("~mot-clé", "des mots-clés, #motclés", &["mots-clés", "motclés"]);
}

#[test]
fn a_word_is_found_inside_a_run_where_no_spaces_are_written() {
    finds("東京", "新東京タワー", &["東京"]);
    misses("京東", "新東京タワー");
    finds("ソニー NEAR/5 故障", "ソニーの製品が故障した", &["ソニー", "故障"]);
    finds("ทรู", "เครือข่ายทรูล่ม", &["ทรู"]);
    finds("acme社", "株式会社ACME社の", &["ACME社"]);
}
