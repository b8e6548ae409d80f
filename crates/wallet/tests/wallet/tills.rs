//! Tills: a device that takes payments under a name that an operator attests, and can spend nothing.

use alloy_primitives::U256;
use offpay_protocol::{AccountId, Signable, Signed, messages::Attestation, till::till};
use offpay_wallet::{messages::Message, pay::PayError, records::PayeeName, wallet::NewIdentity};

use crate::{refusals_to_accept::assert_plain, world::*};

fn account() -> AccountId {
    till(key(2).address().into(), U256::from(3))
}

fn attested(till: &mut TestWallet, operator: u8, expires_at: u64) -> Signed<Attestation> {
    let offpay_wallet::profile::Identity::Payee { request_key, .. } = till.state().identity()
    else {
        panic!();
    };
    let message = Attestation {
        payee: account(),
        signer: request_key.address,
        name: "Blue Door".into(),
        expires_at: at(expires_at),
    };
    let domain = deployment().domain;
    let signature = message.sign(&domain, &key(operator)).unwrap();
    Signed {
        domain,
        message,
        signature,
    }
}

#[test]
fn the_name_is_the_operators_word() {
    let mut counter = wallet_of(NewIdentity::Payee(account()));
    join_market(&mut counter, NOW);
    let attestation = attested(&mut counter, 0x0e, NOW + DAY);
    counter.take_attestation(attestation, at(NOW)).unwrap();
    let mut payer = payer();
    let request = ask(&mut counter, 20, NOW);
    let read = payer.read_request(&scanned(&request), at(NOW)).unwrap();
    let operator = operator().address().into();
    assert_eq!(
        read.payee_name,
        PayeeName::Attested {
            name: "Blue Door".into(),
            operator
        }
    );

    let shown = pay(&mut payer, &request, NOW).unwrap();
    let taken = accept(&mut counter, &shown, NOW).unwrap();
    // The till's key signs the receipt, and the payer knows it from the request.
    let receipt = counter.give_receipt(taken.id, at(NOW)).unwrap();
    payer
        .take_receipt(receipt.receipt, receipt.signature, at(NOW))
        .unwrap();
}

#[test]
fn an_attestation_that_does_not_count_verifies_nothing() {
    let mut counter = wallet_of(NewIdentity::Payee(account()));
    let attestation = attested(&mut counter, 0x0e, NOW + 500);
    counter.take_attestation(attestation, at(NOW)).unwrap();
    let mut payer = payer();
    let request = ask(&mut counter, 20, NOW);
    let read = payer
        .read_request(&scanned(&request), at(NOW + 500))
        .unwrap();
    assert!(!read.payee_name.is_verified());
    assert_eq!(read.signer, None);
    // Without it, the till's signature is a stranger's.
    let mut bare = scanned(&request);
    bare.attestation = None;
    let refusal = payer.read_request(&bare, at(NOW)).unwrap_err();
    assert!(matches!(refusal, PayError::NotSignedByPayee { .. }));
}

#[test]
fn attestations_that_are_not_for_this_till() {
    let mut counter = wallet_of(NewIdentity::Payee(account()));
    let untrusted = attested(&mut counter, 9, NOW + DAY);
    let over = attested(&mut counter, 0x0e, NOW);
    let mut other = attested(&mut counter, 0x0e, NOW + DAY);
    other.message.payee = key(7).address().into();
    for attestation in [untrusted, over, other] {
        let refusal = counter.take_attestation(attestation, at(NOW)).unwrap_err();
        assert_eq!(refusal.code(), "attestation_not_for_us");
        assert_plain(&refusal.message(&deployment().token));
    }
}

#[test]
fn a_till_has_neither_purses_nor_channels() {
    let mut counter = wallet_of(NewIdentity::Payee(account()));
    let purse = counter
        .prepare_purse(terms(10), &entropy(), at(NOW))
        .unwrap_err();
    assert_eq!(purse.code(), "cannot_pay");
    let channel = counter
        .prepare_channel_key(&entropy(), at(NOW))
        .unwrap_err();
    assert_eq!(channel.code(), "cannot_pay");
    assert_eq!(
        counter.owner_key(at(NOW)).unwrap_err().code(),
        "no_owner_key"
    );
}

#[test]
fn locked_it_still_takes_payments() {
    let mut counter = wallet_of(NewIdentity::Payee(account()));
    join_market(&mut counter, NOW);
    counter.lock();
    let mut asked = ask_for(20);
    asked.signed = false;
    let request = counter.ask(&asked, &entropy(), at(NOW)).unwrap();
    let mut payer = payer();
    let shown = pay(&mut payer, &request, NOW).unwrap();
    accept(&mut counter, &shown, NOW).unwrap();
    assert_eq!(
        counter
            .ask(&ask_for(20), &entropy(), at(NOW))
            .unwrap_err()
            .code(),
        "wallet_locked"
    );
}
