//! Hosted users.

mod guesses;
mod passkeys;
mod recovery;
mod rows;
mod secrets;
mod sessions;
mod tokens;
mod users;
