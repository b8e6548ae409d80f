//! What an account can use now.

use offpay_operator::{
    UserId,
    follower::AccountState,
    storage::{ChainStorage as _, OperationStorage as _, StorageError},
};
use offpay_protocol::{AccountId, Amount};

use crate::App;

/// What an account can use now: what the chain's head shows, less what operations under way will take.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Available {
    /// At the head.
    pub(crate) head: AccountState,
    /// In the newest final block.
    pub(crate) finalized: AccountState,
    /// What operations under way will take of the balance.
    pub(crate) held: Amount,
    /// What they will take of the collateral that is not pledged.
    pub(crate) held_collateral: Amount,
}

impl Available {
    /// Balance.
    pub(crate) const fn balance(&self) -> Amount {
        self.head.balance.saturating_sub(self.held)
    }

    /// Collateral that is not pledged.
    pub(crate) const fn collateral(&self) -> Amount {
        self.head
            .collateral
            .saturating_sub(self.head.pledged)
            .saturating_sub(self.held_collateral)
    }
}

/// What an account of a user can use now.
pub(crate) async fn available(
    app: &App,
    user: UserId,
    account: AccountId,
) -> Result<Available, StorageError> {
    // Operations first: one that is mined meanwhile is counted twice rather than not at all.
    let open = app.database.open_operations(user).await?;
    let (head, finalized) = app.database.chain_account(account).await?;
    let mut available = Available {
        head,
        finalized,
        ..Available::default()
    };
    for operation in open
        .iter()
        .filter(|operation| operation.state.holds_money())
    {
        let add = |to: Amount, amount| to.checked_add(amount).unwrap_or(Amount::MAX);
        available.held = add(available.held, operation.asked.spends_balance);
        available.held_collateral =
            add(available.held_collateral, operation.asked.spends_collateral);
    }
    Ok(available)
}
