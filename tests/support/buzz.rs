//! A place on the web that is calm until a test makes it angry, and a daemon that watches it.

use super::daemon::{Running, Site};
use super::web::{Answer, Web};

/// Seconds of the daemon in one of ours: a day passes in fourteen seconds, so that a retry after
/// half a minute is immediate and a message is given up only after half a minute of ours.
pub const SPEED: i32 = 6_000;

/// A feed whose newest items the test decides.
pub struct Buzz {
    web: Web,
    items: std::cell::RefCell<Vec<String>>,
    began: jiff::Timestamp,
}

const CALM: [&str; 5] = [
    "Acme ouvre une boutique à Nantes, voici les horaires",
    "Quelqu'un sait si Acme livre le samedi ?",
    "Acme présente sa gamme de printemps au salon de Lyon",
    "Où trouver la notice du robot Acme ?",
    "Acme recrute un vendeur à Rennes",
];
const OPENINGS: [&str; 5] =
    ["Honteux.", "C'est un scandale.", "Je suis furieuse.", "Inadmissible !", "Plus jamais ça."];
const FACTS: [&str; 7] = [
    "Le robot Acme a pris feu dans notre cuisine",
    "Acme refuse de rembourser les appareils dangereux",
    "Le service client Acme raccroche au nez des victimes",
    "Ma fille s'est brûlée avec le mixeur Acme",
    "Acme savait et n'a rien dit, c'est une honte",
    "Toujours aucun rappel chez Acme malgré les plaintes",
    "Acme efface les commentaires des clients en colère",
];
const ENDINGS: [&str; 4] =
    ["Je porte plainte.", "Boycott !", "Ils mentent depuis des jours.", "N'achetez plus rien."];

fn pick<'a>(from: &[&'a str], n: usize) -> &'a str {
    from[n % from.len()]
}

/// What the n-th angry person says.
pub fn angry(n: usize) -> String {
    format!("{} {}. {}", pick(&OPENINGS, n), pick(&FACTS, n), pick(&ENDINGS, n))
}

impl Buzz {
    /// A calm place.
    pub fn start() -> Buzz {
        let buzz = Buzz {
            web: Web::start(),
            items: std::cell::RefCell::default(),
            began: jiff::Timestamp::now(),
        };
        buzz.say(CALM.iter().map(|text| (*text).to_owned()).collect());
        buzz
    }

    /// Makes this many people angry, each in words of their own.
    pub fn anger(&self, people: usize) {
        self.say((0..people).map(angry).collect());
    }

    fn say(&self, texts: Vec<String>) {
        self.post(texts.into_iter().map(|text| (None, text)).collect());
    }

    /// Posts texts, each by an author of its own where none is named.
    pub fn post(&self, posts: Vec<(Option<&str>, String)>) {
        let mut items = self.items.borrow_mut();
        for (author, text) in posts {
            let n = items.len();
            let author = author.map_or_else(|| format!("auteur{n}"), str::to_owned);
            let item = format!(
                "<item><guid isPermaLink=\"false\">i{n}</guid><link>https://x.example/{n}</link>\
                 <dc:creator>{author}</dc:creator><description>{text}</description></item>"
            );
            items.push(item);
        }
        let newest: String = items.iter().rev().take(200).cloned().collect();
        let body = format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>t</title>\
             <link>https://x.example/</link><description>d</description><language>fr</language>\
             {newest}</channel></rss>"
        );
        let tag = format!("\"{}\"", items.len());
        self.web.serve("/feed", Answer::ok(body).header("etag", &tag));
    }

    /// The configuration of a daemon that watches the place; `mail` is the section `[mail]`,
    /// without `from`, and `people` are the addresses of the recipients.
    pub fn configuration(&self, mail: &str, people: &[impl AsRef<str>]) -> String {
        let ids: Vec<String> = (0..people.len()).map(|n| format!("\"r{n}\"")).collect();
        let mut text = format!(
            "[store]\nurl = \"sqlite:state\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [mail]\nfrom = \"Vigie <vigie@acme.example>\"\n{mail}\n\
             [[watch]]\nid = \"acme\"\nname = \"Acme\"\nquery = \"Acme\"\nrecipients = [{}]\n\
             [[source]]\nid = \"forum\"\nkind = \"feed\"\nurl = \"{}\"\nevery = \"60s\"\n\
             allow_private = [\"127.0.0.1\"]\n",
            ids.join(", "),
            self.web.url("/feed")
        );
        for (id, email) in ids.iter().zip(people) {
            text.push_str(&format!(
                "[[recipient]]\nid = {id}\nemail = \"{}\"\nlanguage = \"fr\"\n",
                email.as_ref()
            ));
        }
        text
    }

    /// Starts the daemon on the clock of this place, which goes on across restarts.
    pub fn watched_by(&self, site: &Site) -> Running {
        let mut running = site.spawn(&["--clock", &format!("{},{SPEED}", self.began)]);
        running.wait_for("READY=1");
        running
    }

    /// What time it is for the daemon.
    pub fn now(&self) -> jiff::Timestamp {
        self.began + jiff::Timestamp::now().duration_since(self.began) * SPEED
    }

    /// How often the place was read.
    pub fn asked(&self) -> usize {
        self.web.asked("/feed").len()
    }

    /// The server of the place, for more places beside it.
    pub fn web(&self) -> &Web {
        &self.web
    }

    /// The section `[mail]` for a relay without TLS on this machine.
    pub fn relay(port: u16) -> String {
        format!("relay = \"127.0.0.1:{port}\"\ntls = \"none\"")
    }
}

/// Waits until what is calm was read, so that what follows is news.
pub fn wait_until_calm(running: &mut Running) {
    let calm = "vigie_source_items_total{kind=\"feed\",outcome=\"new\",source=\"forum\"}";
    running.wait_for_metric(calm, |n| n >= CALM.len() as f64);
}
