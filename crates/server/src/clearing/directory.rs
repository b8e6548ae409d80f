//! Where clearing learns what the chain says of purses.

use std::{future::Future, pin::Pin};

use offpay_operator::{
    follower::Subject,
    purse::KnownPurse,
    storage::{
        StorageError,
        chain::{FollowerStorage as _, known_purse},
    },
};
use offpay_protocol::PurseKey;
use offpay_store::Database;

/// What the directory says of the purses that it was asked about, in their order.
pub type Told<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Option<KnownPurse>>, StorageError>> + Send + 'a>>;

/// What the chain says of purses.
pub trait PurseDirectory: Send + Sync {
    /// What is known of each of these; `None` for one that no finalized block has.
    fn purses<'a>(&'a self, keys: &'a [PurseKey]) -> Told<'a>;
}

/// The followed chain.
impl PurseDirectory for Database {
    fn purses<'a>(&'a self, keys: &'a [PurseKey]) -> Told<'a> {
        Box::pin(async move {
            let subjects: Vec<_> = keys.iter().copied().map(Subject::Purse).collect();
            let mut told = vec![None; keys.len()];
            let places: std::collections::HashMap<_, _> = keys.iter().zip(0..).collect();
            for (subject, followed) in self.followed(&subjects).await? {
                if let Subject::Purse(key) = subject
                    && followed.finalized.is_some()
                    && let Some(place) = places
                        .get(&key)
                        .and_then(|place: &usize| told.get_mut(*place))
                {
                    *place = known_purse(key, &followed);
                }
            }
            Ok(told)
        })
    }
}
