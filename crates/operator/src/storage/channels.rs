//! Channels of hosted users, as they are stored.

use core::future::Future;

use offpay_protocol::{ChannelId, ChannelKey, PaymentId, Timestamp, channel::Side};

use super::StorageError;
use crate::{
    UserId,
    event::NewEvent,
    hosted::{
        ChannelChange, ChannelOffer, ChannelPayment, EndBefore, HostedChannel, NewChannel,
        NewOperation, NewVoucher, Operation, SignedClose,
    },
    ledger::channel::Noted,
    outbox::NewTransaction,
};

/// Channels of hosted users.
pub trait HostedChannelStorage {
    /// Stores an offer: the key is in the vault already.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_channel_offer(
        &self,
        offer: &ChannelOffer,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// The offer of a key.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channel_offer(
        &self,
        key: ChannelKey,
    ) -> impl Future<Output = Result<Option<ChannelOffer>, StorageError>> + Send;

    /// How many offers of a user nobody has taken.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn open_channel_offers(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<u64, StorageError>> + Send;

    /// Stores an operation on a channel, the transaction that does it, and what it changes. `None`, and nothing is
    /// stored, if an end is not as it was when this was decided, or an offer was taken meanwhile: decide anew.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn start_channel_operation(
        &self,
        operation: &NewOperation,
        transaction: &NewTransaction,
        change: &ChannelChange,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Operation>, StorageError>> + Send;

    /// Stores an end of a channel that somebody else opened, takes its offer, and hands the channel to the watchtower.
    /// `false`, and nothing is stored, if the end is there already or its offer was taken.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn join_channel(
        &self,
        end: &NewChannel,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// The ends of a channel that are hosted here: none, one or both.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channel_ends(
        &self,
        channel: ChannelId,
    ) -> impl Future<Output = Result<Vec<HostedChannel>, StorageError>> + Send;

    /// A user's ends of channels, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn hosted_channels(
        &self,
        user: UserId,
        before: Option<i64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<HostedChannel>, StorageError>> + Send;

    /// Stores a voucher at every hosted end, enters it in the books and hands it to the watchtower. `false`, and
    /// nothing is stored, if an end is not as it was when this was decided: decide anew.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_voucher(
        &self,
        voucher: &NewVoucher,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// The payment that was stored under the name of a request.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channel_payment_once(
        &self,
        once: [u8; 32],
    ) -> impl Future<Output = Result<Option<ChannelPayment>, StorageError>> + Send;

    /// A payment in a channel.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channel_payment(
        &self,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<ChannelPayment>, StorageError>> + Send;

    /// Payments in a channel, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channel_payments(
        &self,
        channel: ChannelId,
        before: Option<i64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ChannelPayment>, StorageError>> + Send;

    /// Stores a close that `side` signed, before anybody sees it. `false`, and nothing is stored, if the end is not as
    /// it was when this was decided.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn record_close(
        &self,
        close: &SignedClose,
        side: Side,
        before: &EndBefore,
        events: &[NewEvent],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Which of these channels have an end here, and what the books have noted of their vouchers.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn channels_noted(
        &self,
        channels: &[ChannelId],
    ) -> impl Future<Output = Result<Vec<(ChannelId, Noted)>, StorageError>> + Send;
}
