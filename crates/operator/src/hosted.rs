//! Money of hosted users: what they asked the chain to do, and what their purses have signed.

mod operation;
mod payment;
mod purse;
mod request;

pub use operation::{NewOperation, Operation, OperationId, OperationKind, OperationState};
pub use payment::{HostedPayment, NewPayment, PaymentState};
pub use purse::{HostedPurse, Keeper, NewPurse, PayRefusal, plan};
pub use request::{RequestId, StoredRequest};
