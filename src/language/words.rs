//! The small words that give a language away: `les`, `und`, `the`.

use std::sync::LazyLock;

use foldhash::HashMap;

use crate::model::Lang;
use crate::text::fold;

/// The commonest function words of the usual languages, folded. Letters that stand alone are there
/// as the apostrophe leaves them (`j'ai`, `c'è`, `l'été`).
const WORDS: &[(&str, &str)] = &[
    (
        "fr",
        "le la les un une des du de et est pas que qui dans pour sur avec ce cette ces il elle ils \
         je tu nous vous on au aux en ne se sa son ses mais plus tout tous tres bien fait etre avoir \
         suis sont ont c j l d qu n s t m ai y donc aussi meme quand alors comme sans chez mon ma mes \
         leur leurs notre votre ca cela voila toujours jamais rien encore deja trop peu moi toi lui \
         eux avez etes sera etait faut merci bonjour pourquoi parce depuis apres avant entre ou",
    ),
    (
        "en",
        "the a an and of to in is are was were be been it its this that these those i you he she we \
         they my your his her our their for with on at by from not don t can will would should have \
         has had do does did but or if so as what when who how why just no there here all more out \
         up about me him them s m re ve ll get got like now than then too very only after before \
         because really still never always my who been into over",
    ),
    (
        "de",
        "der die das und ist nicht ein eine einen einem einer den dem des ich du er sie es wir ihr \
         mit zu zum zur von vom im in auf fur an bei aus nach uber auch nur noch schon so wie was wer \
         wenn aber oder dass weil hat haben habe bin sind war wird werden kann mich mir dich dir sich \
         mein meine dein sein seine kein keine mehr sehr immer man doch mal ja nein hier heute jetzt \
         wieder als am um da dann durch gegen ohne unter vor",
    ),
    (
        "es",
        "el la los las un una unos de del que y a en es no se lo le por con para su sus mi mis tu te \
         me al como mas pero si ya muy hay esta este esto estos ese eso esa yo nos ha han he soy eres \
         son era fue ser estar estoy todo toda todos nada nunca siempre cuando donde porque quien \
         tambien sin sobre desde hasta entre hoy gracias bien ni o les aqui asi cada tiene tengo",
    ),
    (
        "it",
        "il lo la i gli le un una uno di del della dei delle degli e che non in a per con su da dal \
         dalla al alla ai alle nel nella sono sei siamo hanno ho hai ha c l d ma anche come piu piu \
         questo questa questi quello quella mi ti si ci vi ne se io tu lui lei noi voi loro mio mia \
         tuo suo sua molto tutto tutti sempre mai niente quando dove perche chi cosa gia ancora poi \
         solo oggi grazie bene essere fare e era stato sta cosi fa",
    ),
    (
        "pt",
        "o a os as um uma de do da dos das e que em no na nos nas nao para por pelo pela com se eu tu \
         ele ela voce voces meu minha seu sua mas mais muito ja esta esse essa isso isto este estou \
         sou foi ser tem tenho ter quando onde porque quem como so tambem sem sobre ate ao aos tudo \
         nada nunca sempre hoje agora aqui bem vai vou pra pro ta ne la me te lhe obrigado eh q vc \
         depois ainda todo toda todos gente",
    ),
    (
        "nl",
        "de het een en van is niet dat die in op te zijn met voor er aan om ook als maar ik je jij hij \
         zij ze we wij u mijn jouw zijn haar ons onze naar bij uit door over nog wel geen meer heel \
         zo dan wat wie waar hoe of want omdat heb heeft hebben was waren wordt worden kan kunnen al \
         altijd nooit niets alles dit deze hier daar nu weer na tot toch veel zeer erg mij me hem hun \
         moet gaan gaat",
    ),
];

/// What the small words of a text say: how much each language is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Vote {
    pub lang: Lang,
    /// Words that speak for it; one that several languages have counts for each in part.
    pub heard: f64,
    /// Words that speak for the next likely one.
    pub next: f64,
}

impl Vote {
    /// Whether nobody else comes near.
    pub(super) fn is_clear(self) -> bool {
        self.heard >= 1.0 && self.heard >= 1.5 * self.next
    }
}

/// For each word, the languages that have it, by their place in [`WORDS`].
static LISTENERS: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut listeners: HashMap<&str, Vec<usize>> = HashMap::default();
    for (place, (_, words)) in WORDS.iter().enumerate() {
        for word in words.split_ascii_whitespace() {
            let known = listeners.entry(word).or_default();
            if !known.contains(&place) {
                known.push(place);
            }
        }
    }
    listeners
});

/// Counts the small words of `text` for the languages that are `allowed`.
pub(super) fn vote(text: &str, allowed: &[Lang]) -> Option<Vote> {
    let mut heard = [0.0_f64; WORDS.len()];
    let folded = fold::folded(text);
    for word in fold::words(&folded) {
        let Some(listeners) = LISTENERS.get(word.text) else { continue };
        for &place in listeners {
            heard[place] += 1.0 / listeners.len() as f64;
        }
    }
    let known = WORDS.iter().filter_map(|(code, _)| Lang::parse(code)).zip(heard);
    let mut votes: Vec<(Lang, f64)> = known.filter(|(lang, _)| allowed.contains(lang)).collect();
    votes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let &(lang, heard) = votes.first()?;
    let next = votes.get(1).map_or(0.0, |(_, heard)| *heard);
    (heard > 0.0).then_some(Vote { lang, heard, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let allowed: Vec<Lang> = WORDS.iter().filter_map(|(code, _)| Lang::parse(code)).collect();
        let found = vote(text, &allowed).filter(|vote| vote.is_clear());
        assert_eq!(found.map(|vote| vote.lang), Lang::parse(expected), "{text}: {found:?}");
    }

    #[test]
    fn a_few_small_words_are_enough() {
        check("C'est nul, je suis déçu", "fr");
        check("This is so bad", "en");
        check("Das ist nicht gut", "de");
        check("No hay nada que hacer", "es");
        check("Non è per niente bello", "it");
        check("Eu não gosto disso", "pt");
        check("Dat is niet leuk", "nl");
    }

    #[test]
    fn names_and_loan_words_say_nothing() {
        check("Acme Business Center", "");
        check("", "");
        check("la la la", "");
    }
}
