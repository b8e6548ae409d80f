//! Any bytes behind the text, of every type of code (requests, payments, vouchers, operators' cards …): reading them never
//! panics, what is read is written as the same bytes, and opening it for some deployment does not panic either.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offpay_protocol::{AccountId, ChannelId, Domain, PaymentId, Reference, wire::Code};

const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fuzz_target!(|cbor: &[u8]| {
    let Some((ty, rest)) = cbor.split_first() else { return };
    let bytes: Vec<u8> = [1, 1 + ty % 9].into_iter().chain(rest.iter().copied()).collect();
    let link = format!("#{}", base64url(&bytes));
    let Ok(code) = Code::parse(&link) else { return };
    assert_eq!(code.to_link("").expect("it was short enough to read"), link);
    open(&code);
});

/// What a wallet does next. The domain is the one of the seeds.
fn open(code: &Code) {
    let domain = Domain::new(31_337, [0xff; 20].into());
    let payee = AccountId::new([0xaa; 20].into());
    let reference = Reference::ZERO;
    match code {
        Code::Request(code) => drop(code.open(&domain)),
        Code::AttestedRequest(code) => drop(code.open(&domain)),
        Code::Payment(code) => drop(code.open(&domain, payee, reference)),
        Code::PaymentWithCertificate(code) => drop(code.open(&domain, payee, reference)),
        Code::Certificate(code) => drop(code.open(&domain)),
        Code::Receipt(code) => drop(code.open(&domain, PaymentId::ZERO)),
        Code::Voucher(code) => drop(code.open(&domain, ChannelId::ZERO, reference)),
        Code::Attestation(code) => drop(code.open(&domain)),
        Code::ChannelOffer(code) => drop(code.open(&domain)),
        Code::ChannelTerms(code) => drop(code.open(&domain)),
        Code::ChannelClose(code) => drop(code.open(&domain, ChannelId::ZERO)),
        _ => {}
    }
}

fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(DIGITS[(word >> (18 - 6 * digit) & 63) as usize] as char);
        }
    }
    text
}
