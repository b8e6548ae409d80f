//! Vouchers of many one-way channels in few bytes.

use alloy::primitives::{Address, Bytes};
use offpay_protocol::{AccountId, Domain, messages::Voucher};

use super::{PackError, uint96_bytes};
use crate::contract::VoucherClaim;

/// Bytes of a packed claim: `a` and `keyA` (20 each), the close delay (5), the salt (32), the cumulative (12), the
/// reference, `r` and `vs` (32 each).
pub const PACKED_CLAIM: usize = 185;

/// Vouchers of one-way channels towards one account, packed for `claimVouchers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedClaims {
    domain: Domain,
    b: AccountId,
    rows: Bytes,
}

impl PackedClaims {
    /// Packs claims, in this order.
    ///
    /// # Errors
    ///
    /// [`PackError`].
    pub fn pack<'a>(claims: impl IntoIterator<Item = &'a VoucherClaim>) -> Result<Self, PackError> {
        let mut claims = claims.into_iter().peekable();
        let first = claims.peek().ok_or(PackError::Empty)?;
        let (domain, b) = (first.voucher.domain, first.terms.b);
        let mut rows = Vec::new();
        for claim in claims {
            if claim.terms.b != b {
                return Err(PackError::ManyPayees);
            }
            if claim.voucher.domain != domain {
                return Err(PackError::ManyDomains);
            }
            if !claim.terms.is_one_way() {
                return Err(PackError::TwoWay);
            }
            push_row(&mut rows, claim);
        }
        Ok(Self {
            domain,
            b,
            rows: rows.into(),
        })
    }

    /// The deployment that they were signed for.
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Who is paid.
    pub const fn b(&self) -> AccountId {
        self.b
    }

    /// The packed rows.
    pub const fn rows(&self) -> &Bytes {
        &self.rows
    }
}

fn push_row(rows: &mut Vec<u8>, claim: &VoucherClaim) {
    let VoucherClaim { terms, voucher } = claim;
    let Voucher {
        cumulative,
        reference,
        ..
    } = voucher.message;
    rows.extend(Address::from(terms.a));
    rows.extend(Address::from(terms.key_a));
    // The last 5 of 8 bytes: a uint40.
    rows.extend(terms.close_delay.get().to_be_bytes().into_iter().skip(3));
    rows.extend(terms.salt.bytes());
    rows.extend(uint96_bytes(cumulative));
    rows.extend(reference.bytes());
    rows.extend(voucher.signature.to_compact());
}
