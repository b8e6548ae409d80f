//! What happens in a channel: paying both ways with no network, and closing it in every way.

use offpay_chain::bindings::OffPay;
use offpay_protocol::{
    Amount, Nonce, Signable as _, Signed,
    channel::Side,
    messages::{ChannelClose, Request, Voucher},
};
use offpay_wallet::{
    channel::{ShownVoucher, SignedClose},
    pay::{Paid, PayError, PayOrder, ScannedRequest, Source},
};

use super::{World, acts::one_of};
use crate::{
    action::{ChannelStep, Delivery},
    chain::timestamp,
    channel::{End, at, finish, request_close},
    failure::Failure,
    operator::uint96,
    plant::Plant,
};

const fn side(is_a: bool) -> Side {
    if is_a { Side::A } else { Side::B }
}

impl World {
    /// Something happens in a channel, if there is one.
    pub(super) fn in_channel(&mut self, channel: u64, step: ChannelStep) -> Result<(), Failure> {
        let Some(place) = one_of(channel, self.channels.len()) else {
            return Ok(());
        };
        let terms = self.channels[place].terms;
        match step {
            ChannelStep::Pay {
                by_a,
                amount,
                delivery,
            } => self.pay_in(place, side(by_a), amount, delivery),
            ChannelStep::Deliver { letter } => {
                if let Some(letter) = one_of(letter, self.channels[place].letters.len()) {
                    let (to, voucher) = self.channels[place].letters.remove(letter);
                    self.take_voucher(place, to, &voucher);
                }
            }
            ChannelStep::Fund { by_a, amount } => self.fund(place, side(by_a), amount),
            ChannelStep::Close { by_a } => {
                let from = self.account_of(self.channels[place].end(side(by_a)));
                request_close(&mut self.chain, from, &terms);
            }
            ChannelStep::Together {
                by_a,
                less,
                delivery,
            } => self.close_together(place, side(by_a), less, delivery),
            ChannelStep::Bring { close } => self.bring(place, close),
            ChannelStep::Present { voucher } => {
                let channel = &self.channels[place];
                let signed = &channel.signed;
                if let Some(voucher) = one_of(voucher, signed.len()).and_then(|n| signed.get(n)) {
                    channel.show(&mut self.chain, self.rogue.account, voucher);
                }
            }
            ChannelStep::Finish => finish(&mut self.chain, self.rogue.account, &terms),
            ChannelStep::Forge => self.forge_close(place),
        }
        Ok(())
    }

    fn pay_in(&mut self, place: usize, by: Side, amount: u64, delivery: Delivery) {
        let channel = &self.channels[place];
        let to = channel.end(by.other());
        let voucher = match channel.end(by) {
            End::Rogue => {
                let more = Amount::from_u64(amount);
                let cumulative = channel.sent[at(by)]
                    .checked_add(more)
                    .unwrap_or(Amount::MAX);
                channel.forge_voucher(&self.chain, &self.rogue, cumulative)
            }
            End::Person { place: payer, .. } => {
                let Some(scanned) = self.asked_in_channel(to, amount) else {
                    return;
                };
                let order = PayOrder {
                    scanned,
                    amount: None,
                    source: Source::Channel(self.channels[place].id),
                };
                self.sign_in(payer, &order)
            }
        };
        if let Some(voucher) = voucher {
            self.send_voucher(place, by, voucher, delivery);
        }
    }

    /// The request that is paid: a wallet's, or one that the cheat wrote.
    fn asked_in_channel(&mut self, to: End, amount: u64) -> Option<ScannedRequest> {
        match to {
            End::Person { place, .. } => {
                let asked = self.ask(place, amount)?;
                Some(ScannedRequest {
                    request: asked.request,
                    signature: asked.signature,
                    attestation: asked.attestation,
                })
            }
            End::Rogue => Some(ScannedRequest {
                request: Request {
                    payee: self.rogue.account,
                    amount: amount.into(),
                    nonce: Nonce::new(self.random.bytes().into()),
                    expires_at: timestamp(self.now.saturating_add(86_400)),
                    name: "Rogue".into(),
                    memo: String::new(),
                },
                signature: None,
                attestation: None,
            }),
        }
    }

    /// A wallet signs a voucher; tried again, as people do, if the app died over it.
    fn sign_in(&mut self, payer: usize, order: &PayOrder) -> Option<Signed<Voucher>> {
        let now = self.now;
        let domain = self.chain.domain();
        let person = &mut self.people[payer];
        let clock = person.clock(now);
        for _ in 0..2 {
            let paid = person.act(now, |wallet| match wallet.pay(order, clock) {
                Ok(paid) => Ok(match paid.into_inner() {
                    Paid::Voucher(shown) => Some((shown.voucher, shown.signature)),
                    Paid::Payment(_) => None,
                }),
                Err(PayError::AlreadyPaid { by }) => {
                    let shown = wallet.state().shown_voucher(by);
                    Ok(shown.map(|shown| (shown.voucher, shown.signature)))
                }
                Err(error) => Err(error),
            });
            match paid {
                Ok(signed) => {
                    return signed.map(|(message, signature)| Signed {
                        domain,
                        message,
                        signature,
                    });
                }
                Err(PayError::Storage(_) | PayError::Locked(_)) => {}
                Err(error) => {
                    let name = person.name.clone();
                    self.say(format!("{name} does not pay: {error}"));
                    return None;
                }
            }
        }
        None
    }

    /// A wallet that was to pay out of a purse chose a channel.
    pub(super) fn paid_in_channel(&mut self, payer: usize, shown: &ShownVoucher) {
        let id = shown.voucher.channel;
        let found = self.channels.iter().position(|channel| channel.id == id);
        if let Some(place) = found
            && let Some(by) = self.channels[place].side_of(payer)
        {
            let voucher = Signed {
                domain: self.chain.domain(),
                message: shown.voucher,
                signature: shown.signature,
            };
            self.send_voucher(place, by, voucher, Delivery::Once);
        }
    }

    fn send_voucher(
        &mut self,
        place: usize,
        by: Side,
        voucher: Signed<Voucher>,
        delivery: Delivery,
    ) {
        self.channels[place].note(by, voucher);
        let to = by.other();
        match delivery {
            Delivery::Never => {}
            Delivery::Late => self.channels[place].letters.push((to, voucher)),
            Delivery::Once => self.take_voucher(place, to, &voucher),
            Delivery::Twice => {
                self.take_voucher(place, to, &voucher);
                self.take_voucher(place, to, &voucher);
            }
        }
    }

    /// A payee takes a voucher, or does not; tried again if the app died over it.
    fn take_voucher(&mut self, place: usize, to: Side, voucher: &Signed<Voucher>) {
        let now = self.now;
        let cumulative = voucher.message.cumulative;
        let payee = match self.channels[place].end(to) {
            End::Person { place, .. } => place,
            End::Rogue => return,
        };
        let person = &mut self.people[payee];
        let clock = person.clock(now);
        let mut said = String::new();
        for _ in 0..2 {
            let taken = person.act(now, |wallet| {
                wallet.accept_voucher(voucher.message, voucher.signature, clock)
            });
            match taken {
                Ok(_) => {
                    let most = &mut self.channels[place].taken[at(to)];
                    *most = (*most).max(cumulative);
                    said = format!("voucher up to {cumulative} taken");
                    if self.plant == Some(Plant::ForgottenVoucher) {
                        let id = self.channels[place].id;
                        self.people[payee].forget_voucher(id, now);
                    }
                    break;
                }
                Err(error) => said = format!("voucher not taken: {error}"),
            }
        }
        self.say(said);
    }

    fn fund(&mut self, place: usize, by: Side, amount: u64) {
        let channel = &self.channels[place];
        let end = channel.end(by);
        if let End::Person { place, .. } = end {
            let wallet = self.people[place].wallet();
            if wallet.state().check_funding(channel.id).is_err() {
                return;
            }
        }
        let call = OffPay::fundChannelCall {
            terms: (&channel.terms).into(),
            amount: uint96(Amount::from_u64(amount)),
        };
        let from = self.account_of(end);
        self.chain.send(from, &call);
    }

    /// One side proposes a close of what both have sent, the other agrees to it; the cheat proposes that it sent less.
    fn close_together(&mut self, place: usize, by: Side, less: u64, delivery: Delivery) {
        let Some(proposed) = self.propose_close(place, by, less) else {
            return;
        };
        let Some(both) = self.agree_to_close(place, by.other(), proposed) else {
            return;
        };
        if let (Some(by_a), Some(by_b)) = (both.by_a, both.by_b) {
            self.channels[place].closes.push((both.close, [by_a, by_b]));
            if matches!(delivery, Delivery::Once | Delivery::Twice) {
                let newest = self.channels[place].closes.len().saturating_sub(1);
                self.bring(place, newest as u64);
            }
        }
    }

    fn propose_close(&mut self, place: usize, by: Side, less: u64) -> Option<SignedClose> {
        let now = self.now;
        let channel = &self.channels[place];
        match channel.end(by) {
            End::Person { place: person, .. } => {
                let id = channel.id;
                let person = &mut self.people[person];
                let clock = person.clock(now);
                let proposed = person.act(now, |wallet| wallet.propose_close(id, clock));
                proposed.ok().map(offpay_wallet::Durable::into_inner)
            }
            End::Rogue => {
                let own = channel.sent[at(by)].saturating_sub(Amount::from_u64(less));
                let theirs = channel.sent[at(by.other())];
                let (from_a, from_b) = match by {
                    Side::A => (own, theirs),
                    Side::B => (theirs, own),
                };
                let close = ChannelClose {
                    channel: channel.id,
                    from_a,
                    from_b,
                    deadline: timestamp(now.saturating_add(3_000)),
                };
                let unsigned = SignedClose {
                    close,
                    by_a: None,
                    by_b: None,
                };
                self.signed_by_rogue(by, unsigned)
            }
        }
    }

    fn agree_to_close(
        &mut self,
        place: usize,
        by: Side,
        proposed: SignedClose,
    ) -> Option<SignedClose> {
        let now = self.now;
        match self.channels[place].end(by) {
            End::Rogue => self.signed_by_rogue(by, proposed),
            End::Person { place: person, .. } => {
                let person = &mut self.people[person];
                let clock = person.clock(now);
                let agreed = person.act(now, |wallet| wallet.agree_to_close(proposed, clock));
                match agreed {
                    Ok(both) => Some(both.into_inner()),
                    Err(error) => {
                        self.say(format!("no close together: {error}"));
                        None
                    }
                }
            }
        }
    }

    fn signed_by_rogue(&self, by: Side, mut close: SignedClose) -> Option<SignedClose> {
        let domain = self.chain.domain();
        let signature = close.close.sign(&domain, &self.rogue.key).ok()?;
        match by {
            Side::A => close.by_a = Some(signature),
            Side::B => close.by_b = Some(signature),
        }
        Some(close)
    }

    fn bring(&mut self, place: usize, close: u64) {
        let channel = &self.channels[place];
        if let Some(number) = one_of(close, channel.closes.len())
            && let Some((close, signatures)) = channel.closes.get(number)
        {
            let from = self.rogue.account;
            channel.close_together(&mut self.chain, from, close, signatures);
        }
    }

    /// All money to the cheat, with its own signature on both sides.
    fn forge_close(&mut self, place: usize) {
        let channel = &self.channels[place];
        let Some(rogue) = channel.rogue() else {
            return;
        };
        let everything = Amount::from_u64(1_000_000);
        let (from_a, from_b) = match rogue {
            Side::A => (Amount::ZERO, everything),
            Side::B => (everything, Amount::ZERO),
        };
        let close = ChannelClose {
            channel: channel.id,
            from_a,
            from_b,
            deadline: timestamp(self.chain.head_time().saturating_add(1_800)),
        };
        if let Ok(signature) = close.sign(&self.chain.domain(), &self.rogue.key) {
            let from = self.rogue.account;
            channel.close_together(&mut self.chain, from, &close, &[signature; 2]);
        }
    }
}
