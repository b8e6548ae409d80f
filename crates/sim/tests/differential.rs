//! The rules in Rust and the contract, on the same random histories: every acceptance, every refusal, every amount.
#![allow(missing_docs, clippy::print_stdout)]

use offpay_chain::{ContractError, Refusal, bindings::OffPay};
use offpay_protocol::{
    AccountId, Amount, Circle, PurseKey, Reference, Signable as _, Signed, SigningKey, Timestamp,
    messages::{Payment, PurseOpening},
    settlement::{PurseError, PurseState},
};
use offpay_sim::{
    chain::{Chain, Outcome, timestamp},
    random::Random,
    setup::{PurseSetup, Setup},
};

/// `OFFPAY_SIM_SEEDS` says otherwise.
const HISTORIES: u64 = 60;
const STEPS: u64 = 40;

struct Both {
    chain: Chain,
    random: Random,
    device: SigningKey,
    purse: PurseKey,
    owner: AccountId,
    members: Vec<AccountId>,
    payees: Vec<AccountId>,
    circle: Circle,
    model: PurseState,
    signed: Vec<Signed<Payment>>,
    now: u64,
    refusals: u64,
    done: u64,
}

fn key(random: &mut Random) -> SigningKey {
    SigningKey::from_bytes(&random.bytes()).unwrap()
}

impl Both {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = 1_800_000_000;
        let mut chain = Chain::new(Setup::parameters(), now, None);
        let owner = AccountId::from(key(&mut random).address());
        let device = key(&mut random);
        let purse = PurseKey::from(device.address());
        let circle = if random.chance(30) {
            Circle::OPEN
        } else {
            Circle::new([0xcc; 20].into())
        };
        let payees: Vec<AccountId> = (0..4)
            .map(|_| AccountId::from(key(&mut random).address()))
            .collect();
        let members: Vec<AccountId> = payees.iter().copied().take(random.place(5)).collect();
        let terms = PurseSetup {
            circle,
            funds: random.between(1, 120),
            pledge: random.between(1, 300),
            cover_count: u16::try_from(random.between(1, 5)).unwrap(),
        };
        let enrolment = PurseSetup {
            pledge: 100,
            ..terms
        };
        for member in &members {
            if circle.is_open() {
                enrolment.enrol(&mut chain, *member);
            } else {
                let admit = OffPay::admitCall {
                    payee: (*member).into(),
                };
                assert!(chain.send_now(circle, &admit).is_done());
            }
        }
        // Half of the time they count already.
        let later = if random.chance(50) { 8 * 86_400 } else { 0 };
        let now = now + later;
        chain.mine(now, &mut random);
        let consent = PurseOpening { owner }
            .sign(&chain.domain(), &device)
            .unwrap();
        terms.open(&mut chain, owner, purse, &consent);
        let model = PurseState::open(
            Setup::parameters(),
            owner,
            circle,
            terms.funds.into(),
            terms.pledge.into(),
            terms.cover_count,
        )
        .unwrap();
        Self {
            chain,
            random,
            device,
            purse,
            owner,
            members,
            payees,
            circle,
            model,
            signed: Vec::new(),
            now,
            refusals: 0,
            done: 0,
        }
    }

    fn now(&self) -> Timestamp {
        timestamp(self.now)
    }

    fn payee(&mut self) -> AccountId {
        let place = self.random.place(self.payees.len());
        self.payees[place]
    }

    fn payment(&mut self) -> Signed<Payment> {
        if !self.signed.is_empty() && self.random.chance(30) {
            let place = self.random.place(self.signed.len());
            return self.signed[place];
        }
        let start = self.random.below(150);
        let amount = self.random.below(60);
        let cumulative = self.random.between(amount, start + amount + 2);
        let payment = Payment {
            payee: self.payee(),
            start: start.into(),
            amount: amount.into(),
            cumulative: cumulative.into(),
            reference: Reference::ZERO,
        };
        let signed = Signed {
            domain: self.chain.domain(),
            message: payment,
            signature: payment.sign(&self.chain.domain(), &self.device).unwrap(),
        };
        self.signed.push(signed);
        signed
    }

    fn is_member(&self, payee: AccountId) -> bool {
        let view = self.chain.at_head();
        if self.circle.is_open() {
            view.is_member(Circle::OPEN, payee)
        } else {
            self.members.contains(&payee) && view.is_member(self.circle, payee)
        }
    }

    fn agree(&mut self, what: &str, model: Result<(), PurseError>, contract: &Outcome) {
        match (&model, contract) {
            (Ok(()), Outcome::Done { .. }) => self.done += 1,
            (Err(error), Outcome::Reverted(data)) => {
                self.refusals += 1;
                let found = ContractError::decode(data);
                let code = match &found {
                    ContractError::PaymentRefused { refusal, .. } => match refusal {
                        Refusal::Malformed => "MalformedPayment",
                        Refusal::BeyondFunds => "BeyondFunds",
                        Refusal::PurseClosed => "PurseIsClosed",
                        _ => "another refusal",
                    },
                    other => other.code(),
                };
                assert_eq!(error.code(), code, "{what}: {error} and {found}");
            }
            _ => panic!("{what}: the rules say {model:?}, the contract {contract:?}"),
        }
        self.same_state(what);
    }

    fn same_state(&self, what: &str) {
        let view = self.chain.at_head();
        let state = view.purse(self.purse);
        let model = &self.model;
        let units = |amount: Amount| amount.get();
        let word = |amount: alloy::primitives::aliases::U96| amount.to::<u128>();
        assert_eq!(word(state.funds), units(model.funds), "{what}: funds");
        assert_eq!(word(state.paid), units(model.paid), "{what}: paid");
        assert_eq!(word(state.pledge), units(model.pledge), "{what}: pledge");
        assert_eq!(
            word(state.reserved),
            units(model.reserved),
            "{what}: reserved"
        );
        assert_eq!(
            word(state.paidFromCollateral),
            units(model.paid_from_collateral),
            "{what}: from collateral"
        );
        let closes_at = model.closes_at.map_or(0, Timestamp::get);
        assert_eq!(state.closesAt.to::<u64>(), closes_at, "{what}: closes at");
        assert_eq!(
            (
                state.reported,
                state.defaulted,
                state.condemned,
                state.closed
            ),
            (
                model.reported,
                model.defaulted,
                model.condemned,
                model.closed
            ),
            "{what}: flags"
        );
        if !model.closed {
            assert_eq!(
                state.pairsInDefault,
                model.pairs_in_default() as u64,
                "{what}: pairs"
            );
        }
        for payee in &self.payees {
            let (pair, known) = (view.pair(self.purse, *payee), model.pair(*payee));
            assert_eq!(pair.paid.to::<u128>(), units(known.paid), "{what}: paidTo");
            assert_eq!(
                word(pair.presented),
                units(known.presented),
                "{what}: presented"
            );
            let open = known.in_default;
            let since = open.map_or(0, |open| open.since.get());
            assert_eq!(pair.inDefaultSince.to::<u64>(), since, "{what}: since");
            let reserved = open.map_or(0, |open| units(open.reserved));
            assert_eq!(
                word(pair.reserved),
                reserved,
                "{what}: the pair's reservation"
            );
            assert_eq!(
                word(pair.fromCollateral),
                units(known.from_collateral),
                "{what}: had"
            );
            assert_eq!(pair.wasMember, known.was_member, "{what}: member");
        }
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..=54 => {
                let signed = self.payment();
                let call = OffPay::settlePaymentCall {
                    payment: (&signed.message).into(),
                    signature: signed.signature.to_compact().into(),
                };
                let is_member = self.is_member(signed.message.payee);
                let now = self.now();
                let model = self.model.settle(&signed.message, is_member, now);
                let contract = self.chain.send_now(self.owner, &call);
                self.agree("settlePayment", model.map(drop), &contract);
            }
            55..=64 => {
                let minutes = if self.random.chance(20) {
                    self.random.between(3_000, 15_000)
                } else {
                    self.random.between(1, 3_000)
                };
                self.now += minutes * 60;
                self.chain.mine(self.now, &mut self.random);
            }
            65..=79 => {
                let payee = self.payee();
                let call = OffPay::settlePaymentAfterSettlementPeriodCall {
                    key: self.purse.into(),
                    payee: payee.into(),
                };
                let now = self.now();
                let model = self.model.settle_after_settlement_period(payee, now);
                let contract = self.chain.send_now(self.owner, &call);
                self.agree(
                    "settlePaymentAfterSettlementPeriod",
                    model.map(drop),
                    &contract,
                );
            }
            80..=84 => self.make_good(),
            85..=87 => {
                let amount = self.random.below(40);
                let call = OffPay::topUpPurseCall {
                    key: self.purse.into(),
                    amount: alloy::primitives::aliases::U96::from(amount),
                };
                // Its owner has gone once it is closed, which the contract says first.
                let model = self.model.top_up(amount.into());
                let contract = self.chain.send_now(self.owner, &call);
                self.agree("topUpPurse", model, &contract);
            }
            88..=89 => {
                let amount = self.random.below(20);
                let call = OffPay::addPledgeCall {
                    key: self.purse.into(),
                    amount: alloy::primitives::aliases::U96::from(amount),
                };
                let model = self.model.add_pledge(amount.into());
                let contract = self.chain.send_now(self.owner, &call);
                self.agree("addPledge", model, &contract);
            }
            90 => {
                let call = OffPay::requestPurseCloseCall {
                    key: self.purse.into(),
                };
                let model = self.model.request_close(timestamp(self.now));
                let contract = self.chain.send_now(self.owner, &call);
                self.agree("requestPurseClose", model, &contract);
            }
            91..=95 => {
                let (a, b) = (self.payment(), self.payment());
                let call = OffPay::reportDoubleSpendCall {
                    a: (&a.message).into(),
                    sigA: a.signature.to_compact().into(),
                    b: (&b.message).into(),
                    sigB: b.signature.to_compact().into(),
                };
                let now = self.now();
                let model = self.model.report_double_spend(&a.message, &b.message, now);
                let contract = self.chain.send_now(self.owner, &call);
                self.agree("reportDoubleSpend", model.map(drop), &contract);
            }
            _ => {
                let call = OffPay::closePurseCall {
                    key: self.purse.into(),
                };
                let model = self.model.close(timestamp(self.now));
                let contract = self.chain.send_now(self.owner, &call);
                self.agree("closePurse", model.map(drop), &contract);
            }
        }
    }

    fn make_good(&mut self) {
        let count = self.random.place(4);
        let mut payees = self.payees.clone();
        self.random.shuffle(&mut payees);
        payees.truncate(count);
        let max = if self.random.chance(80) {
            Amount::MAX
        } else {
            self.random.below(50).into()
        };
        let call = OffPay::makeGoodCall {
            key: self.purse.into(),
            payees: payees.iter().map(|payee| (*payee).into()).collect(),
            max: alloy::primitives::aliases::U96::saturating_from(max.get()),
        };
        let balance = self.chain.at_head().balance(self.owner);
        let now = self.now();
        let model = self.model.make_good(&payees, max, balance, now);
        let contract = self.chain.send_now(self.owner, &call);
        self.agree("makeGood", model.map(drop), &contract);
    }
}

#[test]
fn the_rules_and_the_contract_agree_on_every_step() {
    let count = std::env::var("OFFPAY_SIM_SEEDS").ok();
    let count = count
        .and_then(|text| text.parse().ok())
        .unwrap_or(HISTORIES);
    let (mut done, mut refusals, mut defaulted, mut closed) = (0, 0, 0, 0);
    for seed in 0..count {
        let mut both = Both::new(seed);
        for _ in 0..STEPS {
            both.step();
        }
        done += both.done;
        refusals += both.refusals;
        defaulted += u64::from(both.model.defaulted);
        closed += u64::from(both.model.closed);
    }
    println!(
        "{count} histories: {done} done, {refusals} refused, {defaulted} in default, {closed} closed"
    );
    assert!(done > count && refusals > count && defaulted > count / 4 && closed > 0);
}
