//! Reads the examples of a file: what its rules must make of a text.

use toml::Spanned;
use toml::de::DeValue;

use super::super::Rules;
use super::super::examples::{Example, Expect};
use super::{File, Subject};

const EXPECTATIONS: &str = "a lexicon expects negative, neutral, positive or mixed; a topic \
    expects topic or nothing; a kind of spam expects spam or nothing; a list of press sites \
    expects press or nothing";

impl File<'_> {
    /// Keeps a file's examples; they must show both that it speaks and that it keeps silent.
    pub(super) fn keep(&mut self, examples: Vec<Example>, rules: &mut Rules) {
        for (fires, title) in
            [(true, "no example that fires"), (false, "no example that must not fire")]
        {
            if !examples.iter().any(|example| example.expect.fires() == fires) {
                self.error(0..0, title, EXPECTATIONS);
            }
        }
        rules.examples.extend(examples);
    }

    pub(super) fn examples(
        &mut self,
        value: Spanned<DeValue<'_>>,
        subject: &Subject,
    ) -> Vec<Example> {
        let span = value.span();
        let DeValue::Array(array) = value.into_inner() else {
            self.error(span, "`example` is no list of tables", "write `[[example]]`");
            return Vec::new();
        };
        array.into_iter().filter_map(|entry| self.example(entry, subject)).collect()
    }

    fn example(&mut self, entry: Spanned<DeValue<'_>>, subject: &Subject) -> Option<Example> {
        let whole = entry.span();
        let DeValue::Table(mut table) = entry.into_inner() else {
            self.error(whole, "an example is a table", "write `[[example]]`");
            return None;
        };
        let (text, expect) = (table.remove("text"), table.remove("expect"));
        let lang = match subject {
            Subject::Lexicon(lang) => *lang,
            Subject::Topic(_) => table.remove("lang").and_then(|code| self.language(&code).ok()?),
            Subject::Spam(_) | Subject::Press(_) => None,
        };
        let author = match subject {
            Subject::Spam(_) => table.remove("author"),
            _ => None,
        };
        for (key, _) in &table {
            let title = format!("unknown key `{}`", key.get_ref());
            let help = "known keys: text, expect, lang in a topic, and author for spam";
            self.error(key.span(), title, help);
        }
        let (Some(text), Some(expect)) = (text, expect) else {
            self.error(whole, "an example needs `text` and `expect`", EXPECTATIONS);
            return None;
        };
        let Some(written) = text.get_ref().as_str() else {
            self.error(text.span(), "`text` is no string", "put it in quotes");
            return None;
        };
        let expected = expect.get_ref().as_str().and_then(|word| match subject {
            Subject::Lexicon(_) => Expect::tone(lang, word),
            Subject::Topic(name) => Expect::topic(lang, name, word),
            Subject::Spam(name) => Expect::spam(name, word),
            Subject::Press(country) => Expect::press(country, word),
        });
        let Some(expected) = expected else {
            self.error(expect.span(), "unknown expectation", EXPECTATIONS);
            return None;
        };
        let file = self.name.to_owned();
        Some(Example {
            file,
            span: text.span(),
            text: written.to_owned(),
            author: author.and_then(|author| Some(author.get_ref().as_str()?.to_owned())),
            expect: expected,
        })
    }
}
