//! Emoji and emoticons with their weights, found at a place of a folded text.

use foldhash::HashMap;

use super::Weight;

/// Signs by their first character: most places of a text begin none, and must cost nothing.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    by_first: HashMap<char, Vec<(String, Weight)>>,
}

impl Symbols {
    /// Adds a folded sign; one that is known takes the new weight.
    pub fn add(&mut self, symbol: String, weight: Weight) {
        let Some(first) = symbol.chars().next() else { return };
        let same = self.by_first.entry(first).or_default();
        same.retain(|(known, _)| *known != symbol);
        same.push((symbol, weight));
        // The longest wins: `:'(` before `:'`.
        same.sort_by_key(|(symbol, _)| std::cmp::Reverse(symbol.len()));
    }

    /// The longest sign that stands at the beginning of `rest`: its length in bytes, its weight.
    pub fn at(&self, rest: &str) -> Option<(usize, Weight)> {
        let same = self.by_first.get(&rest.chars().next()?)?;
        let (symbol, weight) = same.iter().find(|(symbol, _)| stands(symbol, rest))?;
        Some((symbol.len(), *weight))
    }
}

/// `:d` stands in `:d !` but not in `:de`, `:/` not in `://`.
fn stands(symbol: &str, rest: &str) -> bool {
    rest.strip_prefix(symbol).is_some_and(|after| {
        let open_end = symbol.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
        !(open_end && after.starts_with(|c: char| c.is_alphanumeric() || c == '/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rest: &str, expected: Option<(usize, f64)>) {
        let mut symbols = Symbols::default();
        for (symbol, value) in [(":'", -1.0), (":'(", -2.0), (":d", 1.0), ("👍", 1.0), ("👍", 2.0)]
        {
            symbols.add(symbol.to_owned(), Weight { value, ..Weight::default() });
        }
        assert_eq!(symbols.at(rest).map(|(len, weight)| (len, weight.value)), expected);
    }

    #[test]
    fn the_longest_sign_wins_and_letters_do_not_go_on() {
        check(":'( non", Some((3, -2.0)));
        check(":' non", Some((2, -1.0)));
        check(":d", Some((2, 1.0)));
        check(":de", None);
        check("👍👍", Some((4, 2.0)));
        check("", None);
    }
}
