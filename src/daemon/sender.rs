//! The sender: claims what is due in the outbox, hands it to a server, writes down what it said.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::Shared;
use crate::config::MailConfig;
use crate::notify::email::{self, Limits};
use crate::notify::retry;
use crate::store::{OutboxLease, Settlement};

/// Longer than the longest attempt: connect, commands and ten minutes for the final dot.
const LEASE: Duration = Duration::from_secs(20 * 60);

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
                shared.tasks.spawn(async move {
                    send(&task, &mail, &lease).await;
                    drop(slot);
                    task.hints.send.notify_one();
                });
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
    // A stop waits for the attempt only as long as the grace lasts; an attempt that is cut off is
    // found ambiguous at the next start, which is the truth.
    let limits = Limits::default();
    let delivery = email::deliver(mail, &message.recipient, &message.payload, &limits).await;
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
            metrics.notification_latency.with_label_values(&["email"]).observe(latency);
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
    if let Err(error) = shared.store.settle_outbox(lease, &settlement, now).await {
        shared.store_failed("settle_outbox", &error);
    }
}

/// A number from −1 to 1 that differs from attempt to attempt and is the same when one is repeated.
fn jitter(lease: &OutboxLease) -> f64 {
    let text = format!("{}:{}", lease.notification.id, lease.attempts);
    super::spread(&text) * 2.0 - 1.0
}
