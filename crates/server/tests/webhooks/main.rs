//! Webhooks: a real server calls a real receiver over HTTP.

mod delivering;
mod disabling;
mod documented;
mod endpoints;
mod failing;
mod kinds;
mod receiver;
mod secrets;
mod several;
mod support;
mod targets;
