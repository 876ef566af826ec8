//! The one place that reads the wall clock; everything else takes the time as an argument.

use std::sync::Mutex;
use std::time::Duration;

use jiff::SignedDuration;

pub use jiff::Timestamp;

/// Says what time it is.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Seconds of this clock in one second of the machine's. Whoever waits for an instant of this
    /// clock divides by it; limits on the network are never divided, for peers live in real time.
    fn speed(&self) -> f64 {
        1.0
    }
}

/// How long to wait for this much of a clock's time to pass.
pub fn real(clock: &dyn Clock, shown: Duration) -> Duration {
    shown.div_f64(clock.speed().max(f64::MIN_POSITIVE)).min(Duration::from_secs(3600))
}

/// How much of a clock's time passes in this much real time: leases that guard real work.
pub fn shown(clock: &dyn Clock, real: Duration) -> Duration {
    real.mul_f64(clock.speed())
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the file that reads the wall clock")]
        Timestamp::now()
    }
}

/// A clock that lives several stretches of time, each at its own speed, from a given instant of
/// the machine's clock on: how `demo` lives a week in half a minute without any code knowing.
#[derive(Debug, Clone)]
pub struct FastClock {
    /// Instant of the machine's clock at which the two clocks part.
    pub started: Timestamp,
    /// What this clock said at that instant.
    pub origin: Timestamp,
    /// Real seconds that a stretch lasts, and its speed; the last one goes on for ever.
    pub stretches: Vec<(f64, f64)>,
}

impl FastClock {
    /// Seconds shown since the origin, and the speed, after this much real time.
    fn after(&self, mut real: f64) -> (f64, f64) {
        let mut shown = 0.0;
        let mut speed = 1.0;
        for (at, &(lasts, fast)) in self.stretches.iter().enumerate() {
            speed = fast;
            let last = at + 1 == self.stretches.len();
            if last || real < lasts {
                return (shown + real * fast, speed);
            }
            real -= lasts;
            shown += lasts * fast;
        }
        (shown + real, speed)
    }

    fn elapsed(&self) -> f64 {
        SystemClock.now().duration_since(self.started).as_secs_f64().max(0.0)
    }
}

impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        let shown = SignedDuration::try_from_secs_f64(self.after(self.elapsed()).0);
        self.origin.saturating_add(shown.unwrap_or_default()).unwrap_or(self.origin)
    }

    fn speed(&self) -> f64 {
        self.after(self.elapsed()).1
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub fn at(now: Timestamp) -> ManualClock {
        ManualClock(Mutex::new(now))
    }

    /// Moves the clock, also backwards: wall clocks do.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_lives_each_stretch_at_its_speed() {
        let clock = FastClock {
            started: Timestamp::UNIX_EPOCH,
            origin: Timestamp::UNIX_EPOCH,
            stretches: vec![(10.0, 100.0), (5.0, 10.0), (1.0, 2.0)],
        };
        assert_eq!(clock.after(1.0), (100.0, 100.0));
        assert_eq!(clock.after(12.0), (1_020.0, 10.0));
        assert_eq!(clock.after(115.0), (1_050.0 + 200.0, 2.0));
    }

    #[test]
    fn waiting_for_shown_time_takes_less_real_time() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        assert_eq!(real(&clock, Duration::from_secs(9)), Duration::from_secs(9));
        assert_eq!(shown(&clock, Duration::from_secs(9)), Duration::from_secs(9));
    }
}
