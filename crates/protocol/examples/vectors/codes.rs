//! One of each code, as text for QR codes and as link.

use alloy_primitives::Address;
use offpay_protocol::{
    Amount, ChannelId, Domain, Nonce, OperatorId, Reference, Seconds, Signable, Signature,
    Timestamp,
    channel::Side,
    messages::{
        Attestation, Certificate, ChannelClose, ChannelTerms, Payment, Receipt, Request, Voucher,
    },
    wire::{
        AttestationCode, AttestedRequestCode, CertificateCode, ChannelCloseCode, ChannelOfferCode,
        ChannelTermsCode, Code, OperatorCard, PaymentCode, PaymentWithCertificateCode, ReceiptCode,
        ReferenceHint, RequestCode, VoucherCode,
    },
};
use serde_json::{Value, json};

use super::generate::{domain, key};

const DEVICE: u8 = 1;
const TILL: u8 = 3;
const CHANNEL: u8 = 5;
const OPERATOR: u8 = 10;

pub(crate) fn rows() -> Value {
    let rows = codes().into_iter().map(|(ty, code)| {
        json!({
            "type": ty,
            "text": code.to_text().expect("short enough"),
            "link": code.to_link("https://pay.example/p").expect("short enough"),
        })
    });
    rows.collect()
}

fn sign<M: Signable>(message: &M, signer: u8) -> Signature {
    message
        .sign(&domain(), &key(signer))
        .expect("every message can be signed")
}

fn tokens(text: &str) -> Amount {
    Amount::parse_units(text, 18).expect("an amount")
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_790_000_000 + seconds).expect("a uint40")
}

fn request() -> Request {
    Request {
        payee: Address::repeat_byte(0xaa).into(),
        amount: tokens("12.5"),
        nonce: Nonce::short(*b"\xf1\xe2\xd3\xc4\xb5\xa6\x97\x88"),
        expires_at: at(900),
        name: "Blue Door Café".to_owned(),
        memo: "2 × tea".to_owned(),
    }
}

fn payment(domain: &Domain) -> Payment {
    let Request { payee, amount, .. } = request();
    Payment {
        payee,
        start: tokens("87.35"),
        amount,
        cumulative: tokens("40.25"),
        reference: request().reference(domain),
    }
}

fn certificate() -> Certificate {
    Certificate {
        purse: key(DEVICE).address().into(),
        owner: key(2).address().into(),
        circle: Address::repeat_byte(0xcc).into(),
        funds: tokens("250"),
        pledge: tokens("500"),
        cover_count: 50,
        circle_size: 48,
        as_of: at(0),
    }
}

fn attestation() -> Attestation {
    Attestation {
        payee: request().payee,
        signer: key(TILL).address(),
        name: request().name,
        expires_at: at(86_400 * 365),
    }
}

fn terms() -> ChannelTerms {
    ChannelTerms {
        a: key(2).address().into(),
        b: request().payee,
        key_a: key(4).address().into(),
        key_b: key(CHANNEL).address().into(),
        close_delay: Seconds::days(7),
        salt: Nonce::new([0x5a; 32].into()),
    }
}

fn codes() -> Vec<(&'static str, Code)> {
    let domain = domain();
    let payment = payment(&domain);
    let own = ReferenceHint::own_request(payment.reference);
    let payment_code = PaymentCode::new(&domain, &payment, own, sign(&payment, DEVICE))
        .expect("the payment's own reference");
    let certificate = certificate();
    let certified = sign(&certificate, OPERATOR);
    let receipt = Receipt {
        payment: payment.id(&domain),
        accepted_at: at(30),
    };
    let voucher = Voucher {
        channel: ChannelId::new([7; 32].into()),
        cumulative: tokens("3.75"),
        reference: Reference::ZERO,
    };
    let whole = ReferenceHint::Whole(voucher.reference);
    let terms = terms();
    let close = ChannelClose {
        channel: terms.id(&domain),
        from_a: tokens("12.5"),
        from_b: tokens("3.75"),
        deadline: at(3_600),
    };
    let attested = AttestedRequestCode::new(
        &domain,
        request(),
        sign(&request(), TILL),
        &attestation(),
        sign(&attestation(), OPERATOR),
    );
    vec![
        ("Request", RequestCode::new(&domain, request(), None).into()),
        (
            "Request",
            RequestCode::new(&domain, request(), Some(sign(&request(), TILL))).into(),
        ),
        ("Payment", payment_code.into()),
        (
            "PaymentWithCertificate",
            PaymentWithCertificateCode::new(payment_code, &certificate, certified).into(),
        ),
        (
            "Certificate",
            CertificateCode::new(&domain, certificate, certified).into(),
        ),
        (
            "Receipt",
            ReceiptCode::new(&domain, &receipt, sign(&receipt, TILL)).into(),
        ),
        (
            "Voucher",
            VoucherCode::new(&domain, &voucher, whole, sign(&voucher, CHANNEL))
                .expect("the voucher's own reference")
                .into(),
        ),
        (
            "Attestation",
            AttestationCode::new(&domain, attestation(), sign(&attestation(), OPERATOR)).into(),
        ),
        (
            "AttestedRequest",
            attested.expect("of the same payee, name and signer").into(),
        ),
        (
            "OperatorCard",
            OperatorCard {
                domain,
                operator: OperatorId::new(key(OPERATOR).address()),
                url: "https://pay.example".to_owned(),
                name: "Example Pay".to_owned(),
            }
            .into(),
        ),
        (
            "ChannelOffer",
            ChannelOfferCode::new(&domain, terms.b, terms.key_b).into(),
        ),
        ("ChannelTerms", ChannelTermsCode::new(&domain, terms).into()),
        (
            "ChannelClose",
            ChannelCloseCode::new(&domain, &close, Side::B, sign(&close, CHANNEL)).into(),
        ),
    ]
}
