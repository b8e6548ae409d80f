//! Accounts over HTTP, through the whole server.

mod access_tokens;
mod admin;
mod guessing;
mod logs;
mod operator;
mod passkeys;
mod personal_data;
mod recovery;
mod second_factor;
mod sessions;
mod support;
mod wallet;
