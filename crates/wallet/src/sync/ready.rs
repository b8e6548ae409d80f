use offpay_protocol::{Amount, PurseKey, Seconds, Timestamp, certificate::FRESH_FOR};

use crate::{State, records::OwnPurse};

/// Whether, how much and until when this wallet can pay with no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready {
        /// Until then: then the last certificate no longer counts.
        until: Timestamp,
        /// The purse that it can pay from until then.
        purse: PurseKey,
        /// The most that one payment can be.
        up_to: Amount,
        /// It should go online soon: less than half of the certificate's time is left.
        renew_soon: bool,
    },
    /// It cannot.
    NotReady(NotReady),
}

/// Why a wallet cannot pay with no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// No purse is open.
    NoPurse,
    /// The purses are empty.
    Empty,
    /// No purse has a certificate that still counts.
    NoFreshCertificate,
}

impl State {
    /// *Ready to pay offline until …*
    pub fn readiness(&self, now: Timestamp) -> Readiness {
        let time = self.time(now);
        let usable = || {
            self.records()
                .purses
                .values()
                .filter(|purse| purse.is_usable())
        };
        if usable().next().is_none() {
            return Readiness::NotReady(NotReady::NoPurse);
        }
        if usable().all(|purse| purse.left().is_zero()) {
            return Readiness::NotReady(NotReady::Empty);
        }
        let fresh = usable()
            .filter(|purse| !purse.certified_left().is_zero())
            .filter(|purse| self.fresh_certificate(purse, now).is_ok())
            .filter_map(|purse| Some((self.fresh_until(purse)?, purse)));
        match fresh.max_by_key(|(until, purse)| (*until, purse.certified_left())) {
            None => Readiness::NotReady(NotReady::NoFreshCertificate),
            Some((until, purse)) => Readiness::Ready {
                until,
                purse: purse.key,
                up_to: purse.certified_left(),
                renew_soon: until.since(time) < half(self.fresh_for()),
            },
        }
    }

    /// Whether a purse's certificate should be renewed while there is a network: from half of its time on.
    pub fn should_renew(&self, purse: PurseKey, now: Timestamp) -> bool {
        let purse = self
            .records()
            .purses
            .get(&purse)
            .filter(|purse| purse.is_usable());
        purse.is_some_and(|purse| {
            let until = self.fresh_until(purse).unwrap_or(Timestamp::ZERO);
            until.since(self.time(now)) < half(self.fresh_for())
        })
    }

    fn fresh_until(&self, purse: &OwnPurse) -> Option<Timestamp> {
        let as_of = purse.certificate?.certificate.as_of;
        Some(as_of.saturating_add(self.fresh_for()))
    }

    /// How long a certificate counts.
    fn fresh_for(&self) -> Seconds {
        FRESH_FOR.min(self.deployment().parameters.settlement_period)
    }
}

fn half(span: Seconds) -> Seconds {
    Seconds::new(span.get() / 2).unwrap_or(Seconds::ZERO)
}
