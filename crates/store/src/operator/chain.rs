//! What the followed chain says.

mod columns;
mod follow;
mod read;
