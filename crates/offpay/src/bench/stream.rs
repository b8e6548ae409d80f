//! One stream of payments: a request and an answer that go on at the same time, both in chunks.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, ErrorKind},
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::Notify,
};

use super::load::{Shared, code};

/// How many groups of payments are under way at once.
const AHEAD: usize = 4;

const HEAD: &[u8] = b"POST /v1/payments/stream HTTP/1.1\r\nhost: bench\r\n\
    content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";

/// What was sent and is not answered.
#[derive(Default)]
struct Sent {
    rows: RefCell<VecDeque<(usize, Instant)>>,
    answered: Notify,
}

pub(super) async fn stream(shared: &Shared<'_>) -> io::Result<()> {
    let mut stream = TcpStream::connect(shared.order.address).await?;
    stream.set_nodelay(true)?;
    let (reading, writing) = stream.split();
    let sent = Sent::default();
    tokio::try_join!(write(shared, &sent, writing), read(shared, &sent, reading))?;
    Ok(())
}

async fn write(shared: &Shared<'_>, sent: &Sent, mut to: WriteHalf<'_>) -> io::Result<()> {
    let group = shared.order.batch;
    let mut lines = Vec::new();
    to.write_all(HEAD).await?;
    while Instant::now() < shared.order.until {
        if sent.rows.borrow().len() > group * (AHEAD - 1) {
            sent.answered.notified().await;
            continue;
        }
        let (first, count) = shared.take();
        if count == 0 {
            break;
        }
        lines.clear();
        for payment in first..first + count {
            lines.extend_from_slice(shared.payments.text(payment));
            lines.push(b'\n');
        }
        let now = Instant::now();
        sent.rows
            .borrow_mut()
            .extend((first..first + count).map(|payment| (payment, now)));
        to.write_all(format!("{:x}\r\n", lines.len()).as_bytes())
            .await?;
        lines.extend_from_slice(b"\r\n");
        to.write_all(&lines).await?;
    }
    to.write_all(b"0\r\n\r\n").await
}

async fn read(shared: &Shared<'_>, sent: &Sent, mut from: ReadHalf<'_>) -> io::Result<()> {
    let mut received = Vec::new();
    let head = loop {
        more(&mut from, &mut received).await?;
        if let Some(head) = head(&received)? {
            break head;
        }
    };
    received.drain(..head);
    let mut text = Vec::new();
    loop {
        let (chunk, length) = match httparse::parse_chunk_size(&received) {
            Ok(httparse::Status::Complete((begins, length))) => {
                (begins, usize::try_from(length).map_err(io::Error::other)?)
            }
            Ok(httparse::Status::Partial) => {
                more(&mut from, &mut received).await?;
                continue;
            }
            Err(_) => return Err(io::Error::other("not a chunk")),
        };
        if length == 0 {
            return Ok(());
        }
        let end = chunk.saturating_add(length);
        while received.len() < end.saturating_add(2) {
            more(&mut from, &mut received).await?;
        }
        text.extend_from_slice(received.get(chunk..end).unwrap_or_default());
        received.drain(..end.saturating_add(2));
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        for line in text
            .get(..whole)
            .unwrap_or_default()
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            answered(shared, sent, line)?;
        }
        text.drain(..whole);
        sent.answered.notify_one();
    }
}

fn answered(shared: &Shared<'_>, sent: &Sent, line: &[u8]) -> io::Result<()> {
    let (payment, since) = sent
        .rows
        .borrow_mut()
        .pop_front()
        .ok_or_else(|| io::Error::other("an answer to nothing"))?;
    let now = Instant::now();
    let mut tally = shared.tally.borrow_mut();
    match line.strip_prefix(b"{\"cleared\":") {
        Some(cleared) => {
            let cleared = cleared.strip_suffix(b"}").unwrap_or(cleared);
            tally.acknowledged(payment, cleared, now);
        }
        None => {
            let problem = line.strip_prefix(b"{\"problem\":").unwrap_or(line);
            tally.refused(&code(problem.strip_suffix(b"}").unwrap_or(problem)));
        }
    }
    tally.answered(since, now);
    Ok(())
}

/// Where the body begins, once the head is whole.
fn head(received: &[u8]) -> io::Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut answer = httparse::Response::new(&mut headers);
    match answer.parse(received).map_err(io::Error::other)? {
        httparse::Status::Complete(begins) if answer.code == Some(200) => Ok(Some(begins)),
        httparse::Status::Complete(_) => Err(io::Error::other("the stream is refused")),
        httparse::Status::Partial => Ok(None),
    }
}

async fn more(from: &mut ReadHalf<'_>, received: &mut Vec<u8>) -> io::Result<()> {
    received.reserve(64 * 1_024);
    match from.read_buf(received).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
