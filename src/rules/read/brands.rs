//! Reads the brands whose name is an everyday word, each with a text of either sense.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::Rules;
use super::super::examples::{Example, Expect};
use super::{Entries, File};
use crate::query::Ambiguous;

const KEYS: &str = "known keys: brand, with, without, is, is-not";

pub(super) fn read(
    file: &mut File<'_>,
    rest: Entries<'_>,
    brands: Spanned<DeValue<'_>>,
    rules: &mut Rules,
) {
    for (key, _) in rest {
        let title = format!("unknown key `{}`", key.get_ref());
        file.error(key.span(), title, "a list of brands has `[[ambiguous]]` only");
    }
    let span = brands.span();
    let DeValue::Array(brands) = brands.into_inner() else {
        return file.error(span, "`ambiguous` is no list of tables", "write `[[ambiguous]]`");
    };
    for brand in brands {
        let span = brand.span();
        match brand.into_inner() {
            DeValue::Table(table) => one(file, table, span, rules),
            _ => file.error(span, "a brand is a table", "write `[[ambiguous]]`"),
        }
    }
}

fn one(file: &mut File<'_>, mut table: DeTable<'_>, whole: Range<usize>, rules: &mut Rules) {
    let mut text = |key: &str| {
        let value = table.remove(key)?;
        Some((value.get_ref().as_str()?.to_owned(), value.span()))
    };
    let (brand, is, is_not) = (text("brand"), text("is"), text("is-not"));
    let terms = |value: Option<Spanned<DeValue<'_>>>, file: &mut File<'_>| -> Vec<String> {
        let read = value.map(|value| file.strings(&value)).unwrap_or_default();
        read.into_iter().map(|(term, _)| term).collect()
    };
    let with = terms(table.remove("with"), file);
    let without = terms(table.remove("without"), file);
    for (key, _) in &table {
        file.error(key.span(), format!("unknown key `{}`", key.get_ref()), KEYS);
    }
    let (Some((brand, _)), Some(is), Some(is_not)) = (brand, is, is_not) else {
        let title = "a brand needs `brand`, `is` and `is-not`";
        return file.error(whole, title, "`is` and `is-not` are a text of each sense");
    };
    let brand = Ambiguous::new(&brand, with, without);
    if brand.words.is_empty() || (brand.with.is_empty() && brand.without.is_empty()) {
        let title = "a brand needs a name and words that tell it apart";
        return file.error(whole, title, "write `with = [\"fibre\"]`");
    }
    for ((text, span), found) in [(is, true), (is_not, false)] {
        let (name, query) = (file.name.to_owned(), brand.proposal());
        rules.examples.push(Example {
            file: name,
            span,
            text,
            author: None,
            expect: Expect::Found { query, found },
        });
    }
    // A later file corrects an earlier one.
    rules.ambiguous.retain(|known| known.words != brand.words);
    rules.ambiguous.push(brand);
}
