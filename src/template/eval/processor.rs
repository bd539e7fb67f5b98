//! Which processor a thread runs on.
//!
//! Linux (6.18) often starts and wakes a thread on the processor of the thread that asks for it,
//! where it waits although another processor is idle, until a tick of the clock moves it: up to four
//! milliseconds of the fifteen that a run takes.

#[cfg(target_os = "linux")]
use rustix::thread::{sched_getaffinity, sched_getcpu, sched_setaffinity};

/// A processor, where the system tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Processor {
    #[cfg(target_os = "linux")]
    number: usize,
}

impl Processor {
    /// The one that this thread runs on.
    #[cfg(target_os = "linux")]
    pub(super) fn here() -> Self {
        Self {
            number: sched_getcpu(),
        }
    }

    /// Leaves it to the thread that was met there, if this thread may run on another one.
    #[cfg(target_os = "linux")]
    pub(super) fn leave(self) {
        let Ok(mut others) = sched_getaffinity(None) else {
            return;
        };
        if others.is_set(self.number) && others.count() > 1 {
            others.unset(self.number);
            // Where that is not allowed, it stays as it was.
            let _ = sched_setaffinity(None, &others);
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn here() -> Self {
        Self {}
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn leave(self) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_leaves_the_processor_of_another() {
        let met = Processor::here();
        let there = std::thread::spawn(move || {
            met.leave();
            let allowed = sched_getaffinity(None).unwrap();
            (allowed.count(), allowed.is_set(met.number))
        });
        let (left, is_met_allowed) = there.join().unwrap();
        let all = sched_getaffinity(None).unwrap().count();
        // With one processor there is none to go to.
        assert_eq!(
            (left, is_met_allowed),
            if all > 1 { (all - 1, false) } else { (1, true) }
        );
    }
}
