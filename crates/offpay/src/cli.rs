//! The command line.

use std::{io::Write as _, process::ExitCode};

use anyhow::{Context, Error, Result};
use clap::{Args, Parser, Subcommand};

use crate::{
    bench::Bench,
    commands::{
        account::Account,
        backup::{Backup, Restore},
        check_config::CheckConfig,
        deploy::Deploy,
        purse::Purse,
        run::Run,
        serve::Serve,
        settle::Settle,
        verify::Verify,
    },
    completions::Completions,
    demo,
    failure::{Failure, said},
    manual::Manual,
    operator::Operator,
    output::Output,
    wallet::WalletCommand,
};

/// Payments with no network, settled on an EVM chain.
#[derive(Debug, Parser)]
#[command(name = "offpay", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the whole story on a local chain: pay with no network, settle, prove, cheat and be caught.
    Demo(Demo),
    Run(Run),
    Serve(Serve),
    CheckConfig(CheckConfig),
    Backup(Backup),
    Restore(Restore),
    Deploy(Deploy),
    Settle(Settle),
    Verify(Verify),
    Purse(Purse),
    Account(Account),
    Wallet(WalletCommand),
    Operator(Operator),
    Bench(Bench),
    Completions(Completions),
    Manual(Manual),
}

#[derive(Debug, Args)]
struct Demo {
    /// Tell it as JSON.
    #[arg(long)]
    json: bool,
}

/// What a command answers. An error is a third answer, which is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done; or, to a question: yes. Exit code 0.
    Yes,
    /// No; or not all of it. Exit code 1.
    No,
}

/// Runs a command. Exit code 0: done, or yes; 1: no; 2: an error.
pub(crate) fn run(cli: &Cli) -> ExitCode {
    let output = Output::new();
    match execute(cli, &output) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) => {
            fail(cli.command.is_json(), &output, &error);
            ExitCode::from(2)
        }
    }
}

fn execute(cli: &Cli, output: &Output) -> Result<Answer> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    runtime.block_on(async {
        // They end what they began before they return.
        if let Command::Run(_) | Command::Serve(_) = cli.command {
            return cli.command.run(output).await;
        }
        tokio::select! {
            answer = cli.command.run(output) => answer,
            // Returning drops what is held: a local chain ends with it.
            _ = tokio::signal::ctrl_c() => Err(Error::msg("interrupted")),
        }
    })
}

/// Nobody is left to tell where even that fails.
fn fail(json: bool, output: &Output, error: &Error) {
    let _ = if json {
        output.json(&Failure::new(error))
    } else {
        writeln!(std::io::stderr().lock(), "offpay: {}", said(error))
    };
}

impl Command {
    async fn run(&self, output: &Output) -> Result<Answer> {
        match self {
            Self::Demo(Demo { json }) => demo::play(output, *json).await.map(|()| Answer::Yes),
            Self::Run(run) => run.run(output).await,
            Self::Serve(serve) => serve.run(output).await,
            Self::CheckConfig(check) => check.run(output),
            Self::Backup(backup) => backup.run(output).await,
            Self::Restore(restore) => restore.run(output).await,
            Self::Deploy(deploy) => deploy.run(output).await,
            Self::Settle(settle) => settle.run(output).await,
            Self::Verify(verify) => verify.run(output).await,
            Self::Purse(purse) => purse.run(output).await,
            Self::Account(account) => account.run(output).await,
            Self::Wallet(wallet) => wallet.run(output).await,
            Self::Operator(operator) => operator.run(output).await,
            Self::Bench(bench) => bench.run(output).await,
            Self::Completions(completions) => completions.run(output),
            Self::Manual(manual) => manual.run(output),
        }
    }

    const fn is_json(&self) -> bool {
        match self {
            Self::Demo(demo) => demo.json,
            Self::Run(run) => run.json,
            Self::Serve(_) => false,
            Self::CheckConfig(check) => check.json,
            Self::Backup(backup) => backup.json,
            Self::Restore(restore) => restore.json,
            Self::Deploy(deploy) => deploy.json,
            Self::Settle(settle) => settle.json,
            Self::Verify(verify) => verify.json,
            Self::Purse(purse) => purse.json,
            Self::Account(account) => account.json,
            Self::Wallet(wallet) => wallet.is_json(),
            Self::Operator(operator) => operator.is_json(),
            Self::Bench(bench) => bench.json,
            Self::Completions(_) | Self::Manual(_) => false,
        }
    }
}
