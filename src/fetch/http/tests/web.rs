//! A web server of raw bytes: says exactly what a test wants, also what no server should.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What to send to who asked.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// These bytes, then the end of the connection; `PORT` becomes the server's.
    Whole(Vec<u8>),
    /// These bytes, then others as fast as they are taken.
    Endless(Vec<u8>),
    /// These bytes, then one now and then.
    Drip(Vec<u8>),
}

pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Answer {
    let headers = if headers.is_empty() { String::new() } else { format!("{headers}\r\n") };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    Answer::Whole([head.as_bytes(), body].concat())
}

pub(super) fn redirect(status: u16, to: &str) -> Answer {
    Answer::Whole(
        format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into(),
    )
}

/// Listens until the process ends.
pub(super) struct Web {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Web {
    pub(super) fn serve(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, answer) = (Arc::clone(&heads), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || converse(stream, port, &seen, &*answer));
            }
        });
        Web { port, heads }
    }

    pub(super) fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// The heads of all requests so far, in order.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Answers one request; that the client goes away is part of many tests, so errors end it quietly.
fn converse(
    mut stream: TcpStream,
    port: u16,
    seen: &Mutex<Vec<String>>,
    answer: &dyn Fn(&str) -> Answer,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
        // The start of a TLS handshake is no request; say something that TLS is not.
        if head[0] == 0x16 {
            return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").ok();
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(head);
    match answer(&path) {
        Answer::Whole(bytes) => match String::from_utf8(bytes) {
            Ok(text) => stream.write_all(text.replace("PORT", &port.to_string()).as_bytes()).ok(),
            Err(binary) => stream.write_all(binary.as_bytes()).ok(),
        },
        Answer::Endless(bytes) => {
            stream.write_all(&bytes).ok()?;
            loop {
                stream.write_all(&[b'x'; 4 << 10]).ok()?;
            }
        }
        Answer::Drip(bytes) => {
            stream.write_all(&bytes).ok()?;
            stream.set_read_timeout(Some(Duration::from_millis(20))).ok()?;
            // Reading paces the drip, and ends it when the client has gone.
            while !matches!(stream.read(&mut [0]), Ok(0)) {
                stream.write_all(b"x").ok()?;
            }
            Some(())
        }
    }
}

/// At least so many zeros as gzip, written by hand: one fixed-Huffman block (RFC 1951 §3.2.6) in
/// which 13 bits stand for 258 of them.
pub(super) fn gzip_of_zeros(at_least: usize) -> Vec<u8> {
    let runs = at_least.div_ceil(258);
    let mut bits: Vec<bool> = Vec::with_capacity(runs * 13 + 32);
    let mut push = |code: &str| bits.extend(code.bytes().map(|bit| bit == b'1'));
    push("110"); // last block; type 01, low bit first
    push("00110000"); // the literal 0
    for _ in 0..runs {
        push("11000101"); // length 258
        push("00000"); // distance 1
    }
    push("0000000"); // end of block
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(bits.chunks(8).map(|byte| {
        byte.iter().enumerate().fold(0, |sum, (place, bit)| sum | (u8::from(*bit) << place))
    }));
    let length = 1 + runs * 258;
    let mut crc = u32::MAX;
    for _ in 0..length * 8 {
        crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
    }
    out.extend((!crc).to_le_bytes());
    out.extend(u32::try_from(length).unwrap().to_le_bytes());
    out
}
