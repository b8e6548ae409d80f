//! Money set aside for one counterparty.

use alloy::primitives::{Bytes, FixedBytes, U256};
use offpay_protocol::{
    Amount, ChannelId, Signature, Signed, Timestamp,
    messages::{ChannelClose, ChannelTerms, Voucher},
};

use super::Contract;
use crate::{
    ChainError, Operation, Refusal,
    batch::PackedClaims,
    bindings::OffPay::{
        self, OffPayEvents, claimVoucherCall, claimVouchersCall, closeChannelTogetherCall,
        finalizeChannelCall, fundChannelCall, openChannelCall, presentVoucherCall,
        requestChannelCloseCall,
    },
    convert::{amount, narrow, timestamp, uint40, uint96},
};

/// What became of a closed channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelClosed {
    /// What `a` has paid in all.
    pub from_a: Amount,
    /// What `b` has paid in all.
    pub from_b: Amount,
    /// What was credited to `a` now.
    pub to_a: Amount,
    /// What was credited to `b` now.
    pub to_b: Amount,
}

/// What came of a batch of vouchers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VouchersClaimed {
    /// Channels that paid something, by the first 20 bytes of their ids, with what `b` has had from each in all.
    pub claimed: Vec<(FixedBytes<20>, Amount)>,
    /// Rows that were skipped, by their place in the batch.
    pub skipped: Vec<(usize, Refusal)>,
}

impl VouchersClaimed {
    /// What `b` has had in all from this channel; `None` if the batch claimed nothing from it.
    pub fn from(&self, channel: ChannelId) -> Option<Amount> {
        let found = self
            .claimed
            .iter()
            .find(|(prefix, _)| channel.bytes().starts_with(prefix.as_slice()));
        found.map(|(_, amount)| *amount)
    }
}

/// The newest voucher of a one-way channel, with the channel's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoucherClaim {
    /// The channel's terms.
    pub terms: ChannelTerms,
    /// The voucher.
    pub voucher: Signed<Voucher>,
}

impl Contract {
    /// Opens a channel out of the balance of the account, which must be the terms' `a`.
    pub fn open_channel(&self, terms: &ChannelTerms, deposit: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &openChannelCall {
                terms: terms.into(),
                deposit_: uint96(deposit),
            },
        )
    }

    /// Adds balance of the account to its deposit: `a`'s, or in a two-way channel `b`'s.
    pub fn fund_channel(&self, terms: &ChannelTerms, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &fundChannelCall {
                terms: terms.into(),
                amount: uint96(amount),
            },
        )
    }

    /// Credits `b` of a one-way channel what the voucher adds. Anyone can send it. Says what `b` has had in all;
    /// `None` if the voucher added nothing.
    ///
    /// # Errors
    ///
    /// [`ChainError::ForeignDomain`] if it was signed for another deployment.
    pub fn claim_voucher(
        &self,
        claim: &VoucherClaim,
    ) -> Result<Operation<Option<Amount>>, ChainError> {
        let Voucher {
            cumulative,
            reference,
            ..
        } = claim.voucher.message;
        let call = claimVoucherCall {
            terms: (&claim.terms).into(),
            cumulative: uint96(cumulative),
            reference_: reference.into(),
            signature: self.voucher_signature(&claim.voucher)?,
        };
        Ok(Operation::new(self, &call, |events| {
            Some(events.iter().find_map(|event| match event {
                OffPayEvents::VoucherClaimed(claimed) => Some(amount(claimed.fromA)),
                _ => None,
            }))
        }))
    }

    /// Brings in vouchers of many one-way channels towards one account. Anyone can send it. A row that fails is
    /// skipped.
    ///
    /// # Errors
    ///
    /// [`ChainError::ForeignDomain`] if they were signed for another deployment.
    pub fn claim_vouchers(
        &self,
        claims: &PackedClaims,
    ) -> Result<Operation<VouchersClaimed>, ChainError> {
        self.check_domain(claims.domain())?;
        let call = claimVouchersCall {
            b: claims.b().into(),
            rows: claims.rows().clone(),
        };
        Ok(Operation::new(self, &call, |events| {
            Some(vouchers_claimed(events))
        }))
    }

    /// Begins to close a channel, and says when it can be finalized.
    pub fn request_channel_close(&self, terms: &ChannelTerms) -> Operation<Timestamp> {
        Operation::new(
            self,
            &requestChannelCloseCall {
                terms: terms.into(),
            },
            |events| {
                events.iter().find_map(|event| match event {
                    OffPayEvents::ChannelCloseRequested(requested) => {
                        Some(timestamp(requested.closesAt))
                    }
                    _ => None,
                })
            },
        )
    }

    /// Shows a voucher of either side of a two-way channel. Anyone can. Says whether it was newer than what the
    /// contract had seen.
    ///
    /// # Errors
    ///
    /// [`ChainError::ForeignDomain`] if it was signed for another deployment.
    pub fn present_voucher(
        &self,
        terms: &ChannelTerms,
        voucher: &Signed<Voucher>,
    ) -> Result<Operation<bool>, ChainError> {
        let Voucher {
            cumulative,
            reference,
            ..
        } = voucher.message;
        let call = presentVoucherCall {
            terms: terms.into(),
            cumulative: uint96(cumulative),
            reference_: reference.into(),
            signature: self.voucher_signature(voucher)?,
        };
        Ok(Operation::new(self, &call, |events| {
            Some(
                events
                    .iter()
                    .any(|event| matches!(event, OffPayEvents::VoucherPresented(_))),
            )
        }))
    }

    /// Closes a two-way channel at once, as both of its keys signed.
    pub fn close_channel_together(
        &self,
        terms: &ChannelTerms,
        close: &ChannelClose,
        by_a: &Signature,
        by_b: &Signature,
    ) -> Operation<ChannelClosed> {
        let call = closeChannelTogetherCall {
            terms: terms.into(),
            fromA: uint96(close.from_a),
            fromB: uint96(close.from_b),
            deadline: uint40(close.deadline),
            sigA: by_a.to_compact().into(),
            sigB: by_b.to_compact().into(),
        };
        Operation::new(self, &call, channel_closed)
    }

    /// Closes a channel whose time has come. In a one-way channel, `b` can do so at any time.
    pub fn finalize_channel(&self, terms: &ChannelTerms) -> Operation<ChannelClosed> {
        Operation::new(
            self,
            &finalizeChannelCall {
                terms: terms.into(),
            },
            channel_closed,
        )
    }

    fn voucher_signature(&self, voucher: &Signed<Voucher>) -> Result<Bytes, ChainError> {
        self.check_domain(&voucher.domain)?;
        Ok(voucher.signature.to_compact().into())
    }
}

fn channel_closed(events: &[OffPayEvents]) -> Option<ChannelClosed> {
    events.iter().find_map(|event| match event {
        OffPayEvents::ChannelClosed(closed) => Some(ChannelClosed {
            from_a: amount(closed.fromA),
            from_b: amount(closed.fromB),
            to_a: amount(closed.toA),
            to_b: amount(closed.toB),
        }),
        _ => None,
    })
}

fn vouchers_claimed(events: &[OffPayEvents]) -> VouchersClaimed {
    let mut batch = VouchersClaimed::default();
    for event in events {
        match event {
            OffPayEvents::VouchersClaimed(claimed) => {
                batch.claimed.extend(claimed.rows.iter().filter_map(|row| {
                    let (channel, from_a) = row.split_at(20);
                    Some((
                        FixedBytes::from_slice(channel),
                        narrow(U256::from_be_slice(from_a))?,
                    ))
                }));
            }
            OffPayEvents::RowSkipped(skipped) => {
                let row = usize::try_from(skipped.row).unwrap_or(usize::MAX);
                batch
                    .skipped
                    .push((row, Refusal::from_code(skipped.refusal)));
            }
            _ => {}
        }
    }
    batch
}

impl From<&ChannelTerms> for OffPay::ChannelTerms {
    fn from(terms: &ChannelTerms) -> Self {
        Self {
            a: terms.a.into(),
            b: terms.b.into(),
            keyA: terms.key_a.into(),
            keyB: terms.key_b.into(),
            closeDelay: uint40(terms.close_delay),
            salt: terms.salt.into(),
        }
    }
}
