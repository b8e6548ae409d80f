//! Paying with no network, between two honest people.

use offpay_protocol::{AccountId, Seconds, Signed, wire::CertifiedPayment};
use offpay_wallet::{
    accept::NetworkWord,
    ask::{Ask, ShownRequest},
    pay::{Paid, PayError, PayOrder, ScannedRequest, ShownPayment, Source},
};

use super::{Promise, World, acts::one_of};
use crate::{action::Delivery, failure::Failure, plant::Plant};

impl World {
    pub(super) fn sell(
        &mut self,
        payer: u64,
        payee: u64,
        amount: u64,
        delivery: Delivery,
        is_online: bool,
    ) -> Result<(), Failure> {
        let Some((payer, payee)) = self.two(payer, payee) else {
            return Ok(());
        };
        let Some(request) = self.ask(payee, amount) else {
            return Ok(());
        };
        let Some(shown) = self.pay(payer, &request)? else {
            return Ok(());
        };
        self.note(&shown);
        self.people[payer].shown.insert(shown.id);
        if self.plant == Some(Plant::SerialsTwice) {
            let now = self.now;
            self.people[payer].rewind(shown.payment.amount, now);
        }
        let offer = CertifiedPayment {
            payment: shown.payment,
            signature: shown.signature,
            certificate: shown.certificate.certificate,
            certificate_signature: shown.certificate.signature,
        };
        self.hand_over(payee, offer, delivery)?;
        if is_online && !self.operator.is_down {
            let signed = Signed {
                domain: self.chain.domain(),
                message: shown.payment,
                signature: shown.signature,
            };
            self.operator.clear(&self.chain, &signed, self.now);
        }
        if self.people[payee].told.contains(&shown.id) {
            self.receipt(payer, payee, &shown);
        }
        Ok(())
    }

    fn two(&self, payer: u64, payee: u64) -> Option<(usize, usize)> {
        let payer = one_of(payer, self.payers)?;
        let payees = self.people.len().saturating_sub(self.payers);
        let payee = self.payers.saturating_add(one_of(payee, payees)?);
        Some((payer, payee))
    }

    /// A payee shows a request.
    pub(super) fn ask(&mut self, payee: usize, amount: u64) -> Option<ShownRequest> {
        let now = self.now;
        let entropy = self.random.entropy();
        let ask = Ask {
            amount: amount.into(),
            // Phones' clocks differ by up to two hours.
            valid_for: Some(Seconds::days(1)),
            memo: String::new(),
            signed: true,
        };
        let person = &mut self.people[payee];
        let clock = person.clock(now);
        let asked = person.act(now, |wallet| wallet.ask(&ask, &entropy, clock));
        asked.ok().map(offpay_wallet::Durable::into_inner)
    }

    /// A payer pays it; tried again, as people do, if the app died over it.
    fn pay(
        &mut self,
        payer: usize,
        request: &ShownRequest,
    ) -> Result<Option<ShownPayment>, Failure> {
        let order = PayOrder {
            scanned: ScannedRequest {
                request: request.request.clone(),
                signature: request.signature,
                attestation: request.attestation.clone(),
            },
            amount: None,
            source: Source::Auto,
        };
        let now = self.now;
        let person = &mut self.people[payer];
        let clock = person.clock(now);
        for _ in 0..2 {
            let paid = person.act(now, |wallet| match wallet.pay(&order, clock) {
                Ok(paid) => Ok(paid.into_inner()),
                Err(PayError::AlreadyPaid { by }) => {
                    Ok(Paid::Payment(wallet.show_payment(by)?.into_inner()))
                }
                Err(error) => Err(error),
            });
            match paid {
                Ok(Paid::Payment(shown)) => return Ok(Some(shown)),
                Ok(Paid::Voucher(shown)) => {
                    self.paid_in_channel(payer, &shown);
                    return Ok(None);
                }
                Err(PayError::Storage(_) | PayError::Locked(_)) => {}
                Err(error) => {
                    let name = person.name.clone();
                    self.say(format!("{name} does not pay: {error}"));
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    /// What becomes of a message.
    pub(super) fn hand_over(
        &mut self,
        payee: usize,
        offer: CertifiedPayment,
        delivery: Delivery,
    ) -> Result<(), Failure> {
        match delivery {
            Delivery::Never => {}
            Delivery::Late => self.letters.push((payee, offer)),
            Delivery::Once => self.accept(payee, &offer)?,
            Delivery::Twice => {
                self.accept(payee, &offer)?;
                self.accept(payee, &offer)?;
            }
        }
        Ok(())
    }

    pub(super) fn deliver(&mut self, letter: u64) -> Result<(), Failure> {
        let Some(place) = one_of(letter, self.letters.len()) else {
            return Ok(());
        };
        let (payee, offer) = self.letters.remove(place);
        self.accept(payee, &offer)
    }

    /// A payee takes a payment, or does not; tried again if the app died over it.
    fn accept(&mut self, payee: usize, offer: &CertifiedPayment) -> Result<(), Failure> {
        let now = self.now;
        let certificate = &offer.certificate;
        let was_lied_to = self.lies.contains(&(certificate.purse, certificate.as_of));
        let person = &mut self.people[payee];
        let clock = person.clock(now);
        let mut said = None;
        for _ in 0..2 {
            let taken = person.act(now, |wallet| wallet.accept(offer, NetworkWord::None, clock));
            match taken {
                Ok(taken) => {
                    let taken = taken.into_inner();
                    person.told.insert(taken.id);
                    said = Some(Ok(taken));
                    break;
                }
                Err(error) => said = Some(Err(error.to_string())),
            }
        }
        match said {
            Some(Ok(taken)) => {
                let promise = Promise {
                    payee,
                    purse: taken.purse,
                    id: taken.id,
                    verdict: taken.acceptance.verdict,
                    cover: taken.acceptance.cover,
                    exposure: taken.acceptance.exposure,
                    cumulative: taken.payment.cumulative,
                    was_lied_to,
                };
                if !taken.again {
                    self.promises.push(promise);
                }
                let verdict = format!("{:?}", promise.verdict);
                self.say(format!("taken: {verdict}, exposure {}", promise.exposure));
                if self.plant == Some(Plant::ForgottenPayment) {
                    self.people[payee].forget(taken.id, now);
                }
            }
            Some(Err(error)) => self.say(format!("not taken: {error}")),
            None => {}
        }
        Ok(())
    }

    fn receipt(&mut self, payer: usize, payee: usize, shown: &ShownPayment) {
        let now = self.now;
        let person = &mut self.people[payee];
        let clock = person.clock(now);
        let given = person.act(now, |wallet| wallet.give_receipt(shown.id, clock));
        if let Ok(receipt) = given {
            let person = &mut self.people[payer];
            let clock = person.clock(now);
            // Whether it arrives changes nothing of what is owed.
            let _ = person.act(now, |wallet| {
                wallet.take_receipt(receipt.receipt, receipt.signature, clock)
            });
        }
    }

    /// The place of an honest payee.
    pub(super) fn payee(&self, number: u64) -> Option<(usize, AccountId)> {
        let payees = self.people.len().saturating_sub(self.payers);
        let place = self.payers.saturating_add(one_of(number, payees)?);
        Some((place, self.people.get(place)?.account))
    }
}
