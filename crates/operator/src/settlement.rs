//! What is brought on-chain, when, and in which transactions.
//!
//! Every debt has a [deadline](Policy::deadline) and a time [by which it is sent](Policy::start_by), long before. Until
//! then it waits for company, because a row in a batch costs a third of a transaction of its own, and for cheap gas.

mod plan;
mod row;

pub use plan::{Debt, Plan, PlannedBatch, Policy, plan};
pub use row::{RowState, Verdict, judge};
