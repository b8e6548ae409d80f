//! The codes of what was paid.

use anyhow::Result;
use offpay_protocol::{
    Domain, Signature,
    messages::Voucher,
    wire::{Code, PaymentCode, PaymentWithCertificateCode, ReferenceHint, VoucherCode},
};
use offpay_wallet::{Durable, pay::Paid};

/// A payment with its certificate, or a voucher. Only what is stored can be shown.
pub(super) fn paid_code(domain: &Domain, paid: &Durable<Paid>) -> Result<Code> {
    Ok(match &**paid {
        Paid::Payment(shown) => {
            let hint = ReferenceHint::own_request(shown.payment.reference);
            let payment = PaymentCode::new(domain, &shown.payment, hint, shown.signature)?;
            let held = &shown.certificate;
            PaymentWithCertificateCode::new(payment, &held.certificate, held.signature).into()
        }
        Paid::Voucher(shown) => voucher_code(domain, &shown.voucher, shown.signature)?,
    })
}

/// A voucher, for the payee whose request it pays.
pub(super) fn voucher_code(
    domain: &Domain,
    voucher: &Voucher,
    signature: Signature,
) -> Result<Code> {
    let hint = ReferenceHint::own_request(voucher.reference);
    Ok(VoucherCode::new(domain, voucher, hint, signature)?.into())
}
