//! What the tests share: a web server, the daemon, and the text of a configuration.

pub mod buzz;
pub mod daemon;
pub mod labelled;
pub mod past;
pub mod postfix;
pub mod smtp;
pub mod web;

/// A configuration with one watch and these sources `(id, url)`, polled every minute.
pub fn configuration(query: &str, sources: &[(&str, &str)]) -> String {
    configuration_every("60s", query, sources)
}

/// The same with another interval; sources may be at any address.
pub fn configuration_every(every: &str, query: &str, sources: &[(&str, &str)]) -> String {
    let mut text = format!(
        "[store]\nurl = \"sqlite:state\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
         [[watch]]\nid = \"acme\"\nname = \"Acme\"\nquery = '{query}'\n"
    );
    for (id, url) in sources {
        let host = url.split(['/', ':']).nth(3).unwrap_or_default();
        text.push_str(&format!(
            "[[source]]\nid = \"{id}\"\nkind = \"feed\"\nurl = \"{url}\"\nevery = \"{every}\"\n\
             allow_private = [\"{host}\"]\n"
        ));
    }
    text
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
