use offpay_protocol::{
    ChannelId, Signable, Timestamp, channel::Side, messages::ChannelClose, signature::Signature,
};

use super::{ChannelError, LONGEST_CLOSE, PROPOSED_CLOSE};
use crate::{
    Durable, State, Unstored, Wallet,
    keys::{KeyError, SecretKind, Unlocked},
    records::{Channel, ChannelStanding},
    storage::Storage,
    use_case::UseCase,
};

/// A cooperative close, signed by this side, or by both: then anybody can bring it to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedClose {
    /// The close.
    pub close: ChannelClose,
    /// Side A's signature, if it is there.
    pub by_a: Option<Signature>,
    /// Side B's signature, if it is there.
    pub by_b: Option<Signature>,
}

impl State {
    /// Signs a close of what both sides have sent, for the next hour at most. From then on no voucher is signed or
    /// accepted until a finalized block after the deadline still shows the channel open.
    ///
    /// # Errors
    ///
    /// See [`ChannelError`].
    pub fn propose_close(
        &self,
        keys: &Unlocked,
        id: ChannelId,
        now: Timestamp,
    ) -> Result<Unstored<SignedClose>, ChannelError> {
        let channel = self.channel(id)?;
        let deadline = self.time(now).saturating_add(PROPOSED_CLOSE);
        let side = self.check_own_side(channel)?;
        let position = channel.position(side);
        let close = ChannelClose {
            channel: id,
            from_a: position.from_a,
            from_b: position.from_b,
            deadline,
        };
        let unsigned = SignedClose {
            close,
            by_a: None,
            by_b: None,
        };
        self.sign_close(keys, channel, side, unsigned, now)
    }

    /// Signs a close that the other side proposed, if it says what both sides have sent.
    ///
    /// # Errors
    ///
    /// [`ChannelError::OtherClose`], [`ChannelError::CloseDeadline`], and what else speaks against it.
    pub fn agree_to_close(
        &self,
        keys: &Unlocked,
        proposed: SignedClose,
        now: Timestamp,
    ) -> Result<Unstored<SignedClose>, ChannelError> {
        let SignedClose { close, by_a, by_b } = proposed;
        let channel = self.channel(close.channel)?;
        let side = self.check_own_side(channel)?;
        let position = channel.position(side);
        let theirs = match side {
            Side::A => by_b,
            Side::B => by_a,
        };
        let domain = &self.deployment().domain;
        let signer = theirs.and_then(|signature| close.recover(domain, &signature).ok());
        let same = (close.from_a, close.from_b) == (position.from_a, position.from_b);
        if !same || signer != Some(channel.terms.key(side.other())) {
            return Err(ChannelError::OtherClose);
        }
        let time = self.time(now);
        let deadline = close.deadline;
        if deadline < time || deadline > time.saturating_add(LONGEST_CLOSE) {
            return Err(ChannelError::CloseDeadline { deadline });
        }
        self.sign_close(keys, channel, side, proposed, now)
    }

    fn sign_close(
        &self,
        keys: &Unlocked,
        channel: &Channel,
        side: Side,
        mut signed: SignedClose,
        now: Timestamp,
    ) -> Result<Unstored<SignedClose>, ChannelError> {
        if channel.terms.is_one_way() {
            return Err(ChannelError::OneWayClose);
        }
        if matches!(
            channel.standing,
            ChannelStanding::Proposed | ChannelStanding::Closed
        ) {
            return Err(ChannelError::NotOpen(channel.standing));
        }
        let own = channel.own_key.as_ref().ok_or(ChannelError::NoKey)?;
        let address = own.address.address();
        let key = keys.open(SecretKind::Channel(address), address, &own.sealed)?;
        let signature = signed
            .close
            .sign(&self.deployment().domain, &key)
            .map_err(|_| KeyError::NotAKey)?;
        match side {
            Side::A => signed.by_a = Some(signature),
            Side::B => signed.by_b = Some(signature),
        }
        let deadline = signed.close.deadline;
        let until = channel
            .close_signed_until
            .map_or(deadline, |before| before.max(deadline));
        let channel = Channel {
            close_signed_until: Some(until),
            ..channel.clone()
        };
        Ok(self.decided(UseCase::UpdateChannel(channel), now, signed))
    }
}

impl<S: Storage> Wallet<S> {
    /// Signs a close of what both sides have sent, to be given to the other side.
    ///
    /// # Errors
    ///
    /// See [`State::propose_close`].
    pub fn propose_close(
        &mut self,
        id: ChannelId,
        now: Timestamp,
    ) -> Result<Durable<SignedClose>, ChannelError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let unstored = state.propose_close(keys, id, now)?;
        Ok(self.commit(unstored)?)
    }

    /// Signs a close that the other side proposed: then it has both signatures.
    ///
    /// # Errors
    ///
    /// See [`State::agree_to_close`].
    pub fn agree_to_close(
        &mut self,
        proposed: SignedClose,
        now: Timestamp,
    ) -> Result<Durable<SignedClose>, ChannelError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let unstored = state.agree_to_close(keys, proposed, now)?;
        Ok(self.commit(unstored)?)
    }
}
