//! The operator's storage: the same meaning on SQLite and on PostgreSQL. One file for each area.

mod admin;
mod attempts;
mod chain;
mod channels;
mod clearing;
mod events;
mod export;
mod idempotency;
mod identity;
mod leases;
mod money;
mod portable;
mod settling;
mod slots;
mod versions;
mod webhooks;
