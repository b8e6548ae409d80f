//! What the machine can do at most: signatures that one core recovers, and writes that the disk makes durable.

use std::{
    fs::File,
    hint::black_box,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use alloy_primitives::keccak256;
use anyhow::{Context as _, Result};
use offpay_chain::local;

/// Counts for a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    /// Signatures whose signer one core recovers.
    pub(super) recover_per_s: f64,
    /// Writes of one page that are made durable one after the other.
    pub(super) fsync_per_s: f64,
}

/// How many different signatures are tried.
const SIGNATURES: usize = 64;
/// What SQLite writes at once.
const PAGE: [u8; 4096] = [0x5a; 4096];

/// Measures each for so long.
pub(super) fn measure(folder: &Path, time: Duration) -> Result<Machine> {
    Ok(Machine {
        recover_per_s: recover(time)?,
        fsync_per_s: fsync(folder, time)?,
    })
}

fn recover(time: Duration) -> Result<f64> {
    let key = local::key("bench")?;
    let signed: Result<Vec<_>, _> = (0..SIGNATURES)
        .map(|number| {
            let digest = keccak256(number.to_be_bytes());
            key.sign(digest).map(|signature| (digest, signature))
        })
        .collect();
    let signed = signed?;
    // In short runs, of which the best counts: others may use the machine.
    let (mut best, began) = (0.0_f64, Instant::now());
    while began.elapsed() < time {
        let round = Instant::now();
        for (digest, signature) in &signed {
            let signer = black_box(signature).recover(*digest)?;
            black_box(signer);
        }
        best = best.max(SIGNATURES as f64 / round.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn fsync(folder: &Path, time: Duration) -> Result<f64> {
    let path = folder.join("sync");
    let mut file = File::create(&path).with_context(|| format!("{}", path.display()))?;
    let (mut count, began) = (0_u32, Instant::now());
    while began.elapsed() < time {
        if count.is_multiple_of(1_000) {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&PAGE)?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / began.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    Ok(rate)
}

impl Machine {
    pub(super) fn best_of(&mut self, other: &Self) {
        self.recover_per_s = self.recover_per_s.max(other.recover_per_s);
        self.fsync_per_s = self.fsync_per_s.max(other.fsync_per_s);
    }

    pub(super) fn told(&self) -> String {
        format!(
            "machine       {:.0} recoveries a second on one core, {:.0} fdatasync a second",
            self.recover_per_s, self.fsync_per_s
        )
    }
}
