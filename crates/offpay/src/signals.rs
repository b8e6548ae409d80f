//! When to stop.

use anyhow::{Context, Result};

/// Waits for Ctrl-C, or for what a supervisor sends (SIGTERM).
pub(crate) async fn stop() -> Result<()> {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).context("no signals")?;
        tokio::select! {
            interrupted = interrupted => interrupted.context("no signals")?,
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await.context("no signals")?;
    Ok(())
}
