//! Money of hosted users: what they asked the chain to do, and what their purses have signed.

mod channel;
mod operation;
mod payment;
mod purse;
mod request;

pub use channel::{
    ChannelChange, ChannelOffer, ChannelPayment, ChannelRefusal, EndBefore, HostedChannel,
    NewChannel, NewVoucher, OnChain, SignedClose, accept_voucher, agree_to_close, can_send,
    plan_close, plan_voucher, takes_vouchers,
};
pub use operation::{
    NewOperation, Operation, OperationId, OperationKind, OperationState, Reached, Shown,
};
pub use payment::{HostedPayment, NewPayment, PaymentState};
pub use purse::{HostedPurse, Keeper, NewPurse, PayRefusal, RETIRED, plan};
pub use request::{RequestId, StoredRequest};
