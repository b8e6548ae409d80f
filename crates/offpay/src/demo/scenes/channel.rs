//! Paying back and forth through a channel.

use anyhow::{Context, Result, ensure};
use offpay_protocol::{
    Amount, ChannelKey, Domain, Nonce, Reference, Seconds, Signable, Signature, Signed, SigningKey,
    Timestamp,
    channel::{ChannelView, Position, Side, accept_voucher},
    messages::{ChannelClose, ChannelTerms, Voucher},
};

use crate::{
    demo::{books::Place, cast::Who, report::Step, stage::Stage},
    money::{DECIMALS, offpay, show},
};

const ROUNDS: u64 = 100;

/// A channel of the story: its terms and both sides' keys.
pub(in crate::demo) struct Pipe {
    pub(in crate::demo) terms: ChannelTerms,
    pub(in crate::demo) place: Place,
    pub(in crate::demo) position: Position,
    keys: [SigningKey; 2],
    domain: Domain,
    seen_open: Option<Timestamp>,
}

impl Pipe {
    /// Agrees on terms.
    pub(in crate::demo) fn new(stage: &Stage, a: Who, b: Who, name: &'static str) -> Result<Self> {
        let keys = [
            offpay_chain::local::key(&format!("{name}, {a}"))?,
            offpay_chain::local::key(&format!("{name}, {b}"))?,
        ];
        let [key_a, key_b] = keys.each_ref().map(|key| ChannelKey::new(key.address()));
        let (a, b) = (stage.account(a)?, stage.account(b)?);
        let terms = ChannelTerms {
            a,
            b,
            key_a,
            key_b,
            close_delay: Seconds::days(7),
            salt: Nonce::ZERO,
        };
        let place = Place::Channel(terms.id(&stage.domain()), name);
        let domain = stage.domain();
        Ok(Self {
            terms,
            place,
            position: Position::default(),
            keys,
            domain,
            seen_open: None,
        })
    }

    /// Notes the channel's final state.
    pub(in crate::demo) async fn sync(&mut self, stage: &Stage) -> Result<()> {
        let at = offpay_chain::BlockId::finalized();
        let state = stage
            .contract
            .at(at)
            .channel(self.terms.id(&self.domain))
            .await?;
        let state = state.context("the channel is in no final block")?;
        self.position.deposit_a = state.deposit_a;
        self.position.deposit_b = state.deposit_b;
        self.seen_open = Some(stage.chain.node().block(at).await?.timestamp);
        Ok(())
    }

    /// One payment: the payer signs its cumulative, the other side checks it.
    pub(in crate::demo) fn pay(
        &mut self,
        payer: Side,
        amount: Amount,
        now: Timestamp,
    ) -> Result<Signed<Voucher>> {
        let sent = match payer {
            Side::A => self.position.from_a,
            Side::B => self.position.from_b,
        };
        let message = Voucher {
            channel: self.terms.id(&self.domain),
            cumulative: sent.checked_add(amount).context("more than 2^96 sent")?,
            reference: Reference::ZERO,
        };
        let signature = message.sign(&self.domain, self.key(payer))?;
        self.check(payer.other(), &message, &signature, amount, now)?;
        match payer {
            Side::A => self.position.from_a = message.cumulative,
            Side::B => self.position.from_b = message.cumulative,
        }
        Ok(Signed {
            domain: self.domain,
            message,
            signature,
        })
    }

    /// Signs a close for both sides.
    fn close(&self, deadline: Timestamp) -> Result<(ChannelClose, [Signature; 2])> {
        let Position { from_a, from_b, .. } = self.position;
        let close = ChannelClose {
            channel: self.terms.id(&self.domain),
            from_a,
            from_b,
            deadline,
        };
        let [a, b] = self
            .keys
            .each_ref()
            .map(|key| close.sign(&self.domain, key));
        Ok((close, [a?, b?]))
    }

    fn check(
        &self,
        own_side: Side,
        voucher: &Voucher,
        signature: &Signature,
        asked: Amount,
        now: Timestamp,
    ) -> Result<()> {
        let own_account = match own_side {
            Side::A => self.terms.a,
            Side::B => self.terms.b,
        };
        let view = ChannelView {
            domain: &self.domain,
            parameters: &offpay_protocol::cover::Parameters::standard(offpay("10")?),
            terms: &self.terms,
            own_side,
            own_account,
            own_key: ChannelKey::new(self.key(own_side).address()),
            position: self.position,
            seen_open: self.seen_open,
            close_signed_until: None,
            margin: Seconds::DAY,
        };
        accept_voucher(&view, voucher, signature, asked, now).context("a voucher was refused")?;
        Ok(())
    }

    fn key(&self, side: Side) -> &SigningKey {
        let [a, b] = &self.keys;
        match side {
            Side::A => a,
            Side::B => b,
        }
    }
}

/// Alice and Bob: two transactions to open, a hundred payments, one transaction to close.
pub(in crate::demo) async fn play(stage: &mut Stage) -> Result<()> {
    stage
        .report
        .chapter("7  A channel: a hundred payments, three transactions")?;
    let mut pipe = Pipe::new(stage, Who::Alice, Who::Bob, "Alice and Bob's channel")?;
    let opened = stage
        .contract
        .open_channel(&pipe.terms, offpay("50")?)
        .send(stage.sender(Who::Alice)?)
        .await?;
    let funded = stage
        .contract
        .fund_channel(&pipe.terms, offpay("30")?)
        .send(stage.sender(Who::Bob)?)
        .await?;
    stage.shift(Place::Balance(Who::Alice), pipe.place, offpay("50")?)?;
    stage.shift(Place::Balance(Who::Bob), pipe.place, offpay("30")?)?;
    let step = Step::new(Who::Alice, "opens a two-way channel with 50; Bob adds 30");
    stage.step(step.mined(&opened).mined(&funded)).await?;
    stage.finalize().await?;
    pipe.sync(stage).await?;

    let now = stage.now().await?;
    for round in 0..ROUNDS {
        let (payer, unit) = if round.is_multiple_of(2) {
            (Side::A, 3)
        } else {
            (Side::B, 2)
        };
        let tenths = unit + round % 5;
        let amount = offpay(&format!("{}.{}", tenths / 10, tenths % 10))?;
        pipe.pay(payer, amount, now)?;
    }
    let sent = |amount| show(amount, DECIMALS);
    let step = Step::new(Who::Bob, "and Alice pay each other a hundred times").payments(ROUNDS);
    let note = format!(
        "Alice sent {} in all, Bob {}: one signature each time, checked by the other's phone. Guaranteed.",
        sent(pipe.position.from_a),
        sent(pipe.position.from_b)
    );
    stage.step(step.note(note)).await?;

    let deadline = stage.now().await?.saturating_add(Seconds::HOUR);
    let (close, [by_a, by_b]) = pipe.close(deadline)?;
    let operation = stage
        .contract
        .close_channel_together(&pipe.terms, &close, &by_a, &by_b);
    let mined = operation.send(stage.sender(Who::Bob)?).await?;
    let due = pipe
        .position
        .payout()
        .context("the channel holds 2^96 or more")?;
    ensure!(
        mined.outcome.to_a == due.to_a && mined.outcome.to_b == due.to_b,
        "the channel paid {:?} instead of {due:?}",
        mined.outcome
    );
    stage.shift(pipe.place, Place::Balance(Who::Alice), due.to_a)?;
    stage.shift(pipe.place, Place::Balance(Who::Bob), due.to_b)?;
    stage
        .step(Step::new(Who::Bob, "closes it at once, as both signed").mined(&mined))
        .await
}
