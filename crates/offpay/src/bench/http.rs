//! HTTP/1.1 as lean as it can be: the generator of the load shares the processor with the server that it measures.

use std::{
    io::{self, ErrorKind, Write as _},
    net::SocketAddr,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// More heads no answer has.
const HEADERS: usize = 32;

/// A connection that is kept open.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    received: Vec<u8>,
}

/// An answer's head.
struct Head {
    status: u16,
    /// Where the body begins, and how long it is.
    begins: usize,
    length: usize,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request: Vec::new(),
            received: Vec::new(),
        })
    }

    /// Asks, and gives the status and the body of the answer.
    pub(super) async fn get(&mut self, path: &str) -> io::Result<(u16, &[u8])> {
        self.request.clear();
        write!(self.request, "GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n")?;
        self.exchange().await
    }

    /// Hands in a body that consists of these parts, and gives the status and the body of the answer.
    pub(super) async fn post(&mut self, path: &str, parts: &[&[u8]]) -> io::Result<(u16, &[u8])> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.request.clear();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )?;
        for part in parts {
            self.request.extend_from_slice(part);
        }
        self.exchange().await
    }

    async fn exchange(&mut self) -> io::Result<(u16, &[u8])> {
        self.stream.write_all(&self.request).await?;
        self.received.clear();
        let head = loop {
            self.more().await?;
            if let Some(head) = head(&self.received)? {
                break head;
            }
        };
        let end = head.begins.saturating_add(head.length);
        while self.received.len() < end {
            self.more().await?;
        }
        let body = self.received.get(head.begins..end).unwrap_or_default();
        Ok((head.status, body))
    }

    async fn more(&mut self) -> io::Result<()> {
        self.received.reserve(4_096);
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// The head, once it is whole.
fn head(received: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let parsed = answer.parse(received).map_err(io::Error::other)?;
    let httparse::Status::Complete(begins) = parsed else {
        return Ok(None);
    };
    let length = answer
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok())
        .ok_or_else(|| io::Error::other("an answer does not say how long it is"))?;
    Ok(Some(Head {
        status: answer.code.unwrap_or_default(),
        begins,
        length,
    }))
}
