//! Codes, in and out.

use offpay_protocol::{
    Domain, Signature, Signed,
    messages::Voucher,
    wire::{
        AttestedRequestCode, Code, PaymentCode, PaymentWithCertificateCode, ReferenceHint,
        RequestCode, VoucherCode, WireError,
    },
};
use offpay_wallet::{
    Token,
    accept::AcceptRefusal,
    ask::ShownRequest,
    pay::{Paid, ScannedRequest},
};

use crate::Failure;

/// Reads what was scanned or pasted.
pub(crate) fn parse(text: &str, token: &Token) -> Result<Code, Failure> {
    Code::parse(text.trim_matches(|c: char| c.is_ascii_control() || c == '\u{feff}'))
        .map_err(unreadable(token))
}

/// Wire errors in the wallet's words.
pub(crate) fn unreadable(token: &Token) -> impl Fn(WireError) -> Failure + use<'_> {
    move |error| {
        let refusal = AcceptRefusal::Unreadable(error);
        Failure::of(refusal.code(), refusal.is_retryable(), &refusal, token)
    }
}

/// The request in a code.
pub(crate) fn request(
    code: &Code,
    domain: &Domain,
    token: &Token,
) -> Result<ScannedRequest, Failure> {
    match code {
        Code::Request(code) => {
            let (request, signature) = code.open(domain).map_err(unreadable(token))?;
            Ok(ScannedRequest {
                request: request.clone(),
                signature,
                attestation: None,
            })
        }
        Code::AttestedRequest(code) => {
            let opened = code.open(domain).map_err(unreadable(token))?;
            let attestation = Signed {
                domain: *domain,
                message: opened.attestation,
                signature: opened.attestation_signature,
            };
            Ok(ScannedRequest {
                request: opened.request.clone(),
                signature: Some(opened.signature),
                attestation: Some(attestation),
            })
        }
        _ => Err(Failure::new(
            "not_a_request",
            "This code is not a request. Ask the shop to show what you should pay.",
        )),
    }
}

/// The code of a request, with the operator's word on the name where there is one.
pub(crate) fn of_request(domain: &Domain, shown: &ShownRequest) -> Result<Code, WireError> {
    let request = shown.request.clone();
    Ok(match (shown.signature, &shown.attestation) {
        (Some(signature), Some(attested)) => AttestedRequestCode::new(
            domain,
            request,
            signature,
            &attested.message,
            attested.signature,
        )?
        .into(),
        (signature, _) => RequestCode::new(domain, request, signature).into(),
    })
}

/// A payment with its certificate, or a voucher.
pub(crate) fn of_paid(domain: &Domain, paid: &Paid) -> Result<Code, WireError> {
    Ok(match paid {
        Paid::Payment(shown) => {
            let hint = ReferenceHint::own_request(shown.payment.reference);
            let payment = PaymentCode::new(domain, &shown.payment, hint, shown.signature)?;
            let held = &shown.certificate;
            PaymentWithCertificateCode::new(payment, &held.certificate, held.signature).into()
        }
        Paid::Voucher(shown) => of_voucher(domain, &shown.voucher, shown.signature)?,
    })
}

pub(super) fn of_voucher(
    domain: &Domain,
    voucher: &Voucher,
    signature: Signature,
) -> Result<Code, WireError> {
    let hint = ReferenceHint::own_request(voucher.reference);
    Ok(VoucherCode::new(domain, voucher, hint, signature)?.into())
}
