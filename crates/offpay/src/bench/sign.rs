//! Payments, signed before anything is measured.

use std::thread;

use anyhow::{Result, anyhow};
use offpay_protocol::{
    AccountId, Amount, Domain, PaymentId, PurseKey, Reference, Signable as _, Signed, SigningKey,
    messages::Payment,
};

use super::world::World;

/// What each payment pays, in base units.
pub(super) const AMOUNT: u64 = 1_000_000_000;

/// Signed payments as they are handed in: JSON, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Payments {
    text: Vec<u8>,
    ends: Vec<usize>,
    names: Vec<(PurseKey, PaymentId)>,
}

impl Payments {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The payment as JSON.
    pub(super) fn text(&self, index: usize) -> &[u8] {
        let begin = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(begin);
        self.text.get(begin..end).unwrap_or_default()
    }

    pub(super) fn name(&self, index: usize) -> Option<(PurseKey, PaymentId)> {
        self.names.get(index).copied()
    }

    fn push(&mut self, domain: Domain, key: &SigningKey, message: Payment) -> Result<()> {
        let signature = message.sign(&domain, key)?;
        let signed = Signed {
            domain,
            message,
            signature,
        };
        serde_json::to_writer(&mut self.text, &signed)?;
        self.ends.push(self.text.len());
        let purse = PurseKey::new(key.address());
        self.names.push((purse, message.id(&domain)));
        Ok(())
    }

    fn append(&mut self, mut other: Self) {
        let before = self.text.len();
        self.text.append(&mut other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
        self.names.append(&mut other.names);
    }
}

/// The payments with the numbers from `first` on: the purses pay in turn, each of them one payee after the other.
pub(super) fn sign(world: &World, first: u64, count: u64) -> Result<Payments> {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let share = count.div_ceil(threads).max(1);
    thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|part| {
                let begin = first + (part * share).min(count);
                let end = first + ((part + 1) * share).min(count);
                scope.spawn(move || {
                    let mut payments = Payments::default();
                    for number in begin..end {
                        let (key, message) = payment(world, number)?;
                        payments.push(world.domain, key, message)?;
                    }
                    Ok::<_, anyhow::Error>(payments)
                })
            })
            .collect();
        let mut all = Payments::default();
        for part in parts {
            let part = part
                .join()
                .map_err(|_| anyhow!("a thread that signs ended"))?;
            all.append(part?);
        }
        Ok(all)
    })
}

/// The payments with these numbers.
pub(super) fn chosen(world: &World, numbers: impl Iterator<Item = u64>) -> Result<Payments> {
    let mut payments = Payments::default();
    for number in numbers {
        let (key, message) = payment(world, number)?;
        payments.push(world.domain, key, message)?;
    }
    Ok(payments)
}

/// The payment with this number, and who signs it.
pub(super) fn payment(world: &World, number: u64) -> Result<(&SigningKey, Payment)> {
    let purses = world.purses.len() as u64;
    let (purse, turn) = (number % purses, number / purses);
    let key = usize::try_from(purse)
        .ok()
        .and_then(|purse| world.purses.get(purse))
        .ok_or_else(|| anyhow!("there is no purse"))?;
    let payees = world.payees as u64;
    let payee = (purse + turn) % payees;
    let mut address = [0xbe; 20];
    if let Some(end) = address.last_chunk_mut() {
        *end = payee.to_be_bytes();
    }
    let message = Payment {
        payee: AccountId::new(address.into()),
        start: Amount::from_u64(turn * AMOUNT),
        amount: Amount::from_u64(AMOUNT),
        cumulative: Amount::from_u64((turn / payees + 1) * AMOUNT),
        reference: Reference::ZERO,
    };
    Ok((key, message))
}
