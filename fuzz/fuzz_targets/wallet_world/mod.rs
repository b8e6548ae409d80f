//! A payer, a payee, and a cheat with a purse: what four bytes make of them.

mod phone;

use std::collections::BTreeMap;

use offpay_protocol::{
    AccountId, Amount, Circle, PaymentId, PurseKey, Reference, Seconds, Signable as _, Timestamp,
    conflict::conflict,
    messages::{Certificate, Payment, Revocations},
    proof::SlotProof,
    revocations::RevocationList,
    wire::CertifiedPayment,
};
use offpay_wallet::{
    accept::NetworkWord,
    ask::{Ask, ShownRequest},
    history::HistoryQuery,
    pay::{Paid, PayOrder, ScannedRequest, ShownPayment, Source},
    records::{FinalizedBlock, PurseTerms, StoredCertificate},
    sync::{Answer, CircleOnChain, PaidTo, PurseOnChain, PurseView},
};
use phone::{Phone, deployment, entropy, key};

const NOW: u64 = 1_800_000_000;
const HOUR: u64 = 3_600;

/// Everybody, and what was shown to whom.
pub struct World {
    now: u64,
    /// A payer and a payee.
    phones: [Phone; 2],
    requests: Vec<ShownRequest>,
    shown: Vec<ShownPayment>,
    told: Vec<PaymentId>,
    /// The most that each purse was said to hold.
    funds: BTreeMap<PurseKey, Amount>,
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap_or(Timestamp::MAX)
}

fn units(units: u64) -> Amount {
    units.into()
}

fn circle() -> Circle {
    Circle::new([0xcc; 20].into())
}

fn cheat() -> PurseKey {
    key(0x66).address().into()
}

fn certify(certificate: Certificate) -> Option<StoredCertificate> {
    let signature = certificate.sign(&deployment().domain, &key(0x0e)).ok()?;
    Some(StoredCertificate { certificate, signature })
}

fn one<T>(list: &[T], number: u8) -> Option<&T> {
    list.get(usize::from(number).checked_rem(list.len())?)
}

impl World {
    /// A payer with a certified purse, and a payee in a circle.
    pub fn new() -> Self {
        let phones = [Phone::new(1), Phone::new(2)];
        let mut world = Self {
            now: NOW,
            phones,
            requests: Vec::new(),
            shown: Vec::new(),
            told: Vec::new(),
            funds: BTreeMap::new(),
        };
        for who in 0..2 {
            let _ = world.phones[who].wallet().join_circle(circle(), "Market", at(NOW));
            world.member(who, 0, 0);
        }
        world.prepare(200);
        world.own_purse(200, 0, 0);
        world.certificate(200, 0, 0);
        world
    }

    /// One thing happens.
    pub fn act(&mut self, kind: u8, x: u8, y: u8, z: u8) {
        let who = usize::from(z & 1);
        match kind % 20 {
            0 => self.ask(x, y),
            1 | 2 => self.pay(x, y, z),
            3 | 4 => self.accept(x, y, z),
            5 => self.forge(x, y, z),
            6 => self.now = self.now.saturating_add(u64::from(x) * u64::from(y) * 60),
            7 => self.now = self.now.saturating_sub(u64::from(x) * HOUR),
            8 => self.own_purse(u64::from(x) * 4, y, z),
            9 => self.payer(x, y, z),
            10 => self.member(who, x, y),
            11 => self.revoke(x, y),
            12 => self.default_of(x, y, z),
            13 => self.handed_in(x, y),
            14 => {
                let block = self.block(x);
                self.learn(who, Answer::Synced(block));
            }
            15 => self.certificate(u64::from(x) * 4, y, z),
            16 => self.prepare(u64::from(x) + 1),
            17 => self.retire(x),
            18 => self.phones[who].break_write(x, at(self.now)),
            _ => self.look(who, x, y),
        }
        for phone in &mut self.phones {
            phone.reopen_if_dead(at(self.now));
        }
    }

    /// What has to hold after everything.
    pub fn check(&mut self) {
        let [payer, payee] = &self.phones;
        let records = payer.records();
        for (place, shown) in self.shown.iter().enumerate() {
            assert!(records.made.contains_key(&shown.id), "{} was shown and is not stored", shown.id);
            let most = self.funds.get(&shown.purse).copied().unwrap_or_default();
            assert!(shown.payment.check_within(most).is_ok(), "{shown:?} of {most}");
            for other in &self.shown[..place] {
                let conflict = conflict(&shown.payment, &other.payment);
                assert!(shown.purse != other.purse || conflict.is_none(), "{shown:?} and {other:?}");
            }
        }
        let records = payee.records();
        for id in &self.told {
            assert!(records.received.contains_key(id), "{id} was taken and is not stored");
        }
        for phone in &self.phones {
            phone.assert_reopens();
        }
    }

    fn block(&self, behind: u8) -> FinalizedBlock {
        let time = self.now.saturating_sub(u64::from(behind) * 600);
        FinalizedBlock { number: time / 12, hash: [7; 32].into(), time: at(time), nodes: 2 }
    }

    fn learn(&mut self, who: usize, answer: Answer) {
        let _ = self.phones[who].wallet().learn(answer, at(self.now));
    }

    fn ask(&mut self, amount: u8, hours: u8) {
        let valid_for = (hours != 0).then(|| Seconds::new(u64::from(hours) * HOUR)).flatten();
        let ask = Ask { amount: units(amount.into()), valid_for, memo: String::new(), signed: hours & 1 == 0 };
        if let Ok(shown) = self.phones[1].wallet().ask(&ask, &entropy(), at(self.now)) {
            self.requests.push(shown.into_inner());
        }
    }

    fn pay(&mut self, which: u8, amount: u8, source: u8) {
        let Some(request) = one(&self.requests, which) else { return };
        let scanned = ScannedRequest {
            request: request.request.clone(),
            signature: request.signature,
            attestation: request.attestation.clone(),
        };
        let purses: Vec<_> = self.phones[0].records().purses.into_keys().collect();
        let source = match one(&purses, source) {
            Some(purse) if source & 1 == 1 => Source::Purse(*purse),
            _ => Source::Auto,
        };
        let amount = request.request.amount.is_zero().then(|| units(amount.into()));
        let order = PayOrder { scanned, amount, source };
        if let Ok(paid) = self.phones[0].wallet().pay(&order, at(self.now))
            && let Paid::Payment(shown) = paid.into_inner()
        {
            self.shown.push(shown);
        }
    }

    fn accept(&mut self, which: u8, field: u8, value: u8) {
        let Some(shown) = one(&self.shown, which) else { return };
        let mut offer = CertifiedPayment {
            payment: shown.payment,
            signature: shown.signature,
            certificate: shown.certificate.certificate,
            certificate_signature: shown.certificate.signature,
        };
        let value = units(value.into());
        match field {
            200..=209 => offer.payment.amount = value,
            210..=219 => offer.payment.cumulative = value,
            220..=229 => offer.certificate.funds = value,
            230..=239 => offer.signature = shown.certificate.signature,
            _ => {}
        }
        self.take(&offer);
    }

    fn take(&mut self, offer: &CertifiedPayment) {
        let taken = self.phones[1].wallet().accept(offer, NetworkWord::None, at(self.now));
        if let Ok(taken) = taken {
            let taken = taken.into_inner();
            self.told.push(taken.id);
            if let Ok(receipt) = self.phones[1].wallet().give_receipt(taken.id, at(self.now)) {
                let _ = self.phones[0].wallet().take_receipt(receipt.receipt, receipt.signature, at(self.now));
            }
        }
    }

    /// A cheat signs whatever it likes for a request, with a certificate that the operator gave it.
    fn forge(&mut self, start: u8, amount: u8, which: u8) {
        let domain = deployment().domain;
        let payee = self.phones[1].account();
        let request = one(&self.requests, which);
        let payment = Payment {
            payee,
            start: units(start.into()),
            amount: units(amount.into()),
            cumulative: units(u64::from(amount) + u64::from(which >> 4)),
            reference: request.map_or(Reference::ZERO, |request| request.request.reference(&domain)),
        };
        let certificate = certify(Certificate {
            purse: cheat(),
            owner: AccountId::new([0x66; 20].into()),
            circle: circle(),
            funds: units(300),
            pledge: units(1_000),
            cover_count: 10,
            circle_size: u16::from(which),
            as_of: at(self.now.saturating_sub(u64::from(which) * 600)),
        });
        let (Some(certified), Ok(signature)) = (certificate, payment.sign(&domain, &key(0x66))) else { return };
        self.take(&CertifiedPayment {
            payment,
            signature,
            certificate: certified.certificate,
            certificate_signature: certified.signature,
        });
    }

    fn on_chain(&self, owner: AccountId, funds: u64, paid: u8, closing: u8) -> PurseOnChain {
        let closes_at = self.now.saturating_add(u64::from(closing) * HOUR);
        PurseOnChain {
            owner,
            circle: circle(),
            funds: units(funds),
            paid: units(paid.into()),
            pledge: units(1_000),
            cover_count: 10,
            closes_at: (closing & 3 == 1).then(|| at(closes_at)),
            closed: closing == 255,
        }
    }

    fn newest_purse(&self) -> Option<PurseKey> {
        self.phones[0].records().purses.into_keys().next_back()
    }

    fn own_purse(&mut self, funds: u64, paid: u8, closing: u8) {
        let Some(purse) = self.newest_purse() else { return };
        let on_chain = self.on_chain(self.phones[0].account(), funds, paid, closing);
        let most = self.funds.entry(purse).or_default();
        *most = (*most).max(on_chain.funds);
        let view = PurseView { purse, on_chain: Some(on_chain), at: self.block(0) };
        self.learn(0, Answer::Purse(view));
    }

    fn payer(&mut self, funds: u8, paid: u8, closing: u8) {
        let owner = AccountId::new([0x66; 20].into());
        let on_chain = (funds != 0).then(|| self.on_chain(owner, u64::from(funds) * 4, paid, closing));
        let purse = if paid & 1 == 0 { cheat() } else { self.newest_purse().unwrap_or(cheat()) };
        let view = PurseView { purse, on_chain, at: self.block(closing & 7) };
        self.learn(1, Answer::Payer(view));
    }

    fn member(&mut self, who: usize, from: u8, until: u8) {
        let from = at(self.now.saturating_add(u64::from(from) * HOUR).saturating_sub(80 * HOUR));
        let until = (until != 0).then(|| at(self.now.saturating_add(u64::from(until) * HOUR)));
        let place = Some(CircleOnChain { from, until });
        let at = self.block(0);
        self.learn(who, Answer::Membership { circle: circle(), place, at });
    }

    fn revoke(&mut self, which: u8, version: u8) {
        let purses = [Some(cheat()), self.newest_purse()];
        let listed = (0u8..).zip(purses).filter(|(place, _)| which >> place & 1 == 1);
        let list = RevocationList::new(listed.filter_map(|(_, purse)| purse));
        let as_of = self.block(which >> 4).time;
        let statement = Revocations { version: version.into(), digest: list.digest(), as_of };
        let Ok(signature) = statement.sign(&deployment().domain, &key(0x0e)) else { return };
        for who in 0..2 {
            self.learn(who, Answer::Revocations { list: list.clone(), statement, signature });
        }
    }

    fn default_of(&mut self, since: u8, behind: u8, which: u8) {
        let since = (since != 0).then(|| at(self.now.saturating_sub(u64::from(since) * HOUR)));
        let purse = if which & 2 == 0 { cheat() } else { self.newest_purse().unwrap_or(cheat()) };
        let payee = self.phones[1].account();
        let at = self.block(behind);
        self.learn(usize::from(which & 1), Answer::InDefault { purse, payee, since, at });
    }

    fn handed_in(&mut self, cumulative: u8, which: u8) {
        let purse = if which & 2 == 0 { cheat() } else { self.newest_purse().unwrap_or(cheat()) };
        let payee = self.phones[1].account();
        let cumulative = units(cumulative.into());
        self.learn(1, Answer::HandedIn { purse, payee, cumulative, transaction: None });
        let proof = SlotProof { account_proof: Vec::new(), storage_proof: Vec::new() };
        let paid = PaidTo { purse, payee, block_hash: [7; 32].into(), nodes: 2, header: vec![which].into(), proof };
        self.learn(1, Answer::Paid(paid));
    }

    fn certificate(&mut self, funds: u64, cover_count: u8, age: u8) {
        let Some(purse) = self.newest_purse() else { return };
        let certified = certify(Certificate {
            purse,
            owner: self.phones[0].account(),
            circle: circle(),
            funds: units(funds),
            pledge: units(1_000),
            cover_count: u16::from(cover_count) + 10,
            circle_size: 10,
            as_of: self.block(age).time,
        });
        if let Some(certified) = certified {
            let _ = self.phones[0].wallet().renew_certificate(certified, at(self.now));
        }
    }

    fn prepare(&mut self, funds: u64) {
        if self.phones[0].records().purses.len() < 4 {
            let terms = PurseTerms { circle: circle(), cover_count: 10, funds: units(funds), pledge: units(1_000) };
            let _ = self.phones[0].wallet().prepare_purse(terms, &entropy(), at(self.now));
        }
    }

    fn retire(&mut self, which: u8) {
        let purses: Vec<_> = self.phones[0].records().purses.into_keys().collect();
        if let Some(purse) = one(&purses, which) {
            let _ = self.phones[0].wallet().retire_purse(*purse, at(self.now));
        }
    }

    /// Whatever a screen asks for.
    fn look(&mut self, who: usize, x: u8, y: u8) {
        let now = at(self.now);
        let found: Vec<_> = self.newest_purse().into_iter().collect();
        let found: Vec<_> = found
            .into_iter()
            .map(|purse| PurseView { purse, on_chain: None, at: self.block(x) })
            .collect();
        let state = self.phones[who].wallet().state();
        let _ = (state.tasks(now), state.hand_in_dates(now), state.readiness(now), state.recovery(&found, now));
        let _ = (state.history(&HistoryQuery::default()), state.unpaid_requests(now));
        let _ = state.report(at(self.now.saturating_sub(u64::from(y) * HOUR)), now, now).to_text();
        let ids = state.records().received.keys().chain(state.records().made.keys());
        for id in ids {
            let _ = (state.standing(*id), state.progress(*id, now));
        }
    }
}
