//! Commands, by area.

pub(crate) mod channel;
pub(crate) mod codes;
mod keys;
mod owner;
mod passkeys;
mod pay;
mod receive;
mod till;
mod view;

use offpay_wallet::{Token, Wallet, sign_in::Site};
use serde_json::Value;

use crate::{
    command::Command,
    engine::{Engine, Moment},
    failure::Failure,
    journal::Journal,
};

/// What a command answers.
pub(crate) type Answer = Result<Value, Failure>;

/// The wallet that commands act on.
pub(crate) type OpenWallet = Wallet<Journal>;

/// The wallet's token, for sentences.
pub(crate) fn token(wallet: &OpenWallet) -> Token {
    wallet.state().deployment().token.clone()
}

impl Engine {
    pub(crate) fn run(&mut self, command: Command, at: &Moment) -> Answer {
        match command {
            Command::NewPhrase => keys::new_phrase(at),
            Command::CheckPhrase { phrase } => keys::check_phrase(&phrase),
            Command::ReadRequest { code, deployment } => pay::read_alone(&code, &deployment),
            Command::CheckAddress { address } => Ok(keys::check_address(&address)),
            Command::Create {
                deployment,
                name,
                phrase,
                account,
                pin,
            } => {
                let identity = keys::identity(phrase.as_ref(), account)?;
                self.create(deployment, name, identity, &pin, at)
            }
            Command::View => Ok(self.view(at)),
            Command::CreateTill {
                deployment,
                account,
                name,
                pin,
            } => self.create(
                deployment,
                name,
                offpay_wallet::wallet::NewIdentity::Payee(account),
                &pin,
                at,
            ),
            command => self.run_open(command, at),
        }
    }

    /// Commands that need a wallet.
    fn run_open(&mut self, command: Command, at: &Moment) -> Answer {
        let Self { wallet, round, .. } = self;
        let wallet = wallet
            .as_mut()
            .ok_or_else(|| Failure::new("no_wallet", "There is no wallet here yet."))?;
        match command {
            Command::NewPhrase
            | Command::CheckPhrase { .. }
            | Command::CheckAddress { .. }
            | Command::ReadRequest { .. }
            | Command::Create { .. }
            | Command::CreateTill { .. }
            | Command::View => Err(Failure::malformed("the command")),
            Command::Unlock { pin } => keys::unlock(wallet, &pin, at),
            Command::UnlockWithPasskey { credential, secret } => {
                passkeys::unlock(wallet, &credential, &secret, at)
            }
            Command::AddPasskey {
                pin,
                credential,
                salt,
                secret,
            } => passkeys::add(wallet, &pin, (credential, salt), &secret, at),
            Command::ForgetPasskey { credential } => passkeys::forget(wallet, &credential, at),
            Command::SignIn { domain, uri, nonce } => {
                keys::sign_in(wallet, &Site { domain, uri, nonce }, at)
            }
            Command::Lock => Ok(keys::lock(wallet)),
            Command::ChangePin { old, new } => keys::change_pin(wallet, &old, &new, at),
            Command::Backup { password } => keys::backup(wallet, &password, at),
            Command::RestoreBackup { backup, password } => {
                keys::restore_backup(wallet, &backup, &password, at)
            }

            Command::History {
                text,
                limit,
                progress,
                direction,
            } => Ok(view::history(wallet, text, limit, progress, direction, at)),
            Command::Payment { id } => view::payment(wallet, id, at),
            Command::Csv => Ok(view::csv(wallet)),
            Command::UnpaidRequests => Ok(view::unpaid_requests(wallet, at)),

            Command::Ask {
                amount,
                memo,
                valid_for,
            } => receive::ask(wallet, amount, memo, valid_for, at),
            Command::ShowRequest { reference } => receive::show_request(wallet, reference),
            Command::Withdraw { reference } => receive::withdraw(wallet, reference, at),
            Command::Accept { code } => receive::accept(wallet, &code, at),
            Command::GiveReceipt { id } => receive::give_receipt(wallet, id, at),

            Command::Read { code } => pay::read(wallet, &code, at),
            Command::Pay { code, amount } => pay::pay(wallet, &code, amount, at),
            Command::ShowPayment { id } => pay::show(wallet, id),
            Command::TakeReceipt { code } => pay::take_receipt(wallet, &code, at),
            Command::Refund { id, amount } => pay::refund(wallet, id, amount, at),

            Command::TrustOperator { code } => owner::trust(wallet, &code, at),
            Command::ForgetOperator { operator } => owner::forget(wallet, operator, at),
            Command::JoinCircle { circle, name } => owner::join(wallet, circle, name, at),
            Command::LeaveCircle { circle } => owner::leave(wallet, circle, at),
            Command::SaveContact { account, name } => owner::save(wallet, account, name, at),
            Command::ChangeSettings { settings } => owner::settings(wallet, settings, at),
            Command::RetirePurse { purse } => owner::retire(wallet, purse, at),

            Command::TakeAttestation { .. }
            | Command::Bill { .. }
            | Command::Sell { .. }
            | Command::Report { .. }
            | Command::AddReports { .. }
            | Command::AskRefund { .. }
            | Command::RefundForTill { .. }
            | Command::TillAccount { .. } => till::run(wallet, command, at),

            Command::OfferChannel
            | Command::JoinChannel { .. }
            | Command::ShowChannel { .. }
            | Command::ProposeClose { .. }
            | Command::WatchChannel { .. } => channel::run(wallet, command, at),

            command => crate::chain::run(wallet, round, command, at),
        }
    }
}
