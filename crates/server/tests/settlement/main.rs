//! What is owed reaches the chain by itself: in batches, before the purse can close, and out of collateral when the
//! payer does not make good.

mod batches;
mod defaults;
mod support;
