#![doc = include_str!("../README.md")]
#![expect(clippy::print_stderr, reason = "a command-line program")]

mod arguments;
mod failure;
mod interrupt;
mod output;
mod store;
mod commands;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{arguments::Arguments, failure::text_of};

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(Arguments::parse()).await {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            eprintln!("error: {}", text_of(&*failure));
            ExitCode::from(2)
        }
    }
}
