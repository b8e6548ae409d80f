//! Any bytes as the body of every request that the API takes: reading it never panics, whatever type it is read as, and
//! what is read can be written and is read as the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offpay_api::{
    access_tokens::GiveAccessToken,
    attestations::Attest,
    channels::{
        AcceptChannel, CloseTogether, FundChannel, OfferChannel, OpenChannel, PayInChannel, ReceiveVoucher,
    },
    circles::{Admit, Apply},
    collateral::AddCollateral,
    deposits::Deposit,
    me::{ChangePassword, SecondFactorCode},
    passkeys::{AddPasskey, SignInWithPasskey},
    pay::{Pay, Refund},
    payments::{ClearPayment, ClearPayments},
    purses::{AddToPurse, MakeGood, OpenPhonePurse, OpenPurse, Setup},
    recoveries::{BeginRecovery, CompleteRecovery},
    relay::SendRelay,
    requests::NewRequest,
    sessions::{SignIn, SignInWithWallet},
    users::Register,
    watch::WatchChannel,
    webhooks::{ChangeWebhook, NewWebhook, RotateWebhookSecret},
    withdrawals::{AddAddress, ConfirmAddress, Withdraw},
};
use serde::{Serialize, de::DeserializeOwned};

fn read<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<T>(bytes) else { return };
    let Ok(written) = serde_json::to_value(&body) else { return };
    let again: T = serde_json::from_value(written.clone()).expect("what was written is read");
    assert_eq!(serde_json::to_value(&again).expect("it was written before"), written);
}

/// Secrets are read and never written.
fn read_secret<T: DeserializeOwned>(bytes: &[u8]) {
    drop(serde_json::from_slice::<T>(bytes));
}

macro_rules! each {
    ($read:ident, $bytes:expr, $($body:ty),+ $(,)?) => { $( $read::<$body>($bytes); )+ };
}

fuzz_target!(|bytes: &[u8]| {
    each!(
        read, bytes, GiveAccessToken, Attest, AcceptChannel, CloseTogether, FundChannel, OfferChannel, OpenChannel,
        PayInChannel, ReceiveVoucher, Admit, Apply, AddCollateral, Deposit, AddPasskey, SignInWithPasskey, Pay, Refund,
        ClearPayment, ClearPayments, AddToPurse, MakeGood, OpenPhonePurse, OpenPurse, Setup, SendRelay, NewRequest,
        SignInWithWallet, WatchChannel, ChangeWebhook, NewWebhook, RotateWebhookSecret, AddAddress, Withdraw,
    );
    each!(
        read_secret, bytes, ChangePassword, SecondFactorCode, BeginRecovery, CompleteRecovery, SignIn, Register,
        ConfirmAddress,
    );
});
