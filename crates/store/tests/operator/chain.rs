//! What the followed chain says.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;
use offpay_operator::{
    event::{Audience, NewEvent},
    follower::{
        self, BlockRef, ChainFact, Change, Cursor, Deployed, Heard, HeardAt, Place, State, Subject,
        touched,
    },
    storage::{ChainStorage, EventStorage as _, FollowerStorage as _, Forward},
};
use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, Circle, PurseKey, Seconds, Timestamp,
    messages::ChannelTerms,
};
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};

const START: u64 = 1_700_000_000;

fn account(byte: u8) -> AccountId {
    AccountId::new([byte; 20].into())
}

fn key(byte: u8) -> PurseKey {
    PurseKey::new([byte; 20].into())
}

fn units(units: u64) -> Amount {
    Amount::from_u64(units)
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(START + seconds).unwrap()
}

/// Block `number` of the fork `fork`.
fn block(number: u64, fork: u8) -> BlockRef {
    let mut hash = [fork; 32];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    BlockRef {
        number,
        hash: B256::new(hash),
        time: at(number),
    }
}

fn deployed() -> Deployed {
    Deployed {
        chain_id: 31_337,
        contract: [9; 20].into(),
        treasury: account(0x77),
    }
}

fn heard(block: BlockRef, facts: Vec<Heard>) -> Vec<HeardAt> {
    facts
        .into_iter()
        .enumerate()
        .map(|(index, heard)| HeardAt {
            place: Place {
                block,
                tx: B256::repeat_byte(7),
                index: index as u64,
                row: 0,
            },
            heard,
        })
        .collect()
}

async fn started(engine: Engine) -> TestDatabase {
    let test = TestDatabase::new(engine).await.unwrap();
    test.database
        .start_chain(&deployed(), block(0, 0))
        .await
        .unwrap();
    test
}

async fn known(
    database: &Database,
    subjects: BTreeSet<Subject>,
    finalized: bool,
) -> BTreeMap<Subject, Option<State>> {
    let names: Vec<_> = subjects.iter().copied().collect();
    let mut known: BTreeMap<_, _> = subjects.into_iter().map(|name| (name, None)).collect();
    for (subject, followed) in database.followed(&names).await.unwrap() {
        let state = if finalized {
            followed.finalized
        } else {
            followed.head
        };
        known.insert(subject, state);
    }
    known
}

async fn forward(database: &Database, to: BlockRef, facts: Vec<Heard>, is_final: bool) {
    let from = database.chain_cursor().await.unwrap().unwrap().head;
    let heard = heard(to, facts);
    let mut states = BTreeMap::new();
    loop {
        let (needs, prefixes) = follower::Advance::needs(&heard, &states, &deployed());
        if needs.is_empty() && prefixes.is_empty() {
            break;
        }
        for prefix in prefixes {
            let channel = database.channel_with_prefix(prefix).await.unwrap().unwrap();
            states.extend(known(database, [Subject::Channel(channel)].into(), false).await);
        }
        states.extend(known(database, needs, false).await);
    }
    let advance = follower::advance(heard, &mut states, &deployed()).unwrap();
    let forward = Forward {
        from,
        blocks: vec![to],
        advance,
        is_final,
    };
    let event = NewEvent {
        audience: Audience::Operator,
        kind: "test.forward",
        body: serde_json::json!({}),
    };
    assert!(
        database
            .go_forward(&forward, &[event], at(0))
            .await
            .unwrap()
    );
    assert!(
        !database.go_forward(&forward, &[], at(0)).await.unwrap(),
        "a follower that did not see the head move writes nothing"
    );
}

async fn finalize(database: &Database, to: BlockRef) {
    let Cursor { finalized, .. } = database.chain_cursor().await.unwrap().unwrap();
    let entries = database
        .live_entries(finalized.number, to.number)
        .await
        .unwrap();
    let finals = known(database, touched(&entries), true).await;
    let states = follower::finalize(&entries, &finals).unwrap();
    assert!(database.make_final(finalized, to, &states).await.unwrap());
}

async fn back(database: &Database, to: BlockRef) {
    let Cursor { head, finalized } = database.chain_cursor().await.unwrap().unwrap();
    let live = database
        .live_entries(finalized.number, head.number)
        .await
        .unwrap();
    let gone = live.iter().filter(|e| e.place.block.number > to.number);
    let finals = known(database, touched(gone), true).await;
    let back = follower::roll_back(&live, to.number, &finals).unwrap();
    assert!(
        database
            .go_back(head, to, &back, &[], at(99))
            .await
            .unwrap()
    );
}

fn deposited(owner: AccountId, amount: u64) -> Heard {
    Heard::Fact(ChainFact::Deposited {
        owner,
        from: owner,
        amount: units(amount),
    })
}

fn collateral(owner: AccountId, amount: u64) -> Heard {
    Heard::Fact(ChainFact::CollateralDeposited {
        owner,
        amount: units(amount),
        from_balance: false,
    })
}

fn opened(purse: PurseKey, owner: AccountId, funds: u64, pledge: u64) -> Heard {
    Heard::Fact(ChainFact::PurseOpened {
        purse,
        owner,
        circle: Circle::new([5; 20].into()),
        funds: units(funds),
        pledge: units(pledge),
        cover_count: 3,
    })
}

fn settled(purse: PurseKey, payee: AccountId, cumulative: u64) -> Heard {
    Heard::SettledInBatch {
        purse,
        payee,
        cumulative: units(cumulative),
    }
}

#[tokio::test]
async fn one_deployment_is_followed_and_no_other() {
    for engine in Engine::ALL {
        let test = TestDatabase::new(engine).await.unwrap();
        assert_eq!(test.database.chain_cursor().await.unwrap(), None);
        assert_eq!(test.database.chain_deployed().await.unwrap(), None);
        let first = block(5, 1);
        test.database.start_chain(&deployed(), first).await.unwrap();
        assert_eq!(
            test.database.chain_deployed().await.unwrap(),
            Some(deployed())
        );
        let cursor = test.database.chain_cursor().await.unwrap().unwrap();
        assert_eq!((cursor.head, cursor.finalized), (first, first));
        assert_eq!(test.database.chain_blocks().await.unwrap(), [first]);
        let again = test.database.start_chain(&deployed(), block(6, 1)).await;
        assert_eq!(again.unwrap_err().code(), "storage_refused", "{engine:?}");
    }
}

#[tokio::test]
async fn facts_become_states_and_are_taken_back() {
    for engine in Engine::ALL {
        let test = started(engine).await;
        let database = &test.database;
        let (payer, payee, purse) = (account(1), account(2), key(3));
        forward(
            database,
            block(1, 1),
            vec![
                deposited(payer, 100),
                collateral(payer, 50),
                opened(purse, payer, 80, 40),
            ],
            true,
        )
        .await;
        forward(
            database,
            block(2, 1),
            vec![settled(purse, payee, 10)],
            false,
        )
        .await;
        forward(
            database,
            block(3, 1),
            vec![settled(purse, payee, 25)],
            false,
        )
        .await;

        let seen = database.purse(purse).await.unwrap().unwrap();
        assert_eq!((seen.funds, seen.paid), (units(80), units(25)));
        assert_eq!(seen.finalized_funds, units(80));
        let of_payee = database.chain_account(payee).await.unwrap();
        assert_eq!(
            (of_payee.0.balance, of_payee.1.balance),
            (units(25), units(0)),
            "{engine:?}: nothing of it is final"
        );
        assert_eq!(
            database.chain_pair(purse, payee).await.unwrap().paid,
            units(25)
        );
        let hashes: Vec<_> = database.chain_blocks().await.unwrap();
        assert_eq!(hashes, [block(3, 1), block(2, 1), block(1, 1)]);

        finalize(database, block(2, 1)).await;
        assert_eq!(
            database.chain_account(payee).await.unwrap().1.balance,
            units(10)
        );
        back(database, block(2, 1)).await;
        assert_eq!(
            database.chain_pair(purse, payee).await.unwrap().paid,
            units(10)
        );
        // The same number on the other fork, with another amount.
        forward(
            database,
            block(3, 2),
            vec![settled(purse, payee, 17)],
            false,
        )
        .await;
        let entries = database.chain_entries_after(0, 100).await.unwrap();
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry.change, entry.place.block.number))
            .collect();
        let third = entries[4].sequence;
        assert_eq!(
            told,
            [
                (Change::Applied, 1),
                (Change::Applied, 1),
                (Change::Applied, 1),
                (Change::Applied, 2),
                (Change::Applied, 3),
                (Change::Removed(third), 3),
                (Change::Applied, 3),
            ],
            "{engine:?}: consumers see the removal, and then what came instead"
        );
        assert_eq!(entries[4].fact, entries[5].fact);
        let rest = database.chain_entries_after(third, 1).await.unwrap();
        assert_eq!(rest, entries[5..6]);
        let history = database
            .facts_of(Subject::Account(payee), i64::MAX, 10)
            .await
            .unwrap();
        assert_eq!(
            history.len(),
            2,
            "{engine:?}: what is gone is in no history"
        );
        assert_eq!(
            database.chain_account(payee).await.unwrap().0.balance,
            units(17)
        );
        let events = database.events_after(None, 0, 10).await.unwrap();
        assert_eq!(events.len(), 4, "one for each step that was taken");
    }
}

#[tokio::test]
async fn what_never_was_final_disappears() {
    for engine in Engine::ALL {
        let test = started(engine).await;
        let database = &test.database;
        let (owner, purse) = (account(1), key(3));
        let facts = vec![
            deposited(owner, 100),
            collateral(owner, 50),
            opened(purse, owner, 80, 40),
        ];
        forward(database, block(1, 1), facts, false).await;
        let seen = database.purse(purse).await.unwrap().unwrap();
        assert_eq!(seen.finalized_funds, units(0), "{engine:?}");
        assert_eq!(database.final_purse(purse).await.unwrap(), None);
        back(database, block(0, 0)).await;
        assert_eq!(database.purse(purse).await.unwrap(), None);
        assert_eq!(database.purses_of(owner).await.unwrap(), []);
        assert_eq!(
            database.chain_account(owner).await.unwrap().0,
            Default::default()
        );
    }
}

#[tokio::test]
async fn lists() {
    for engine in Engine::ALL {
        let test = started(engine).await;
        let database = &test.database;
        let (owner, payee, circle) = (account(1), account(2), Circle::new([5; 20].into()));
        let (purse, other) = (key(3), key(4));
        let terms = ChannelTerms {
            a: owner,
            b: payee,
            key_a: ChannelKey::new([6; 20].into()),
            key_b: Default::default(),
            close_delay: Seconds::DAY,
            salt: Default::default(),
        };
        let channel = ChannelId::new(B256::repeat_byte(0xcc));
        let facts = vec![
            deposited(owner, 1_000),
            collateral(owner, 100),
            opened(purse, owner, 80, 40),
            opened(other, owner, 10, 5),
            Heard::Fact(ChainFact::Admitted {
                circle,
                payee,
                from: at(100),
                circle_size: 1,
            }),
            settled(purse, payee, 80),
            Heard::Fact(ChainFact::PurseCloseStarted {
                purse,
                closes_at: at(500),
            }),
            Heard::Fact(ChainFact::PaymentDefaulted {
                purse,
                payee,
                presented: units(90),
                reserved: units(10),
                since: at(1),
                was_member: true,
            }),
            Heard::Fact(ChainFact::ChannelOpened {
                channel,
                terms,
                deposit: units(300),
            }),
            Heard::ClaimedInBatch {
                prefix: [0xcc; 20],
                b: payee,
                from_a: units(120),
            },
        ];
        forward(database, block(1, 1), facts, false).await;
        // The row of a batch finds its channel in the database, too.
        let later = vec![Heard::ClaimedInBatch {
            prefix: [0xcc; 20],
            b: payee,
            from_a: units(150),
        }];
        forward(database, block(2, 1), later, false).await;

        assert_eq!(database.purses_of(owner).await.unwrap().len(), 2);
        let closing = database.closing_purses().await.unwrap();
        assert_eq!(closing.len(), 1, "{engine:?}");
        assert_eq!(closing[0].key, purse);
        let defaults = database.defaults().await.unwrap();
        assert_eq!(defaults.len(), 1, "{engine:?}");
        assert_eq!(
            (defaults[0].0, defaults[0].1, defaults[0].2.presented),
            (purse, payee, units(90))
        );
        assert_eq!(database.pairs_of(purse).await.unwrap().len(), 1);
        assert_eq!(database.pairs_of(other).await.unwrap(), []);
        assert_eq!(database.members_of(circle).await.unwrap().len(), 1);
        assert_eq!(database.circle_sizes(circle).await.unwrap(), (1, 0));
        assert_eq!(
            database.circle_sizes(Circle::OPEN).await.unwrap(),
            (u16::MAX, u16::MAX)
        );
        for side in [owner, payee] {
            let channels = database.channels_of(side).await.unwrap();
            assert_eq!(channels.len(), 1, "{engine:?}");
            assert_eq!(channels[0].0, channel);
            assert_eq!(channels[0].1.from_a, units(150));
        }
        assert_eq!(
            database.chain_account(payee).await.unwrap().0.balance,
            units(230)
        );
        let cured = vec![Heard::Fact(ChainFact::DefaultCured { purse, payee })];
        forward(database, block(3, 1), cured, false).await;
        assert_eq!(database.defaults().await.unwrap(), []);
    }
}
