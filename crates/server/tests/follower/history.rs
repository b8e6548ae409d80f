//! Random histories, with reorgs and restarts in them: what was folded is what the contract itself says.

use std::collections::BTreeSet;

use offpay_chain::{
    BlockId, Sender,
    batch::{PackedBatch, PackedClaims},
    contract::VoucherClaim,
};
use offpay_operator::{
    follower::{Change, Subject},
    storage::{ChainStorage as _, FollowerStorage as _},
};
use offpay_protocol::{
    Amount, ChannelKey, Circle, Nonce, PurseKey, Reference, Seconds, Signable as _, Signed,
    SigningKey,
    messages::{ChannelTerms, Voucher},
};
use offpay_store::testing::Engine;

use crate::world::{World, key, units, viewed};

/// A small generator: the same seed gives the same history.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

struct Play {
    world: World,
    people: Vec<Sender>,
    purses: Vec<(usize, SigningKey, PurseKey)>,
    channels: Vec<(usize, usize, ChannelTerms)>,
    dice: Dice,
}

impl Play {
    async fn new(seed: u64, engine: Engine) -> Self {
        let world = World::new(engine, 8).await;
        let mut people = Vec::new();
        for name in ["ann", "ben", "cleo", "dan"] {
            people.push(world.person(name).await);
        }
        // They are not forgotten by the first reorg.
        world.mine(8).await;
        Self {
            world,
            people,
            purses: Vec::new(),
            channels: Vec::new(),
            dice: Dice(seed),
        }
    }

    fn person(&mut self) -> (usize, Sender) {
        let who = self.dice.index(self.people.len());
        (who, self.people[who].clone())
    }

    /// Does something. What the contract refuses is not done.
    async fn act(&mut self, number: u64) {
        let (who, person) = self.person();
        let (_, other) = self.person();
        let contract = self.world.contract.clone();
        let amount = units(1 + self.dice.below(400));
        match self.dice.below(16) {
            0 => drop(
                contract
                    .transfer(other.account(), amount)
                    .send(&person)
                    .await,
            ),
            1 => drop(
                contract
                    .withdraw(other.address(), amount)
                    .send(&person)
                    .await,
            ),
            2 => drop(contract.lock_collateral(amount).send(&person).await),
            3 => drop(
                contract
                    .withdraw_collateral(other.address(), amount)
                    .send(&person)
                    .await,
            ),
            4 => drop(
                contract
                    .admit(other.account())
                    .send(&self.world.operator)
                    .await,
            ),
            5 => drop(
                contract
                    .dismiss(other.account())
                    .send(&self.world.operator)
                    .await,
            ),
            6 => {
                let circle = Circle::new(self.world.operator.address());
                drop(contract.prune(circle, other.account()).send(&person).await);
            }
            7 | 8 => {
                let device = key(&format!("device {number}"));
                let funds = 100 + self.dice.below(500);
                if let Some(purse) = self.world.try_purse(&person, &device, funds).await {
                    self.purses.push((who, device, purse));
                }
            }
            9 => self.open_channel(number, who, &person).await,
            10 => self.use_channel().await,
            11 => {
                let days = u16::try_from(1 + self.dice.below(9)).unwrap();
                self.world
                    .local
                    .chain
                    .pass(Seconds::days(days))
                    .await
                    .unwrap();
            }
            _ => self.use_purse().await,
        }
    }

    /// Settles, overspends, tops up, makes good, slashes, closes.
    async fn use_purse(&mut self) {
        if self.purses.is_empty() {
            return;
        }
        let which = self.purses.len() - 1 - self.dice.index(self.purses.len().min(3));
        let (_, payee) = self.person();
        let cumulative = 1 + self.dice.below(700);
        let (owner, device, purse) = &self.purses[which];
        let owner = self.people[*owner].clone();
        let contract = &self.world.contract;
        // Serials start late, so that the funds allow the cumulative; sums over payees exceed them at times.
        let payment = self
            .world
            .payment(device, payee.account(), 0, cumulative, cumulative);
        match self.dice.below(10) {
            0 | 1 => drop(contract.settle(&payment).unwrap().send(&payee).await),
            2..=4 => {
                let lower = self.world.payment(
                    device,
                    payee.account(),
                    0,
                    1 + cumulative / 3,
                    1 + cumulative / 3,
                );
                let batch = PackedBatch::pack([&lower, &payment]).unwrap();
                drop(contract.settle_packed(&batch).send(&owner).await);
            }
            5 => drop(contract.top_up_purse(*purse, units(50)).send(&owner).await),
            6 => {
                let all: Vec<_> = self.people.iter().map(Sender::account).collect();
                drop(
                    contract
                        .make_good(*purse, all, Amount::MAX)
                        .send(&owner)
                        .await,
                );
            }
            7 => {
                for (_, _, purse) in &self.purses {
                    for payee in &self.people {
                        let resolved =
                            contract.settle_after_settlement_period(*purse, payee.account());
                        drop(resolved.send(&owner).await);
                    }
                }
            }
            _ => {
                drop(contract.request_purse_close(*purse).send(&owner).await);
                for (_, _, purse) in &self.purses {
                    drop(contract.close_purse(*purse).send(&payee).await);
                }
            }
        }
    }

    async fn open_channel(&mut self, number: u64, who: usize, person: &Sender) {
        let with = (who + 1) % self.people.len();
        let one_way = self.dice.below(2) == 0;
        let terms = ChannelTerms {
            a: person.account(),
            b: self.people[with].account(),
            key_a: ChannelKey::new(key("channel a").address()),
            key_b: if one_way {
                ChannelKey::ZERO
            } else {
                ChannelKey::new(key("channel b").address())
            },
            close_delay: Seconds::DAY,
            salt: Nonce::short(number.to_be_bytes()),
        };
        let opened = self
            .world
            .contract
            .open_channel(&terms, units(300))
            .send(person)
            .await;
        if opened.is_ok() {
            self.channels.push((who, with, terms));
        }
    }

    async fn use_channel(&mut self) {
        let Some((a, b, terms)) = self.channels.last().copied() else {
            return;
        };
        let (a, b) = (self.people[a].clone(), self.people[b].clone());
        let contract = &self.world.contract;
        let by_b = !terms.is_one_way() && self.dice.below(2) == 0;
        let domain = *contract.domain();
        let message = Voucher {
            channel: terms.id(&domain),
            cumulative: units(1 + self.dice.below(350)),
            reference: Reference::ZERO,
        };
        let signer = key(if by_b { "channel b" } else { "channel a" });
        let voucher = Signed {
            signature: message.sign(&domain, &signer).unwrap(),
            domain,
            message,
        };
        let claim = VoucherClaim { terms, voucher };
        match (self.dice.below(6), terms.is_one_way()) {
            (0, _) => drop(contract.fund_channel(&terms, units(20)).send(&a).await),
            (1, _) => drop(contract.request_channel_close(&terms).send(&b).await),
            (2, _) => drop(contract.finalize_channel(&terms).send(&b).await),
            (3, true) => drop(contract.claim_voucher(&claim).unwrap().send(&a).await),
            (_, true) => {
                let claims = PackedClaims::pack([&claim]).unwrap();
                drop(contract.claim_vouchers(&claims).unwrap().send(&b).await);
            }
            (_, false) => drop(
                contract
                    .present_voucher(&terms, &voucher)
                    .unwrap()
                    .send(&b)
                    .await,
            ),
        }
    }

    /// Compares every subject that any fact ever touched with the contract's views, at the head and in the newest final
    /// block; and what a consumer of the log has, who only added and took away.
    async fn compare(&self, seed: u64) {
        let database = self.world.database();
        let entries = database.chain_entries_after(0, 1_000_000).await.unwrap();
        let subjects: BTreeSet<Subject> = entries
            .iter()
            .flat_map(|entry| entry.fact.subjects())
            .collect();
        let names: Vec<_> = subjects.into_iter().collect();
        let cursor = database.chain_cursor().await.unwrap().unwrap();
        let finals = self
            .world
            .contract
            .at(BlockId::number(cursor.finalized.number));
        for (subject, followed) in database.followed(&names).await.unwrap() {
            let head = viewed(&self.world.contract, subject, followed.head).await;
            assert_eq!(followed.head, head, "seed {seed}, head, {subject:?}");
            let finalized = viewed(&finals, subject, followed.finalized).await;
            assert_eq!(
                followed.finalized, finalized,
                "seed {seed}, final, {subject:?}"
            );
        }
        let mut consumer = Vec::new();
        for entry in entries {
            match entry.change {
                Change::Applied => consumer.push((entry.sequence, entry.fact)),
                Change::Removed(of) => {
                    let (sequence, fact) = consumer.pop().unwrap();
                    assert_eq!((sequence, fact), (of, entry.fact), "seed {seed}");
                }
            }
        }
        let live = database.live_entries(0, u64::MAX >> 1).await.unwrap();
        assert!(
            consumer
                .iter()
                .map(|(_, fact)| fact)
                .eq(live.iter().map(|entry| &entry.fact)),
            "seed {seed}"
        );
    }
}

/// **F1**, **F2**: the fold of the facts is what the contract says, whatever way the chain came to where it is.
#[tokio::test(flavor = "multi_thread")]
async fn the_fold_is_what_the_contract_says() {
    let mut kinds = BTreeSet::new();
    for (seed, engine) in [
        (0x9e37_79b9_7f4a_7c15, Engine::Sqlite),
        (0x2545_f491_4f6c_dd1d, Engine::Postgres),
        (0x1234_5678_9abc_def1, Engine::Sqlite),
    ] {
        let mut play = Play::new(seed, engine).await;
        let mut following = play.world.follower(&[]);
        let mut reorgs = 0;
        for number in 0..260 {
            play.act(number).await;
            match play.dice.below(24) {
                0..=6 => following.catch_up(&play.world).await.unwrap(),
                // It ends, and another goes on.
                7 => following = play.world.follower(&[]),
                // Only blocks that were followed can be missed.
                8 => {
                    following.catch_up(&play.world).await.unwrap();
                    let depth = 1 + play.dice.below(6);
                    play.world.local.chain.reorganize(depth).await.unwrap();
                    reorgs += 1;
                    // What was taken back can have been a purse or a channel: nobody speaks of it any more.
                    let mut left = Vec::new();
                    for purse in play.purses {
                        if play.world.contract.purse(purse.2).await.unwrap().is_some() {
                            left.push(purse);
                        }
                    }
                    play.purses = left;
                }
                _ => {}
            }
        }
        following.catch_up(&play.world).await.unwrap();
        assert!(reorgs > 3, "seed {seed}: {reorgs} reorgs");
        play.compare(seed).await;
        play.world.mine(20).await;
        following.catch_up(&play.world).await.unwrap();
        play.compare(seed).await;
        assert_eq!(following.alarms(), [""; 0]);

        // Somebody who comes late, and catches up over final blocks, has the same.
        let late = offpay_store::testing::TestDatabase::new(engine)
            .await
            .unwrap();
        let early = std::mem::replace(&mut play.world.test, late);
        let mut config = play.world.config.clone();
        config.follow.range = 7;
        play.world
            .follower_with(&config)
            .catch_up(&play.world)
            .await
            .unwrap();
        play.compare(seed).await;
        let (ours, theirs) = (play.world.database(), &early.database);
        let ours = ours.live_entries(0, u64::MAX >> 1).await.unwrap();
        let theirs = theirs.live_entries(0, u64::MAX >> 1).await.unwrap();
        assert!(
            ours.iter()
                .map(|e| (e.place, &e.fact))
                .eq(theirs.iter().map(|e| (e.place, &e.fact))),
            "seed {seed}"
        );
        kinds.extend(theirs.iter().map(|entry| {
            let fact = serde_json::to_value(&entry.fact).unwrap();
            fact["kind"].as_str().unwrap().to_owned()
        }));
    }
    for kind in [
        "dismissed",
        "pruned",
        "purse_closed",
        "payment_defaulted",
        "default_cured",
        "payment_made_good",
        "payment_settled_from_collateral",
        "purse_condemned",
        "channel_funded",
        "voucher_claimed",
        "voucher_presented",
        "channel_closed",
    ] {
        assert!(kinds.contains(kind), "no history had {kind}: {kinds:?}");
    }
}
