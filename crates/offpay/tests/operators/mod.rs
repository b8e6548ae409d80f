//! An operator that says what the test wants, the truth included: what a lying one does cannot be had of the real server.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use offpay_api::{
    Code, Problem,
    certificates::CertificateView,
    operator::{OperatorKeyView, OperatorView},
    payments::{ClearPayment, ClearedPayment},
    revocations::RevocationsView,
};
use offpay_protocol::{
    Circle, Domain, PaymentId, PurseKey, Signable, Signed, SigningKey, Timestamp,
    clearance::{ClearanceTree, RecordedPayment},
    messages::{Certificate, Clearance, OperatorKey, Revocations},
    revocations::RevocationList,
};
use serde_json::{Value, json};

/// How it is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Honest,
    /// It has too much to do.
    Overloaded,
    /// Somebody else signs for it.
    Stranger,
    /// It clears another payment.
    OtherPayment,
    /// It hangs up.
    Silent,
}

/// What it says.
pub(crate) struct Says {
    pub(crate) mood: Mood,
    pub(crate) certificate: Option<Certificate>,
    /// Every list that it ever signed; the versions count from 1.
    pub(crate) lists: Vec<BTreeSet<PurseKey>>,
    /// A next key, and from when on.
    pub(crate) next: Option<(SigningKey, Timestamp)>,
    /// The time of what it says.
    pub(crate) time: Timestamp,
    /// What it was asked.
    pub(crate) asked: Vec<String>,
}

#[derive(Clone)]
pub(crate) struct Operator {
    key: SigningKey,
    domain: Domain,
    address: SocketAddr,
    pub(crate) says: Arc<Mutex<Says>>,
}

impl Operator {
    pub(crate) fn start(domain: Domain, time: Timestamp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let operator = Self {
            key: SigningKey::from_bytes(&[9; 32]).unwrap(),
            domain,
            address: listener.local_addr().unwrap(),
            says: Arc::new(Mutex::new(Says {
                mood: Mood::Honest,
                certificate: None,
                lists: vec![BTreeSet::new()],
                next: None,
                time,
                asked: Vec::new(),
            })),
        };
        let answering = operator.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answering.answer(stream);
            }
        });
        operator
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn is(&self, mood: Mood) {
        self.says.lock().unwrap().mood = mood;
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut lines = reader.by_ref().lines().map_while(Result::ok);
        let Some(asked) = lines.next() else { return };
        let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let length = headers.iter().find_map(|header| {
            let (name, value) = header.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let path = asked.split(' ').nth(1).unwrap().to_owned();
        let mut says = self.says.lock().unwrap();
        says.asked.push(path.clone());
        if says.mood == Mood::Silent {
            return;
        }
        let (status, said) = if says.mood == Mood::Overloaded {
            let problem = Problem::new(Code::Overloaded, "come back later");
            (503, json!(problem))
        } else {
            (200, self.say(&says, &path, &body))
        };
        let said = said.to_string();
        let length = said.len();
        let head =
            format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(format!("{head}{said}").as_bytes());
    }

    fn say(&self, says: &Says, path: &str, body: &[u8]) -> Value {
        match path.split(['?', '/']).nth(2).unwrap() {
            "operator" => json!(self.view(says)),
            "purses" => json!(CertificateView {
                operator: self.signer(says).address().into(),
                certificate: self.sign(says, says.certificate.unwrap()),
            }),
            "revocations" => json!(self.revocations(says, path)),
            "payments" => {
                let posted: ClearPayment = serde_json::from_slice(body).unwrap();
                json!(self.clear(says, &posted))
            }
            unknown => panic!("nobody asks for {unknown}"),
        }
    }

    fn view(&self, says: &Says) -> OperatorView {
        let first = OperatorKeyView {
            operator: self.key.address().into(),
            valid_from: Timestamp::ZERO,
            rotation: None,
        };
        let next = says.next.as_ref().map(|(next, valid_from)| {
            let rotation = OperatorKey {
                next: next.address().into(),
                valid_from: *valid_from,
            };
            OperatorKeyView {
                operator: next.address().into(),
                valid_from: *valid_from,
                rotation: Some(Signed {
                    domain: self.domain,
                    message: rotation,
                    signature: rotation.sign(&self.domain, &self.key).unwrap(),
                }),
            }
        });
        OperatorView {
            name: "Old Market".to_owned(),
            domain: self.domain,
            circle: Circle::OPEN,
            symbol: "OFFPAY".to_owned(),
            decimals: 6,
            operator: self.key.address().into(),
            keys: [first].into_iter().chain(next).collect(),
        }
    }

    fn revocations(&self, says: &Says, path: &str) -> RevocationsView {
        let since: usize = path
            .split_once("?since=")
            .map_or(0, |(_, since)| since.parse().unwrap());
        let before = match since {
            0 => BTreeSet::new(),
            since => says.lists[since - 1].clone(),
        };
        let now = says.lists.last().unwrap();
        let statement = Revocations {
            version: says.lists.len() as u64,
            digest: RevocationList::new(now.iter().copied()).digest(),
            as_of: says.time,
        };
        RevocationsView {
            operator: self.signer(says).address().into(),
            revocations: self.sign(says, statement),
            since: since as u64,
            added: now.difference(&before).copied().collect(),
            removed: before.difference(now).copied().collect(),
        }
    }

    fn clear(&self, says: &Says, posted: &ClearPayment) -> ClearedPayment {
        let payment = &posted.payment;
        let id = payment.message.id(&payment.domain);
        let cleared = match says.mood {
            Mood::OtherPayment => PaymentId::ZERO,
            _ => id,
        };
        let purse = payment.signer().unwrap();
        let recorded = |id| RecordedPayment { purse, id };
        let other = PaymentId::new([1; 32].into());
        let tree = ClearanceTree::new(&[recorded(other), recorded(cleared)]).unwrap();
        let clearance = Clearance {
            root: tree.root(),
            cleared_at: says.time,
        };
        ClearedPayment {
            id,
            purse,
            operator: self.signer(says).address().into(),
            clearance: self.sign(says, clearance),
            path: tree.path(1).unwrap(),
        }
    }

    fn sign<M: Signable>(&self, says: &Says, message: M) -> Signed<M> {
        let signature = message.sign(&self.domain, &self.signer(says)).unwrap();
        Signed {
            domain: self.domain,
            message,
            signature,
        }
    }

    /// The key of the time, or a stranger's.
    fn signer(&self, says: &Says) -> SigningKey {
        match &says.next {
            _ if says.mood == Mood::Stranger => SigningKey::from_bytes(&[8; 32]).unwrap(),
            Some((next, from)) if says.time >= *from => next.clone(),
            _ => self.key.clone(),
        }
    }
}
