//! The one place that reads the wall clock; everything else takes the time as an argument.

use std::sync::Mutex;

pub use jiff::Timestamp;

/// Says what time it is.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
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

/// A clock that runs faster than the machine's from a given instant on: how `demo` lives a week
/// in a minute without any code knowing about it.
#[derive(Debug, Clone, Copy)]
pub struct FastClock {
    /// Instant of the machine's clock at which the two clocks part.
    pub started: Timestamp,
    /// What this clock said at that instant.
    pub origin: Timestamp,
    /// Seconds of this clock in one second of the machine's.
    pub speed: f64,
}

impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        let real = SystemClock.now().duration_since(self.started).as_secs_f64();
        let shown = jiff::SignedDuration::try_from_secs_f64(real * self.speed).unwrap_or_default();
        self.origin.saturating_add(shown).unwrap_or(self.origin)
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
