use offpay_protocol::{
    AccountId, Amount, ChannelKey, Nonce, Seconds, SigningKey, Timestamp, channel::Side,
    messages::ChannelTerms,
};

use super::ChannelError;
use crate::{
    Durable, Entropy, State, Unstored, Wallet,
    keys::{KeyError, SecretKind, Unlocked},
    records::{Channel, ChannelStanding, OwnChannelKey},
    storage::Storage,
    use_case::UseCase,
};

/// What the side that is to receive as well gives to the side that opens a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelOffer {
    /// Its account.
    pub account: AccountId,
    /// Its channel key.
    pub key: ChannelKey,
}

/// What the side that opens a channel decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelProposal {
    /// The other side.
    pub counterparty: AccountId,
    /// The other side's channel key; `None` for a channel that goes one way, to it.
    pub counterparty_key: Option<ChannelKey>,
    /// How long either side can answer a requested close; `None` for the deployment's own delay.
    pub close_delay: Option<Seconds>,
}

impl State {
    /// Makes a channel key.
    ///
    /// # Errors
    ///
    /// See [`ChannelError`].
    pub fn prepare_channel_key(
        &self,
        keys: &Unlocked,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Unstored<ChannelOffer>, ChannelError> {
        if !self.identity().can_pay() {
            return Err(ChannelError::CannotPay);
        }
        let secret = entropy.draw::<32>("channel key");
        let key = SigningKey::from_bytes(&secret).map_err(|_| KeyError::NotAKey)?;
        let address = key.address();
        let nonce = entropy.draw::<24>("channel key nonce");
        let sealed = keys.seal(SecretKind::Channel(address), &key, &nonce)?;
        let offer = ChannelOffer {
            account: self.account(),
            key: address.into(),
        };
        let own = OwnChannelKey {
            address: offer.key,
            sealed,
        };
        Ok(self.decided(UseCase::PrepareChannelKey(own), now, offer))
    }

    /// The terms of a channel that this wallet opens with a key that it made.
    fn terms(&self, key: ChannelKey, proposal: &ChannelProposal, salt: Nonce) -> ChannelTerms {
        ChannelTerms {
            a: self.account(),
            b: proposal.counterparty,
            key_a: key,
            key_b: proposal.counterparty_key.unwrap_or(ChannelKey::ZERO),
            close_delay: proposal
                .close_delay
                .unwrap_or(self.deployment().parameters.close_delay),
            salt,
        }
    }

    /// Takes up a channel with these terms: one that this wallet opens, or one that the other side opened.
    ///
    /// # Errors
    ///
    /// [`ChannelError::NotOurs`], and [`ChannelError::Terms`] above all if the key on this wallet's side is not its own:
    /// whoever has it could sign this wallet's money away.
    pub fn add_channel(
        &self,
        terms: ChannelTerms,
        now: Timestamp,
    ) -> Result<Unstored<ChannelTerms>, ChannelError> {
        let account = self.account();
        let side = [Side::A, Side::B]
            .into_iter()
            .find(|side| terms.account(*side) == account);
        let side = side.ok_or(ChannelError::NotOurs)?;
        let channel = Channel {
            id: terms.id(&self.deployment().domain),
            own_key: self.records().channel_keys.get(&terms.key(side)).cloned(),
            terms,
            added_at: self.time(now),
            deposit_a: Amount::ZERO,
            deposit_b: Amount::ZERO,
            sent: Amount::ZERO,
            newest_sent: None,
            received: Amount::ZERO,
            newest_received: None,
            handed_in: Amount::ZERO,
            seen_open: None,
            standing: ChannelStanding::Proposed,
            close_signed_until: None,
        };
        self.check_own_side(&channel)?;
        Ok(self.decided(UseCase::AddChannel(channel), now, terms))
    }
}

impl<S: Storage> Wallet<S> {
    /// Makes a channel key, to be given to the side that opens the channel.
    ///
    /// # Errors
    ///
    /// See [`ChannelError`].
    pub fn prepare_channel_key(
        &mut self,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Durable<ChannelOffer>, ChannelError> {
        self.prepare(now)?;
        let (state, keys) = self.keys(now)?;
        let unstored = state.prepare_channel_key(keys, entropy, now)?;
        Ok(self.commit(unstored)?)
    }

    /// Makes the terms of a channel that this wallet opens, with a fresh key: the first argument of `openChannel`, and
    /// what the other side is to be given.
    ///
    /// # Errors
    ///
    /// See [`ChannelError`].
    pub fn propose_channel(
        &mut self,
        proposal: &ChannelProposal,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Result<Durable<ChannelTerms>, ChannelError> {
        let own = self.prepare_channel_key(entropy, now)?;
        let salt = Nonce::new((*entropy.draw::<32>("channel salt")).into());
        let terms = self.state().terms(own.key, proposal, salt);
        let unstored = self.state().add_channel(terms, now)?;
        Ok(self.commit(unstored)?)
    }

    /// Takes up a channel that the other side proposed or opened.
    ///
    /// # Errors
    ///
    /// See [`State::add_channel`].
    pub fn join_channel(
        &mut self,
        terms: ChannelTerms,
        now: Timestamp,
    ) -> Result<Durable<ChannelTerms>, ChannelError> {
        self.prepare(now)?;
        let unstored = self.state().add_channel(terms, now)?;
        Ok(self.commit(unstored)?)
    }
}
