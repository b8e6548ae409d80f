//! The payment that a record stands for: signed once, stored before it leaves.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use offpay_chain::{Contract, contract::Purse};
use offpay_protocol::{Amount, Domain, Signable, Signed, messages::Payment};

use crate::record::{Promised, Record, promised};

/// The record's purse, which has to be one of this contract, and the record's `from` has to be its key or its owner.
pub(super) async fn owner_checked(contract: &Contract, record: &Record) -> Result<Purse> {
    let key = record.purse()?;
    let purse = contract.purse(key).await?.with_context(|| {
        format!(
            "unknown purse: no purse was ever opened with the key {key} in the contract {} on chain {}. \
             Is wallet.private_key a purse's key, and is this the right contract?",
            contract.address(),
            contract.domain().chain_id()
        )
    })?;
    let from = record.transaction.from;
    // A closed purse has forgotten its owner.
    let known = from.address() == key.address() || from == purse.owner || purse.closed;
    ensure!(
        known,
        "transaction.from is {from}, which is neither the purse's key {key} nor its owner {}",
        purse.owner
    );
    Ok(purse)
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
        return require_domain(&signed.domain, &domain);
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

fn require_domain(signed: &Domain, here: &Domain) -> Result<()> {
    if signed == here {
        return Ok(());
    }
    bail!(
        "the record's payment was signed for the contract {} on chain {}, and this is {} on chain {}",
        signed.contract(),
        signed.chain_id(),
        here.contract(),
        here.chain_id()
    )
}

async fn choose(
    contract: &Contract,
    record: &Record,
    purse: &Purse,
    known: &Promised,
) -> Result<Payment> {
    let key = record.purse()?;
    ensure!(
        !purse.closed,
        "the purse {key} is closed: it pays nothing any more"
    );
    ensure!(
        !purse.defaulted && !purse.reported,
        "the purse {key} was stopped (in default, or a double spend was reported): nothing new is signed with it"
    );
    let (payee, amount) = (record.transaction.to, record.transaction.amount);
    let too_much = || format!("the amount {amount} is too large");
    let pair = contract.pair(key, payee).await?;
    let before = [
        pair.paid,
        pair.presented,
        known.cumulatives.get(&payee).copied().unwrap_or_default(),
    ];
    let before = before.into_iter().max().unwrap_or_default();
    let start = purse.paid.max(known.next);
    let cumulative = before.checked_add(amount).with_context(too_much)?;
    let end = start.checked_add(amount).with_context(too_much)?;
    ensure!(
        end <= purse.funds,
        "the purse {key} has {} base units left that no payment took, and {amount} are to be paid: top it up first",
        purse.funds.saturating_sub(start)
    );
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
    end: Amount,
) -> Result<()> {
    let mut others = Amount::ZERO;
    for (payee, promised) in &known.cumulatives {
        if *payee != record.transaction.to {
            let paid = contract.paid_to(record.purse()?, *payee).await?;
            others = others
                .checked_add(paid.max(*promised))
                .context("promises of 2^96 or more")?;
        }
    }
    let all = others
        .checked_add(cumulative)
        .context("promises of 2^96 or more")?;
    ensure!(
        all <= end,
        "the purse was paid from with other means than these records: {all} would be promised with {end} serials. \
         Keep all records of a purse in one folder"
    );
    Ok(())
}
