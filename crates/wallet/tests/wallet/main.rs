//! The wallet from outside: a payer, a payee and an operator on one clock.

mod backup;
mod channels;
mod clock;
mod crashes;
mod first_payment;
mod history;
mod keys;
mod limits;
mod properties;
mod purity;
mod receipts;
mod recovery;
mod refunds;
mod refusals_to_accept;
mod refusals_to_pay;
mod reports;
mod sync;
mod tills;
mod world;
