//! The server over HTTP: what surrounds every endpoint.

mod config;
mod connections;
mod coverage;
mod documents;
mod errors;
mod events;
mod health;
mod idempotency;
mod limits;
mod users;
mod web;
