//! The payment that a record stands for: signed once, stored before it leaves.

use std::path::Path;

use anyhow::Result;
use offpay_chain::{Contract, contract::Purse};
use offpay_protocol::{Amount, Domain, Signable, Signed, messages::Payment};

use super::SettleRefusal;
use crate::record::{Promised, Record, promised};

/// The record's purse, which has to be one of this contract, and the record's `from` has to be its key or its owner.
pub(super) async fn owner_checked(contract: &Contract, record: &Record) -> Result<Purse> {
    let key = record.purse()?;
    let Some(purse) = contract.purse(key).await? else {
        let chain_id = contract.domain().chain_id();
        let contract = contract.address();
        return Err(SettleRefusal::UnknownPurse {
            purse: key,
            contract,
            chain_id,
        }
        .into());
    };
    let (from, owner) = (record.transaction.from, purse.owner);
    // A closed purse has forgotten its owner.
    if from.address() == key.address() || from == owner || purse.closed {
        return Ok(purse);
    }
    Err(SettleRefusal::NotThePurses {
        from,
        purse: key,
        owner,
    }
    .into())
}

/// Signs the record's payment and stores it, unless that was done before.
///
/// Serials: the first that neither the chain nor a record in the same folder has seen used. Cumulative: the highest
/// that the payee was paid, shown on-chain or promised by a record in the folder, and this amount. So records that are
/// signed one after the other never conflict, in whatever order they settle. What was signed with the same key
/// elsewhere and is not settled cannot be seen here: that is the limit.
pub(super) async fn sign(
    contract: &Contract,
    record: &mut Record,
    purse: &Purse,
    file: &Path,
) -> Result<()> {
    let domain = *contract.domain();
    if let Some(signed) = &record.signed_payment {
        return Ok(require_domain(&signed.domain, &domain)?);
    }
    let key = record.purse()?;
    let known = promised(file, key, &domain, record.reference())?;
    let signed = match known.same {
        // A copy of a record that was signed: it is the same payment.
        Some(signed) => signed,
        None => {
            let message = choose(contract, record, purse, &known).await?;
            let signature = message.sign(&domain, &record.key()?)?;
            Signed {
                domain,
                message,
                signature,
            }
        }
    };
    record.signed_payment = Some(signed);
    record.write(file)?;
    Ok(())
}

fn require_domain(signed: &Domain, here: &Domain) -> Result<(), SettleRefusal> {
    if signed == here {
        return Ok(());
    }
    Err(SettleRefusal::SignedForElsewhere {
        signed: Box::new(*signed),
        here: Box::new(*here),
    })
}

async fn choose(
    contract: &Contract,
    record: &Record,
    purse: &Purse,
    known: &Promised,
) -> Result<Payment> {
    let key = record.purse()?;
    if purse.closed {
        return Err(SettleRefusal::PurseIsClosed(key).into());
    }
    if purse.defaulted || purse.reported {
        return Err(SettleRefusal::PurseIsStopped(key).into());
    }
    let (payee, amount) = (record.transaction.to, record.transaction.amount);
    let pair = contract.pair(key, payee).await?;
    let promised = known.cumulatives.get(&payee).copied().unwrap_or_default();
    let before = pair.paid.max(pair.presented).max(promised);
    let start = purse.paid.max(known.next);
    let cumulative = before
        .checked_add(amount)
        .ok_or(SettleRefusal::TooLarge(amount))?;
    let end = start
        .checked_add(amount)
        .ok_or(SettleRefusal::TooLarge(amount))?;
    if end > purse.funds {
        let left = purse.funds.saturating_sub(start);
        return Err(SettleRefusal::TooLittleLeft {
            purse: key,
            left,
            amount,
        }
        .into());
    }
    promises_fit(contract, record, known, cumulative, end).await?;
    Ok(Payment {
        payee,
        start,
        amount,
        cumulative,
        reference: record.reference(),
    })
}

/// All that was promised, added up over the payees, is never more than the serials that were handed out.
async fn promises_fit(
    contract: &Contract,
    record: &Record,
    known: &Promised,
    cumulative: Amount,
    serials: Amount,
) -> Result<()> {
    let mut promised = cumulative;
    for (payee, theirs) in &known.cumulatives {
        if *payee != record.transaction.to {
            let paid = contract.paid_to(record.purse()?, *payee).await?;
            // What does not fit an amount is more than there can be.
            promised = promised
                .checked_add(paid.max(*theirs))
                .unwrap_or(Amount::MAX);
        }
    }
    if promised > serials {
        return Err(SettleRefusal::PaidByOtherMeans { promised, serials }.into());
    }
    Ok(())
}
