//! Who is told what: decides the messages of one event of an incident, and says why.

use sha2::{Digest, Sha256};

use crate::config::Recipient;
use crate::model::{Event, Incident, Matter, Watch};

/// The messages of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub messages: Vec<Planned>,
    pub reason: Reason,
    /// Ids of the watch's recipients that nobody configured.
    pub unknown: Vec<String>,
}

/// One message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// `Notification::id`: the same plan made twice gives the same id.
    pub id: String,
    /// The id of the message that opened this recipient's thread; equal to `id` for the opening.
    pub root: String,
    /// A name of [`super::KINDS`].
    pub channel: &'static str,
    pub recipient: Recipient,
}

/// Why messages are due, or why none are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Opened,
    Raised,
    Closed,
    /// A wave that falls is shown on the desk; a mail for it would only be noise before the last.
    FadingIsQuiet,
    /// A notice that comes back within a day was told already.
    ToldBefore,
    /// That a success is over is no news.
    SuccessEnds,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Opened => "opened",
            Reason::Raised => "raised",
            Reason::Closed => "closed",
            Reason::FadingIsQuiet => "fading_is_quiet",
            Reason::ToldBefore => "told_before",
            Reason::SuccessEnds => "success_ends",
        }
    }
}

/// Plans the messages of an event, in the order of the watch's recipients, each told once.
pub fn plan(event: Event, incident: &Incident, watch: &Watch, recipients: &[Recipient]) -> Plan {
    let reason = match (event, incident.matter) {
        (Event::Opened, _) => Reason::Opened,
        (Event::Raised, Matter::BadBuzz) => Reason::Raised,
        (Event::Raised, _) => Reason::ToldBefore,
        (Event::Closed, Matter::Surge) => Reason::SuccessEnds,
        (Event::Closed, _) => Reason::Closed,
        (Event::Fading, _) => Reason::FadingIsQuiet,
    };
    let mut plan = Plan { messages: Vec::new(), reason, unknown: Vec::new() };
    if matches!(reason, Reason::FadingIsQuiet | Reason::ToldBefore | Reason::SuccessEnds) {
        return plan;
    }
    for wanted in &watch.recipients {
        let Some(recipient) = recipients.iter().find(|known| known.id == *wanted) else {
            plan.unknown.push(wanted.clone());
            continue;
        };
        let id = message_id(incident, incident.events, event, &recipient.email);
        // Two ids may name one address: one mailbox gets one message.
        if plan.messages.iter().any(|planned| planned.id == id) {
            continue;
        }
        let root = match event {
            Event::Opened => id.clone(),
            _ => message_id(incident, 1, Event::Opened, &recipient.email),
        };
        let recipient = recipient.clone();
        plan.messages.push(Planned { id, root, channel: super::email::KIND, recipient });
    }
    plan
}

/// Names a message by what it is about, never by when it was made: a retry is the same message.
fn message_id(incident: &Incident, number: u32, event: Event, address: &str) -> String {
    let digest = Sha256::digest(address.to_lowercase().as_bytes());
    let hash = digest.iter().take(5).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    format!("{}.{number}-{}.{hash:010x}", incident.id, event.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::facts_for_tests;
    use super::*;
    use crate::model::Lang;

    fn anne(id: &str, email: &str) -> Recipient {
        Recipient { id: id.into(), email: email.into(), name: None, language: Lang::FR }
    }

    #[test]
    fn everyone_is_told_once_and_in_one_thread() {
        let mut facts = facts_for_tests();
        facts.watch.recipients = vec!["anne".into(), "again".into(), "gone".into()];
        let known = [anne("anne", "anne@example.org"), anne("again", "Anne@example.org")];
        let opened = plan(Event::Opened, &facts.incident, &facts.watch, &known);
        assert_eq!(opened.messages.len(), 1);
        assert_eq!(opened.unknown, ["gone"]);
        facts.incident.events = 2;
        let raised = plan(Event::Raised, &facts.incident, &facts.watch, &known);
        assert_eq!(raised.messages[0].root, opened.messages[0].id);
        assert_ne!(raised.messages[0].id, opened.messages[0].id);
        assert_eq!(raised, plan(Event::Raised, &facts.incident, &facts.watch, &known));
    }

    #[test]
    fn a_falling_wave_sends_nothing_and_says_so() {
        let facts = facts_for_tests();
        let plan = plan(Event::Fading, &facts.incident, &facts.watch, &[]);
        assert!(plan.messages.is_empty());
        assert_eq!(plan.reason, Reason::FadingIsQuiet);
    }

    #[test]
    fn a_notice_is_told_when_it_begins_and_when_it_ends_unless_it_was_a_success() {
        use Matter::{Blind, Silence, Surge};
        for (matter, event, expected) in [
            (Surge, Event::Opened, Reason::Opened),
            (Surge, Event::Closed, Reason::SuccessEnds),
            (Silence, Event::Closed, Reason::Closed),
            (Silence, Event::Raised, Reason::ToldBefore),
            (Blind, Event::Opened, Reason::Opened),
            (Blind, Event::Closed, Reason::Closed),
        ] {
            let mut facts = facts_for_tests();
            facts.incident.matter = matter;
            facts.watch.recipients = vec!["anne".into()];
            let known = [anne("anne", "anne@example.org")];
            let planned = plan(event, &facts.incident, &facts.watch, &known);
            let told = matches!(expected, Reason::Opened | Reason::Closed);
            assert_eq!((planned.reason, planned.messages.len()), (expected, usize::from(told)));
        }
    }
}
