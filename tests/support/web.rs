//! A web server on loopback that says what a test tells it to, and remembers what it was asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is answered at a path.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer { status: 200, headers: Vec::new(), body: body.into() }
    }

    pub fn status(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A request as it came: path and headers in lower case.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: HashMap<String, String>,
}

#[derive(Default)]
struct Shared {
    answers: HashMap<String, Answer>,
    asked: Vec<Asked>,
}

/// The server; it lives as long as the test process.
pub struct Web {
    addresses: Vec<SocketAddr>,
    shared: Arc<Mutex<Shared>>,
}

impl Web {
    pub fn start() -> Web {
        Web::start_at(1)
    }

    /// One server at as many addresses of 127/8, each a host of its own.
    pub fn start_at(addresses: u16) -> Web {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let addresses = (0..addresses).map(|n| {
            let [high, low] = n.to_be_bytes();
            let listener = TcpListener::bind((Ipv4Addr::new(127, 0, high, low + 1), 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let state = shared.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let state = state.clone();
                    std::thread::spawn(move || drop(answer(stream, &state)));
                }
            });
            address
        });
        Web { addresses: addresses.collect(), shared }
    }

    pub fn serve(&self, path: &str, answer: Answer) {
        self.shared.lock().unwrap().answers.insert(path.to_owned(), answer);
    }

    pub fn url(&self, path: &str) -> String {
        self.url_at(0, path)
    }

    /// The same path at the n-th address, and round again.
    pub fn url_at(&self, n: usize, path: &str) -> String {
        format!("http://{}{path}", self.addresses[n % self.addresses.len()])
    }

    /// How many requests came.
    pub fn requests(&self) -> usize {
        self.shared.lock().unwrap().asked.len()
    }

    /// What was asked at a path, in order.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.shared.lock().unwrap().asked.iter().filter(|a| a.path == path).cloned().collect()
    }
}

fn answer(stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.by_ref().take(8_192).read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            reader.by_ref().take(8_192).read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => headers.insert(name.to_lowercase(), value.trim().to_owned()),
                None => break,
            };
        }
        let answer = {
            let mut shared = shared.lock().unwrap();
            shared.asked.push(Asked { path: path.clone(), headers: headers.clone() });
            shared.answers.get(&path).cloned().unwrap_or_else(|| Answer::status(404))
        };
        let etag = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("etag"));
        let known = etag.is_some_and(|(_, tag)| headers.get("if-none-match") == Some(tag));
        let answer =
            if known { Answer { status: 304, body: Vec::new(), ..answer } } else { answer };
        let mut head = format!("HTTP/1.1 {} x\r\n", answer.status);
        for (name, value) in &answer.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if answer.status != 304 {
            head.push_str(&format!("content-length: {}\r\n", answer.body.len()));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(&answer.body)?;
    }
}

/// An RSS feed of items `(id, text)`, without dates: each counts when it is first seen.
pub fn rss(items: &[(String, String)]) -> String {
    let items: String = items
        .iter()
        .map(|(id, text)| {
            format!("<item><guid isPermaLink=\"false\">{id}</guid><link>https://x.example/{id}</link><description>{text}</description></item>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title><link>https://x.example/</link><description>d</description><language>fr</language>{items}</channel></rss>"
    )
}
