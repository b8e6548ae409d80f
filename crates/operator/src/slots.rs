//! Slots: the parts that purses are spread over shards by.
//!
//! A purse's slot is the first 12 bits of its key. A key is an address, the end of a hash: its bits are spread evenly
//! already, and the purses of a slot stand together in every index that begins with the purse.

use core::fmt;

use offpay_protocol::PurseKey;

/// How many slots there are.
pub const SLOTS: u16 = 4_096;

/// The slots from 0 on that stay at the home shard: the server makes keys of hosted purses so that they fall here, beside
/// the accounts that they belong to.
pub const HOME_SLOTS: u16 = 256;

/// A slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u16);

impl Slot {
    /// The slot of this number; `None` from [`SLOTS`] on.
    pub const fn new(number: u16) -> Option<Self> {
        if number < SLOTS {
            Some(Self(number))
        } else {
            None
        }
    }

    /// Where a purse belongs.
    pub fn of(purse: PurseKey) -> Self {
        let key = purse.address();
        let [first, second, ..] = key.into_array();
        Self((u16::from(first) << 4) | (u16::from(second) >> 4))
    }

    /// Its number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether it never leaves the home shard.
    pub const fn stays_home(self) -> bool {
        self.0 < HOME_SLOTS
    }

    /// The first and the last key that belong here.
    pub fn keys(self) -> ([u8; 20], [u8; 20]) {
        let [high, low] = (self.0 << 4).to_be_bytes();
        let (mut first, mut last) = ([0; 20], [0xff; 20]);
        (first[0], first[1]) = (high, low);
        (last[0], last[1]) = (high, low | 0x0f);
        (first, last)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SLOTS).map(Self)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a slot is, as one database knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this database.
    Here,
    /// In this database still, and on its way to that shard: nothing more is recorded of it here.
    Leaving(String),
    /// At that shard, as far as this database knows.
    At(String),
}

/// Which slots a database holds. What is recorded of purses names the map's version, and is refused once the map is
/// another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotMap {
    /// 0 while the database is no shard; rises with every change.
    pub version: i64,
    /// The shard that the database is, and the one where everything is that belongs to no purse; `None` while it is no
    /// shard.
    pub shard: Option<ShardNames>,
    places: Vec<Place>,
}

/// The names that a database has of itself and of its home shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardNames {
    /// This shard's.
    pub own: String,
    /// The home shard's.
    pub home: String,
}

impl SlotMap {
    /// The map of a database that is no shard: everything is there.
    pub const fn whole() -> Self {
        Self {
            version: 0,
            shard: None,
            places: Vec::new(),
        }
    }

    /// The map of a shard, with the place of every slot in order; `None` if some are missing.
    pub fn of_shard(version: i64, shard: ShardNames, places: Vec<Place>) -> Option<Self> {
        (places.len() == usize::from(SLOTS)).then_some(Self {
            version,
            shard: Some(shard),
            places,
        })
    }

    /// Where a slot is.
    pub fn place(&self, slot: Slot) -> &Place {
        self.places.get(usize::from(slot.0)).unwrap_or(&Place::Here)
    }

    /// Whether what is of this purse may be recorded here.
    pub fn holds(&self, purse: PurseKey) -> bool {
        self.version == 0 || *self.place(Slot::of(purse)) == Place::Here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purse(first: u8, second: u8, rest: u8) -> PurseKey {
        let mut key = [rest; 20];
        (key[0], key[1]) = (first, second);
        PurseKey::new(key.into())
    }

    #[test]
    fn a_slot_is_the_first_12_bits() {
        assert_eq!(Slot::of(purse(0, 0, 9)).number(), 0);
        assert_eq!(Slot::of(purse(0xab, 0xcd, 9)).number(), 0xabc);
        assert_eq!(Slot::of(purse(0xff, 0xff, 0)).number(), 4_095);
        assert_eq!(Slot::new(4_096), None);
    }

    #[test]
    fn the_keys_of_all_slots_are_all_keys_in_order() {
        let mut next = [0_u8; 20];
        for slot in Slot::all() {
            let (first, last) = slot.keys();
            assert_eq!(first, next, "slot {slot}");
            for key in [first, last] {
                assert_eq!(Slot::of(PurseKey::new(key.into())), slot);
            }
            let after = alloy_primitives::U256::from_be_slice(&last)
                .saturating_add(alloy_primitives::U256::from(1));
            next.copy_from_slice(&after.to_be_bytes::<32>()[12..]);
        }
        assert_eq!(next, [0; 20], "after the last key comes none");
    }
}
