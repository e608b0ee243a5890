//! The `albedo-api` command: serve, and what an operator needs beside it.

mod console;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    Box::pin(console::run()).await
}
