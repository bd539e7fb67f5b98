//! The binary: everything is in the library.

/// Rendering makes and drops many small values on threads of its own, for which the system's
/// allocator asks the kernel page by page. Without huge pages: a run touches few of each, and
/// where a host has taken back what was free, clearing them takes longer than all the rest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    aiplat::cli::main()
}
