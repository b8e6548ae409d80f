//! Channels that were handed over to the watchtower.

use core::future::Future;

use offpay_protocol::{ChannelId, Timestamp};

use super::StorageError;
use crate::watch::Watched;

/// Channels that were handed over to the watchtower.
pub trait WatchStorage {
    /// Takes a channel, or newer vouchers of one: the newest of each side are kept. Gives what is kept.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn watch_channel(
        &self,
        watched: &Watched,
        now: Timestamp,
    ) -> impl Future<Output = Result<Watched, StorageError>> + Send;

    /// A channel that was handed over.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn watched_channel(
        &self,
        channel: ChannelId,
    ) -> impl Future<Output = Result<Option<Watched>, StorageError>> + Send;

    /// Those that are closing by the followed chain.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn watched_closing(&self) -> impl Future<Output = Result<Vec<Watched>, StorageError>> + Send;
}
