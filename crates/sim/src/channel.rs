//! Channels: who has one with whom, and what was signed in it.

use offpay_chain::bindings::OffPay;
use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, Seconds, Signable as _, Signature, Signed,
    SigningKey,
    channel::Side,
    messages::{ChannelClose, ChannelTerms, Voucher},
};

use crate::{chain::Chain, operator::uint96, random::Random};

/// What everybody who has channels brings for them.
pub const MONEY: u64 = 5_000;

/// The two sides.
pub const SIDES: [Side; 2] = [Side::A, Side::B];

/// Which channels there are in a world. Drawn apart from everything else: the rest of a history stays what it is.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Each of them.
    pub channels: Vec<Planned>,
}

/// A channel that is to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// Who is at side `a` and at side `b`; the cheat at most at one of them.
    pub honest: [bool; 2],
    /// Which payer is at `a`, and which payee at `b`.
    pub people: [u64; 2],
    /// Who leaves it to the watchtower to answer a close.
    pub guarded: [bool; 2],
    /// What each puts in.
    pub deposits: [u64; 2],
    /// Only `a` pays.
    pub is_one_way: bool,
    /// How long a close can be answered.
    pub close_delay: Seconds,
}

impl Plan {
    /// The channels of a seed.
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0xc4a7);
        let random = &mut random;
        let mut channels = Vec::new();
        if random.chance(45) {
            channels.push(Planned::any([true, true], random));
        }
        if random.chance(45) {
            let honest = if random.chance(50) {
                [false, true]
            } else {
                [true, false]
            };
            channels.push(Planned::any(honest, random));
        }
        Self { channels }
    }
}

impl Planned {
    fn any(honest: [bool; 2], random: &mut Random) -> Self {
        let is_one_way = random.chance(20);
        let second = random.between(0, 300);
        Self {
            honest,
            people: [random.number(), random.number()],
            guarded: [random.chance(50), random.chance(50)],
            deposits: [random.between(1, 400), if is_one_way { 0 } else { second }],
            is_one_way,
            close_delay: Seconds::days(u16::try_from(random.between(2, 7)).unwrap_or(7)),
        }
    }
}

/// Somebody who has channels and signs whatever pays.
#[derive(Debug)]
pub struct Rogue {
    /// The account.
    pub account: AccountId,
    /// The key of its side of every channel.
    pub key: SigningKey,
}

impl Rogue {
    /// A new one.
    pub fn new(random: &mut Random) -> Self {
        let mut key = || loop {
            if let Ok(key) = SigningKey::from_bytes(&random.bytes()) {
                return key;
            }
        };
        Self {
            account: key().address().into(),
            key: key(),
        }
    }

    /// What its side signs with.
    pub fn channel_key(&self) -> ChannelKey {
        self.key.address().into()
    }
}

/// Who is at an end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An honest person.
    Person {
        /// Which.
        place: usize,
        /// The watchtower answers for it.
        is_guarded: bool,
    },
    /// The cheat.
    Rogue,
}

/// A channel.
#[derive(Debug)]
pub struct Channel {
    /// Its name.
    pub id: ChannelId,
    /// What it is.
    pub terms: ChannelTerms,
    /// Who is at `a` and at `b`.
    pub ends: [End; 2],
    /// Every voucher that was ever signed in it.
    pub signed: Vec<Signed<Voucher>>,
    /// The most that each side ever signed.
    pub sent: [Amount; 2],
    /// The most that each side has taken of the other: what it was told that it has.
    pub taken: [Amount; 2],
    /// Closes that both sides have signed.
    pub closes: Vec<(ChannelClose, [Signature; 2])>,
    /// Vouchers that did not arrive yet, and the side that they are for.
    pub letters: Vec<(Side, Signed<Voucher>)>,
}

/// A side's place in a pair.
pub const fn at(side: Side) -> usize {
    match side {
        Side::A => 0,
        Side::B => 1,
    }
}

impl Channel {
    /// A channel in which nothing was paid yet.
    pub fn new(terms: ChannelTerms, ends: [End; 2], chain: &Chain) -> Self {
        Self {
            id: terms.id(&chain.domain()),
            terms,
            ends,
            signed: Vec::new(),
            sent: [Amount::ZERO; 2],
            taken: [Amount::ZERO; 2],
            closes: Vec::new(),
            letters: Vec::new(),
        }
    }

    /// Who is at an end.
    pub const fn end(&self, side: Side) -> End {
        self.ends[at(side)]
    }

    /// The side of a person, if it is at an end.
    pub fn side_of(&self, person: usize) -> Option<Side> {
        let is_there = |end: End| matches!(end, End::Person { place, .. } if place == person);
        SIDES.into_iter().find(|side| is_there(self.end(*side)))
    }

    /// Whether a person leaves closes of it to the watchtower.
    pub fn is_guarded(&self, person: usize) -> bool {
        let guards =
            |end: &End| matches!(end, End::Person { place, is_guarded: true } if *place == person);
        self.ends.iter().any(guards)
    }

    /// The side of the cheat.
    pub fn rogue(&self) -> Option<Side> {
        SIDES.into_iter().find(|side| self.end(*side) == End::Rogue)
    }

    /// A voucher was signed.
    pub fn note(&mut self, side: Side, voucher: Signed<Voucher>) {
        let most = &mut self.sent[at(side)];
        *most = (*most).max(voucher.message.cumulative);
        self.signed.push(voucher);
    }

    /// The call that shows a voucher of this channel, of one kind or the other.
    pub fn show(&self, chain: &mut Chain, from: AccountId, voucher: &Signed<Voucher>) {
        show(chain, from, &self.terms, voucher);
    }

    /// The call that brings a close with both signatures.
    pub fn close_together(
        &self,
        chain: &mut Chain,
        from: AccountId,
        close: &ChannelClose,
        signatures: &[Signature; 2],
    ) {
        let call = OffPay::closeChannelTogetherCall {
            terms: (&self.terms).into(),
            fromA: uint96(close.from_a),
            fromB: uint96(close.from_b),
            deadline: alloy::primitives::aliases::U40::saturating_from(close.deadline.get()),
            sigA: signatures[0].to_compact().into(),
            sigB: signatures[1].to_compact().into(),
        };
        chain.send(from, &call);
    }

    /// The cheat signs a voucher.
    pub fn forge_voucher(
        &self,
        chain: &Chain,
        rogue: &Rogue,
        cumulative: Amount,
    ) -> Option<Signed<Voucher>> {
        let message = Voucher {
            channel: self.id,
            cumulative,
            reference: offpay_protocol::Reference::ZERO,
        };
        let domain = chain.domain();
        let signature = message.sign(&domain, &rogue.key).ok()?;
        Some(Signed {
            domain,
            message,
            signature,
        })
    }
}

/// Shows a voucher to the contract: a claim in a channel that goes one way.
pub(crate) fn show(
    chain: &mut Chain,
    from: AccountId,
    terms: &ChannelTerms,
    voucher: &Signed<Voucher>,
) {
    let Voucher {
        cumulative,
        reference,
        ..
    } = voucher.message;
    let (cumulative, reference_) = (uint96(cumulative), reference.into());
    let signature = voucher.signature.to_compact().into();
    let is_one_way = terms.is_one_way();
    let terms = terms.into();
    if is_one_way {
        let call = OffPay::claimVoucherCall {
            terms,
            cumulative,
            reference_,
            signature,
        };
        chain.send(from, &call);
    } else {
        let call = OffPay::presentVoucherCall {
            terms,
            cumulative,
            reference_,
            signature,
        };
        chain.send(from, &call);
    }
}

/// Asks that a channel is finished.
pub(crate) fn finish(chain: &mut Chain, from: AccountId, terms: &ChannelTerms) {
    let terms = terms.into();
    chain.send(from, &OffPay::finalizeChannelCall { terms });
}

/// Begins to close a channel.
pub(crate) fn request_close(chain: &mut Chain, from: AccountId, terms: &ChannelTerms) {
    let terms = terms.into();
    chain.send(from, &OffPay::requestChannelCloseCall { terms });
}
