//! Writes `vectors.json`, which Foundry and viem tests read: `cargo run -p offpay-protocol --example vectors`.

mod codes;
mod conflicts;
mod generate;
mod instances;
mod refused;
mod solidity;

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors.json");
    let mut text = serde_json::to_string_pretty(&generate::vectors())?;
    text.push('\n');
    fs::write(path, text)
}
