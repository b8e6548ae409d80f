//! When a payee with no network takes a payment, and what it then knows (section 8 of the protocol).
//!
//! [`accept`] asks the questions of section 8.3 in their order and answers with a [`Refusal`] or with what the payee
//! may tell its owner: the [`Verdict`], the numbers behind it, and the date by which the payment is to be handed in.
//! It changes nothing; the wallet stores the payment durably before it shows the verdict.

use std::collections::BTreeMap;

use crate::{
    AccountId, Amount, Circle, Domain, PaymentId, PurseKey, Signable, Signature, Timestamp,
    certificate::{TrustedOperators, check_certificate},
    conflict::conflict,
    cover::Parameters,
    messages::{Certificate, Payment, Request},
};

mod limits;
mod refusal;
mod verdict;

pub use limits::{Holdings, Limits};
pub use refusal::Refusal;
pub use verdict::{Assessment, Membership, NotCovered, Verdict, assess, hand_in_date};

/// The deployment, and whom the wallet believes about it.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'a> {
    /// Which contract on which chain.
    pub domain: &'a Domain,
    /// What was fixed when it was deployed.
    pub parameters: &'a Parameters,
    /// The operators whose certificates count.
    pub operators: &'a TrustedOperators,
}

/// The payee's wallet, as of now.
#[derive(Clone, Copy, Debug)]
pub struct PayeeWallet<'a> {
    /// Its own account or till.
    pub payee: AccountId,
    /// The circles that its owner chose to join, with the payee's place in each at the last sync.
    pub memberships: &'a BTreeMap<Circle, Membership>,
    /// What it holds unsettled, this payment not included.
    pub holdings: Holdings,
    /// What its owner allows.
    pub limits: &'a Limits,
    /// The time of the finalized block that it last synced to.
    pub synced_at: Timestamp,
}

/// A request that this wallet made, and what came in on it.
#[derive(Clone, Copy, Debug)]
pub struct OwnRequest<'a> {
    /// The request.
    pub request: &'a Request,
    /// The payments that were accepted for it.
    pub paid_by: &'a [PaymentId],
}

/// What this wallet knows of the purse that the certificate names.
#[derive(Clone, Copy, Debug)]
pub struct PurseHistory<'a> {
    /// The purse.
    pub purse: PurseKey,
    /// Every payment of it that was ever seen, to whichever payee, settled ones included.
    pub seen: &'a [Payment],
    /// What the accepted ones to this payee add up to.
    pub accepted: Amount,
    /// `paidTo` of this payee at the last sync.
    pub settled: Amount,
    /// Whether the purse is on the newest revocation list.
    pub revoked: bool,
}

/// A payment as it came in, with its purse's certificate.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// Its signature.
    pub signature: &'a Signature,
    /// The purse's certificate.
    pub certificate: &'a Certificate,
    /// Its signature.
    pub certificate_signature: &'a Signature,
}

/// A payment that passed every check, and what the payee knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The payment's name.
    pub payment: PaymentId,
    /// The purse that pays.
    pub purse: PurseKey,
    /// Where the payee stands.
    pub verdict: Verdict,
    /// What of the pledge this payee can claim.
    pub cover: Amount,
    /// What this payee holds unsettled from the purse, this payment included.
    pub exposure: Amount,
    /// What the purse promised beyond the payments that this wallet accepted: somebody owes the payer an answer.
    pub excess: Amount,
    /// An older payment that turned up after a newer one: it adds nothing to the exposure.
    pub is_older: bool,
    /// By when the payment is to be in a finalized block.
    pub hand_in_by: Timestamp,
}

/// Checks a payment, in the order of section 8.3.
///
/// `now` is the highest time that this wallet has ever seen.
///
/// # Errors
///
/// The first reason why it is not taken.
pub fn accept(
    deployment: &Deployment<'_>,
    wallet: &PayeeWallet<'_>,
    request: &OwnRequest<'_>,
    history: &PurseHistory<'_>,
    offer: &Offer<'_>,
    now: Timestamp,
) -> Result<Accepted, Refusal> {
    let id = offer.payment.id(deployment.domain);
    check_request(wallet, request, id, now)?;
    check_purse(deployment.domain, history, offer)?;
    check_certificate(
        offer.certificate,
        offer.certificate_signature,
        deployment.domain,
        deployment.operators,
        deployment.parameters,
        now,
    )
    .map_err(Refusal::Certificate)?;
    check_match(deployment.domain, request.request, offer.payment)?;
    offer
        .payment
        .check_within(offer.certificate.funds)
        .map_err(Refusal::Malformed)?;
    let promised = Promised::by(offer.payment, history)?;
    check_conflicts(deployment.domain, history, offer.payment)?;
    if history.revoked {
        return Err(Refusal::Revoked);
    }
    let exposure = promised.highest.saturating_sub(history.settled);
    let membership = wallet.memberships.get(&offer.certificate.circle);
    let margin = wallet.limits.margin;
    let assessed = assess(
        offer.certificate,
        membership,
        exposure,
        deployment.parameters,
        margin,
        now,
    );
    let added = exposure.saturating_sub(promised.before.saturating_sub(history.settled));
    wallet.limits.check(
        wallet.holdings,
        added,
        exposure,
        &assessed,
        now.since(wallet.synced_at),
    )?;
    Ok(Accepted {
        payment: id,
        purse: history.purse,
        verdict: assessed.verdict,
        cover: assessed.cover,
        exposure,
        excess: promised.excess,
        is_older: promised.is_older,
        hand_in_by: assessed.hand_in_by,
    })
}

/// The request is its own, unexpired and unused.
fn check_request(
    wallet: &PayeeWallet<'_>,
    own: &OwnRequest<'_>,
    id: PaymentId,
    now: Timestamp,
) -> Result<(), Refusal> {
    if own.request.payee != wallet.payee {
        return Err(Refusal::NotOwnRequest);
    }
    if own.paid_by.contains(&id) {
        return Err(Refusal::AlreadyAccepted);
    }
    if own.request.is_expired(now) {
        return Err(Refusal::RequestExpired {
            expires_at: own.request.expires_at,
        });
    }
    match own.paid_by.first() {
        Some(by) if !own.request.is_reusable() => Err(Refusal::RequestUsed { by: *by }),
        _ => Ok(()),
    }
}

/// The signature recovers to the certified purse.
fn check_purse(
    domain: &Domain,
    history: &PurseHistory<'_>,
    offer: &Offer<'_>,
) -> Result<(), Refusal> {
    let signer = offer
        .payment
        .recover(domain, offer.signature)
        .map_err(Refusal::Signature)?;
    let certified = offer.certificate.purse;
    // A history of another purse would be the caller's mistake: it must not pass for a clean one.
    if signer != certified || history.purse != certified {
        return Err(Refusal::NotTheCertifiedPurse { signer, certified });
    }
    Ok(())
}

/// The amount and the reference match, and so does the payee.
fn check_match(domain: &Domain, request: &Request, payment: &Payment) -> Result<(), Refusal> {
    if payment.payee != request.payee {
        return Err(Refusal::OtherPayee {
            payee: payment.payee,
        });
    }
    if !request.amount.is_zero() && payment.amount != request.amount {
        return Err(Refusal::OtherAmount {
            asked: request.amount,
            paid: payment.amount,
        });
    }
    if payment.reference != request.reference(domain) {
        return Err(Refusal::OtherReference);
    }
    Ok(())
}

fn check_conflicts(
    domain: &Domain,
    history: &PurseHistory<'_>,
    payment: &Payment,
) -> Result<(), Refusal> {
    let found = history.seen.iter().find_map(|seen| {
        let conflict = conflict(payment, seen)?;
        Some(Refusal::Conflict {
            with: seen.id(domain),
            conflict,
        })
    });
    found.map_or(Ok(()), Err)
}

/// What the purse has promised this payee, before and with a payment.
struct Promised {
    before: Amount,
    highest: Amount,
    excess: Amount,
    is_older: bool,
}

impl Promised {
    /// `cumulative >= last known cumulative + amount`, or an older payment that the known cumulative covers already.
    fn by(payment: &Payment, history: &PurseHistory<'_>) -> Result<Self, Refusal> {
        let to_this_payee = history
            .seen
            .iter()
            .filter(|seen| seen.payee == payment.payee);
        let known = to_this_payee
            .map(|seen| seen.cumulative)
            .fold(history.settled, Amount::max);
        let Payment {
            amount, cumulative, ..
        } = *payment;
        let follows = known
            .checked_add(amount)
            .is_some_and(|least| cumulative >= least);
        let highest = known.max(cumulative);
        let excess = history
            .accepted
            .checked_add(amount)
            .and_then(|accounted| highest.checked_sub(accounted));
        match excess {
            Some(excess) if follows || cumulative <= known => Ok(Self {
                before: known,
                highest,
                excess,
                is_older: !follows,
            }),
            _ => Err(Refusal::CumulativeTooLow {
                known,
                amount,
                cumulative,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
