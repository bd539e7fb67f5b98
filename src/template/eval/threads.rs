//! Threads with the stack that rendering needs, and work on many texts at once.

use std::cell::Cell;
use std::io;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::OnceLock;
use std::thread::{Builder, ScopedJoinHandle, available_parallelism, scope};

use super::STACK;

/// Fewer bytes are not worth a thread, which takes memory of its own: some megabytes of it where the
/// allocator gets huge pages.
const WORTH_A_THREAD: usize = 256 << 10;

/// There are no more threads.
const MAX_THREADS: usize = 8;

thread_local! {
    /// Whether this thread has the stack that rendering needs.
    static HAS_STACK: Cell<bool> = const { Cell::new(false) };
}

/// Runs something with the stack that rendering needs: the one that is there, if it is large enough,
/// or another one on the same thread. A thread of its own would have memory of its own, too.
///
/// # Errors
/// Where the system gives no such stack.
pub fn with_stack<T>(run: impl FnOnce() -> T) -> io::Result<T> {
    if HAS_STACK.get() {
        return Ok(run());
    }
    let mut has_begun = false;
    let done = catch_unwind(AssertUnwindSafe(|| {
        stacker::grow(STACK, || {
            has_begun = true;
            own_stack(run)
        })
    }));
    HAS_STACK.set(false);
    match done {
        Ok(value) => Ok(value),
        Err(panic) if has_begun => resume_unwind(panic),
        Err(_) => Err(io::Error::from(io::ErrorKind::OutOfMemory)),
    }
}

/// Runs something on a stack of [`STACK`] bytes.
pub(super) fn own_stack<T>(run: impl FnOnce() -> T) -> T {
    HAS_STACK.set(true);
    run()
}

/// How many threads have a processor: a system has to read several files for that.
pub(super) fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| {
        available_parallelism()
            .map_or(1, NonZero::get)
            .min(MAX_THREADS)
    })
}

/// Does the same with each of several items that are `size` bytes large, on threads with the stack
/// that the deepest template needs. The results are in the order of the items, however many threads
/// there are. They are not those of rayon, which may all wait for whoever calls this.
pub fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    size: impl Fn(&T) -> usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let threads = threads().min(items.len());
    if threads < 2 || items.iter().map(size).sum::<usize>() < WORTH_A_THREAD {
        return items.iter().map(work).collect();
    }
    let work = &work;
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    // Each takes every n-th item; the first share is this thread's own.
    let share = |first: usize| {
        let own = items.iter().enumerate().skip(first).step_by(threads);
        own.map(|(at, item)| (at, work(item))).collect::<Vec<_>>()
    };
    scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|first| {
                let builder = Builder::new().stack_size(STACK);
                (first, builder.spawn_scoped(scope, move || share(first)))
            })
            .collect();
        let mut put = |done: Vec<(usize, R)>| {
            for (at, result) in done {
                if let Some(place) = results.get_mut(at) {
                    *place = Some(result);
                }
            }
        };
        put(share(0));
        for (first, other) in others {
            match other.map(ScopedJoinHandle::join) {
                Ok(Ok(done)) => put(done),
                Ok(Err(panic)) => resume_unwind(panic),
                // The system gave no thread.
                Err(_) => put(share(first)),
            }
        }
    });
    results.into_iter().flatten().collect()
}
