//! `OP1` codes on their way in and out: as text, in files, as QR codes.

mod read;
mod show;

pub(crate) use read::{codes, one_code};
pub(crate) use show::{CodeOutput, Shown};
