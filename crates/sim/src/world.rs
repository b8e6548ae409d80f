//! Everybody, the chain and the clock.

use std::collections::{BTreeMap, BTreeSet};

use offpay_chain::bindings::OffPay;
use offpay_protocol::{
    AccountId, Amount, PaymentId, PurseKey, Signed, Timestamp, acceptance::Verdict,
    messages::Payment, wire::CertifiedPayment,
};
use offpay_wallet::pay::ShownPayment;

use crate::{
    action::Action,
    chain::Chain,
    channel::{Channel, Plan, Rogue},
    cheat::Cheat,
    failure::Failure,
    operator::Operator,
    oracle::Watch,
    person::Person,
    plant::Plant,
    random::Random,
    setup::Setup,
};

mod acts;
mod channels;
mod cheating;
mod duties;
mod network;
mod sale;
mod vouchers;

/// When a world begins.
const BEGINNING: u64 = 1_800_000_000;

/// What a payee was told when it took a payment.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// Which payee.
    pub payee: usize,
    /// The purse.
    pub purse: PurseKey,
    /// The payment.
    pub id: PaymentId,
    /// What was said.
    pub verdict: Verdict,
    /// What of the pledge the payee can claim.
    pub cover: Amount,
    /// What it held unsettled, this payment included.
    pub exposure: Amount,
    /// What it was promised in all.
    pub cumulative: Amount,
    /// The certificate that it was told by was false.
    pub was_lied_to: bool,
}

/// Everybody, the chain and the clock.
#[derive(Debug)]
pub struct World {
    /// The chain.
    pub chain: Chain,
    /// The clock, in seconds.
    pub now: u64,
    /// Honest payers, then honest payees.
    pub people: Vec<Person>,
    /// How many of them are payers.
    pub payers: usize,
    /// The operator.
    pub operator: Operator,
    /// The cheat.
    pub cheat: Cheat,
    /// Who cheats in channels.
    pub rogue: Rogue,
    /// The channels.
    pub channels: Vec<Channel>,
    /// How it began.
    pub setup: Setup,
    /// What payees were told.
    pub promises: Vec<Promise>,
    /// Every payment that was ever signed.
    pub payments: Vec<Signed<Payment>>,
    /// The most that each honest purse ever promised each payee.
    pub promised: BTreeMap<(PurseKey, AccountId), Amount>,
    /// What owners were asked to add to their purses.
    pub added: BTreeMap<AccountId, u128>,
    /// Certificates that say what was not so.
    pub lies: BTreeSet<(PurseKey, Timestamp)>,
    /// What happened, in words.
    pub trace: Vec<String>,
    /// Nobody opens another purse.
    pub is_ending: bool,
    /// What was planted.
    pub plant: Option<Plant>,
    pub(crate) watch: Watch,
    letters: Vec<(usize, CertifiedPayment)>,
    random: Random,
}

impl World {
    /// A world of this seed, in which everybody is ready to pay and to be paid.
    ///
    /// # Errors
    ///
    /// A promise that is broken from the beginning.
    pub fn new(seed: u64, plant: Option<Plant>) -> Result<Self, Failure> {
        let mut random = Random::new(seed);
        let setup = Setup::any(&mut random);
        let code = plant.as_ref().and_then(Plant::bytecode);
        let mut chain = Chain::new(Setup::parameters(), BEGINNING, code);
        let mut operator = Operator::new(&mut random);
        operator.is_careless = plant == Some(Plant::CarelessOperator);
        operator.is_asleep = plant == Some(Plant::SleepingTower);
        let rogue = Rogue::new(&mut Random::new(seed ^ 0x0906));
        let name = |place: u64, kind: &str| format!("{kind} {place}");
        let names = (0..setup.payers)
            .map(|place| name(place, "payer"))
            .chain((0..setup.payees).map(|place| name(place, "payee")));
        let people: Vec<Person> = names
            .map(|name| Person::new(&name, &chain, &mut random, BEGINNING))
            .collect();
        let cheat = Cheat::new(&mut chain, &mut random, &setup.terms, setup.accomplices);
        let payers = usize::try_from(setup.payers).unwrap_or(0);
        let mut world = Self {
            chain,
            now: BEGINNING,
            people,
            payers,
            operator,
            cheat,
            rogue,
            channels: Vec::new(),
            setup,
            promises: Vec::new(),
            payments: Vec::new(),
            promised: BTreeMap::new(),
            added: BTreeMap::new(),
            lies: BTreeSet::new(),
            trace: Vec::new(),
            is_ending: false,
            plant,
            watch: Watch::default(),
            letters: Vec::new(),
            random,
        };
        world.begin(&Plan::of(seed))?;
        Ok(world)
    }

    /// Members are admitted and count, purses are open and certified.
    fn begin(&mut self, plan: &Plan) -> Result<(), Failure> {
        let terms = self.setup.terms;
        let card = self.operator.card(&self.chain);
        for place in 0..self.people.len() {
            let now = self.now;
            let person = &mut self.people[place];
            let clock = person.clock(now);
            let account = person.account;
            person
                .act(now, |wallet| wallet.trust_operator(&card, clock))
                .and_then(|()| {
                    person.act(now, |wallet| {
                        wallet.join_circle(terms.circle, "Market", clock)
                    })
                })
                .map_err(|error| Failure::new("set-up", error.to_string()))?;
            if place < self.payers || self.setup.is_open_circle {
                terms.enrol(&mut self.chain, account);
            }
        }
        let admitted = usize::try_from(self.setup.admitted).unwrap_or(0);
        if self.setup.is_open_circle {
            for accomplice in self.cheat.accomplices.iter().take(admitted) {
                terms.enrol(&mut self.chain, *accomplice);
            }
        }
        let payees = self.people.iter().skip(self.payers);
        let members: Vec<AccountId> = payees
            .map(|person| person.account)
            .chain(self.cheat.accomplices.iter().copied().take(admitted))
            .collect();
        for payee in members {
            self.admit(payee);
        }
        let delay = self.chain.parameters.close_delay.get();
        self.now = self.now.saturating_add(delay).saturating_add(3_600);
        self.mine();
        self.chain.finalize();
        for place in 0..self.payers {
            self.open_purse(place);
        }
        self.open_channels(plan)?;
        self.mine();
        self.chain.finalize();
        self.now = self.now.max(self.chain.head_time());
        for _ in 0..2 {
            for place in 0..self.people.len() {
                self.sync(place, true, 0)?;
            }
        }
        self.check()
    }

    /// The circle's operator admits somebody.
    pub(crate) fn admit(&mut self, payee: AccountId) {
        if !self.setup.is_open_circle {
            let call = OffPay::admitCall {
                payee: payee.into(),
            };
            self.chain.send(self.setup.terms.circle, &call);
        }
    }

    /// An honest payer makes a device key and opens a purse with it.
    pub(crate) fn open_purse(&mut self, place: usize) {
        let terms = self.setup.terms;
        let entropy = self.random.entropy();
        let now = self.now;
        let person = &mut self.people[place];
        let clock = person.clock(now);
        let order = person.act(now, |wallet| {
            wallet.prepare_purse(terms.order(), &entropy, clock)
        });
        // An app that died over it makes another key the next time.
        if let Ok(order) = order {
            person.purses.push(order.key);
            let call = terms.opening(order.key, &order.signature);
            let account = person.account;
            self.chain.send(account, &call);
        }
    }

    /// One thing happens.
    ///
    /// # Errors
    ///
    /// The promise that it broke.
    pub fn step(&mut self, action: Action) -> Result<(), Failure> {
        self.trace.push(format!("{action:?}"));
        self.act(action)?;
        self.check()
    }

    /// Mines what was sent.
    pub(crate) fn mine(&mut self) {
        self.now = self.now.max(self.chain.head_time()).saturating_add(12);
        self.chain.mine(self.now, &mut self.random);
        if self.plant == Some(Plant::PaidToLowered)
            && let Some(settled) = self.payments.first()
            && let Ok(purse) = settled.signer()
        {
            self.chain.lower_paid_to(purse, settled.message.payee);
        }
    }

    /// Mines until everything that was sent is final.
    pub(crate) fn mine_final(&mut self) {
        self.mine();
        self.chain.finalize();
        self.now = self.now.max(self.chain.head_time());
    }

    /// A payment that was shown.
    pub(crate) fn note(&mut self, shown: &ShownPayment) {
        let pair = (shown.purse, shown.payment.payee);
        let most = self.promised.entry(pair).or_default();
        *most = (*most).max(shown.payment.cumulative);
        self.payments.push(Signed {
            domain: self.chain.domain(),
            message: shown.payment,
            signature: shown.signature,
        });
    }

    pub(crate) fn say(&mut self, what: impl Into<String>) {
        self.trace.push(format!("    {}", what.into()));
    }

    /// How many payments were signed, those in channels included.
    pub(crate) fn signed(&self) -> u64 {
        let in_channels = self.channels.iter().map(|channel| channel.signed.len());
        in_channels.fold(self.payments.len(), usize::saturating_add) as u64
    }

    /// All purses there are.
    pub fn purses(&self) -> Vec<PurseKey> {
        let honest = self.people.iter().flat_map(|person| &person.purses);
        honest.copied().chain([self.cheat.purse]).collect()
    }

    /// Everybody who may have been paid.
    pub fn payees(&self) -> Vec<AccountId> {
        let honest = self.people.iter().skip(self.payers);
        honest
            .map(|person| person.account)
            .chain(self.cheat.accomplices.iter().copied())
            .collect()
    }
}
