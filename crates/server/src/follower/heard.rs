//! What the contract's events say, in the protocol's types.

use alloy_primitives::{
    Address, U256,
    aliases::{U40, U96},
};
use offpay_chain::{ChainError, bindings::OffPay::OffPayEvents, contract::Told};
use offpay_operator::follower::{BlockRef, ChainFact, Heard, HeardAt, Place};
use offpay_protocol::{Amount, Seconds, Timestamp, messages::ChannelTerms};

/// What an event says, a row at a time. `block` is its block.
pub(super) fn heard(told: &Told, block: BlockRef) -> Result<Vec<HeardAt>, ChainError> {
    let place = |row| Place {
        block,
        tx: told.tx,
        index: told.index,
        row,
    };
    let mut found = Vec::new();
    for (row, heard) in (0..).zip(rows(&told.event)?) {
        found.push(HeardAt {
            place: place(row),
            heard,
        });
    }
    Ok(found)
}

fn rows(event: &OffPayEvents) -> Result<Vec<Heard>, ChainError> {
    match event {
        OffPayEvents::PaymentsSettled(e) => {
            split(&e.rows, |purse, cumulative| Heard::SettledInBatch {
                purse: Address::from(purse).into(),
                payee: e.payee.into(),
                cumulative,
            })
        }
        OffPayEvents::VouchersClaimed(e) => {
            split(&e.rows, |prefix, from_a| Heard::ClaimedInBatch {
                prefix,
                b: e.b.into(),
                from_a,
            })
        }
        other => Ok(one(other)?.into_iter().collect()),
    }
}

/// Words of 20 bytes and an amount.
fn split(
    rows: &[alloy_primitives::B256],
    heard: impl Fn([u8; 20], Amount) -> Heard,
) -> Result<Vec<Heard>, ChainError> {
    let row = |row: &alloy_primitives::B256| {
        let (name, units) = row.split_first_chunk::<20>()?;
        let units = Amount::new(U256::from_be_slice(units).saturating_to())?;
        Some(heard(*name, units))
    };
    rows.iter()
        .map(|word| row(word).ok_or(ChainError::OutOfRange))
        .collect()
}

fn amount(units: U96) -> Result<Amount, ChainError> {
    Amount::new(units.saturating_to()).ok_or(ChainError::OutOfRange)
}

fn time(seconds: U40) -> Result<Timestamp, ChainError> {
    Timestamp::new(seconds.saturating_to()).ok_or(ChainError::OutOfRange)
}

/// `None` for what changes nothing.
fn one(event: &OffPayEvents) -> Result<Option<Heard>, ChainError> {
    let heard = match event {
        OffPayEvents::PurseToppedUp(e) => Heard::PurseToppedUp {
            purse: e.purse.into(),
            amount: amount(e.amount)?,
            funds: amount(e.funds)?,
        },
        OffPayEvents::PledgeAdded(e) => Heard::PledgeAdded {
            purse: e.purse.into(),
            amount: amount(e.amount)?,
            pledge: amount(e.pledge)?,
        },
        OffPayEvents::PurseClosed(e) => Heard::PurseClosed {
            purse: e.purse.into(),
            owner: e.owner.into(),
            rest: amount(e.rest)?,
            released: amount(e.released)?,
            forfeited: amount(e.forfeited)?,
        },
        OffPayEvents::PaymentMadeGood(e) => Heard::MadeGood {
            purse: e.purse.into(),
            payee: e.payee.into(),
            amount: amount(e.amount)?,
            cumulative: amount(e.cumulative)?,
        },
        OffPayEvents::PaymentSettledFromCollateral(e) => Heard::SettledFromCollateral {
            purse: e.purse.into(),
            payee: e.payee.into(),
            amount: amount(e.amount)?,
            cumulative: amount(e.cumulative)?,
        },
        OffPayEvents::VoucherClaimed(e) => Heard::VoucherClaimed {
            channel: e.channel.into(),
            b: e.b.into(),
            from_a: amount(e.fromA)?,
        },
        OffPayEvents::ChannelClosed(e) => Heard::ChannelClosed {
            channel: e.channel.into(),
            from_a: amount(e.fromA)?,
            from_b: amount(e.fromB)?,
            to_a: amount(e.toA)?,
            to_b: amount(e.toB)?,
        },
        other => return Ok(fact(other)?.map(Heard::Fact)),
    };
    Ok(Some(heard))
}

/// Events that say everything.
fn fact(event: &OffPayEvents) -> Result<Option<ChainFact>, ChainError> {
    let fact = match event {
        OffPayEvents::Deposited(e) => ChainFact::Deposited {
            owner: e.owner.into(),
            from: e.from.into(),
            amount: amount(e.amount)?,
        },
        OffPayEvents::Withdrawn(e) => ChainFact::Withdrawn {
            owner: e.owner.into(),
            to: e.to.into(),
            amount: amount(e.amount)?,
        },
        OffPayEvents::Transferred(e) => ChainFact::Transferred {
            from: e.from.into(),
            to: e.to.into(),
            amount: amount(e.amount)?,
        },
        OffPayEvents::CollateralDeposited(e) => ChainFact::CollateralDeposited {
            owner: e.owner.into(),
            amount: amount(e.amount)?,
            from_balance: e.fromBalance,
        },
        OffPayEvents::CollateralWithdrawn(e) => ChainFact::CollateralWithdrawn {
            owner: e.owner.into(),
            to: e.to.into(),
            amount: amount(e.amount)?,
        },
        OffPayEvents::RegistrationChanged(e) => ChainFact::RegistrationChanged {
            owner: e.owner.into(),
            registered_at: Some(time(e.registeredAt)?).filter(|at| !at.is_zero()),
        },
        OffPayEvents::Admitted(e) => ChainFact::Admitted {
            circle: e.circle.into(),
            payee: e.payee.into(),
            from: time(e.from)?,
            circle_size: e.circleSize,
        },
        OffPayEvents::DismissalRevoked(e) => ChainFact::DismissalRevoked {
            circle: e.circle.into(),
            payee: e.payee.into(),
        },
        OffPayEvents::Dismissed(e) => ChainFact::Dismissed {
            circle: e.circle.into(),
            payee: e.payee.into(),
            until: time(e.until)?,
        },
        OffPayEvents::Pruned(e) => ChainFact::Pruned {
            circle: e.circle.into(),
            payee: e.payee.into(),
            circle_size: e.circleSize,
        },
        OffPayEvents::PurseOpened(e) => ChainFact::PurseOpened {
            purse: e.purse.into(),
            owner: e.owner.into(),
            circle: e.circle.into(),
            funds: amount(e.funds)?,
            pledge: amount(e.pledge)?,
            cover_count: e.coverCount,
        },
        OffPayEvents::PurseCloseStarted(e) => ChainFact::PurseCloseStarted {
            purse: e.purse.into(),
            closes_at: time(e.closesAt)?,
        },
        OffPayEvents::DoubleSpendReported(e) => ChainFact::DoubleSpendReported {
            purse: e.purse.into(),
            first: e.paymentA.into(),
            second: e.paymentB.into(),
        },
        OffPayEvents::PaymentSettled(e) => ChainFact::PaymentSettled {
            purse: e.purse.into(),
            payee: e.payee.into(),
            amount: amount(e.amount)?,
            cumulative: amount(e.cumulative)?,
            reference: Some(e.paymentReference.into()),
        },
        OffPayEvents::PaymentDefaulted(e) => ChainFact::PaymentDefaulted {
            purse: e.purse.into(),
            payee: e.payee.into(),
            presented: amount(e.presented)?,
            reserved: amount(e.reserved)?,
            since: time(e.since)?,
            was_member: e.wasMember,
        },
        OffPayEvents::DefaultCured(e) => ChainFact::DefaultCured {
            purse: e.purse.into(),
            payee: e.payee.into(),
        },
        OffPayEvents::PurseCondemned(e) => ChainFact::PurseCondemned {
            purse: e.purse.into(),
        },
        other => return of_channels(other),
    };
    Ok(Some(fact))
}

fn of_channels(event: &OffPayEvents) -> Result<Option<ChainFact>, ChainError> {
    let fact = match event {
        OffPayEvents::ChannelOpened(e) => ChainFact::ChannelOpened {
            channel: e.channel.into(),
            terms: ChannelTerms {
                a: e.a.into(),
                b: e.b.into(),
                key_a: e.keyA.into(),
                key_b: e.keyB.into(),
                close_delay: Seconds::new(e.closeDelay.saturating_to())
                    .ok_or(ChainError::OutOfRange)?,
                salt: e.salt.into(),
            },
            deposit: amount(e.deposit)?,
        },
        OffPayEvents::ChannelFunded(e) => ChainFact::ChannelFunded {
            channel: e.channel.into(),
            from: e.from.into(),
            amount: amount(e.amount)?,
        },
        OffPayEvents::VoucherPresented(e) => ChainFact::VoucherPresented {
            channel: e.channel.into(),
            from_a: amount(e.fromA)?,
            from_b: amount(e.fromB)?,
        },
        OffPayEvents::ChannelCloseRequested(e) => ChainFact::ChannelCloseRequested {
            channel: e.channel.into(),
            by: e.by.into(),
            closes_at: time(e.closesAt)?,
        },
        OffPayEvents::Relayed(e) => ChainFact::Relayed {
            account: e.account.into(),
            nonce: e.nonce,
        },
        OffPayEvents::NonceCancelled(e) => ChainFact::NonceCancelled {
            account: e.account.into(),
            nonce: e.nonce,
        },
        // A skipped row changes nothing; what has several rows, or says less, was read before.
        _ => return Ok(None),
    };
    Ok(Some(fact))
}
