//! `ally`, the product.

use std::process::ExitCode;

/// Events are many small texts, made on one thread and let go on another (ADR 0017).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ally::run()
}
