//! `vigie init`: a first configuration, commented, that `vigie check` accepts.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::output::Output;
use crate::config::address::domain_of;

/// Asks for what is not given, when there is a terminal to ask on.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie init\n  vigie init --brand Acme --lang fr --email com@acme.example --feed https://blog.example/feed.xml"
)]
pub(crate) struct Arguments {
    /// The brand, product or person to watch
    #[arg(long)]
    brand: Option<String>,
    /// Language of the mails: fr or en
    #[arg(long, default_value = "fr")]
    lang: String,
    /// Who is told
    #[arg(long, value_name = "ADDR")]
    email: Option<String>,
    /// A feed to read; may be given several times
    #[arg(long, value_name = "URL")]
    feed: Vec<String>,
    /// Where to write
    #[arg(short, long, value_name = "FILE", default_value = "vigie.toml")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    if arguments.lang != "fr" && arguments.lang != "en" {
        return output.fail(Exit::Usage, "mails are written in fr or en: use --lang fr");
    }
    let brand = match answer(arguments.brand.as_deref(), "Brand to watch: ", output) {
        Ok(brand) => brand,
        Err(exit) => return output.fail(exit, "say what to watch: --brand \"Acme\""),
    };
    let email = match answer(arguments.email.as_deref(), "Who is told (e-mail): ", output) {
        Ok(email) => email,
        Err(exit) => return output.fail(exit, "say who is told: --email com@acme.example"),
    };
    let Some(domain) = domain_of(&email) else {
        let what = format!("`{email}` is no e-mail address: use --email com@acme.example");
        return output.fail(Exit::Usage, what);
    };
    let text = configuration(&brand, &arguments.lang, &email, &domain, &arguments.feed);
    let created = std::fs::File::options().write(true).create_new(true).open(&arguments.output);
    let path = arguments.output.display();
    match created.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => {
            output.say(format!("wrote {path}; next: edit it, then `vigie check -c {path}`"));
            Exit::Done
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            output.fail(Exit::No, format!("{path} exists and is left alone: use --output"))
        }
        Err(error) => output.fail(Exit::Usage, format!("cannot write {path}: {error}")),
    }
}

fn answer(given: Option<&str>, question: &str, output: &mut Output) -> Result<String, Exit> {
    if let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) {
        return Ok(given.to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Exit::Usage);
    }
    output.say(question);
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(n) if n > 0 && !line.trim().is_empty() => Ok(line.trim().to_owned()),
        _ => Err(Exit::Usage),
    }
}

/// A text as a TOML basic string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn slug(brand: &str) -> String {
    let folded = crate::text::fold::folded(brand);
    let words: Vec<&str> = crate::text::fold::words(&folded)
        .map(|word| word.text)
        .filter(|word| word.bytes().all(|b| b.is_ascii_alphanumeric()))
        .collect();
    let slug: String = words.join("-").chars().take(40).collect();
    if slug.is_empty() { "brand".to_owned() } else { slug }
}

fn configuration(brand: &str, lang: &str, email: &str, domain: &str, feeds: &[String]) -> String {
    let query = format!("\"{}\"", brand.replace('"', " ").trim());
    let example = ["https://blog.example/feed.xml".to_owned()];
    let feeds = if feeds.is_empty() { &example[..] } else { feeds };
    let mut text = format!(
        r#"# vigie: what to watch, where to read, whom to tell.
# `vigie check` says everything that is wrong with this file; `vigie run` starts.

# Where everything is kept: the store, the search index, the lock.
[store]
url = "sqlite:state"

# Metrics (/metrics) and health (/healthz, /readyz).
[http]
listen = "127.0.0.1:9464"

# A site that has a question about our requests finds you here.
[fetch]
contact = {contact}

# How mail leaves. TLS is required; the password stands in a file of its own.
[mail]
relay = {relay}
from = {from}
# username = "alerts"
# password_file = "smtp-password"

# What to watch. The query knows words, "phrases", AND, OR, NOT (ET, OU, SAUF), brackets, NEAR/5;
# accents, case and l' d' qu' do not matter. `vigie explain` shows why a text matches.
[[watch]]
id = {id}
name = {name}
query = {query}
languages = ["fr", "en"]
sensitivity = "balanced"        # prudent, balanced or sensitive: 0.01, 0.1 or 0.68 false alarms
                                # a month; `vigie replay --since 90d` counts them on your past
timezone = "Europe/Paris"       # whose clock the usual rhythm follows
recipients = ["communication"]

# exclude_authors = ["@bot@server.example"]   # forgotten, for this watch only; see [exclude]
# exclude_sites = ["coupons.example"]
# own_accounts = ["@product@server.example"]  # counts for nothing, for this watch only; see [own]
# own_sites = ["product.example"]

# Whose posts are forgotten, whatever the watch. A handle without its server is that user on every
# server; a name is taken letter by letter; a site is a host and all below it.
# [exclude]
# authors = ["@bot@server.example", "Jean Spam"]
# sites = ["coupons.example", "*.blogspot.com"]

# Who speaks for you: kept and shown, but in no number, and alerting nobody. Do not name a site where
# your customers write: their anger would be silent.
# [own]
# accounts = ["@brand@server.example"]
# sites = ["www.brand.example"]
# employees = ["Anne Durand", "@anne@server.example"]

# What is planned, on the clock of each watch: so much more is no surprise, and alerts name it. A
# share of angry mentions that is not usual alarms as on any other day.
# [[event]]
# name = "Spring campaign"
# from = 2027-03-10                 # a day, or a time: 2027-03-10T08:00:00
# until = 2027-03-24                # the last day
# factor = 3                        # times the usual volume; 0.2 for a week when all is closed
# watches = [{id}]                # without it, all
# every = "year"                    # or "week", for what comes back

[[recipient]]
id = "communication"
email = {email}
language = "{lang}"
"#,
        contact = quoted(email),
        relay = quoted(&format!("smtp.{domain}:587")),
        from = quoted(&format!("Vigie <vigie@{domain}>")),
        id = quoted(&slug(brand)),
        name = quoted(brand),
        query = quoted(&query),
        email = quoted(email),
    );
    text.push_str(
        "\n# Where to read. `vigie kinds` lists what can be read, `vigie try ID` reads one once.\n",
    );
    for (n, url) in feeds.iter().enumerate() {
        text.push_str(&format!(
            "[[source]]\nid = \"feed-{}\"\nkind = \"feed\"\nurl = {}\n\n",
            n + 1,
            quoted(url)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Surroundings, load};

    #[test]
    fn what_init_writes_is_accepted_by_check() {
        for brand in ["Acme", "L’Oréal \"Paris\"", "東京", "C:\\x\ny"] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("vigie.toml");
            std::fs::write(
                &path,
                configuration(brand, "fr", "com@acme.example", "acme.example", &[]),
            )
            .unwrap();
            let loaded = load(&path, &Surroundings::default()).unwrap();
            assert!(loaded.config.is_some(), "{brand}: {:?}", loaded.problems);
        }
    }
}
