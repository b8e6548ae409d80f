//! Opening, improving, closing, and stopping a purse that lied.

use offpay_protocol::{Amount, Circle, PurseKey, Signature, Signed, Timestamp, messages::Payment};

use super::Contract;
use crate::{
    ChainError, Operation,
    bindings::OffPay::{
        OffPayEvents, addPledgeCall, closePurseCall, openPurseCall, reportDoubleSpendCall,
        requestPurseCloseCall, topUpPurseCall,
    },
    convert::{amount, timestamp, uint96},
};

/// The terms of a purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurseTerms {
    /// The device key.
    pub key: PurseKey,
    /// What is moved out of the owner's balance into it.
    pub funds: Amount,
    /// What of the owner's collateral stands behind it.
    pub pledge: Amount,
    /// Into how many covers the pledge is divided, 1 to 65534.
    pub cover_count: u16,
    /// Whose members may claim on the pledge.
    pub circle: Circle,
}

/// What became of a closed purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurseClosed {
    /// What went back to the owner's balance.
    pub rest: Amount,
    /// What of the pledge is the owner's free collateral again.
    pub released: Amount,
    /// What of the pledge went to the treasury.
    pub forfeited: Amount,
}

impl Contract {
    /// Opens a purse out of the account's balance and collateral. `consent` is the device key's signature of
    /// [`PurseOpening`](offpay_protocol::messages::PurseOpening) for the account.
    pub fn open_purse(&self, terms: &PurseTerms, consent: &Signature) -> Operation<()> {
        Operation::plain(
            self,
            &openPurseCall {
                key: terms.key.into(),
                funds: uint96(terms.funds),
                pledge: uint96(terms.pledge),
                coverCount: terms.cover_count,
                circle: terms.circle.into(),
                keySignature: consent.to_compact().into(),
            },
        )
    }

    /// Adds balance of the owner to the purse's funds.
    pub fn top_up_purse(&self, purse: PurseKey, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &topUpPurseCall {
                key: purse.into(),
                amount: uint96(amount),
            },
        )
    }

    /// Pledges more of the owner's collateral, until the first default.
    pub fn add_pledge(&self, purse: PurseKey, amount: Amount) -> Operation<()> {
        Operation::plain(
            self,
            &addPledgeCall {
                key: purse.into(),
                amount: uint96(amount),
            },
        )
    }

    /// Begins to close the purse, and says when it can be closed. Cannot be undone.
    pub fn request_purse_close(&self, purse: PurseKey) -> Operation<Timestamp> {
        Operation::new(
            self,
            &requestPurseCloseCall { key: purse.into() },
            close_started,
        )
    }

    /// Closes a purse whose time has come. Anyone can.
    pub fn close_purse(&self, purse: PurseKey) -> Operation<PurseClosed> {
        Operation::new(self, &closePurseCall { key: purse.into() }, |events| {
            events.iter().find_map(|event| match event {
                OffPayEvents::PurseClosed(closed) => Some(PurseClosed {
                    rest: amount(closed.rest),
                    released: amount(closed.released),
                    forfeited: amount(closed.forfeited),
                }),
                _ => None,
            })
        })
    }

    /// Stops a purse that signed two conflicting payments. Anyone can. Says when it can be closed if this is what
    /// began its closing; `None` if it was closing already, or was reported before.
    ///
    /// # Errors
    ///
    /// A payment was signed for another deployment.
    pub fn report_double_spend(
        &self,
        a: &Signed<Payment>,
        b: &Signed<Payment>,
    ) -> Result<Operation<Option<Timestamp>>, ChainError> {
        self.check_domain(&a.domain)?;
        self.check_domain(&b.domain)?;
        let call = reportDoubleSpendCall {
            a: (&a.message).into(),
            sigA: a.signature.to_compact().into(),
            b: (&b.message).into(),
            sigB: b.signature.to_compact().into(),
        };
        Ok(Operation::new(self, &call, |events| {
            Some(close_started(events))
        }))
    }
}

fn close_started(events: &[OffPayEvents]) -> Option<Timestamp> {
    events.iter().find_map(|event| match event {
        OffPayEvents::PurseCloseStarted(started) => Some(timestamp(started.closesAt)),
        _ => None,
    })
}
