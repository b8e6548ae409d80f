//! What goes to a node and what comes back, encoded and decoded here; the page only carries it.

mod abi;
mod account;
mod ask;
mod channel;
mod channels;
mod circle;
mod convert;
mod defaulted;
mod describe;
mod guest;
mod header;
mod operators;
mod owner;
mod prove;
mod recovery;
mod shop;
mod sync;
mod transaction;

pub(crate) use sync::Round;

use offpay_wallet::{records::PurseTerms, sign_in::Site};

use crate::{
    command::Command,
    engine::Moment,
    failure::Failure,
    run::{Answer, OpenWallet},
};

/// Commands that have to do with the chain.
pub(crate) fn run(
    wallet: &mut OpenWallet,
    round: &mut Option<Round>,
    command: Command,
    at: &Moment,
) -> Answer {
    match command {
        Command::AccountCalls { token } => Ok(account::calls(wallet, token)),
        Command::AccountRead { results } => account::account(&results),
        Command::OpenPurse(order) => owner::open_purse(wallet, &order, at),
        Command::PreparePurse {
            funds,
            pledge,
            cover_count,
            circle,
        } => {
            let terms = PurseTerms {
                circle,
                cover_count,
                funds,
                pledge,
            };
            owner::prepare_purse(wallet, terms, at)
        }
        Command::TakeOperatorKeys { operator } => operators::follow(wallet, Some(&operator), at),
        Command::Operate { operations, nonce } => owner::operate(wallet, &operations, nonce, at),
        Command::SignTransaction { token, transaction } => {
            owner::transaction(wallet, token, &transaction, at)
        }
        Command::GuestCalls { token, account } => Ok(guest::calls(token, account)),
        Command::GuestPermit {
            token,
            account,
            amount,
            results,
        } => guest::permit(wallet, token, account, amount, &results, at),
        Command::GuestRelay(order) => guest::relay(wallet, &order),
        Command::GuestSignIn {
            account,
            domain,
            uri,
            nonce,
        } => guest::sign_in(wallet, account, &Site { domain, uri, nonce }, at),
        Command::SyncBlock { block, nodes } => {
            let (begun, answer) = sync::begin(&block, nodes)?;
            *round = Some(begun);
            Ok(answer)
        }
        Command::TakeCertificate { certificate } => sync::certificate(wallet, &certificate, at),
        Command::ProveCalls { id, block } => prove::calls(wallet, id, block),
        Command::Prove {
            id,
            block,
            proof,
            nodes,
        } => prove::check(wallet, id, &block, &proof, nodes),
        Command::ShopCalls { tills } => Ok(shop::calls(wallet, &tills)),
        Command::ShopRead { results } => shop::read(&results),
        Command::CircleCalls { circle } => Ok(circle::calls(wallet, circle)),
        Command::CircleRead { results } => circle::read(&results),
        Command::DefaultCalls { purse, payee } => Ok(defaulted::calls(wallet, purse, payee)),
        Command::DefaultRead {
            purse,
            payee,
            results,
        } => defaulted::read(wallet, purse, payee, &results, at),
        Command::Evidence { purse, payee } => defaulted::evidence(wallet, purse, payee),
        Command::OpenChannel {
            offer,
            deposit,
            batch,
        } => channel::open(wallet, &offer, deposit, &batch, at),
        Command::AgreeToClose { code, batch } => channel::agree(wallet, &code, &batch, at),
        command => run_round(wallet, round, command, at),
    }
}

/// Commands within a sync.
fn run_round(
    wallet: &mut OpenWallet,
    round: &mut Option<Round>,
    command: Command,
    at: &Moment,
) -> Answer {
    let round = round
        .as_mut()
        .ok_or_else(|| Failure::malformed("no sync was begun"))?;
    match command {
        Command::SyncTasks => Ok(sync::tasks(wallet, round, at)),
        Command::SyncLearn { index, results } => sync::learn(wallet, round, index, &results, at),
        Command::SyncSent { index, transaction } => {
            sync::sent(wallet, round, index, transaction, at)
        }
        Command::SyncCleared { index, cleared } => {
            operators::cleared(wallet, round, index, &cleared, at)
        }
        Command::SyncRelay { index, fee, nonce } => {
            let call = describe::call_of(wallet, round, index)?;
            owner::relay(wallet, fee, call, nonce, at)
        }
        Command::RecoveryLogs => Ok(recovery::logs(wallet, round)),
        Command::RecoveryCalls { logs, purses } => {
            Ok(recovery::calls(wallet, round, &logs, purses))
        }
        Command::Recovery { purses, results } => {
            recovery::steps(wallet, round, &purses, &results, at)
        }
        Command::SyncDone => sync::done(wallet, round, at),
        _ => Err(Failure::malformed("the command")),
    }
}
