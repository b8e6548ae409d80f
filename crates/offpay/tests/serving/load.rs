//! Everybody who pays, honestly or not, through whichever server.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use offpay_chain::{Contract, local as keys};
use offpay_protocol::{AccountId, Reference, Signable as _, Signed, SigningKey, messages::Payment};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{Serving, urls};

/// A payer's payments, and what they were answered.
type Acknowledged = Vec<(Signed<Payment>, Value)>;

/// Everybody who pays.
pub(crate) struct Load {
    pub(super) payers: Vec<JoinHandle<Acknowledged>>,
    pub(super) cheats: Vec<JoinHandle<usize>>,
}

/// What they saw.
pub(crate) struct Seen {
    /// Each payer's payments, and what they were answered.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// Payments of cheats that were cleared.
    pub(crate) cheats_cleared: usize,
    /// How many of them conflict with another one that was cleared.
    pub(crate) double_cleared: usize,
}

impl Seen {
    /// How many payments were acknowledged to those who pay honestly.
    pub(crate) fn payments(&self) -> usize {
        self.acknowledged.iter().map(Vec::len).sum()
    }
}

impl Load {
    /// Waits for every cheat, and stops the others.
    pub(crate) async fn finish(self, shared: &Shared) -> Seen {
        let (mut cheats_cleared, mut double_cleared) = (0, 0);
        for cheat in self.cheats {
            let cleared = cheat.await.unwrap();
            cheats_cleared += cleared;
            double_cleared += cleared.saturating_sub(1);
        }
        shared.done.store(true, Ordering::Relaxed);
        let mut acknowledged = Vec::new();
        for payer in self.payers {
            acknowledged.push(payer.await.unwrap());
        }
        Seen {
            acknowledged,
            cheats_cleared,
            double_cleared,
        }
    }
}

pub(super) fn honest_key(number: u8) -> SigningKey {
    keys::key(&format!("honest {number}")).unwrap()
}

pub(super) fn mallory_key(number: u8) -> SigningKey {
    keys::key(&format!("mallory {number}")).unwrap()
}

/// A payment of 10 base units.
fn pay(
    contract: &Contract,
    key: &SigningKey,
    payee: u8,
    start: u64,
    cumulative: u64,
) -> Signed<Payment> {
    let domain = *contract.domain();
    let message = Payment {
        payee: AccountId::new([payee; 20].into()),
        start: start.into(),
        amount: 10_u64.into(),
        cumulative: cumulative.into(),
        reference: Reference::ZERO,
    };
    Signed {
        domain,
        message,
        signature: message.sign(&domain, key).unwrap(),
    }
}

/// What the load and the faults share.
pub(crate) struct Shared {
    client: Client,
    /// Where servers listen now.
    urls: Mutex<Vec<String>>,
    done: AtomicBool,
    last: Mutex<(Instant, Duration)>,
}

impl Shared {
    pub(crate) fn new(client: &Client, servings: &[Serving]) -> Arc<Self> {
        Arc::new(Self {
            client: client.clone(),
            urls: Mutex::new(urls(servings)),
            done: AtomicBool::new(false),
            last: Mutex::new((Instant::now(), Duration::ZERO)),
        })
    }

    /// These are the servers from now on.
    pub(crate) fn moved(&self, servings: &[Serving]) {
        *self.urls.lock().unwrap() = urls(servings);
    }

    /// The longest time without an answer, since this was asked before.
    pub(crate) fn longest_gap(&self) -> Duration {
        let mut last = self.last.lock().unwrap();
        let longest = last.1.max(last.0.elapsed());
        last.1 = Duration::ZERO;
        longest
    }

    /// Posts to the server in this place, and to the next ones, until one says what became of the payment.
    pub(crate) async fn clear(
        &self,
        place: usize,
        payment: &Signed<Payment>,
    ) -> (StatusCode, Value) {
        for place in place.. {
            let urls = self.urls.lock().unwrap().clone();
            let url = format!("{}/v1/payments", urls[place % urls.len()]);
            let body = json!({ "payment": payment });
            let Ok(answer) = self.client.post(url).json(&body).send().await else {
                continue;
            };
            let status = answer.status();
            let Ok(body) = answer.json::<Value>().await else {
                continue;
            };
            // A purse is unknown to nobody for long: its opening is final.
            if status.is_success() || (status == StatusCode::CONFLICT) {
                let mut last = self.last.lock().unwrap();
                last.1 = last.1.max(last.0.elapsed());
                last.0 = Instant::now();
                return (status, body);
            }
            assert_eq!(body["retryable"], true, "{status}: {body}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        unreachable!("places have no end")
    }
}

/// One payer who pays one payee again and again, through one server after the other.
pub(super) async fn honest(shared: Arc<Shared>, contract: Contract, number: u8) -> Acknowledged {
    let key = honest_key(number);
    let mut acknowledged = Vec::new();
    for at in 0_u64.. {
        if shared.done.load(Ordering::Relaxed) {
            break;
        }
        let payment = pay(&contract, &key, number + 1, at * 10, (at + 1) * 10);
        let place = usize::try_from(at).unwrap() + usize::from(number);
        let (status, body) = shared.clear(place, &payment).await;
        assert_eq!(status, 200, "{body}");
        acknowledged.push((payment, body));
    }
    acknowledged
}

/// Pays two payees with the same serials, through two servers at once; how many of the two are cleared.
pub(super) async fn mallory(
    shared: Arc<Shared>,
    contract: Contract,
    number: u8,
    wait: Duration,
) -> usize {
    tokio::time::sleep(wait).await;
    let key = mallory_key(number);
    let (one, other) = (
        pay(&contract, &key, 201, 0, 10),
        pay(&contract, &key, 202, 0, 10),
    );
    let place = usize::from(number);
    let (one, other) = tokio::join!(shared.clear(place, &one), shared.clear(place + 1, &other));
    let outcomes = [one.0, other.0];
    outcomes.iter().filter(|status| status.is_success()).count()
}
