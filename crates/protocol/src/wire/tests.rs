use std::sync::LazyLock;

use super::*;
use crate::{
    AccountId, Amount, Circle, Domain, Nonce, Reference, Seconds, Signable, Signature, SigningKey,
    Timestamp,
    channel::Side,
    messages::{
        Attestation, Certificate, ChannelClose, ChannelTerms, Payment, Receipt, Request, Voucher,
    },
};

mod codes;
mod full_form;
mod qr;
mod strict;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn domain() -> Domain {
    Domain::new(31337, [0x5f; 20].into())
}

fn tokens(text: &str, decimals: u8) -> Amount {
    Amount::parse_units(text, decimals).unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_790_000_000 + seconds).unwrap()
}

fn payee() -> AccountId {
    AccountId::new([0xaa; 20].into())
}

fn sign<M: Signable>(message: &M, signer: u8) -> Signature {
    message.sign(&domain(), &key(signer)).unwrap()
}

fn request(decimals: u8) -> Request {
    Request {
        payee: payee(),
        amount: tokens("12.5", decimals),
        nonce: Nonce::short(*b"\xf1\xe2\xd3\xc4\xb5\xa6\x97\x88"),
        expires_at: at(900),
        name: "Blue Door Books".to_owned(),
        memo: String::new(),
    }
}

fn payment(decimals: u8) -> Payment {
    Payment {
        payee: payee(),
        start: tokens("87.35", decimals),
        amount: tokens("12.5", decimals),
        cumulative: tokens("40.25", decimals),
        reference: request(decimals).reference(&domain()),
    }
}

fn certificate(decimals: u8, circle: Circle) -> Certificate {
    Certificate {
        purse: key(1).address().into(),
        owner: key(2).address().into(),
        circle,
        funds: tokens("250", decimals),
        pledge: tokens("500", decimals),
        cover_count: 50,
        circle_size: u16::MAX,
        as_of: at(0),
    }
}

fn market() -> Circle {
    Circle::new([0xcc; 20].into())
}

fn payment_code(decimals: u8) -> PaymentCode {
    let payment = payment(decimals);
    let hint = ReferenceHint::own_request(payment.reference);
    PaymentCode::new(&domain(), &payment, hint, sign(&payment, 1)).unwrap()
}

fn payment_with_certificate(decimals: u8, circle: Circle) -> Code {
    let certificate = certificate(decimals, circle);
    PaymentWithCertificateCode::new(payment_code(decimals), &certificate, sign(&certificate, 10))
        .into()
}

fn attestation() -> Attestation {
    Attestation {
        payee: payee(),
        signer: key(3).address(),
        name: "Blue Door Books".to_owned(),
        expires_at: at(86_400 * 365),
    }
}

fn attested_request() -> Code {
    let request = request(18);
    let signature = sign(&request, 3);
    let attestation_signature = sign(&attestation(), 10);
    AttestedRequestCode::new(
        &domain(),
        request,
        signature,
        &attestation(),
        attestation_signature,
    )
    .unwrap()
    .into()
}

fn channel_terms() -> ChannelTerms {
    ChannelTerms {
        a: key(1).address().into(),
        b: payee(),
        key_a: key(4).address().into(),
        key_b: key(5).address().into(),
        close_delay: Seconds::DAY,
        salt: Nonce::new([0x5a; 32].into()),
    }
}

fn channel_close() -> ChannelClose {
    ChannelClose {
        channel: channel_terms().id(&domain()),
        from_a: tokens("12.5", 18),
        from_b: tokens("3.75", 18),
        deadline: at(3_600),
    }
}

/// One of each, signed once: signing is slow without optimization.
fn every_code() -> Vec<Code> {
    static CODES: LazyLock<Vec<Code>> = LazyLock::new(make_every_code);
    CODES.clone()
}

fn make_every_code() -> Vec<Code> {
    let voucher = Voucher {
        channel: crate::ChannelId::new([7; 32].into()),
        cumulative: tokens("3.75", 18),
        reference: Reference::ZERO,
    };
    let receipt = Receipt {
        payment: payment(18).id(&domain()),
        accepted_at: at(30),
    };
    let certificate = certificate(18, market());
    let whole = ReferenceHint::Whole(voucher.reference);
    vec![
        RequestCode::new(&domain(), request(18), None).into(),
        RequestCode::new(&domain(), request(18), Some(sign(&request(18), 3))).into(),
        payment_code(18).into(),
        payment_with_certificate(18, market()),
        CertificateCode::new(&domain(), certificate, sign(&certificate, 10)).into(),
        ReceiptCode::new(&domain(), &receipt, sign(&receipt, 3)).into(),
        VoucherCode::new(&domain(), &voucher, whole, sign(&voucher, 5))
            .unwrap()
            .into(),
        AttestationCode::new(&domain(), attestation(), sign(&attestation(), 10)).into(),
        attested_request(),
        OperatorCard {
            domain: domain(),
            operator: key(10).address().into(),
            url: "https://pay.example".to_owned(),
            name: "Example Pay".to_owned(),
        }
        .into(),
        ChannelOfferCode::new(&domain(), payee(), key(5).address().into()).into(),
        ChannelTermsCode::new(&domain(), channel_terms()).into(),
        ChannelCloseCode::new(
            &domain(),
            &channel_close(),
            Side::B,
            sign(&channel_close(), 5),
        )
        .into(),
        TillRefundCode::new(
            &domain(),
            payment(18),
            sign(&payment(18), 1),
            payee(),
            tokens("1.25", 18),
        )
        .into(),
    ]
}
