//! The bytes that people hold up to each other's cameras, paste and tap (section 9 of the protocol).
//!
//! A [`Code`] is a version byte, a type byte and a deterministic CBOR array. As text it is `OP1:` and base45, which QR
//! codes hold in their dense alphanumeric mode; as a link it is base64url in the fragment, which browsers do not send
//! to servers. Base45 uses the space: where people copy text by hand, give them the link.
//!
//! What the other side knows is left out. A payee rebuilds payee, reference and domain of a payment from its own
//! request, and the purse is recovered from the signature: so a payment can only be read by the payee that it is for.
//! For everybody else there is the [full form](full).
//!
//! The decoder is strict: one encoding per value, at most [`LONGEST`] bytes, unknown versions and types refused.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use minicbor::{Decoder, Encoder};

mod attestation;
mod certificate;
mod channel;
mod error;
mod fields;
pub mod full;
mod operator_card;
mod packed;
mod payment;
mod receipt;
mod reference;
mod request;
mod till_refund;
mod voucher;

pub use attestation::AttestationCode;
pub use certificate::CertificateCode;
pub use channel::{ChannelCloseCode, ChannelOfferCode, ChannelTermsCode};
pub use error::WireError;
pub use operator_card::OperatorCard;
pub use payment::{CertifiedPayment, PaymentCode, PaymentWithCertificateCode};
pub use receipt::ReceiptCode;
pub use reference::ReferenceHint;
pub use request::{AttestedRequest, AttestedRequestCode, RequestCode};
pub use till_refund::{TillRefund, TillRefundCode};
pub use voucher::VoucherCode;

/// The version that this crate writes and reads.
pub const VERSION: u8 = 1;

/// The most bytes that a code has, text forms not counted.
pub const LONGEST: usize = 2 * 1024;

/// What every text of this version begins with.
pub const PREFIX: &str = "OP1:";

/// Base45 of [`LONGEST`] bytes: what is longer is not even looked at.
const LONGEST_TEXT: usize = LONGEST / 2 * 3;

/// Base64 of [`LONGEST`] bytes.
const LONGEST_FRAGMENT: usize = LONGEST.div_ceil(3) * 4;

/// The layout of one type of code: an array of so many fields.
trait Layout: Sized {
    const TYPE: u8;
    const FIELDS: u64;

    fn write(&self, fields: &mut Encoder<Vec<u8>>) -> fields::Written;

    fn read(fields: &mut Decoder<'_>) -> Result<Self, WireError>;
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident($layout:ty),)*) => {
        /// Everything that is shown, pasted and tapped.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name($layout),)*
        }

        impl Code {
            fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
                match self {
                    $(Self::$name(code) => to_bytes(code),)*
                }
            }

            fn from_fields(ty: u8, cbor: &[u8]) -> Result<Self, WireError> {
                match ty {
                    $(<$layout>::TYPE => from_fields(cbor).map(Self::$name),)*
                    unknown => Err(WireError::UnknownType(unknown)),
                }
            }
        }

        $(impl From<$layout> for Code {
            fn from(code: $layout) -> Self {
                Self::$name(code)
            }
        })*
    };
}

codes! {
    /// What a payee shows to be paid.
    Request(RequestCode),
    /// A payment, for a payee that has the purse's certificate.
    Payment(PaymentCode),
    /// A payment with its purse's certificate: what a payer shows.
    PaymentWithCertificate(PaymentWithCertificateCode),
    /// A purse's certificate.
    Certificate(CertificateCode),
    /// What a payee shows when it has accepted a payment.
    Receipt(ReceiptCode),
    /// A payment in a channel.
    Voucher(VoucherCode),
    /// An operator's word on a payee's name and key.
    Attestation(AttestationCode),
    /// A request with the operator's word on its name.
    AttestedRequest(AttestedRequestCode),
    /// How to find and recognize an operator.
    Operator(OperatorCard),
    /// A key for the receiving side of a channel that goes both ways.
    ChannelOffer(ChannelOfferCode),
    /// The terms of a channel that was opened.
    ChannelTerms(ChannelTermsCode),
    /// A close of a channel that one side signed.
    ChannelClose(ChannelCloseCode),
    /// A refund that a till asks its owner for.
    TillRefund(TillRefundCode),
}

impl Code {
    /// The code as text, for QR codes.
    ///
    /// # Errors
    ///
    /// [`WireError::TooLong`], if its names and memos are.
    pub fn to_text(&self) -> Result<String, WireError> {
        Ok(format!("{PREFIX}{}", base45::encode(self.to_bytes()?)))
    }

    /// The code as a link: `prefix`, which ends where the fragment begins (`https://pay.example/p`), and the fragment.
    ///
    /// # Errors
    ///
    /// [`WireError::TooLong`], if its names and memos are.
    pub fn to_link(&self, prefix: &str) -> Result<String, WireError> {
        Ok(format!(
            "{prefix}#{}",
            Base64UrlUnpadded::encode_string(&self.to_bytes()?)
        ))
    }

    /// Reads a text or a link, whichever it is. It says nothing about signatures, nor about the deployment.
    ///
    /// # Errors
    ///
    /// Why it is no code, or none that this version can read.
    pub fn parse(text: &str) -> Result<Self, WireError> {
        match (split_version(text), text.split_once('#')) {
            (Some(("1", base45_text)), _) => Self::from_base45(base45_text),
            (Some((version, _)), _) => Err(WireError::UnknownVersion(
                version.parse().unwrap_or(u8::MAX),
            )),
            (None, Some((_, fragment))) => Self::from_fragment(fragment),
            (None, None) => Err(WireError::NotACode),
        }
    }

    fn from_base45(text: &str) -> Result<Self, WireError> {
        if text.len() > LONGEST_TEXT {
            return Err(WireError::TooLong);
        }
        let bytes = base45::decode(text).map_err(|_| WireError::NotBase45)?;
        // The decoder lets a last pair of characters overflow.
        if base45::encode(&bytes) != text {
            return Err(WireError::NotBase45);
        }
        Self::from_bytes(&bytes)
    }

    fn from_fragment(fragment: &str) -> Result<Self, WireError> {
        if fragment.len() > LONGEST_FRAGMENT {
            return Err(WireError::TooLong);
        }
        let bytes = Base64UrlUnpadded::decode_vec(fragment).map_err(|_| WireError::NotBase64)?;
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > LONGEST {
            return Err(WireError::TooLong);
        }
        match bytes {
            [VERSION, ty, cbor @ ..] => Self::from_fields(*ty, cbor),
            [version, ..] if *version > VERSION => Err(WireError::UnknownVersion(*version)),
            _ => Err(WireError::NotACode),
        }
    }
}

/// The version in `OP<version>:`, without leading zeros, and what follows.
fn split_version(text: &str) -> Option<(&str, &str)> {
    let (version, rest) = text.strip_prefix("OP")?.split_once(':')?;
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !version.is_empty() && !version.starts_with('0')).then_some((version, rest))
}

fn to_bytes<L: Layout>(code: &L) -> Result<Vec<u8>, WireError> {
    let cbor = to_fields(code)?;
    let mut bytes = vec![VERSION, L::TYPE];
    bytes.extend(cbor);
    if bytes.len() > LONGEST {
        Err(WireError::TooLong)
    } else {
        Ok(bytes)
    }
}

fn to_fields<L: Layout>(code: &L) -> Result<Vec<u8>, WireError> {
    let mut encoder = Encoder::new(Vec::new());
    encoder
        .array(L::FIELDS)
        .map(drop)
        .and_then(|()| code.write(&mut encoder))
        .map_err(|_| WireError::Malformed)?;
    Ok(encoder.into_writer())
}

fn from_fields<L: Layout>(cbor: &[u8]) -> Result<L, WireError> {
    let mut decoder = Decoder::new(cbor);
    if decoder.array()? != Some(L::FIELDS) {
        return Err(WireError::Malformed);
    }
    let code = L::read(&mut decoder)?;
    // One encoding per value: wide integers, loose text lengths and bytes after the end all show here.
    if to_fields(&code)? != cbor {
        return Err(WireError::NotCanonical);
    }
    Ok(code)
}

#[cfg(test)]
mod tests;
