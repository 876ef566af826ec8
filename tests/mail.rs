//! Mail against a scripted relay: every fault of the delivery ends as it should.

use std::time::Duration;

use vigie::config::{MailConfig, TlsMode};
use vigie::model::secret::SecretString;
use vigie::notify::email::{Limits, deliver};
use vigie::notify::retry::{Delivery, Stage};

use crate::support::smtp::{Script, SmtpServer};

const BYTES: &[u8] = b"Subject: x\r\nMIME-Version: 1.0\r\nMessage-ID: <1@x>\r\nContent-Type: \
multipart/alternative;\r\n boundary=\"=_alt\"\r\n\r\n--=_alt\r\nContent-Type: text/plain\r\n\r\n\
.hello\r\n--=_alt\r\nContent-Type: image/png\r\n\r\nx\r\n--=_alt--\r\n";

fn relay(port: u16, tls: TlsMode) -> MailConfig {
    MailConfig {
        relay_host: "127.0.0.1".into(),
        relay_port: port,
        tls,
        username: None,
        password: None,
        from: "Vigie <alerts@example.org>".into(),
        domain: "example.org".into(),
        ca_file: None,
    }
}

/// Waits are short only where the script makes sure that they run out.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(20),
    command: Duration::from_secs(20),
    dot: Duration::from_secs(20),
};

fn local<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, future)
}

/// Runs one delivery against a script; returns the verdict and the server.
async fn against(script: Script, tls: TlsMode, limits: &Limits) -> (Delivery, SmtpServer) {
    let server = SmtpServer::start(vec![script]).await;
    let mail = relay(server.port, tls);
    let end = deliver(&mail, "anne@example.org", BYTES, limits).await;
    (end, server)
}

#[track_caller]
fn check(script: Script, label: &str, texts: usize) -> Delivery {
    let (end, server) = local(against(script, TlsMode::None, &LIMITS));
    assert_eq!(end.label(), label, "{end:?}");
    assert_eq!(server.transactions().len(), texts);
    end
}

#[test]
fn an_accepted_message_arrives_byte_for_byte() {
    let (end, server) = local(against(Script::Accept, TlsMode::None, &LIMITS));
    assert_eq!(end, Delivery::Accepted { response: "250 2.0.0 queued as 4F7A".into() });
    let [taken] = server.transactions().try_into().unwrap();
    assert_eq!(taken.from, "MAIL FROM:<alerts@example.org>");
    assert_eq!(taken.to, ["RCPT TO:<anne@example.org>"]);
    assert_eq!(
        String::from_utf8_lossy(&taken.data).trim_end(),
        String::from_utf8_lossy(BYTES).trim_end()
    );
}

#[test]
fn greylisting_is_named_wherever_it_happens() {
    check(Script::Greeting("421 4.7.0 too many".into()), "greylisted", 0);
    check(Script::Rcpt("450 4.2.0 greylisted".into()), "greylisted", 0);
    check(Script::Dot("451 4.3.0 later".into()), "greylisted", 1);
    check(Script::Greeting("554 no service".into()), "greeting", 0);
}

#[test]
fn a_refused_recipient_is_refused_for_good() {
    let end = check(Script::Rcpt("550 5.1.1 unknown".into()), "recipient_refused", 0);
    assert!(matches!(end, Delivery::Permanent { stage: Stage::Recipient, .. }));
}

#[test]
fn a_refused_text_is_offered_once_more_without_its_image() {
    check(Script::Dot("554 5.6.0 no".into()), "data_refused", 2);
    let (end, server) = local(against(Script::NoImages, TlsMode::None, &LIMITS));
    assert_eq!(end.label(), "accepted");
    let plain = String::from_utf8(server.transactions().pop().unwrap().data).unwrap();
    assert!(plain.contains("Message-ID: <1@x>") && plain.contains("\r\n\r\n.hello"), "{plain}");
}

#[test]
fn no_word_after_the_dot_is_ambiguous() {
    check(Script::LostAfterDot, "ambiguous", 1);
    let limits = Limits { dot: Duration::from_millis(50), ..LIMITS };
    let (end, server) = local(against(Script::SilentAfterDot, TlsMode::None, &limits));
    assert_eq!((end.label(), server.transactions().len() <= 1), ("ambiguous", true));
}

#[test]
fn a_server_that_never_speaks_runs_into_the_limit() {
    let limits = Limits { command: Duration::from_millis(50), ..LIMITS };
    let (end, _) = local(against(Script::Silent, TlsMode::None, &limits));
    assert_eq!(end.label(), "timeout");
}

#[test]
fn a_stripped_starttls_stops_the_mail_before_it_is_read_by_others() {
    let (end, server) = local(against(Script::Accept, TlsMode::StartTls, &LIMITS));
    assert!(
        matches!(&end, Delivery::Temporary { reason: "tls", error } if error.contains("STARTTLS"))
    );
    assert!(server.commands().iter().all(|command| !command.starts_with("MAIL")));
    let refused = Script::StartTls("454 4.7.0 not now".into());
    let (end, server) = local(against(refused, TlsMode::StartTls, &LIMITS));
    assert_eq!((end.label(), server.transactions().len()), ("tls", 0));
}

#[test]
fn clear_text_leaves_this_machine_never() {
    let mut mail = relay(25, TlsMode::None);
    // TEST-NET-1: no server of anybody's, and nothing is ever sent to it.
    mail.relay_host = "192.0.2.1".into();
    let end = local(deliver(&mail, "anne@example.org", BYTES, &LIMITS));
    assert!(matches!(&end, Delivery::Temporary { reason: "tls", error } if error.contains("TLS")));
}

#[test]
fn a_closed_port_and_a_wrong_address_differ() {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let mail = relay(port, TlsMode::None);
    assert_eq!(local(deliver(&mail, "anne@example.org", BYTES, &LIMITS)).label(), "connect");
    assert_eq!(local(deliver(&mail, "nobody", BYTES, &LIMITS)).label(), "message");
}

#[test]
fn signing_in_comes_before_the_mail() {
    let commands = local(async {
        let server = SmtpServer::start(vec![Script::Accept]).await;
        let mut mail = relay(server.port, TlsMode::None);
        mail.username = Some("vigie".into());
        mail.password = Some(SecretString::from("not a secret"));
        assert_eq!(deliver(&mail, "anne@example.org", BYTES, &LIMITS).await.label(), "accepted");
        server.commands()
    });
    let verbs: Vec<&str> = commands.iter().filter_map(|c| c.split([' ', ':']).next()).collect();
    assert_eq!(verbs[..4], ["EHLO", "AUTH", "MAIL", "RCPT"]);
}

/// Delivers through STARTTLS to a relay whose certificate is for `name`; `known` says whether the
/// authority is configured.
#[track_caller]
fn check_tls(name: &str, known: bool, label: &str, texts: usize) {
    let directory = tempfile::tempdir().unwrap();
    let (end, server) = local(async {
        let server = SmtpServer::start(vec![Script::Tls(name.into())]).await;
        let mut mail = relay(server.port, TlsMode::StartTls);
        if known {
            let path = directory.path().join("ca.pem");
            std::fs::write(&path, server.certificate.as_deref().unwrap()).unwrap();
            mail.ca_file = Some(path);
        }
        (deliver(&mail, "anne@example.org", BYTES, &LIMITS).await, server)
    });
    assert_eq!((end.label(), server.transactions().len()), (label, texts), "{end:?}");
}

#[test]
fn a_certificate_must_be_for_the_relay_and_from_somebody_known() {
    check_tls("127.0.0.1", true, "accepted", 1);
    check_tls("127.0.0.1", false, "tls", 0);
    check_tls("relay.example.org", true, "tls", 0);
}
