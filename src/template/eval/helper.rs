//! A thread beside the one that loads, renders and checks a chart.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use super::STACK;
use super::processor::Processor;
use super::threads::{own_stack, threads, with_stack};

type Work<T> = Box<dyn FnOnce() -> T + Send>;

/// A thread that does what it is given, one after another, with the stack that rendering needs. It
/// is one for a whole run, as each thread has memory of its own. Who waits for something that it has
/// not begun does that alone, so that nothing is ever waited for that nobody does.
#[derive(Debug, Clone, Default)]
pub struct Helper {
    tasks: Option<Sender<Work<()>>>,
}

impl Helper {
    /// Starts the thread, unless there is no processor for it.
    #[must_use]
    pub fn start() -> Self {
        if threads() < 2 {
            return Self::default();
        }
        let (tasks, given) = mpsc::channel::<Work<()>>();
        let (ready, is_ready) = mpsc::channel::<()>();
        let here = Processor::here();
        let builder = Builder::new().name("helper".to_owned()).stack_size(STACK);
        let started = builder.spawn(move || {
            here.leave();
            let _ = ready.send(());
            own_stack(|| given.into_iter().for_each(|task| task()));
        });
        if started.is_err() {
            return Self::default();
        }
        // It may have to wait for this processor before it can leave it.
        let _ = is_ready.recv();
        Self { tasks: Some(tasks) }
    }

    /// Whether there is such a thread.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.tasks.is_some()
    }

    /// Gives it something to do.
    pub fn give<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State::Given(Box::new(work))),
            is_done: Condvar::new(),
        });
        if let Some(tasks) = &self.tasks {
            let shared = Arc::clone(&shared);
            // Without the thread, who waits does it.
            let _ = tasks.send(Box::new(move || shared.run()));
        }
        Task { shared }
    }
}

/// Something that was given to a [`Helper`].
pub struct Task<T> {
    shared: Arc<Shared<T>>,
}

impl<T: Send> Task<T> {
    /// What it gave: waits for it where it has begun, and does it otherwise.
    ///
    /// # Errors
    /// Where the system gives no stack to do it on.
    pub fn wait(self) -> io::Result<T> {
        let mut state = self.shared.state();
        loop {
            match std::mem::replace(&mut *state, State::Begun) {
                State::Given(work) => {
                    drop(state);
                    return with_stack(work);
                }
                State::Done(Ok(result)) => return Ok(result),
                State::Done(Err(panic)) => resume_unwind(panic),
                State::Begun => {
                    let waited = self.shared.is_done.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

struct Shared<T> {
    state: Mutex<State<T>>,
    is_done: Condvar,
}

enum State<T> {
    Given(Work<T>),
    Begun,
    Done(Result<T, Box<dyn Any + Send>>),
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what was given, unless somebody began with it.
    fn run(&self) {
        let State::Given(work) = std::mem::replace(&mut *self.state(), State::Begun) else {
            return;
        };
        let done = catch_unwind(AssertUnwindSafe(work));
        *self.state() = State::Done(done);
        self.is_done.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_began_is_done_by_who_waits() {
        let nobody = Helper::default();
        assert_eq!(nobody.give(|| 1).wait().unwrap(), 1);
    }

    #[test]
    fn each_task_is_done_once() {
        let helper = Helper::start();
        let tasks: Vec<_> = (0..1000).map(|at| helper.give(move || at)).collect();
        let done: Vec<usize> = tasks.into_iter().flat_map(Task::wait).collect();
        assert_eq!(done, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn who_waits_has_the_panic_of_a_task() {
        let helper = Helper::start();
        let task = helper.give(|| -> usize { resume_unwind(Box::new("a defect")) });
        let panic = catch_unwind(AssertUnwindSafe(|| task.wait()));
        assert!(panic.is_err());
        assert_eq!(helper.give(|| 2).wait().unwrap(), 2);
    }
}
