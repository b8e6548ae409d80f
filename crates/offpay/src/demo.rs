//! The story of OffPay on a chain of its own. Every step checks every balance.

use anyhow::Result;

use crate::output::Output;

mod audit;
mod books;
mod cast;
mod closing;
mod report;
mod scenes;
mod stage;
mod wallets;

/// Plays it.
pub(crate) async fn play(output: &Output, json: bool) -> Result<()> {
    let began = std::time::Instant::now();
    let mut stage = scenes::setup::deploy(output, json).await?;
    scenes::setup::register(&mut stage).await?;
    let mut devices = scenes::offline::play(&mut stage).await?;
    scenes::settling::play(&mut stage, &devices).await?;
    scenes::cheat::play(&mut stage, &mut devices).await?;
    scenes::double_spend::play(&mut stage, &mut devices).await?;
    scenes::relay::play(&mut stage, &devices).await?;
    scenes::channel::play(&mut stage).await?;
    let stale = scenes::stale_close::play(&mut stage).await?;
    scenes::farewell::play(&mut stage, &devices, &stale).await?;
    scenes::two_devices::play(&mut stage).await?;
    closing::summary(&stage, began.elapsed())
}
