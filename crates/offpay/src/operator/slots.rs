//! `offpay operator slots`: which shard has which purses, and moving them.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use offpay_operator::{
    slots::{HOME_SLOTS, Place, SLOTS, Slot, SlotMap},
    storage::SlotStorage as _,
};
use offpay_server::config::ShardsSection;
use offpay_store::{
    Database,
    operator::{MoveError, MovedRows, Moving},
};
use serde_json::json;

use super::table::Table;
use crate::{
    cli::Answer,
    clock,
    commands::serve::ConfigArguments,
    output::{Output, Style},
};

/// How often to look how far a target has followed the chain that is behind the source.
const WAIT: Duration = Duration::from_secs(2);
/// How often it may have got no further before this gives up.
const MOST_WAITS: u32 = 30;

/// Which shard has which purses.
#[derive(Debug, Args)]
#[command(
    after_help = "The databases are those of [[shards.list]], whose `database` has to be given for it. A move can be broken off \
    at any time, and goes on when the same command is run again: until then, purses of the one slot that it was at are not \
    cleared for.\n\nExamples:\n  offpay operator slots list --config offpay.toml\n  \
    offpay operator slots move 2048-4095 --to b --config offpay.toml"
)]
pub(super) struct Slots {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show which shard has which slots.
    List {
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Move slots to another shard, one after the other, while all servers run.
    Move {
        /// Which: `2048`, or `2048-4095`. Slots 0 to 255 stay at the home shard.
        #[arg(value_parser = slots)]
        slots: RangeInclusive<u16>,
        /// The shard that is to have them.
        #[arg(long, value_name = "SHARD")]
        to: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

fn slots(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let read = |text: &str| text.parse::<u16>().ok().filter(|slot| *slot < SLOTS);
    match (read(first), read(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(format!(
            "a slot is a number from 0 to {}, and a range has two of them: 2048-4095",
            SLOTS.saturating_sub(1)
        )),
    }
}

/// The databases of all shards.
struct Opened {
    databases: BTreeMap<String, Database>,
    /// The shard that they all call home.
    home: String,
}

impl Opened {
    async fn open(section: &ShardsSection) -> Result<Self> {
        if section.list.is_empty() {
            bail!("the configuration has no shards: [[shards.list]] names them");
        }
        let (mut databases, mut home) = (BTreeMap::new(), None);
        for shard in &section.list {
            let name = &shard.name;
            let Some(url) = &shard.database else {
                bail!(
                    "the database of the shard {name} is not given: set `database` in its [[shards.list]]"
                );
            };
            let database = Database::open(&url.read()?)
                .await
                .with_context(|| format!("the database of the shard {name}"))?;
            let names = match database.slot_map().await?.shard {
                Some(names) if names.own == *name => names,
                Some(names) => bail!(
                    "the database that is given for the shard {name} is that of {}: change `database` in [[shards.list]]",
                    names.own
                ),
                None => {
                    bail!(
                        "the database of the shard {name} is no shard yet: start its servers with [shards] in their configuration"
                    )
                }
            };
            let said = home.get_or_insert_with(|| names.home.clone());
            if *said != names.home {
                bail!(
                    "the shard {name} calls {} its home shard, and the ones before it {said}: they are not of one system",
                    names.home
                );
            }
            databases.insert(name.clone(), database);
        }
        let home = home.context("the configuration has no shards")?;
        Ok(Self { databases, home })
    }

    async fn maps(&self) -> Result<BTreeMap<&str, SlotMap>> {
        let mut maps = BTreeMap::new();
        for (name, database) in &self.databases {
            maps.insert(name.as_str(), database.slot_map().await?);
        }
        Ok(maps)
    }

    async fn close(&self) {
        for database in self.databases.values() {
            database.close().await;
        }
    }
}

/// Who has a slot: its owner, or who has it still while it is on its way there.
fn standing(maps: &BTreeMap<&str, SlotMap>, slot: Slot) -> Vec<(String, Option<String>)> {
    let mut standing = Vec::new();
    for (name, map) in maps {
        match map.place(slot) {
            Place::Here => standing.push(((*name).to_owned(), None)),
            Place::Leaving(to) => standing.push(((*name).to_owned(), Some(to.clone()))),
            Place::At(_) => {}
        }
    }
    standing
}

impl Slots {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        match &self.command {
            Command::List { config } => {
                let opened = Opened::open(&config.load()?.shards).await?;
                let answer = list(&opened, output, json).await;
                opened.close().await;
                answer
            }
            Command::Move { slots, to, config } => {
                let opened = Opened::open(&config.load()?.shards).await?;
                let answer = move_to(&opened, slots.clone(), to, output, json).await;
                opened.close().await;
                answer
            }
        }
    }
}

/// How a slot stands, in words.
fn words(standing: &[(String, Option<String>)]) -> String {
    let words: Vec<String> = standing
        .iter()
        .map(|(name, to)| match to {
            None => name.clone(),
            Some(to) => format!("{name}, leaving for {to}"),
        })
        .collect();
    if words.is_empty() {
        "nobody: a shard is missing from the list".to_owned()
    } else {
        words.join("; ")
    }
}

async fn list(opened: &Opened, output: &Output, json: bool) -> Result<Answer> {
    let maps = opened.maps().await?;
    let mut ranges: Vec<(u16, u16, String)> = Vec::new();
    for slot in Slot::all() {
        let words = words(&standing(&maps, slot));
        match ranges.last_mut() {
            Some((_, last, same)) if *same == words => *last = slot.number(),
            _ => ranges.push((slot.number(), slot.number(), words)),
        }
    }
    if json {
        let told: Vec<_> = ranges
            .iter()
            .map(|(first, last, at)| json!({ "first": first, "last": last, "at": at }))
            .collect();
        output.json(&json!({ "slots": told }))?;
        return Ok(Answer::Yes);
    }
    let mut table = Table::new(&[">from", ">to", ">slots", "at"]);
    for (first, last, at) in ranges {
        let count = u32::from(last)
            .saturating_sub(first.into())
            .saturating_add(1);
        table.row([first.to_string(), last.to_string(), count.to_string(), at]);
    }
    table.print(output)?;
    Ok(Answer::Yes)
}

async fn move_to(
    opened: &Opened,
    slots: RangeInclusive<u16>,
    to: &str,
    output: &Output,
    json: bool,
) -> Result<Answer> {
    let Some(target) = opened.databases.get(to) else {
        bail!("there is no shard {to} in the configuration");
    };
    let first = Slot::new(*slots.start()).filter(|slot| slot.stays_home());
    if let Some(first) = first
        && opened.home != to
    {
        bail!(
            "slot {first} stays at the home shard, as slots 0 to {} do: hosted purses are there, beside their accounts. \
             Move slots from {HOME_SLOTS} on",
            HOME_SLOTS.saturating_sub(1)
        );
    }
    let maps = opened.maps().await?;
    let (mut moved, mut all) = (0_u32, MovedRows::default());
    for slot in slots.filter_map(Slot::new) {
        let standing = standing(&maps, slot);
        // Taken over and not let go of: the source still says that it leaves.
        let source = standing
            .iter()
            .find(|(name, _)| name != to)
            .map(|(name, _)| name);
        let Some((name, source)) = source.and_then(|name| opened.databases.get_key_value(name))
        else {
            if standing.is_empty() {
                bail!("no shard of the configuration has slot {slot}: which one is missing?");
            }
            continue;
        };
        output.progress(&format!("slot {slot}: {name} to {to}"));
        // Another run may have been at work since the maps were read: each step looks for itself how the slot stands.
        let rows = moved_slot(&Moving::new(source, target, to, slot), output)
            .await
            .with_context(|| {
                format!(
                    "slot {slot} is not moved, {moved} before it are: when this is mended, go on with the same command"
                )
            })?;
        moved = moved.saturating_add(1);
        all.purses = all.purses.saturating_add(rows.purses);
        all.payments = all.payments.saturating_add(rows.payments);
        all.kept = all.kept.saturating_add(rows.kept);
        all.pairs = all.pairs.saturating_add(rows.pairs);
        all.stopped = all.stopped.saturating_add(rows.stopped);
    }
    if json {
        output.json(&json!({
            "slots": moved,
            "purses": all.purses,
            "payments": all.payments,
            "kept": all.kept,
            "pairs": all.pairs,
            "stopped": all.stopped,
        }))?;
        return Ok(Answer::Yes);
    }
    let said = if moved == 0 {
        format!("Nothing is to be done: {to} has them.")
    } else {
        format!(
            "Moved to {to}: {moved} slots with {} purses, {} cleared payments, {} kept, {} debts.",
            all.purses, all.payments, all.kept, all.pairs
        )
    };
    output.line(&output.paint(Style::Good, &said))?;
    Ok(Answer::Yes)
}

/// Moves one, and waits for a target that is behind the chain, as long as it gets on.
async fn moved_slot(moving: &Moving<'_>, output: &Output) -> Result<MovedRows> {
    let (mut waits, mut before) = (0, None);
    loop {
        match moving.run(clock::now()?).await {
            Err(MoveError::Behind {
                target,
                source_block,
            }) if waits < MOST_WAITS => {
                output.progress(&format!(
                    "waiting for the target to follow the chain: block {target} of {source_block}"
                ));
                waits = if before == Some(target) {
                    waits.saturating_add(1)
                } else {
                    0
                };
                before = Some(target);
                tokio::time::sleep(WAIT).await;
            }
            done => return Ok(done?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_slots_is_read() {
        assert_eq!(slots("7"), Ok(7..=7));
        assert_eq!(slots("2048-4095"), Ok(2_048..=4_095));
        for text in ["4096", "9-8", "-1", "", "a-b", "1-2-3"] {
            assert!(slots(text).is_err(), "{text}");
        }
    }
}
