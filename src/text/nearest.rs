//! The nearest of some known words, for "did you mean".

/// The known word that takes the fewest changes to reach, when that is few enough to be a slip.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let close = |candidate: &&str| distance(word, candidate) <= 1 + candidate.chars().count() / 4;
    known.iter().copied().filter(close).min_by_key(|candidate| distance(word, candidate))
}

/// Levenshtein distance in characters, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let changed = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_word() {
        let known = ["query", "languages", "sensitivity"];
        assert_eq!(nearest("langauges", &known), Some("languages"));
        assert_eq!(nearest("qery", &known), Some("query"));
        assert_eq!(nearest("colour", &known), None);
    }
}
