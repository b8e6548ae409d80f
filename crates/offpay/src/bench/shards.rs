//! Servers over one database, or each over a shard of its own.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use offpay_operator::slots::Slot;
use offpay_protocol::PurseKey;
use offpay_store::operator::{Database, MoveError, Moving};

use super::{serving::Serving, world::World};
use crate::clock;

/// How long a shard may take until it has followed the chain.
const PATIENCE: Duration = Duration::from_secs(60);

/// What servers of the shards know one another by: nobody else reaches these.
const SECRET: &str = "servers-of-a-bench-that-know-one-another";

fn name(shard: usize) -> String {
    format!("s{shard}")
}

/// Starts servers. Where there are several databases, each has one.
pub(super) async fn start(world: &World, urls: &[String], servers: usize) -> Result<Vec<Serving>> {
    // Held until all have one, so that none is given out twice.
    let listeners: Vec<_> = (0..servers)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<_, _>>()?;
    let addresses: Vec<SocketAddr> = listeners
        .iter()
        .map(TcpListener::local_addr)
        .collect::<Result<_, _>>()?;
    drop(listeners);
    let mut servings = Vec::new();
    for (number, address) in addresses.iter().enumerate() {
        let folder = world.folder().join(format!("{}-{number}", address.port()));
        std::fs::create_dir(&folder)?;
        let shard = if urls.len() > 1 { number } else { 0 };
        let url = urls
            .get(shard)
            .context("there is no database for a server")?;
        let mut more = String::new();
        if urls.len() > 1 {
            write!(
                more,
                "[shards]\nown = \"{}\"\nhome = \"{}\"\nsecret = \"{SECRET}\"\n",
                name(shard),
                name(0)
            )?;
            for (shard, address) in addresses.iter().enumerate() {
                let name = name(shard);
                write!(
                    more,
                    "[[shards.list]]\nname = \"{name}\"\nservers = [\"http://{address}\"]\n"
                )?;
            }
        }
        servings.push(Serving::start_at(world, &folder, url, *address, &more).await?);
    }
    Ok(servings)
}

/// Gives each shard its part of the purses that are no slot's that stays at home.
pub(super) async fn spread(world: &World, databases: &[Database]) -> Result<()> {
    let home = databases.first().context("there is no database")?;
    let mut places: BTreeMap<Slot, usize> = BTreeMap::new();
    for (number, key) in world.purses.iter().enumerate() {
        let slot = Slot::of(PurseKey::new(key.address()));
        // As payments are shared out: a purse and the server that it pays through have the same number.
        if !slot.stays_home() {
            places.insert(slot, number % databases.len());
        }
    }
    for (slot, shard) in places.into_iter().filter(|(_, shard)| *shard > 0) {
        let (target, name) = (databases.get(shard).context("no such shard")?, name(shard));
        let began = Instant::now();
        loop {
            match Moving::new(home, target, &name, slot)
                .run(clock::now()?)
                .await
            {
                Err(MoveError::Behind { .. }) if began.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                moved => {
                    moved?;
                    break;
                }
            }
        }
    }
    Ok(())
}
