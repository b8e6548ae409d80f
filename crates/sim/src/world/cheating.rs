//! What a cheat does.

use offpay_chain::bindings::OffPay;
use offpay_protocol::{Amount, Reference, wire::CertifiedPayment};

use super::{
    World,
    acts::{one_of, top_up},
};
use crate::{
    action::Delivery,
    chain::units,
    failure::Failure,
    operator::{settle, uint96},
};

impl World {
    /// Signs serials that it signs away to everybody.
    pub(super) fn overspend(
        &mut self,
        payee: u64,
        amount: u64,
        excess: u64,
        delivery: Delivery,
    ) -> Result<(), Failure> {
        let Some((place, account)) = self.payee(payee) else {
            return Ok(());
        };
        self.certify_cheat();
        let Some(request) = self.ask(place, amount) else {
            return Ok(());
        };
        let reference = request.request.reference(&self.chain.domain());
        let Some(signed) = self
            .cheat
            .sign(&self.chain, account, amount, excess, reference)
        else {
            return Ok(());
        };
        self.payments.push(signed);
        let Some(held) = self.watch.cheats_certificate else {
            return Ok(());
        };
        let offer = CertifiedPayment {
            payment: signed.message,
            signature: signed.signature,
            certificate: held.certificate,
            certificate_signature: held.signature,
        };
        self.hand_over(place, offer, delivery)
    }

    /// Fetches a certificate while the operator gives one; keeps the last one that it got.
    fn certify_cheat(&mut self) {
        if self.operator.is_down {
            return;
        }
        let purse = self.cheat.purse;
        if let Some(certified) = self.operator.certify(&self.chain, purse) {
            self.note_certificate(&certified);
            self.watch.cheats_certificate = Some(certified);
        }
    }

    pub(super) fn drain(&mut self, accomplice: u64, amount: u64) {
        let Some(place) = one_of(accomplice, self.cheat.accomplices.len()) else {
            return;
        };
        let accomplice = self.cheat.accomplices[place];
        let reference = Reference::ZERO;
        let signed = self
            .cheat
            .sign(&self.chain, accomplice, amount, 0, reference);
        if let Some(signed) = signed {
            self.payments.push(signed);
            self.chain.send(accomplice, &settle(&signed));
        }
    }

    /// On the day before its purse closes, presents what it promised an accomplice: a default that nobody can have
    /// resolved by then.
    pub(super) fn present_at_the_last(&mut self) {
        let Some(accomplice) = self.cheat.accomplices.first().copied() else {
            return;
        };
        let state = self.chain.at_head().purse(self.cheat.purse);
        let closes_at: u64 = state.closesAt.to();
        let period = self.chain.parameters.settlement_period.get();
        if !state.open || closes_at <= self.now || closes_at.saturating_sub(self.now) > period {
            return;
        }
        let rest = self.cheat.unpromised(units(state.funds), accomplice);
        let signed = self
            .cheat
            .sign(&self.chain, accomplice, rest, 0, Reference::ZERO);
        if let Some(signed) = signed {
            self.payments.push(signed);
            self.chain.send(accomplice, &settle(&signed));
        }
    }

    pub(super) fn flee(&mut self) {
        let call = OffPay::requestPurseCloseCall {
            key: self.cheat.purse.into(),
        };
        self.chain.send(self.cheat.account, &call);
    }

    pub(super) fn repent(&mut self) {
        let payees = self.payees().into_iter().map(Into::into).collect();
        let call = OffPay::makeGoodCall {
            key: self.cheat.purse.into(),
            payees,
            max: uint96(Amount::MAX),
        };
        self.chain.send(self.cheat.account, &call);
    }

    pub(super) fn feed(&mut self, amount: u64) {
        let call = top_up(self.cheat.purse, amount);
        self.chain.send(self.cheat.account, &call);
    }
}
