use offpay_protocol::{AccountId, Amount, PurseKey, Timestamp, certificate::check_certificate};

use super::{PayError, Source};
use crate::{
    State,
    channel::ChannelError,
    records::{Channel, OwnPurse, StoredCertificate},
};

/// Where a payment comes from.
pub(super) enum Chosen<'a> {
    Channel(&'a Channel),
    Purse(&'a OwnPurse, StoredCertificate),
}

impl<'a> From<(&'a OwnPurse, StoredCertificate)> for Chosen<'a> {
    fn from((purse, certificate): (&'a OwnPurse, StoredCertificate)) -> Self {
        Self::Purse(purse, certificate)
    }
}

impl State {
    pub(super) fn choose(
        &self,
        source: Source,
        payee: AccountId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<Chosen<'_>, PayError> {
        match source {
            Source::Channel(id) => {
                let error = |error| PayError::Channel {
                    channel: id,
                    error: Box::new(error),
                };
                let channel = self.channel(id).map_err(error)?;
                self.check_can_send(channel, payee, amount).map_err(error)?;
                Ok(Chosen::Channel(channel))
            }
            Source::Auto => {
                // A channel is guaranteed and costs no serials.
                let mut in_the_way = None;
                for channel in self.records().channels.values() {
                    match self.check_can_send(channel, payee, amount) {
                        Ok(_) => return Ok(Chosen::Channel(channel)),
                        Err(ChannelError::OtherPayee | ChannelError::NotOurs) => {}
                        Err(error) => in_the_way = Some((channel.id, error)),
                    }
                }
                let chosen = self
                    .choose_purse(source, payee, amount, now)
                    .map(Chosen::from);
                match (chosen, in_the_way) {
                    // Who has a channel with the payee and no purse wants to hear of the channel.
                    (Err(PayError::NoPurse), Some((channel, error))) => Err(PayError::Channel {
                        channel,
                        error: Box::new(error),
                    }),
                    (chosen, _) => chosen,
                }
            }
            Source::Purse(_) => self
                .choose_purse(source, payee, amount, now)
                .map(Chosen::from),
        }
    }

    /// The purse that was named, or the one that suits best.
    pub(crate) fn choose_purse(
        &self,
        source: Source,
        payee: AccountId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<(&OwnPurse, StoredCertificate), PayError> {
        let Source::Purse(key) = source else {
            return self.choose_best(payee, amount, now);
        };
        let purse = self
            .records()
            .purses
            .get(&key)
            .filter(|purse| purse.is_usable());
        self.check_can_pay(
            purse.ok_or(PayError::PurseNotUsable { purse: key })?,
            amount,
            now,
        )
    }

    /// A purse that this payee knows, then one whose circle is closed, because an open one covers no till, then the one
    /// with the most left.
    fn choose_best(
        &self,
        payee: AccountId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<(&OwnPurse, StoredCertificate), PayError> {
        let usable = self
            .records()
            .purses
            .values()
            .filter(|purse| purse.is_usable());
        let mut candidates: Vec<&OwnPurse> = usable.collect();
        candidates.sort_by_key(|purse| {
            let is_new = self.index.promised(purse.key, payee).is_zero();
            let left = Amount::MAX.saturating_sub(purse.left());
            (
                purse.left() < amount,
                is_new,
                purse.terms.circle.is_open(),
                left,
            )
        });
        let mut first_error = None;
        for purse in candidates {
            match self.check_can_pay(purse, amount, now) {
                Ok(chosen) => return Ok(chosen),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or(PayError::NoPurse))
    }

    fn check_can_pay<'a>(
        &self,
        purse: &'a OwnPurse,
        amount: Amount,
        now: Timestamp,
    ) -> Result<(&'a OwnPurse, StoredCertificate), PayError> {
        if purse.next_serials(amount).is_none() {
            return Err(PayError::NotEnough {
                amount,
                left: purse.left(),
            });
        }
        let certificate = self.fresh_certificate(purse, now)?;
        // A payee knows the certified funds, and refuses serials beyond them.
        if amount > purse.certified_left() {
            let left = purse.certified_left();
            return Err(PayError::NotCertifiedYet {
                purse: purse.key,
                left,
            });
        }
        Ok((purse, certificate))
    }

    /// The purse's certificate, if a payee would take it.
    pub(crate) fn fresh_certificate(
        &self,
        purse: &OwnPurse,
        now: Timestamp,
    ) -> Result<StoredCertificate, PayError> {
        let held = purse
            .certificate
            .ok_or(PayError::NoCertificate { purse: purse.key })?;
        self.check_fresh(&held, purse.key, now)?;
        Ok(held)
    }

    fn check_fresh(
        &self,
        held: &StoredCertificate,
        purse: PurseKey,
        now: Timestamp,
    ) -> Result<(), PayError> {
        let deployment = self.deployment();
        check_certificate(
            &held.certificate,
            &held.signature,
            &deployment.domain,
            &self.records().trusted,
            &deployment.parameters,
            self.time(now),
        )
        .map(drop)
        .map_err(|refusal| PayError::CertificateNotFresh { purse, refusal })
    }
}
