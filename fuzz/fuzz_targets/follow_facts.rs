//! Whatever nodes tell of the contract, in any order: following it never panics. What was followed can be taken back to any
//! block, and then is what following that far had given; and becoming final block by block gives the same states.
#![no_main]

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use libfuzzer_sys::fuzz_target;
use offpay_operator::follower::{
    Advance, BlockRef, ChainEntry, ChainFact, Change, Deployed, Heard, HeardAt, Place, State, Subject, advance, finalize,
    roll_back,
};
use offpay_protocol::{AccountId, Timestamp};

type States = BTreeMap<Subject, Option<State>>;

fn place(number: u64) -> Place {
    let time = Timestamp::new(1_800_000_000 + number).expect("a time");
    let block = BlockRef { number, hash: B256::repeat_byte(1), time };
    Place { block, tx: B256::ZERO, index: 0, row: 0 }
}

/// Follows facts one by one, each in a block of its own, and leaves out those that cannot follow.
fn follow(facts: &[ChainFact], deployed: &Deployed) -> (States, Vec<ChainEntry>) {
    let mut known = States::new();
    let mut log = Vec::new();
    for (number, fact) in (1u64..).zip(facts) {
        let heard = vec![HeardAt { place: place(number), heard: Heard::Fact(fact.clone()) }];
        let _ = Advance::needs(&heard, &known, deployed);
        let mut after = known.clone();
        let Ok(advanced) = advance(heard, &mut after, deployed) else { continue };
        known = after;
        for entry in advanced.entries {
            let sequence = log.len() as i64 + 1;
            log.push(ChainEntry { sequence, change: Change::Applied, place: entry.place, fact: entry.fact });
        }
    }
    (known, log)
}

fn with(mut states: States, changed: Vec<(Subject, Option<State>)>) -> States {
    states.extend(changed);
    states.retain(|_, state| state.is_some());
    states
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(facts) = serde_json::from_slice::<Vec<ChainFact>>(rest) else { return };
    let deployed = Deployed {
        chain_id: 31_337,
        contract: Address::repeat_byte(0xff),
        treasury: AccountId::new([0xee; 20].into()),
    };
    let (head, log) = follow(&facts, &deployed);
    let to = u64::from(*first) % (facts.len() as u64 + 1);

    let kept: Vec<ChainFact> =
        log.iter().filter(|entry| entry.place.block.number <= to).map(|entry| entry.fact.clone()).collect();
    let (expected, _) = follow(&kept, &deployed);
    let back = roll_back(&log, to, &States::new()).expect("it was followed before");
    assert_eq!(with(head.clone(), back.states), with(expected, Vec::new()), "taken back to {to}");

    let mut finals = States::new();
    for entry in &log {
        let changed = finalize(std::slice::from_ref(entry), &finals).expect("it was followed before");
        finals.extend(changed);
    }
    assert_eq!(with(finals, Vec::new()), with(head, Vec::new()), "final");
});
