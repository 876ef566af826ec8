//! The sender: claims what is due in the outbox, hands it to a server, writes down what it said.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tracing::Instrument;

use super::{Shared, supervise};
use crate::config::MailConfig;
use crate::model::{Notification, Timestamp};
use crate::notify::email::{self, Limits};
use crate::notify::retry::{self, Delivery};
use crate::store::{OutboxLease, Settlement, StoreError};

/// Each step of an attempt has its limit, and so has their sum: ten minutes for the final dot and
/// a few for the rest.
const ATTEMPT: Duration = Duration::from_secs(18 * 60);

/// Longer than the longest attempt, or a second one would start while the first goes on.
const LEASE: Duration = Duration::from_secs(20 * 60);

/// Pauses after which a verdict is written down again when the store fails: without it the message
/// would be sent twice.
const SETTLE: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
];

/// Messages on their way at the same time.
const PARALLEL: usize = 8;

pub(super) async fn run(shared: Shared) {
    let slots = Arc::new(Semaphore::new(PARALLEL));
    while !shared.stop.is_cancelled() {
        shared.hints.pulse.beat("sender");
        let live = shared.live();
        let free = slots.available_permits();
        if let (Some(mail), true) = (&live.config.mail, free > 0) {
            for lease in claim(&shared, free).await {
                // Claimed no more than there are free slots, and only this loop takes them.
                let Ok(slot) = slots.clone().try_acquire_owned() else { break };
                let (task, mail) = (shared.clone(), mail.clone());
                let span = tracing::error_span!("send", message = lease.notification.id);
                let work = async move {
                    send(&task, &mail, &lease).await;
                    drop(slot);
                    task.hints.send.notify_one();
                };
                shared.tasks.spawn(work.instrument(span));
            }
        }
        shared.pause(&shared.hints.send, Duration::from_secs(10)).await;
    }
}

async fn claim(shared: &Shared, free: usize) -> Vec<OutboxLease> {
    let (now, ttl) = (shared.clock.now(), shared.lease(LEASE));
    match shared.store.claim_outbox(&shared.node, "email", free, ttl, now).await {
        Ok(leases) => leases,
        Err(error) => {
            shared.store_failed("claim_outbox", &error);
            Vec::new()
        }
    }
}

async fn send(shared: &Shared, mail: &MailConfig, lease: &OutboxLease) {
    let message = &lease.notification;
    let delivery = attempt(shared, mail, message).await;
    let now = shared.clock.now();
    let settlement = retry::settle(
        &delivery,
        lease.attempts,
        message.created,
        message.event,
        message.level,
        now,
        jitter(lease),
    );
    let result = delivery.label();
    let metrics = &shared.metrics;
    metrics.notifications.with_label_values(&["email", message.event.as_str(), result]).inc();
    if lease.ambiguous {
        metrics.notification_duplicates.with_label_values(&["email"]).inc();
    }
    match &settlement {
        Settlement::Sent { response } => {
            let latency = now.duration_since(message.created).as_secs_f64().max(0.0);
            metrics
                .notification_latency
                .with_label_values(&["email", message.level.as_str()])
                .observe(latency);
            tracing::info!(message = message.id, response, "a message was accepted");
        }
        Settlement::Retry { at, error } | Settlement::Unknown { at, error } => {
            tracing::warn!(message = message.id, error, next = %at, attempts = lease.attempts + 1, "a message did not leave");
        }
        Settlement::Dead { error } => {
            tracing::error!(
                message = message.id,
                to = message.recipient,
                error,
                "a message is given up"
            );
        }
    }
    settle(shared, lease, &settlement, now).await;
}

/// A stop waits for the attempt only as long as the grace lasts; an attempt that is cut off is
/// found ambiguous at the next start, which is the truth.
async fn attempt(shared: &Shared, mail: &MailConfig, message: &Notification) -> Delivery {
    let ambiguous = |error: String| Delivery::Ambiguous { error };
    let (mail, to, payload) = (mail.clone(), message.recipient.clone(), message.payload.clone());
    let attempt = async move {
        let limits = Limits::default();
        let delivering = email::deliver(&mail, &to, &payload, &limits);
        let late = |_| ambiguous(format!("the server did not come to an end in {ATTEMPT:?}"));
        tokio::time::timeout(ATTEMPT, delivering).await.unwrap_or_else(late)
    };
    let ended = supervise::contained(shared, "send", attempt).await;
    ended.unwrap_or_else(|panic| ambiguous(format!("sending met a bug: {panic}")))
}

async fn settle(shared: &Shared, lease: &OutboxLease, settlement: &Settlement, now: Timestamp) {
    let mut pauses = SETTLE.into_iter();
    while let Err(error) = shared.store.settle_outbox(lease, settlement, now).await {
        shared.store_failed("settle_outbox", &error);
        let Some(pause) = pauses.next() else { return };
        if matches!(error, StoreError::Fenced(_)) || shared.stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // The last try before the stop gives the lease back.
            () = shared.stop.cancelled() => {}
        }
    }
}

/// A number from −1 to 1 that differs from attempt to attempt and is the same when one is repeated.
fn jitter(lease: &OutboxLease) -> f64 {
    let text = format!("{}:{}", lease.notification.id, lease.attempts);
    super::spread(&text) * 2.0 - 1.0
}
