//! Which slots a database holds, and handing one over to another.

use core::future::Future;

use offpay_protocol::{PaymentId, PurseKey};

use super::{StorageError, clearing::StoredClearance};
use crate::slots::{ShardNames, Slot, SlotMap};

/// A payment's clearance that another shard gave, with the path to its root: the other payments of its tree stayed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedClearance {
    /// The clearance. Its number is the payment's here, and it counts one.
    pub clearance: StoredClearance,
    /// From the payment to the root.
    pub path: Vec<[u8; 32]>,
}

/// A purse's payment that is cleared, and its number.
pub type Numbered = (PurseKey, PaymentId, i64);

/// Which slots a database holds.
pub trait SlotStorage {
    /// The map.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn slot_map(&self) -> impl Future<Output = Result<SlotMap, StorageError>> + Send;

    /// The map's version alone.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn slot_map_version(&self) -> impl Future<Output = Result<i64, StorageError>> + Send;

    /// Makes the database the shard of this name, once: at the home shard with all slots, elsewhere with none. The same
    /// again changes nothing. Refused is another name than it has, and a database elsewhere that has cleared payments.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn become_shard(
        &self,
        names: &ShardNames,
    ) -> impl Future<Output = Result<SlotMap, StorageError>> + Send;

    /// Whether the server keeps keys of hosted purses of this slot: it stays where they are.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn has_hosted_purses(
        &self,
        slot: Slot,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// The clearance of a payment that came from another shard, by its number here.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    fn moved_clearance(
        &self,
        number: i64,
    ) -> impl Future<Output = Result<Option<MovedClearance>, StorageError>> + Send;
}
