//! One look at the nodes, and what follows from it.

use offpay_chain::{Contract, Deployment};
use offpay_operator::{
    event::{Audience, NewEvent},
    follower::{self, Alarm, BlockRef, Course, Cursor, Deployed, Views, Which, WhichNode, course},
    storage::{FollowerStorage as _, Forward},
};
use offpay_protocol::{Seconds, Timestamp};
use offpay_store::Database;

use super::{
    FollowError, FollowedChain,
    alarms::Alarms,
    catch_up,
    sources::{Nodes, Sources, at, reference},
};
use crate::config::{Config, FollowSection};

/// How many blocks that can be taken back are applied at once.
const WINDOW: u64 = 32;

/// Whether there is more to do at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The head is where the nodes' is.
    CaughtUp,
    /// There is more.
    More,
}

/// Follows the chain.
#[derive(Debug)]
pub struct Follower {
    database: Database,
    nodes: Nodes,
    settings: FollowSection,
    chain: FollowedChain,
    alarms: Alarms,
    sources: Option<Sources>,
    deployed: Option<Deployed>,
    /// How many blocks nodes answer at once, as far as is known.
    range: u64,
}

impl Follower {
    /// A follower that goes on where the database ends.
    pub fn new(
        database: Database,
        config: &Config,
        deployment: Deployment,
        chain: FollowedChain,
    ) -> Self {
        Self {
            alarms: Alarms::new(database.clone(), chain.clone()),
            nodes: Nodes {
                urls: config.chain.nodes.clone(),
                deployment,
                settings: config.follow,
            },
            settings: config.follow,
            range: config.follow.range.max(1),
            sources: None,
            deployed: None,
            database,
            chain,
        }
    }

    /// The guard at the start: the right chain, the right contract, and the database of that contract. To be asked
    /// before anything is served; a node that does not answer is no reason not to start.
    ///
    /// # Errors
    ///
    /// [`FollowError`]; if it is [retryable](FollowError::is_retryable), only no node answers.
    pub async fn check(&mut self) -> Result<(), FollowError> {
        let mut sources = Sources::new(&self.nodes)?;
        let first = sources.first.connect(&self.nodes).await;
        let second = match &mut sources.second {
            Some(second) => second.connect(&self.nodes).await,
            None => Ok(()),
        };
        let deployed = sources
            .contract(Which::First)
            .or(sources.contract(Which::Second))
            .ok()
            .map(deployed);
        self.sources = Some(sources);
        for result in [first, second] {
            if let Err(error) = result
                && !error.is_retryable()
            {
                return Err(error);
            }
        }
        match deployed {
            Some(deployed) => self.require(deployed).await,
            None => Err(FollowError::NoNode),
        }
    }

    /// Looks at the nodes once, and goes as far as they allow.
    ///
    /// # Errors
    ///
    /// [`FollowError`] says why it is not followed at the moment. What was applied before is stored.
    pub async fn step(&mut self, now: Timestamp) -> Result<Progress, FollowError> {
        let stepped = self.look_and_follow(now).await;
        let inconsistent = matches!(stepped, Err(FollowError::Inconsistent(_)));
        let gone = matches!(stepped, Err(FollowError::FinalBlockGone(_)));
        let disagree = matches!(stepped, Err(FollowError::Disagree(_)));
        self.alarms
            .set(Alarm::Inconsistent, inconsistent, now)
            .await?;
        self.alarms.set(Alarm::FinalBlockGone, gone, now).await?;
        let grace = Seconds::new(self.settings.disagreement_s).unwrap_or_default();
        self.alarms
            .set_after(Alarm::NodesDisagree, disagree, grace, now)
            .await?;
        self.look_at_the_head(now).await?;
        stepped
    }

    async fn look_and_follow(&mut self, now: Timestamp) -> Result<Progress, FollowError> {
        if self.chain.cursor().is_none()
            && let Some(cursor) = self.database.chain_cursor().await?
        {
            self.chain.moved(cursor);
        }
        let sources = match self.sources.take() {
            Some(sources) => sources,
            None => Sources::new(&self.nodes)?,
        };
        let sources = self.sources.insert(sources);
        let looked = sources.look(&self.nodes).await;
        let mut states = vec![(Which::First, sources.first.is_up(), sources.first.wrong)];
        if let Some(second) = &sources.second {
            states.push((Which::Second, second.is_up(), second.wrong));
        }
        for (which, up, wrong) in states {
            let which = WhichNode::from(which);
            self.alarms.set(Alarm::NodeDown(which), !up, now).await?;
            self.alarms
                .set(Alarm::WrongNode(which), !up && wrong, now)
                .await?;
        }
        let views = looked?;
        let course = match course(&views, self.settings.most_lag) {
            Ok(course) => course,
            Err(_) => return Err(FollowError::Disagree(height(&views))),
        };
        for which in [Which::First, Which::Second] {
            let lagging = course.lagging == Some(which);
            self.alarms
                .set(Alarm::NodeLagging(which.into()), lagging, now)
                .await?;
        }
        self.follow(&course, now).await
    }

    async fn follow(&mut self, course: &Course, now: Timestamp) -> Result<Progress, FollowError> {
        let sources = self.sources.as_ref().ok_or(FollowError::NoNode)?;
        let contract = sources.contract(course.source)?.clone();
        let other = sources.other(course.source).cloned();
        self.require(deployed(&contract)).await?;
        let Some(mut cursor) = self.cursor_or_start(&contract, course).await? else {
            return Ok(Progress::CaughtUp);
        };
        if let Some(to) = self.fork(&contract, &cursor, course.head).await? {
            cursor = self.go_back(&cursor, to, now).await?;
        }
        let final_to = course.finalized.unwrap_or(0);
        if cursor.head == cursor.finalized && final_to > cursor.head.number {
            self.catch_up(&contract, other.as_ref(), &cursor, final_to, now)
                .await?;
            return Ok(Progress::More);
        }
        if course.head > cursor.head.number {
            let to = course.head.min(cursor.head.number.saturating_add(WINDOW));
            cursor = self
                .go_forward(
                    &contract,
                    other.as_ref().filter(|_| course.lagging.is_none()),
                    &cursor,
                    to,
                    now,
                )
                .await?;
        }
        let final_to = final_to.min(cursor.head.number);
        if final_to > cursor.finalized.number {
            let to = final_to.min(cursor.finalized.number.saturating_add(self.range));
            cursor = self
                .make_final(&contract, other.as_ref(), &cursor, to)
                .await?;
        }
        self.chain.moved(cursor);
        let done = cursor.head.number >= course.head && cursor.finalized.number >= final_to;
        Ok(if done {
            Progress::CaughtUp
        } else {
            Progress::More
        })
    }

    /// The database belongs to one deployment.
    async fn require(&mut self, here: Deployed) -> Result<(), FollowError> {
        if self.deployed.is_none() {
            self.deployed = self.database.chain_deployed().await?;
        }
        match self.deployed {
            Some(known) if known != here => Err(FollowError::OtherDeployment),
            _ => Ok(()),
        }
    }

    async fn cursor_or_start(
        &self,
        contract: &Contract,
        course: &Course,
    ) -> Result<Option<Cursor>, FollowError> {
        if let Some(cursor) = self.database.chain_cursor().await? {
            return Ok(Some(cursor));
        }
        let Some(finalized) = course.finalized else {
            return Ok(None);
        };
        let number = self
            .nodes
            .deployment
            .block
            .unwrap_or(0)
            .saturating_sub(1)
            .min(finalized);
        let from = reference(&at(contract.node(), number).await?);
        self.database.start_chain(&deployed(contract), from).await?;
        Ok(self.database.chain_cursor().await?)
    }

    /// Where the followed chain and the node's part, if they do.
    async fn fork(
        &self,
        contract: &Contract,
        cursor: &Cursor,
        head: u64,
    ) -> Result<Option<BlockRef>, FollowError> {
        let reach = head.min(cursor.head.number);
        let same = async |block: &BlockRef| -> Result<bool, FollowError> {
            Ok(at(contract.node(), block.number).await?.hash == block.hash)
        };
        if reach == cursor.head.number && same(&cursor.head).await? {
            return Ok(None);
        }
        let mut parted = false;
        for block in self.database.chain_blocks().await? {
            if block.number > reach {
                continue;
            }
            if same(&block).await? {
                // A node that is merely behind takes nothing back.
                return Ok(parted.then_some(block));
            }
            if block.number <= cursor.finalized.number {
                return Err(FollowError::FinalBlockGone(block.number));
            }
            parted = true;
        }
        Ok(None)
    }

    async fn go_back(
        &self,
        cursor: &Cursor,
        to: BlockRef,
        now: Timestamp,
    ) -> Result<Cursor, FollowError> {
        let live = self
            .database
            .live_entries(cursor.finalized.number, cursor.head.number)
            .await?;
        let gone = live
            .iter()
            .filter(|entry| entry.place.block.number > to.number);
        let touched = follower::touched(gone).into_iter().collect();
        let finals = catch_up::states(&self.database, touched, true).await?;
        let back = follower::roll_back(&live, to.number, &finals)?;
        let depth = cursor.head.number - to.number;
        let event = NewEvent {
            audience: Audience::Operator,
            kind: "chain.reorg",
            body: serde_json::json!({
                "from": cursor.head.number,
                "to": to.number,
                "depth": depth,
                "facts_removed": back.removed.len(),
            }),
        };
        let moved = self
            .database
            .go_back(cursor.head, to, &back, &[event], now)
            .await?;
        if !moved {
            return Err(FollowError::OtherFollower);
        }
        metrics::counter!("offpay_chain_reorgs_total").increment(1);
        metrics::counter!("offpay_chain_blocks_taken_back_total").increment(depth);
        tracing::warn!(
            from = cursor.head.number,
            to = to.number,
            facts = back.removed.len(),
            "reorg"
        );
        Ok(Cursor {
            head: to,
            ..*cursor
        })
    }

    /// Blocks that can be taken back, one by one.
    async fn go_forward(
        &self,
        contract: &Contract,
        other: Option<&Contract>,
        cursor: &Cursor,
        to: u64,
        now: Timestamp,
    ) -> Result<Cursor, FollowError> {
        let (blocks, heard) = catch_up::window(contract, other, cursor.head, to).await?;
        let deployed = deployed(contract);
        let mut known = catch_up::known(&self.database, &heard, &deployed, false).await?;
        let forward = Forward {
            from: cursor.head,
            blocks,
            advance: follower::advance(heard, &mut known, &deployed)?,
            is_final: false,
        };
        self.store(&forward, cursor, now).await
    }

    /// Blocks that are final, many at once.
    async fn catch_up(
        &mut self,
        contract: &Contract,
        other: Option<&Contract>,
        cursor: &Cursor,
        final_to: u64,
        now: Timestamp,
    ) -> Result<(), FollowError> {
        let to = final_to.min(cursor.head.number.saturating_add(self.range));
        let heard = match self.agreed(contract, other, cursor.head.number, to).await {
            Err(error) if catch_up::is_too_much(&error) && self.range > 1 => {
                self.range = (self.range / 2).max(1);
                return Ok(());
            }
            heard => heard?,
        };
        let last = reference(&at(contract.node(), to).await?);
        if let Some(other) = other
            && at(other.node(), to).await?.hash != last.hash
        {
            return Err(FollowError::Disagree(to));
        }
        let deployed = deployed(contract);
        let mut known = catch_up::known(&self.database, &heard, &deployed, false).await?;
        let forward = Forward {
            from: cursor.head,
            blocks: vec![last],
            advance: follower::advance(heard, &mut known, &deployed)?,
            is_final: true,
        };
        let cursor = self.store(&forward, cursor, now).await?;
        self.chain.moved(cursor);
        Ok(())
    }

    /// What is heard in final blocks; of both nodes, if there are two.
    async fn agreed(
        &self,
        contract: &Contract,
        other: Option<&Contract>,
        above: u64,
        to: u64,
    ) -> Result<Vec<follower::HeardAt>, FollowError> {
        let (ours, heard) = catch_up::range(contract, above, to).await?;
        if let Some(other) = other {
            let theirs = other.events(above + 1..=to).await?;
            if !catch_up::same(&ours, &theirs) {
                return Err(FollowError::Disagree(to));
            }
        }
        Ok(heard)
    }

    async fn store(
        &self,
        forward: &Forward,
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<Cursor, FollowError> {
        if !self.database.go_forward(forward, &[], now).await? {
            return Err(FollowError::OtherFollower);
        }
        let head = forward.blocks.last().copied().unwrap_or(cursor.head);
        Ok(Cursor {
            head,
            finalized: if forward.is_final {
                head
            } else {
                cursor.finalized
            },
        })
    }

    /// Blocks become final: what both nodes tell of them now has to be what was applied then.
    async fn make_final(
        &self,
        contract: &Contract,
        other: Option<&Contract>,
        cursor: &Cursor,
        to: u64,
    ) -> Result<Cursor, FollowError> {
        let blocks = self.database.chain_blocks().await?;
        let block = blocks.iter().find(|block| block.number == to);
        let block = *block.ok_or(FollowError::Moved)?;
        if at(contract.node(), to).await?.hash != block.hash {
            return Err(FollowError::Moved);
        }
        let entries = self
            .database
            .live_entries(cursor.finalized.number, to)
            .await?;
        let deployed = deployed(contract);
        let heard = self
            .agreed(contract, other, cursor.finalized.number, to)
            .await?;
        let mut finals = catch_up::known(&self.database, &heard, &deployed, true).await?;
        let told = follower::advance(heard, &mut finals, &deployed)?;
        let applied = entries.iter().map(|entry| (entry.place, &entry.fact));
        if !applied.eq(told.entries.iter().map(|entry| (entry.place, &entry.fact))) {
            return Err(FollowError::Disagree(to));
        }
        if !self
            .database
            .make_final(cursor.finalized, block, &told.states)
            .await?
        {
            return Err(FollowError::OtherFollower);
        }
        Ok(Cursor {
            finalized: block,
            ..*cursor
        })
    }

    async fn look_at_the_head(&self, now: Timestamp) -> Result<(), FollowError> {
        let Some(cursor) = self.chain.cursor() else {
            return Ok(());
        };
        let age = now.since(cursor.head.time);
        #[allow(clippy::cast_precision_loss)] // Gauges are floating point.
        {
            metrics::gauge!("offpay_chain_head").set(cursor.head.number as f64);
            metrics::gauge!("offpay_chain_finalized").set(cursor.finalized.number as f64);
            metrics::gauge!("offpay_chain_head_age_seconds").set(age.get() as f64);
        }
        let stale = self.settings.stale_s != 0 && age.get() > self.settings.stale_s;
        Ok(self.alarms.set(Alarm::StaleHead, stale, now).await?)
    }
}

fn deployed(contract: &Contract) -> Deployed {
    Deployed {
        chain_id: contract.domain().chain_id(),
        contract: contract.address(),
        treasury: contract.configuration().treasury,
    }
}

/// The lower of two heads.
const fn height(views: &Views) -> u64 {
    match views {
        Views::Single(view) | Views::Alone(_, view) => view.head.number,
        Views::Both { first, second, .. } => {
            if first.head.number < second.head.number {
                first.head.number
            } else {
                second.head.number
            }
        }
    }
}
