//! Threads with the stack that rendering needs, and work on many texts at once.

use std::cell::Cell;
use std::io;
use std::num::NonZero;
use std::panic::resume_unwind;
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

/// Runs something on a thread with the stack that rendering needs: this one, if it has it.
///
/// # Errors
/// Where the system gives no thread.
pub fn with_stack<T: Send>(run: impl FnOnce() -> T + Send) -> io::Result<T> {
    if HAS_STACK.get() {
        return Ok(run());
    }
    scope(|scope| {
        let builder = Builder::new().name("render".to_owned()).stack_size(STACK);
        match builder.spawn_scoped(scope, || own_stack(run))?.join() {
            Ok(value) => Ok(value),
            Err(panic) => resume_unwind(panic),
        }
    })
}

/// Runs something on a thread that was started with a stack of [`STACK`] bytes.
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
