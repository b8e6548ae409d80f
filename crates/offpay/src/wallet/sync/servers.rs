//! What the operators' servers are asked for. None of it is believed unseen: the wallet checks every signature.

use std::{cell::RefCell, collections::BTreeSet};

use anyhow::{Context, Result};
use offpay_api::revocations::RevocationsView;
use offpay_protocol::{
    OperatorId, PaymentId, PurseKey, Seconds, Signable as _, Signed, Timestamp,
    clearance::{ClearanceRefusal, RecordedPayment, check_clearance},
    revocations::{RevocationList as Purses, RevocationRefusal},
};
use offpay_wallet::{
    State,
    records::{PaymentClearance, RevocationList, SignedPayment},
    sync::{Answer, SyncError, Task},
};

use super::done::Outcome;
use crate::{
    server::{Server, ServerAddress},
    wallet::session::{OpenWallet, Session},
};

/// Nearer than this to its date, a payment is not left to an operator any more.
const LEFT_TO_OPERATOR_UNTIL: Seconds = Seconds::days(2);

/// The servers of the operators that the wallet trusts.
pub(super) struct Servers {
    servers: Vec<(OperatorId, Server)>,
    /// What they did not do, in words, each said once.
    complaints: RefCell<Vec<String>>,
}

impl Servers {
    /// Those whose cards name one.
    pub(super) fn of(state: &State) -> Self {
        let servers = Self {
            servers: Vec::new(),
            complaints: RefCell::default(),
        };
        let mut found = Vec::new();
        for card in state.records().operators.values() {
            if card.server.is_empty() {
                continue;
            }
            match ServerAddress::parse(&card.server).and_then(Server::new) {
                Ok(server) => found.push((card.operator, server)),
                Err(error) => servers.complain(format!("{}: {error}", card.name)),
            }
        }
        Self {
            servers: found,
            ..servers
        }
    }

    /// Whether no operator has one.
    pub(super) const fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// What they did not do.
    pub(super) fn complaints(&self) -> Vec<String> {
        self.complaints.borrow().clone()
    }

    /// Asks for what only operators have. Whatever fails is a complaint, and stops nothing.
    pub(super) async fn carry_out(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        task: &Task,
    ) -> Result<Outcome> {
        match task {
            Task::FetchOperatorKey(operator) => {
                if let Some(server) = self.server_of(*operator) {
                    let followed = follow(session, wallet, server).await;
                    self.note(followed);
                }
            }
            Task::FetchRevocations(operator) => {
                if let Some(server) = self.server_of(*operator) {
                    let learned = revocations(session, wallet, server).await;
                    self.note(learned);
                }
            }
            Task::RenewCertificate(purse) => return self.renew(session, wallet, *purse).await,
            _ => {}
        }
        Ok(Outcome::Done)
    }

    /// A fresh certificate, from the first operator that gives one that counts.
    async fn renew(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        purse: PurseKey,
    ) -> Result<Outcome> {
        if !wallet.state().should_renew(purse, session.now()?) {
            return Ok(Outcome::Done);
        }
        for (_, server) in self.answering() {
            let renewed = match server.certificate(purse).await {
                Ok(held) => wallet
                    .learn(Answer::Certificate(held), session.now()?)
                    .context("the certificate that the operator gave"),
                Err(error) => Err(error.into()),
            };
            match renewed {
                Ok(_) => return Ok(Outcome::Certified(purse)),
                Err(error) => self.note::<()>(Err(error)),
            }
        }
        Ok(Outcome::NeedsCertificate(purse))
    }

    /// Posts a payment to the operators until one clears it, and says whether it can be left to that one: it settles
    /// what it cleared. Not so shortly before the payment's date.
    pub(super) async fn take(
        &self,
        session: &Session<'_>,
        wallet: &mut OpenWallet,
        (id, purse): (PaymentId, PurseKey),
        signed: &SignedPayment,
        by: Option<Timestamp>,
    ) -> Result<bool> {
        let mut cleared = false;
        for (_, server) in self.answering() {
            let outcome = clear(session, wallet, server, id, signed).await;
            cleared = outcome.is_ok();
            self.note(outcome);
            if cleared {
                break;
            }
        }
        let now = session.now()?;
        let in_time = by.is_none_or(|by| {
            wallet
                .state()
                .time(now)
                .saturating_add(LEFT_TO_OPERATOR_UNTIL)
                < by
        });
        if !cleared || !in_time {
            return Ok(false);
        }
        let taken = Answer::HandedIn {
            purse,
            payee: signed.payment.payee,
            cumulative: signed.payment.cumulative,
            transaction: None,
        };
        wallet.learn(taken, now)?;
        Ok(true)
    }

    fn server_of(&self, operator: OperatorId) -> Option<&Server> {
        let mut servers = self.answering();
        servers
            .find(|(card, _)| *card == operator)
            .map(|(_, server)| server)
    }

    fn answering(&self) -> impl Iterator<Item = &(OperatorId, Server)> {
        self.servers
            .iter()
            .filter(|(_, server)| !server.is_silent())
    }

    fn note<T>(&self, outcome: Result<T>) {
        if let Err(error) = outcome {
            self.complain(crate::failure::said(&error));
        }
    }

    fn complain(&self, said: String) {
        let mut complaints = self.complaints.borrow_mut();
        if !complaints.contains(&said) {
            complaints.push(said);
        }
    }
}

/// Follows an operator to the keys that it moved on to.
async fn follow(session: &Session<'_>, wallet: &mut OpenWallet, server: &Server) -> Result<()> {
    let keys = server.operator().await?.keys;
    for rotation in keys.into_iter().filter_map(|key| key.rotation) {
        // An operator that was trusted after its first rotations shows those too.
        let known = rotation.signer().is_ok_and(|signer| {
            wallet
                .state()
                .records()
                .trusted
                .keys()
                .any(|key| key == signer)
        });
        if known {
            wallet
                .learn(Answer::OperatorKey(rotation), session.now()?)
                .context("the operator's next key")?;
        }
    }
    Ok(())
}

/// The operator's list of purses that are closing: what changed in it, if the wallet has one before it.
async fn revocations(
    session: &Session<'_>,
    wallet: &mut OpenWallet,
    server: &Server,
) -> Result<()> {
    let keys = server.operator().await?.keys;
    let lists = wallet.state().records().revocations.values();
    let own = lists.filter(|list| keys.iter().any(|key| key.operator == list.operator));
    let known = own.max_by_key(|list| list.version).cloned();
    let changes = server
        .revocations(known.as_ref().map(|list| list.version))
        .await?;
    let mut learned = wallet.learn(listed(known.as_ref(), changes), session.now()?);
    // The two do not agree on what the wallet has: the whole list settles it.
    if let (Some(_), Err(SyncError::Revocations(RevocationRefusal::OtherList))) = (&known, &learned)
    {
        let whole = server.revocations(None).await?;
        learned = wallet.learn(listed(None, whole), session.now()?);
    }
    learned.context("the operator's list of closing purses")?;
    Ok(())
}

/// The newest list: the known one with the changes.
fn listed(known: Option<&RevocationList>, changes: RevocationsView) -> Answer {
    let known = known.filter(|list| list.version == changes.since);
    let mut purses = known.map_or_else(BTreeSet::new, |list| list.purses.clone());
    purses.extend(changes.added);
    for closed in &changes.removed {
        purses.remove(closed);
    }
    Answer::Revocations {
        list: Purses::new(purses),
        statement: changes.revocations.message,
        signature: changes.revocations.signature,
    }
}

/// Posts a payment, and checks that what comes back clears it.
async fn clear(
    session: &Session<'_>,
    wallet: &mut OpenWallet,
    server: &Server,
    id: PaymentId,
    signed: &SignedPayment,
) -> Result<()> {
    let domain = wallet.state().deployment().domain;
    let cleared = server
        .clear(Signed {
            domain,
            message: signed.payment,
            signature: signed.signature,
        })
        .await?;
    let purse = signed.payment.recover(&domain, &signed.signature)?;
    let check = |wallet: &OpenWallet| {
        check_clearance(
            RecordedPayment { purse, id },
            &cleared.path,
            &cleared.clearance.message,
            &cleared.clearance.signature,
            &domain,
            &wallet.state().records().trusted,
        )
    };
    // Its key may be one that the operator moved on to just now.
    if let Err(ClearanceRefusal::UntrustedOperator { .. }) = check(wallet) {
        follow(session, wallet, server).await?;
    }
    let operator = check(wallet).context("what the operator's server gave is no clearance")?;
    // Kept: it shows what the operator said, whatever becomes of it.
    let held = PaymentClearance {
        payment: id,
        purse,
        operator,
        clearance: cleared.clearance.message,
        signature: cleared.clearance.signature,
        path: cleared.path,
    };
    wallet.learn(Answer::Cleared(Box::new(held)), session.now()?)?;
    Ok(())
}
