//! The `albedo-api` command: serve, and what an operator needs beside it.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    albedo_http::console::run(albedo_api::routes::api)
}
