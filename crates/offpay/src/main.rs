//! OffPay in one program: deploy, settle, verify, and a demo of it all.

mod bench;
mod cli;
mod clock;
mod codes;
mod commands;
mod completions;
mod demo;
mod failure;
mod manual;
mod money;
mod network;
mod operator;
mod output;
mod qr;
mod record;
mod secrets;
mod sender;
mod server;
mod signals;
mod wallet;

use std::process::ExitCode;

use clap::Parser as _;

/// The server's requests begin on one thread and end on another: made for that, unlike the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(&cli::Cli::parse())
}
