//! E-mail: puts a rendered alert into bytes, and hands bytes to the relay.

use std::future::Future;
use std::time::Duration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsVersion,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::{Address, Message};
use tokio::net::TcpStream;

use super::excerpt::line;
use super::render::{CHART_ID, Rendered};
use super::retry::{Delivery, Stage};
use crate::config::{MailConfig, Recipient, TlsMode};
use crate::model::secret::ExposeSecret;
use crate::model::{Event, Level, Timestamp};

/// The channel of a notification that leaves as e-mail.
pub const KIND: &str = "email";

/// What makes one message this message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressed<'a> {
    pub recipient: &'a Recipient,
    /// `Notification::id`.
    pub id: &'a str,
    /// Id of the message that opened the thread (`Planned::root`).
    pub root: &'a str,
    pub date: Timestamp,
}

/// Why a message cannot be put into bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    #[error("`{0}` is no address: write `name@example.org` or `Name <name@example.org>`")]
    Address(String),
    #[error("the message cannot be built: {0}")]
    Build(String),
}

/// Puts a message into bytes. The same input gives the same bytes, so that a retry is a copy.
pub fn compose(
    rendered: &Rendered,
    mail: &MailConfig,
    to: &Addressed<'_>,
) -> Result<Vec<u8>, Unsendable> {
    let build = |error: &dyn std::fmt::Display| Unsendable::Build(error.to_string());
    let mut from = mailbox(&mail.from)?;
    let sender = line(from.name.as_deref().unwrap_or("Vigie"), 60);
    from.name = Some(format!("{sender} — {}", rendered.watch_name));
    let mut recipient = mailbox(&to.recipient.email)?;
    // lettre panics on a display name with a line break: only a cleaned one reaches it.
    recipient.name = to.recipient.name.as_deref().map(|name| line(name, 80));
    let message_id = |id: &str| format!("<{}@{}>", token(id), token(&mail.domain));
    // A date before 1970 makes lettre panic; it can only come from a broken clock.
    let date = to.date.max(Timestamp::UNIX_EPOCH);
    let mut builder = Message::builder()
        .message_id(Some(message_id(to.id)))
        .date(date.into())
        .from(from)
        .to(recipient)
        .subject(line(&rendered.subject, 120));
    if to.root != to.id {
        builder = builder.in_reply_to(message_id(to.root)).references(message_id(to.root));
    }
    for (name, value) in labels(rendered) {
        builder = builder
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), line(&value, 120)));
    }
    let message = builder.multipart(body(rendered, to.id)).map_err(|error| build(&error))?;
    Ok(message.formatted())
}

fn mailbox(text: &str) -> Result<Mailbox, Unsendable> {
    text.trim().parse().map_err(|_| Unsendable::Address(line(text, 120)))
}

/// What may stand in a Message-ID; everything else in an id becomes `-`.
fn token(text: &str) -> String {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.chars().map(|c| if good(c) { c } else { '-' }).collect()
}

/// Headers for machines: robots that would answer (RFC 3834), and people's filters.
fn labels(rendered: &Rendered) -> Vec<(&'static str, String)> {
    let mut labels = vec![
        ("Auto-Submitted", "auto-generated".to_owned()),
        // Not `All`: that would suppress non-delivery reports too, which we want to get.
        ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply".to_owned()),
        ("Content-Language", rendered.language.to_string()),
        ("X-Vigie-Incident", rendered.incident.clone()),
        ("X-Vigie-Level", rendered.level.as_str().to_owned()),
        ("X-Vigie-Watch", rendered.watch.clone()),
        ("X-Vigie-Event", rendered.event.as_str().to_owned()),
    ];
    if rendered.level == Level::Crisis && rendered.event != Event::Closed {
        labels.push(("Importance", "high".to_owned()));
    }
    labels
}

/// Text beside (HTML with its image): whoever reads text never meets the image.
fn body(rendered: &Rendered, id: &str) -> MultiPart {
    let html = SinglePart::html(rendered.html.clone());
    let text = SinglePart::plain(rendered.text.clone());
    // lettre's own boundaries are random; these cannot occur in encoded parts, because quoted
    // printable never leaves `=_` alone.
    let alternative = MultiPart::alternative().boundary(format!("=_alt-{}", boundary(id)));
    let Some(chart) = &rendered.chart else {
        return alternative.singlepart(text).multipart(
            MultiPart::related().boundary(format!("=_rel-{}", boundary(id))).singlepart(html),
        );
    };
    let png = ContentType::parse("image/png").unwrap_or(ContentType::TEXT_PLAIN);
    let image = Attachment::new_inline_with_name(CHART_ID.to_owned(), "chart.png".to_owned())
        .body(Body::new(chart.clone()), png);
    alternative.singlepart(text).multipart(
        MultiPart::related()
            .boundary(format!("=_rel-{}", boundary(id)))
            .singlepart(html)
            .singlepart(image),
    )
}

/// RFC 2046 §5.1.1 allows 70 characters.
fn boundary(id: &str) -> String {
    let hash = xxhash_rust::xxh3::xxh3_128(id.as_bytes());
    format!("{hash:032x}")
}

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub connect: Duration,
    pub command: Duration,
    /// After the final dot the server may scan and store.
    pub dot: Duration,
}

impl Default for Limits {
    /// RFC 5321 §4.5.3.2, but the connection: nobody waits five minutes for a SYN.
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(30),
            command: Duration::from_mins(5),
            dot: Duration::from_mins(10),
        }
    }
}

/// Hands one message to the relay for one recipient, so that a bad address blocks nobody else.
///
/// A message refused for good at its content is offered once more without HTML and image on the
/// same connection: content filters dislike both. Never panics, never waits without limit.
pub async fn deliver(mail: &MailConfig, to: &str, bytes: &[u8], limits: &Limits) -> Delivery {
    let (from, to) = match (mailbox(&mail.from), mailbox(to)) {
        (Ok(from), Ok(to)) => (from.email, to.email),
        (Err(error), _) => return temporary("sender", &error),
        (_, Err(error)) => {
            return Delivery::Permanent { stage: Stage::Message, error: error.to_string() };
        }
    };
    let mut connection = match open(mail, limits).await {
        Ok(connection) => connection,
        Err(refusal) => return named(mail, refusal),
    };
    let first = transact(&mut connection, &from, &to, bytes, limits).await;
    let end = match (&first, text_only(bytes)) {
        (Delivery::Permanent { stage: Stage::Data, .. }, Some(plain)) => {
            match step(limits.command, "rset", connection.command(Rset)).await {
                Ok(_) => transact(&mut connection, &from, &to, &plain, limits).await,
                Err(_) => first,
            }
        }
        _ => first,
    };
    // The verdict is in: a server that is slow to say goodbye changes nothing.
    let _goodbye = tokio::time::timeout(Duration::from_secs(2), connection.quit()).await;
    end
}

fn temporary(reason: &'static str, error: &dyn std::fmt::Display) -> Delivery {
    Delivery::Temporary { reason, error: line(&error.to_string(), 500) }
}

/// A failure before any message was offered, with the relay that it is about.
fn named(mail: &MailConfig, refusal: Delivery) -> Delivery {
    let Delivery::Temporary { reason, error } = refusal else { return refusal };
    let (host, port) = (&mail.relay_host, mail.relay_port);
    let error = format!("the relay {host}:{port}: {error}");
    Delivery::Temporary { reason, error: line(&error, 500) }
}

/// A refused sign-in, with the way out: the message waits for whoever mends it.
fn sign_in(user: &str, refusal: Delivery) -> Delivery {
    match refusal {
        Delivery::Temporary { reason: "auth", error } => Delivery::Temporary {
            reason: "auth",
            error: format!(
                "signing in as `{}` failed: {error}; correct `username` and `password` in [mail] \
                 and reload (SIGHUP), the message waits",
                line(user, 80)
            ),
        },
        other => other,
    }
}

type Outcome<T> = Result<T, Delivery>;

/// Waits for one SMTP step; whatever fails is temporary and named after the step, except that
/// codes which greylisting uses say so.
async fn step<T>(
    limit: Duration,
    reason: &'static str,
    future: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Outcome<T> {
    match tokio::time::timeout(limit, future).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(temporary(label(&error, reason), &error)),
        Err(_) => Err(temporary("timeout", &format!("{reason}: no answer in {limit:?}"))),
    }
}

fn label(error: &lettre::transport::smtp::Error, otherwise: &'static str) -> &'static str {
    let code = error.status().map(u16::from);
    match code {
        Some(421 | 450 | 451 | 452) => "greylisted",
        _ => otherwise,
    }
}

/// Connects, protects the connection as configured, and logs in.
async fn open(mail: &MailConfig, limits: &Limits) -> Outcome<AsyncSmtpConnection> {
    let hello = ClientId::default();
    let mut connection = if mail.tls == TlsMode::Implicit {
        let place = (mail.relay_host.as_str(), mail.relay_port);
        let tls = Some(tls(mail).await?);
        // lettre cannot wrap a socket of ours in TLS from the first byte, so this one keeps
        // Nagle's algorithm: some 40 ms a message.
        let connecting = AsyncSmtpConnection::connect_tokio1(place, None, &hello, tls, None);
        step(limits.connect, "connect", connecting).await?
    } else {
        let stream = socket(mail, limits).await?;
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
        step(limits.command, "greeting", connecting).await?
    };
    if mail.tls == TlsMode::StartTls {
        if !connection.can_starttls() {
            let error = "it offers no STARTTLS and mail must not travel in clear: use another \
                         relay, or implicit TLS";
            return Err(temporary("tls", &error));
        }
        step(limits.command, "tls", connection.starttls(tls(mail).await?, &hello)).await?;
    }
    if let Some(user) = &mail.username {
        let password = mail.password.as_ref().map(|p| p.expose_secret().to_owned());
        let credentials = Credentials::new(user.clone(), password.unwrap_or_default());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let signing_in = connection.auth(&mechanisms, &credentials);
        let signed_in = step(limits.command, "auth", signing_in).await;
        signed_in.map_err(|refusal| sign_in(user, refusal))?;
    }
    Ok(connection)
}

/// A socket without Nagle's algorithm: with it, lettre sends 22 messages a second.
async fn socket(mail: &MailConfig, limits: &Limits) -> Outcome<TcpStream> {
    let connecting = async {
        let place = (mail.relay_host.as_str(), mail.relay_port);
        let found: Vec<_> = tokio::net::lookup_host(place).await?.collect();
        if mail.tls == TlsMode::None && !found.iter().all(|address| address.ip().is_loopback()) {
            return Err(std::io::Error::new(
                std::io::ErrorKind::PermissionDenied,
                "mail without TLS is for a relay on this machine only",
            ));
        }
        let stream = TcpStream::connect(found.as_slice()).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    match tokio::time::timeout(limits.connect, connecting).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(temporary("tls", &error))
        }
        Ok(Err(error)) => Err(temporary("connect", &error)),
        Err(_) => Err(temporary("timeout", &format!("no connection in {:?}", limits.connect))),
    }
}

async fn tls(mail: &MailConfig) -> Outcome<TlsParameters> {
    let mut tls =
        TlsParameters::builder(mail.relay_host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
    if let Some(path) = &mail.ca_file {
        let bad = |error: &dyn std::fmt::Display| {
            temporary("tls", &format!("the authority {}: {error}", path.display()))
        };
        let pem = tokio::fs::read(path).await.map_err(|error| bad(&error))?;
        tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| bad(&error))?);
    }
    tls.build().map_err(|error| temporary("tls", &error))
}

/// One mail transaction. Only a refusal of the recipient or of the content is for good: the rest
/// (sender, sign-in, policy at the door) is what an operator mends while the message waits.
async fn transact(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    to: &Address,
    bytes: &[u8],
    limits: &Limits,
) -> Delivery {
    match offer(connection, from, to, limits).await {
        Ok(()) => {}
        Err(refusal) => return refusal,
    }
    match tokio::time::timeout(limits.dot, connection.message(bytes)).await {
        Ok(Ok(response)) => {
            let words: Vec<&str> = response.message().collect();
            let response = format!("{} {}", u16::from(response.code()), words.join(" "));
            Delivery::Accepted { response: line(&response, 300) }
        }
        Ok(Err(error)) if error.is_permanent() => {
            Delivery::Permanent { stage: Stage::Data, error: line(&error.to_string(), 500) }
        }
        Ok(Err(error)) if error.is_transient() => temporary(label(&error, "data"), &error),
        // Broken while or after the text was sent: the dot may have arrived.
        Ok(Err(error)) => Delivery::Ambiguous { error: line(&error.to_string(), 500) },
        Err(_) => Delivery::Ambiguous { error: format!("no verdict in {:?}", limits.dot) },
    }
}

async fn offer(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    to: &Address,
    limits: &Limits,
) -> Outcome<()> {
    let unicode = !from.to_string().is_ascii() || !to.to_string().is_ascii();
    let mut options = Vec::new();
    if unicode {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let error = "the relay cannot take an address beyond ASCII (no SMTPUTF8)".to_owned();
            return Err(Delivery::Permanent { stage: Stage::Recipient, error });
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    let mail = connection.command(Mail::new(Some(from.clone()), options));
    step(limits.command, "sender", mail).await?;
    let rcpt = connection.command(Rcpt::new(to.clone(), Vec::new()));
    match tokio::time::timeout(limits.command, rcpt).await {
        Ok(Err(error)) if error.is_permanent() => {
            let error = line(&error.to_string(), 500);
            return Err(Delivery::Permanent { stage: Stage::Recipient, error });
        }
        Ok(Err(error)) => return Err(temporary(label(&error, "recipient"), &error)),
        Err(_) => return Err(temporary("timeout", &"no answer about the recipient")),
        Ok(Ok(_)) => {}
    }
    match tokio::time::timeout(limits.command, connection.command(Data)).await {
        Ok(Err(error)) if error.is_permanent() => {
            Err(Delivery::Permanent { stage: Stage::Data, error: line(&error.to_string(), 500) })
        }
        Ok(Err(error)) => Err(temporary(label(&error, "data"), &error)),
        Err(_) => Err(temporary("timeout", &"no answer to DATA")),
        Ok(Ok(_)) => Ok(()),
    }
}

/// The same message with its text part alone: same Message-ID, same subject. `None` for bytes
/// that [`compose`] did not make.
pub fn text_only(bytes: &[u8]) -> Option<Vec<u8>> {
    let message = std::str::from_utf8(bytes).ok()?;
    let (head, body) = message.split_once("\r\n\r\n")?;
    let mut kept = String::new();
    let mut dropped = String::new();
    let mut dropping = false;
    for field in head.split("\r\n") {
        let folded = field.starts_with([' ', '\t']);
        dropping = (folded && dropping) || (!folded && field.starts_with("Content-Type:"));
        let into = if dropping { &mut dropped } else { &mut kept };
        into.push_str(field);
        into.push_str("\r\n");
    }
    let mark = dropped.split_once("boundary=\"")?.1.split_once('"')?.0;
    let part = body.split(&format!("--{mark}\r\n")).nth(1)?;
    let part = part.strip_suffix("\r\n").unwrap_or(part);
    Some(format!("{kept}{part}\r\n").into_bytes())
}
