//! A scripted SMTP server on 127.0.0.1: says what a test wants, and keeps what it was sent.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// How one connection goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Script {
    /// Takes everything.
    Accept,
    /// Greets with this line (`421 later`) and hangs up.
    Greeting(String),
    /// Answers RCPT with this line.
    Rcpt(String),
    /// Answers the text, after its dot, with this line.
    Dot(String),
    /// Refuses, after its dot, a text with an image, and takes one without.
    NoImages,
    /// Reads the dot, keeps the message, and hangs up without a word.
    LostAfterDot,
    /// Reads the dot, keeps the message, and never answers.
    SilentAfterDot,
    /// Never greets.
    Silent,
    /// Announces STARTTLS, then answers it with this line.
    StartTls(String),
    /// Takes this AUTH line only, and everything after it.
    Password(String),
    /// Offers STARTTLS with a fresh certificate for this name, then takes everything.
    Tls(String),
}

/// What one MAIL … dot brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// Dots unstuffed, without the final one.
    pub(crate) data: Vec<u8>,
    /// What the server answered to the text; empty when it said nothing.
    pub(crate) answer: String,
}

/// The server; its tasks end with it.
#[derive(Debug)]
pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    /// PEM of the certificate of the first [`Script::Tls`].
    pub(crate) certificate: Option<String>,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    transactions: Vec<Transaction>,
    commands: Vec<String>,
}

impl SmtpServer {
    /// Follows one script for each connection, the last one for all that follow.
    pub(crate) async fn start(scripts: Vec<Script>) -> SmtpServer {
        SmtpServer::start_at(0, scripts).await
    }

    /// The same on a port that is known before, 0 for any.
    async fn start_at(port: u16, scripts: Vec<Script>) -> SmtpServer {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let certified = scripts.iter().find_map(|script| match script {
            Script::Tls(name) => Some(certify(name)),
            _ => None,
        });
        let (certificate, acceptor) = certified.unzip();
        let task = tokio::task::spawn_local(async move {
            let mut sessions = tokio::task::JoinSet::new();
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let script = scripts.get(number).or(scripts.last()).cloned();
                number += 1;
                let script = script.unwrap_or(Script::Accept);
                let tls = acceptor.clone().filter(|_| matches!(script, Script::Tls(_)));
                let session = serve(stream, script, tls, shared.clone());
                sessions.spawn(async move { session.await.is_ok() });
            }
        });
        SmtpServer { port, certificate, seen, task }
    }

    /// Every transaction whose text arrived, in order.
    pub(crate) fn transactions(&self) -> Vec<Transaction> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).transactions.clone()
    }

    /// Every command line, in order.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).commands.clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A server on a thread of its own, for tests that drive the real program. It ends with the test.
pub(crate) struct Relay {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Relay {
    /// As [`SmtpServer::start`], on a port that is known before (0 for any).
    pub(crate) fn start(port: u16, scripts: Vec<Script>) -> Relay {
        let (end, ended) = tokio::sync::oneshot::channel();
        let (up, started) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            tokio::task::LocalSet::new().block_on(&runtime.unwrap(), async {
                let server = SmtpServer::start_at(port, scripts).await;
                up.send((server.port, Arc::clone(&server.seen))).unwrap();
                drop(ended.await);
            });
        });
        let (port, seen) = started.recv().unwrap();
        Relay { port, seen, end: Some(end), thread: Some(thread) }
    }

    /// Every transaction whose text arrived, in order.
    pub(crate) fn transactions(&self) -> Vec<Transaction> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).transactions.clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        drop(self.end.take());
        drop(self.thread.take().map(std::thread::JoinHandle::join));
    }
}

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

type Wire = BufReader<Box<dyn Duplex>>;

/// A certificate that nobody signed but itself, and the server that shows it.
fn certify(name: &str) -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn say(wire: &mut Wire, line: &str) -> std::io::Result<()> {
    wire.get_mut().write_all(format!("{line}\r\n").as_bytes()).await?;
    wire.get_mut().flush().await
}

async fn serve(
    stream: TcpStream,
    script: Script,
    tls: Option<TlsAcceptor>,
    seen: Arc<Mutex<Seen>>,
) -> std::io::Result<()> {
    let mut wire: Wire = BufReader::new(Box::new(stream));
    let mut offers_tls = tls.is_some() || matches!(script, Script::StartTls(_));
    match &script {
        Script::Greeting(line) => return say(&mut wire, line).await,
        Script::Silent => return std::future::pending().await,
        _ => say(&mut wire, "220 scripted ready").await?,
    }
    let mut now = Transaction::default();
    let mut line = String::new();
    loop {
        line.clear();
        if wire.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        seen.lock().unwrap_or_else(PoisonError::into_inner).commands.push(command.clone());
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
            "EHLO" if offers_tls => {
                say(&mut wire, "250-scripted\r\n250 STARTTLS").await?;
            }
            "EHLO" => {
                say(&mut wire, "250-scripted\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN").await?;
            }
            "STARTTLS" => match (&script, &tls) {
                (Script::StartTls(answer), _) => say(&mut wire, answer).await?,
                (_, Some(tls)) => {
                    say(&mut wire, "220 go ahead").await?;
                    wire = BufReader::new(Box::new(tls.accept(wire.into_inner()).await?));
                    offers_tls = false;
                }
                _ => say(&mut wire, "502 no").await?,
            },
            "AUTH" if matches!(&script, Script::Password(right) if *right != command) => {
                say(&mut wire, "535 5.7.8 authentication failed").await?;
            }
            "AUTH" => say(&mut wire, "235 welcome").await?,
            "MAIL" => {
                now = Transaction { from: command, ..Transaction::default() };
                say(&mut wire, "250 sender ok").await?;
            }
            "RCPT" => {
                now.to.push(command);
                match &script {
                    Script::Rcpt(answer) => say(&mut wire, answer).await?,
                    _ => say(&mut wire, "250 recipient ok").await?,
                }
            }
            "DATA" => {
                say(&mut wire, "354 go on").await?;
                now.data = text(&mut wire).await?;
                let answer = answer(&script, &now.data);
                now.answer = answer.clone().unwrap_or_default();
                let taken = std::mem::take(&mut now);
                seen.lock().unwrap_or_else(PoisonError::into_inner).transactions.push(taken);
                match answer {
                    Some(answer) => say(&mut wire, &answer).await?,
                    None if script == Script::SilentAfterDot => std::future::pending().await,
                    None => return Ok(()),
                }
            }
            "RSET" => say(&mut wire, "250 forgotten").await?,
            "QUIT" => return say(&mut wire, "221 bye").await,
            _ => say(&mut wire, "500 what").await?,
        }
    }
}

async fn text(reader: &mut Wire) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.as_slice() {
            b".\r\n" => return Ok(text),
            [b'.', rest @ ..] => text.extend_from_slice(rest),
            whole => text.extend_from_slice(whole),
        }
    }
}

fn answer(script: &Script, data: &[u8]) -> Option<String> {
    let image = data.windows(9).any(|window| window == b"image/png");
    match script {
        Script::LostAfterDot | Script::SilentAfterDot => None,
        Script::Dot(answer) => Some(answer.clone()),
        Script::NoImages if image => Some("554 5.7.1 no images here".into()),
        _ => Some("250 2.0.0 queued as 4F7A".into()),
    }
}
