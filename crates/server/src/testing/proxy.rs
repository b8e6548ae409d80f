//! A node between the server and a true one, which can be down or behind, lose what it is handed, or lie.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use serde_json::{Value, json};

/// What the node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It hands on everything.
    Honest,
    /// It hangs up.
    Down,
    /// Its newest block is this one, and its newest final one no higher.
    Behind(u64),
    /// Its blocks have other hashes.
    OtherBlocks,
    /// It conceals what was told.
    Silent,
    /// It is on another chain.
    OtherChain,
    /// Transactions are not handed on, and the connection breaks.
    LosesTransactions,
    /// Transactions are handed on, and the connection breaks before the answer.
    LosesAnswers,
    /// Receipts say that everything failed.
    SaysFailed,
    /// There are no receipts.
    SaysNothing,
    /// Whatever is to be estimated would revert.
    SaysReverts,
}

/// The node.
#[derive(Debug)]
pub struct Proxy {
    /// Where it is.
    pub url: String,
    manner: Arc<Mutex<Manner>>,
}

impl Proxy {
    /// One before the true node at this URL, honest at first.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub fn start(truth: &str) -> io::Result<Self> {
        let truth = truth
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let manner = Arc::new(Mutex::new(Manner::Honest));
        let shared = Arc::clone(&manner);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (truth, manner) = (truth.clone(), Arc::clone(&shared));
                thread::spawn(move || serve(stream, &truth, &manner));
            }
        });
        Ok(Self { url, manner })
    }

    /// From now on it does this.
    pub fn is(&self, manner: Manner) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }
}

/// Answers until somebody hangs up.
fn serve(stream: TcpStream, truth: &str, manner: &Mutex<Manner>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    while let Some(question) = body(&mut reader) {
        let manner = *manner.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answer(manner, &question, truth)?;
        write_message(&mut writer, "HTTP/1.1 200 OK", &answer).ok()?;
    }
    None
}

fn answer(manner: Manner, question: &str, truth: &str) -> Option<String> {
    let asks = |method: &str| question.contains(method);
    let sends = asks("eth_sendRawTransaction");
    match manner {
        Manner::Down => None,
        Manner::LosesTransactions if sends => None,
        Manner::LosesAnswers if sends => {
            ask(truth, question);
            None
        }
        Manner::Behind(block) => {
            let newest = format!("\"{block:#x}\"");
            let question = question
                .replace("\"latest\"", &newest)
                .replace("\"finalized\"", "\"0x1\"");
            ask(truth, &question)
        }
        Manner::OtherBlocks if asks("eth_getBlockByNumber") => changed(truth, question, |told| {
            let hash = told["result"]["hash"].as_str()?;
            told["result"]["hash"] = hash.replace(['1', '2', '3'], "4").into();
            Some(())
        }),
        Manner::Silent if asks("eth_getLogs") => changed(truth, question, |told| {
            told["result"] = json!([]);
            Some(())
        }),
        Manner::OtherChain if asks("eth_chainId") => changed(truth, question, |told| {
            told["result"] = "0x5".into();
            Some(())
        }),
        Manner::SaysFailed if asks("eth_getTransactionReceipt") => {
            changed(truth, question, |told| {
                if !told["result"].is_null() {
                    told["result"]["status"] = "0x0".into();
                }
                Some(())
            })
        }
        Manner::SaysNothing if asks("eth_getTransactionReceipt") => {
            changed(truth, question, |told| {
                told["result"] = Value::Null;
                Some(())
            })
        }
        Manner::SaysReverts if asks("eth_estimateGas") => {
            let asked: Value = serde_json::from_str(question).ok()?;
            let error = json!({ "code": 3, "message": "execution reverted", "data": "0x" });
            let told = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
            Some(told.to_string())
        }
        _ => ask(truth, question),
    }
}

/// The truth, changed.
fn changed(
    truth: &str,
    question: &str,
    change: impl FnOnce(&mut Value) -> Option<()>,
) -> Option<String> {
    let mut told: Value = serde_json::from_str(&ask(truth, question)?).ok()?;
    change(&mut told)?;
    Some(told.to_string())
}

fn ask(truth: &str, question: &str) -> Option<String> {
    let mut stream = TcpStream::connect(truth).ok()?;
    let head = format!("POST / HTTP/1.1\r\nhost: {truth}");
    write_message(&mut stream, &head, question).ok()?;
    body(&mut BufReader::new(stream))
}

fn write_message(to: &mut impl Write, head: &str, body: &str) -> io::Result<()> {
    let kind = "content-type: application/json";
    let length = body.len();
    write!(
        to,
        "{head}\r\n{kind}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// The body of an HTTP message; `None` at the end.
fn body(reader: &mut impl BufRead) -> Option<String> {
    let (mut length, mut started) = (0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() && started {
            break;
        }
        started |= !line.is_empty();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
