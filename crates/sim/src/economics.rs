//! What cheating costs and brings: numbers behind the defaults of `docs/economics.md`.
//!
//! What each party gets of a purse's pledge is what the contract pays, run as it is deployed. How many payees a cheat
//! reaches before its purse is stopped is simulated: it walks from payee to payee, each goes online at its own times,
//! and news travels by the operator and, if so set, by customers' phones.

use offpay_chain::bindings::OffPay;
use offpay_protocol::{AccountId, Circle, Reference, SigningKey, cover::cover};

use crate::{
    chain::Chain,
    cheat::Cheat,
    operator::{after_settlement_period, settle},
    random::Random,
    setup::{PurseSetup, Setup},
};

/// The pledge of every purse here.
pub const PLEDGE: u64 = 90_000;

const DAY: u64 = 86_400;

/// A cheat's plan.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// Members of a circle claim, not whoever is registered.
    pub has_circle: bool,
    /// Into how many covers the pledge is divided.
    pub cover_count: u16,
    /// Honest payees that took a payment of one cover each.
    pub victims: u64,
    /// Accounts of the cheat's own that may claim, and do so first.
    pub accomplices: u64,
}

/// What came of it, in parts of the pledge, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the cheat got for nothing: goods, less what of its collateral it lost.
    pub profit: i64,
    /// What payees lost.
    pub loss: i64,
}

impl Attack {
    /// Carries it out on the contract.
    ///
    /// # Panics
    ///
    /// If the contract does something that it never does.
    pub fn carry_out(&self, seed: u64) -> Outcome {
        let mut random = Random::new(seed);
        let mut now = 1_800_000_000;
        let mut chain = Chain::new(Setup::parameters(), now, None);
        let circle = if self.has_circle {
            Circle::new([0xcc; 20].into())
        } else {
            Circle::OPEN
        };
        let penalty = chain.parameters.penalty(circle);
        let one_cover = cover(PLEDGE.into(), penalty, self.cover_count);
        let promised = u64::try_from(one_cover.get()).unwrap_or(0);
        let terms = PurseSetup {
            circle,
            // Each payment spends the same serials.
            funds: promised,
            pledge: PLEDGE,
            cover_count: self.cover_count,
        };
        let victims: Vec<AccountId> = (0..self.victims).map(|_| account(&mut random)).collect();
        let mut cheat = Cheat::new(&mut chain, &mut random, &terms, self.accomplices);
        let claimants: Vec<AccountId> = cheat.accomplices.iter().chain(&victims).copied().collect();
        let enrolment = PurseSetup {
            pledge: 1,
            funds: 0,
            ..terms
        };
        for claimant in &claimants {
            if self.has_circle {
                let call = OffPay::admitCall {
                    payee: (*claimant).into(),
                };
                chain.send_now(circle, &call);
            } else {
                enrolment.enrol(&mut chain, *claimant);
            }
        }
        now += 8 * DAY;
        chain.mine(now, &mut random);

        // The funds go first, to an account that claims nothing else; then its own accounts claim, then its victims.
        let drain = account(&mut random);
        for payee in [&[drain], claimants.as_slice()].concat() {
            let signed = cheat.sign(&chain, payee, promised, 0, Reference::ZERO);
            let signed = signed.expect("the serials are within the funds");
            chain.send_now(payee, &settle(&signed));
        }
        now += DAY + 60;
        chain.mine(now, &mut random);
        for payee in &claimants {
            chain.send_now(*payee, &after_settlement_period(cheat.purse, *payee));
        }
        now += 8 * DAY;
        chain.mine(now, &mut random);
        let close = OffPay::closePurseCall {
            key: cheat.purse.into(),
        };
        assert!(chain.send_now(drain, &close).is_done(), "the purse closes");

        let view = chain.at_head();
        let paid = |payee: &AccountId| view.paid_to(cheat.purse, *payee).get();
        let goods = u128::from(promised) * u128::from(self.victims);
        let kept: u128 = view.security(cheat.account).collateral.to();
        let slashed = u128::from(terms.collateral()).saturating_sub(kept);
        let returned: u128 = cheat.accomplices.iter().map(paid).sum();
        let recovered: u128 = victims.iter().map(paid).sum();
        Outcome {
            profit: percent(goods) + percent(returned) - percent(slashed),
            loss: percent(goods) - percent(recovered),
        }
    }
}

fn percent(units: u128) -> i64 {
    let pledge = u128::from(PLEDGE);
    i64::try_from((units * 100 + pledge / 2) / pledge).unwrap_or(i64::MAX)
}

fn account(random: &mut Random) -> AccountId {
    loop {
        if let Ok(key) = SigningKey::from_bytes(&random.bytes()) {
            return key.address().into();
        }
    }
}

/// How news of a double spend spreads.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Payees go online this often, each at its own time, in minutes.
    pub sync_every: u64,
    /// The cheat pays somebody this often, in minutes.
    pub pays_every: u64,
    /// In so many of a hundred sales a phone brings the newest list of stopped purses along.
    pub carried: u64,
}

impl Spread {
    /// How many payees a cheat reaches before nobody takes its payments any more, or its certificate is a day old: the
    /// median of so many walks.
    pub fn reached(&self, walks: usize, random: &mut Random) -> u64 {
        let mut reached: Vec<u64> = (0..walks).map(|_| self.walk(random)).collect();
        reached.sort_unstable();
        reached.get(reached.len() / 2).copied().unwrap_or(0)
    }

    fn walk(&self, random: &mut Random) -> u64 {
        let end = DAY / 60;
        // The operator knows once two payees that were paid the same serials have been online.
        let mut online: Vec<u64> = Vec::new();
        let mut reached = 0;
        let mut now = 0;
        while now < end {
            let known_at = {
                online.sort_unstable();
                online.get(1).copied()
            };
            let phase = random.below(self.sync_every.max(1));
            let knows = known_at.is_some_and(|known_at| {
                let last_sync = now.checked_sub(phase);
                let synced_since = last_sync.is_some_and(|last| last >= known_at);
                let told = now >= known_at && random.chance(self.carried);
                synced_since || told
            });
            if !knows {
                reached += 1;
                online.push(now + self.sync_every.saturating_sub(phase));
            }
            now += self.pays_every.max(1);
        }
        reached
    }
}

/// The least number of covers for which cheating does not pay, if a purse reaches so many payees: with accomplices on
/// all covers it loses the penalty and keeps the goods.
pub fn least_cover_count(reached: u64, penalty_percent: u64) -> u64 {
    // Goods are `reached * (1 - penalty) / n` of the pledge; they have to stay below the penalty.
    let goods = reached * (100 - penalty_percent);
    goods.div_ceil(penalty_percent.max(1)).max(1)
}

/// The document's tables and plots.
pub fn tables() -> String {
    let mut text = String::new();
    for has_circle in [false, true] {
        text.push_str(if has_circle {
            "\n### A circle that the cheat's accounts got into (penalty 10 %)\n\n"
        } else {
            "\n### The open circle (penalty 50 %)\n\n"
        });
        text.push_str("| covers N | accomplices | payees paid | payees lose | the cheat gains |\n| ---: | ---: | ---: | ---: | ---: |\n");
        for cover_count in [4, 10, 20] {
            let n = u64::from(cover_count);
            for accomplices in [0, n / 2, n] {
                for victims in [n / 2, n, 2 * n] {
                    let attack = Attack {
                        has_circle,
                        cover_count,
                        victims,
                        accomplices,
                    };
                    let outcome = attack.carry_out(7);
                    text.push_str(&format!(
                        "| {cover_count} | {accomplices} | {victims} | {} % | {} % |\n",
                        outcome.loss, outcome.profit
                    ));
                }
            }
        }
    }
    text.push_str("\n### How many are paid before the purse is stopped\n\n");
    text.push_str("| payees sync every | the cheat pays every | lists carried in | payees paid | least N, open circle | least N, circle |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let mut random = Random::new(7);
    for (sync, sync_name) in [(15, "15 min"), (60, "1 h"), (240, "4 h"), (1_440, "24 h")] {
        for pays_every in [5, 30] {
            for carried in [0, 50] {
                let spread = Spread {
                    sync_every: sync,
                    pays_every,
                    carried,
                };
                let reached = spread.reached(401, &mut random);
                text.push_str(&format!(
                    "| {sync_name} | {pays_every} min | {carried} % | {reached} | {} | {} |\n",
                    least_cover_count(reached, 50),
                    least_cover_count(reached, 10)
                ));
            }
        }
    }
    text
}

/// What a cheat gains by the number of payees that it pays, for several numbers of covers, all of them its own: an SVG.
pub fn plot() -> String {
    const WIDTH: i64 = 640;
    const HEIGHT: i64 = 360;
    const LEFT: i64 = 60;
    const MIDDLE: i64 = 200;
    let colours = ["#0b6e4f", "#c84c09", "#3d348b"];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n<line x1=\"{LEFT}\" y1=\"{MIDDLE}\" x2=\"620\" y2=\"{MIDDLE}\" stroke=\"#888\"/>\n<text x=\"{LEFT}\" y=\"20\">what a cheat gains that holds all N covers, in % of the pledge (open circle)</text>\n<text x=\"520\" y=\"{}\">payees paid</text>\n",
        MIDDLE + 40
    );
    for mark in [-50, 0, 50, 100] {
        let y = MIDDLE - mark;
        svg.push_str(&format!("<text x=\"20\" y=\"{}\">{mark}</text>\n", y + 4));
    }
    for victims in (0..=24).step_by(4) {
        let x = LEFT + victims * 22;
        svg.push_str(&format!(
            "<text x=\"{x}\" y=\"{}\">{victims}</text>\n",
            MIDDLE + 20
        ));
    }
    for (cover_count, colour) in [4u16, 10, 20].into_iter().zip(colours) {
        let points: Vec<String> = (0..=24u64)
            .step_by(4)
            .map(|victims| {
                let attack = Attack {
                    has_circle: false,
                    cover_count,
                    victims,
                    accomplices: cover_count.into(),
                };
                let profit = attack.carry_out(7).profit.min(160);
                let x = LEFT + i64::try_from(victims).unwrap_or(0) * 22;
                format!("{x},{}", MIDDLE - profit)
            })
            .collect();
        let last = points.last().cloned().unwrap_or_default();
        let (x, y) = last.split_once(',').unwrap_or_default();
        svg.push_str(&format!("<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>\n<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\" dx=\"4\">N = {cover_count}</text>\n", points.join(" ")));
    }
    svg.push_str("</svg>\n");
    svg
}
