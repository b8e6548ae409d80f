//! The load: connections that hand in one request after the other, all on one thread.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{
    Mode,
    http::Connection,
    sign::Payments,
    stream,
    tally::{Tally, Window},
};

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) address: SocketAddr,
    pub(super) mode: Mode,
    pub(super) connections: usize,
    /// How many payments a request has, where it has many.
    pub(super) batch: usize,
    /// The first payment, and the one behind the last.
    pub(super) first: usize,
    pub(super) behind: usize,
    pub(super) window: Window,
    /// Nothing new is sent from then on. What is not killed ends then.
    pub(super) until: Instant,
    /// Requests a second, at their times whatever the server does; as many as it answers without this.
    pub(super) rate: Option<f64>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) tally: Tally,
    /// The first payment that was not sent.
    pub(super) next: usize,
    /// Whether there were too few payments.
    pub(super) ran_out: bool,
}

pub(super) struct Shared<'a> {
    pub(super) order: Order,
    pub(super) payments: &'a Payments,
    next: Cell<usize>,
    pub(super) tally: RefCell<Tally>,
}

/// Hands in until it is time to stop, or the server is gone.
pub(super) fn load(order: Order, payments: &Payments) -> Result<Done> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    let shared = Shared {
        order,
        payments,
        next: Cell::new(order.first),
        tally: RefCell::new(Tally::new(order.window)),
    };
    let shared = Rc::new(shared);
    runtime.block_on(async {
        let hands = (0..order.connections).map(|number| hand_in(Rc::clone(&shared), number));
        futures_util::future::join_all(hands).await;
    });
    let next = shared.next.get().min(order.behind);
    let shared = Rc::into_inner(shared).context("a connection is not done")?;
    Ok(Done {
        tally: shared.tally.into_inner(),
        next,
        ran_out: next >= order.behind,
    })
}

/// One connection. It ends with an error when the server is killed.
async fn hand_in(shared: Rc<Shared<'_>>, number: usize) {
    if shared.order.mode == Mode::Stream {
        // Killed, like the others.
        let _ = stream::stream(&shared).await;
        return;
    }
    let Ok(mut connection) = Connection::open(shared.order.address).await else {
        return;
    };
    let every = shared
        .order
        .rate
        .map(|rate| Duration::from_secs_f64(shared.order.connections as f64 / rate));
    // Connections take turns, evenly.
    let mut due = Instant::now();
    if let Some(every) = every {
        due += every.mul_f64(number as f64 / shared.order.connections as f64);
    }
    while due.max(Instant::now()) < shared.order.until {
        if every.is_some() {
            tokio::time::sleep_until(due.into()).await;
        } else {
            due = Instant::now();
        }
        let (first, count) = shared.take();
        if count == 0 {
            return;
        }
        let sent = match shared.order.mode {
            Mode::Single => single(&shared, &mut connection, first).await,
            Mode::Stream | Mode::Batch => batch(&shared, &mut connection, first, count).await,
        };
        if sent.is_err() {
            return;
        }
        shared.tally.borrow_mut().answered(due, Instant::now());
        if let Some(every) = every {
            due += every;
        }
    }
}

impl Shared<'_> {
    /// The next payments that nobody has sent.
    pub(super) fn take(&self) -> (usize, usize) {
        let count = match self.order.mode {
            Mode::Single => 1,
            Mode::Stream | Mode::Batch => self.order.batch,
        };
        let first = self.next.get();
        let behind = (first + count).min(self.order.behind);
        self.next.set(first + count);
        (first, behind.saturating_sub(first))
    }
}

async fn single(
    shared: &Shared<'_>,
    connection: &mut Connection,
    payment: usize,
) -> std::io::Result<()> {
    let text = shared.payments.text(payment);
    let body: [&[u8]; 3] = [b"{\"payment\":", text, b"}"];
    let (status, answer) = connection.post("/v1/payments", &body).await?;
    let mut tally = shared.tally.borrow_mut();
    if status == 200 {
        tally.acknowledged(payment, answer, Instant::now());
    } else {
        tally.refused(&code(answer));
    }
    Ok(())
}

async fn batch(
    shared: &Shared<'_>,
    connection: &mut Connection,
    first: usize,
    count: usize,
) -> std::io::Result<()> {
    let mut body: Vec<&[u8]> = Vec::with_capacity(count * 2 + 1);
    for payment in first..first + count {
        body.push(if payment == first {
            b"{\"payments\":["
        } else {
            b","
        });
        body.push(shared.payments.text(payment));
    }
    body.push(b"]}");
    let (status, answer) = connection.post("/v1/payments/batch", &body).await?;
    let now = Instant::now();
    let mut tally = shared.tally.borrow_mut();
    let results = match serde_json::from_slice::<Answered<'_>>(answer) {
        Ok(answered) if status == 200 => answered.results,
        _ => {
            tally.refused(&code(answer));
            return Ok(());
        }
    };
    for (payment, result) in (first..).zip(results) {
        match result {
            Answer::Cleared(cleared) => tally.acknowledged(payment, cleared.get().as_bytes(), now),
            Answer::Problem(problem) => tally.refused(&problem.code),
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(borrow)]
    results: Vec<Answer<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<'a> {
    #[serde(borrow)]
    Cleared(&'a serde_json::value::RawValue),
    Problem(Code),
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

pub(super) fn code(answer: &[u8]) -> String {
    serde_json::from_slice::<Code>(answer).map_or_else(|_| "no problem".to_owned(), |it| it.code)
}
