//! The devices that pay and are paid with no network. The rules are the protocol's; the storage is left out.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use offpay_chain::contract::PurseTerms;
use offpay_protocol::{
    AccountId, Amount, Circle, Domain, Nonce, PurseKey, Signable, Signed, SigningKey, Timestamp,
    acceptance::{
        Accepted, Deployment, Holdings, Limits, Membership, Offer, OwnRequest, PayeeWallet,
        PurseHistory, Refusal, accept,
    },
    certificate::TrustedOperators,
    messages::{Certificate, Payment, PurseOpening, Request},
};

use super::{cast::Who, stage::Stage};
use crate::money::offpay;

/// A device with a purse.
pub(super) struct PayerDevice {
    pub(super) key: SigningKey,
    domain: Domain,
    next: Amount,
    promised: BTreeMap<AccountId, Amount>,
}

impl PayerDevice {
    pub(super) fn new(name: &str, domain: Domain) -> Result<Self> {
        Ok(Self {
            key: offpay_chain::local::key(name)?,
            domain,
            next: Amount::ZERO,
            promised: BTreeMap::new(),
        })
    }

    pub(super) fn purse(&self) -> PurseKey {
        PurseKey::new(self.key.address())
    }

    /// Pays a request with the next serials.
    pub(super) fn pay(&mut self, request: &Request) -> Result<Signed<Payment>> {
        let (payee, amount) = (request.payee, request.amount);
        let before = self.promised.get(&payee).copied().unwrap_or_default();
        let cumulative = before
            .checked_add(amount)
            .context("more than 2^96 promised")?;
        let payment = Payment {
            payee,
            start: self.next,
            amount,
            cumulative,
            reference: request.reference(&self.domain),
        };
        self.next = self
            .next
            .checked_add(amount)
            .context("more than 2^96 paid")?;
        self.promised.insert(payee, cumulative);
        self.sign(payment)
    }

    /// Signs whatever it is told: what an honest device never does.
    pub(super) fn sign(&self, message: Payment) -> Result<Signed<Payment>> {
        let signature = message.sign(&self.domain, &self.key)?;
        Ok(Signed {
            domain: self.domain,
            message,
            signature,
        })
    }
}

/// A device that takes payments.
pub(super) struct PayeeDevice {
    payee: AccountId,
    memberships: BTreeMap<Circle, Membership>,
    operators: TrustedOperators,
    synced_at: Timestamp,
    seen: BTreeMap<PurseKey, Vec<Payment>>,
    settled: BTreeMap<PurseKey, Amount>,
    revoked: Vec<PurseKey>,
    requests: u64,
}

impl PayeeDevice {
    pub(super) fn new(stage: &Stage, who: Who) -> Result<Self> {
        let operator = stage.account(Who::Operator)?.address();
        Ok(Self {
            payee: stage.account(who)?,
            memberships: BTreeMap::new(),
            operators: TrustedOperators::new([operator.into()]),
            synced_at: Timestamp::ZERO,
            seen: BTreeMap::new(),
            settled: BTreeMap::new(),
            revoked: Vec::new(),
            requests: 0,
        })
    }

    /// Looks at the newest final block, while there is a network.
    pub(super) async fn sync(&mut self, stage: &Stage) -> Result<()> {
        let at = offpay_chain::BlockId::finalized();
        let circle = stage.cast.circle()?;
        let contract = stage.contract.at(at);
        self.synced_at = stage.chain.node().block(at).await?.timestamp;
        if let Some(place) = contract.membership(circle, self.payee).await? {
            let membership = Membership {
                from: place.from,
                until: place.until,
                checked_at: self.synced_at,
            };
            self.memberships.insert(circle, membership);
        }
        for purse in self.seen.keys() {
            self.settled
                .insert(*purse, contract.paid_to(*purse, self.payee).await?);
            let state = contract
                .purse(*purse)
                .await?
                .context("a purse that paid is missing")?;
            if state.closes_at.is_some() && !self.revoked.contains(purse) {
                self.revoked.push(*purse);
            }
        }
        Ok(())
    }

    /// Asks to be paid.
    pub(super) fn request(&mut self, amount: &str, memo: &str) -> Result<Request> {
        self.requests = self.requests.saturating_add(1);
        Ok(Request {
            payee: self.payee,
            amount: offpay(amount)?,
            nonce: Nonce::short(self.requests.to_be_bytes()),
            expires_at: Timestamp::ZERO,
            name: String::new(),
            memo: memo.to_owned(),
        })
    }

    /// Takes a payment with no network: from the request, the payment and the certificate alone.
    pub(super) fn take(
        &mut self,
        stage: &Stage,
        request: &Request,
        payment: &Signed<Payment>,
        certificate: &Signed<Certificate>,
        now: Timestamp,
    ) -> Result<Result<Accepted, Refusal>> {
        let purse = certificate.message.purse;
        let seen = self.seen.entry(purse).or_default();
        let accepted = seen.iter().map(|payment| payment.amount);
        let history = PurseHistory {
            purse,
            seen,
            accepted: Amount::checked_sum(accepted).unwrap_or(Amount::MAX),
            settled: self.settled.get(&purse).copied().unwrap_or_default(),
            revoked: self.revoked.contains(&purse),
        };
        let (domain, limits) = (stage.domain(), limits()?);
        let deployment = Deployment {
            domain: &domain,
            parameters: stage.parameters(),
            operators: &self.operators,
        };
        let wallet = PayeeWallet {
            payee: self.payee,
            memberships: &self.memberships,
            holdings: Holdings::default(),
            limits: &limits,
            synced_at: self.synced_at,
        };
        let offer = Offer {
            payment: &payment.message,
            signature: &payment.signature,
            certificate: &certificate.message,
            certificate_signature: &certificate.signature,
        };
        let taken = accept(
            &deployment,
            &wallet,
            &OwnRequest {
                request,
                paid_by: &[],
            },
            &history,
            &offer,
            now,
        );
        if taken.is_ok() {
            seen.push(payment.message);
        }
        Ok(taken)
    }
}

/// What the payees of the story allow.
fn limits() -> Result<Limits> {
    Ok(Limits {
        payments: 100,
        total: offpay("1000")?,
        per_payer: offpay("100")?,
        since_sync: offpay_protocol::Seconds::DAY,
        least_cover_count: 10,
        uncovered: Amount::ZERO,
        margin: offpay_protocol::Seconds::DAY,
    })
}

/// The operator's statement about a purse in the newest final block.
pub(super) async fn certify(stage: &Stage, purse: PurseKey) -> Result<Signed<Certificate>> {
    let at = offpay_chain::BlockId::finalized();
    let contract = stage.contract.at(at);
    let state = contract
        .purse(purse)
        .await?
        .context("the purse is in no final block")?;
    let message = Certificate {
        purse,
        owner: state.owner,
        circle: state.circle,
        funds: state.funds,
        pledge: state.pledge,
        cover_count: state.cover_count,
        circle_size: contract.circle_size(state.circle).await?,
        as_of: stage.chain.node().block(at).await?.timestamp,
    };
    let signature = message.sign(&stage.domain(), stage.cast.key(Who::Operator)?)?;
    Ok(Signed {
        domain: stage.domain(),
        message,
        signature,
    })
}

/// The device key's consent to open the purse.
pub(super) fn consent(
    device: &PayerDevice,
    owner: AccountId,
) -> Result<offpay_protocol::Signature> {
    Ok(PurseOpening { owner }.sign(&device.domain, &device.key)?)
}

/// Terms of a purse in the operator's circle with a cover for each of its two members.
pub(super) fn terms(
    stage: &Stage,
    device: &PayerDevice,
    funds: &str,
    pledge: &str,
) -> Result<PurseTerms> {
    Ok(PurseTerms {
        key: device.purse(),
        funds: offpay(funds)?,
        pledge: offpay(pledge)?,
        cover_count: 2,
        circle: stage.cast.circle()?,
    })
}
