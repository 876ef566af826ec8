//! The sections of which there is one: store, http, fetch, mail, rules, exclude, own, sentiment.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::check::Context;
use super::roster::Lists;
use super::secrets;
use super::table::{At, TableReader};
use super::{FetchConfig, HttpConfig, MailConfig, StoreConfig, TlsMode};
use crate::sentiment::second::Second;

/// What was read so far; a section may stand in any of the files.
#[derive(Default)]
pub(super) struct Sections {
    pub store: Option<StoreConfig>,
    pub http: Option<HttpConfig>,
    pub fetch: Option<FetchConfig>,
    pub mail: Option<MailConfig>,
    /// Whose voice counts for no watch.
    pub lists: Lists,
    /// Where the operator's own rules are.
    pub rules: Option<At<String>>,
    /// Who is asked beside our own model.
    pub second: Option<Second>,
}

impl Sections {
    /// Reads the sections of one file; what none names gets its default.
    pub(super) fn read(&mut self, root: &mut TableReader<'_, '_>, context: &Context<'_>) {
        let file = root.place.file;
        let names = ["store", "http", "fetch", "mail", "rules", "exclude", "own", "sentiment"];
        for name in names {
            let Some(value) = root.take(name) else { continue };
            let Some(mut table) = TableReader::new(value, file, root.problems()) else { continue };
            match name {
                "store" => self.store = store(&mut table, context),
                "http" => self.http = http(&mut table),
                "fetch" => self.fetch = Some(fetch(&mut table)),
                "mail" => self.mail = mail(&mut table, context),
                "rules" => self.rules = table.text("directory"),
                "exclude" => self.lists.exclude(&mut table),
                "own" => self.lists.own(&mut table),
                _ => self.second = super::opinion::second(&mut table, context),
            }
            table.finish();
        }
        let state = context.surroundings.state().unwrap_or_else(|| context.base.join("state"));
        self.store.get_or_insert(StoreConfig { directory: state });
        self.http.get_or_insert_with(HttpConfig::default);
        self.fetch.get_or_insert_with(FetchConfig::default);
    }
}

fn store(table: &mut TableReader<'_, '_>, context: &Context<'_>) -> Option<StoreConfig> {
    let url = table.required_text("url")?;
    match url.value.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() => {
            let path = path.strip_prefix("//").unwrap_or(path);
            Some(StoreConfig { directory: context.base.join(path) })
        }
        _ => {
            let title = format!("no store understands `{}`", url.value);
            let help = "write \"sqlite:/var/lib/vigie\", the state directory";
            table.problems().error(&url.place, title, "unknown", help);
            None
        }
    }
}

fn http(table: &mut TableReader<'_, '_>) -> Option<HttpConfig> {
    let Some(listen) = table.text("listen") else { return Some(HttpConfig::default()) };
    let insecure = table.flag("insecure").is_some_and(|flag| flag.value);
    let Ok(address) = listen.value.parse::<SocketAddr>() else {
        let title = format!("`{}` is no address to listen on", listen.value);
        let help = "write an IP address and a port: \"127.0.0.1:9464\"";
        table.problems().error(&listen.place, title, "not an address", help);
        return None;
    };
    if !address.ip().is_loopback() && !insecure {
        let title = "listening beyond this machine needs somebody to keep watch at the door";
        let help = "listen on 127.0.0.1 behind a proxy that asks who is there, or add \
                    `insecure = true`";
        table.problems().error(&listen.place, title, "not loopback", help);
        return None;
    }
    Some(HttpConfig { listen: address })
}

fn fetch(table: &mut TableReader<'_, '_>) -> FetchConfig {
    let contact = table.text("contact").and_then(|contact| {
        if contact.value.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            return Some(contact.value);
        }
        let help = "write a URL or an address in plain ASCII";
        table.problems().error(&contact.place, "the contact goes into a header", "not ASCII", help);
        None
    });
    FetchConfig { contact, ..FetchConfig::default() }
}

fn mail(table: &mut TableReader<'_, '_>, context: &Context<'_>) -> Option<MailConfig> {
    let relay = table.required_text("relay");
    let from = table.required_text("from");
    let tls = tls(table);
    let username = table.text("username").map(|name| name.value);
    let password = secrets::secret(table, "password", "smtp-password", context);
    let ca_file: Option<PathBuf> = table.text("ca_file").map(|path| context.base.join(path.value));
    let domain = table.text("domain").map(|domain| domain.value);
    let from = from?;
    let Some(sender_domain) = super::address::domain_of(&from.value) else {
        let title = format!("`{}` is no sender", from.value);
        let help = "write \"Vigie <alerts@example.org>\"";
        table.problems().error(&from.place, title, "not an address", help);
        return None;
    };
    let relay = relay?;
    let Some((host, port)) = host_and_port(&relay.value, tls) else {
        let title = format!("`{}` is no relay", relay.value);
        let help = "write a host and a port: \"smtp.example.org:587\"";
        table.problems().error(&relay.place, title, "not host:port", help);
        return None;
    };
    if tls == TlsMode::None && !is_loopback(&host) {
        let title = "mail to another machine without TLS can be read and changed on its way";
        let help = "remove `tls = \"none\"`; it is for a relay on this machine";
        table.problems().error(&relay.place, title, "not loopback", help);
    }
    Some(MailConfig {
        relay_host: host,
        relay_port: port,
        tls,
        username,
        password,
        domain: domain.unwrap_or(sender_domain),
        from: from.value,
        ca_file,
    })
}

fn tls(table: &mut TableReader<'_, '_>) -> TlsMode {
    let Some(word) = table.text("tls") else { return TlsMode::StartTls };
    match word.value.as_str() {
        "starttls" => TlsMode::StartTls,
        "implicit" => TlsMode::Implicit,
        "none" => TlsMode::None,
        other => {
            let title = format!("`{other}` is no way to protect mail");
            let help = "write \"starttls\", \"implicit\", or \"none\" for a relay on this machine";
            table.problems().error(&word.place, title, "unknown", help);
            TlsMode::StartTls
        }
    }
}

fn host_and_port(text: &str, tls: TlsMode) -> Option<(String, u16)> {
    let usual = match tls {
        TlsMode::Implicit => 465,
        TlsMode::StartTls => 587,
        TlsMode::None => 25,
    };
    // `[::1]:25` and `[::1]`: an IPv6 address has colons of its own.
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map_or(Some(usual), |port| port.parse().ok())?;
    let plain =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c));
    plain.then(|| (host.to_owned(), port))
}

pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
