//! A node between the follower and a true one, which can be down, behind, or lie.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What the node does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
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
}

pub(crate) struct Proxy {
    pub(crate) url: String,
    manner: Arc<Mutex<Manner>>,
}

impl Proxy {
    pub(crate) fn start(truth: &str) -> Self {
        let truth = truth
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(Manner::Honest));
        let shared = manner.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (truth, manner) = (truth.clone(), shared.clone());
                thread::spawn(move || serve(stream, &truth, &manner));
            }
        });
        Self { url, manner }
    }

    pub(crate) fn is(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }
}

fn serve(stream: TcpStream, truth: &str, manner: &Mutex<Manner>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(question) = body(&mut reader) {
        let manner = manner.lock().unwrap().clone();
        let Some(answer) = answer(&manner, &question, truth) else {
            return;
        };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        if write!(writer, "{head}: {}\r\n\r\n{answer}", answer.len()).is_err() {
            return;
        }
    }
}

fn answer(manner: &Manner, question: &str, truth: &str) -> Option<String> {
    match manner {
        Manner::Honest => ask(truth, question),
        Manner::Down => None,
        Manner::Behind(block) => {
            let newest = format!("\"{block:#x}\"");
            let question = question
                .replace("\"latest\"", &newest)
                .replace("\"finalized\"", "\"0x1\"");
            ask(truth, &question)
        }
        Manner::OtherBlocks => {
            let told = ask(truth, question)?;
            if !question.contains("eth_getBlockByNumber") {
                return Some(told);
            }
            let mut told: serde_json::Value = serde_json::from_str(&told).ok()?;
            let hash = told["result"]["hash"]
                .as_str()?
                .replace(['1', '2', '3'], "4");
            told["result"]["hash"] = hash.into();
            Some(told.to_string())
        }
        Manner::Silent => {
            let told = ask(truth, question)?;
            if !question.contains("eth_getLogs") {
                return Some(told);
            }
            let mut told: serde_json::Value = serde_json::from_str(&told).ok()?;
            told["result"] = serde_json::json!([]);
            Some(told.to_string())
        }
        Manner::OtherChain => {
            let told = ask(truth, question)?;
            if !question.contains("eth_chainId") {
                return Some(told);
            }
            let mut told: serde_json::Value = serde_json::from_str(&told).ok()?;
            told["result"] = "0x5".into();
            Some(told.to_string())
        }
    }
}

fn ask(truth: &str, question: &str) -> Option<String> {
    let mut stream = TcpStream::connect(truth).ok()?;
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {truth}\r\ncontent-type: application/json\r\ncontent-length"
    );
    write!(stream, "{head}: {}\r\n\r\n{question}", question.len()).ok()?;
    body(&mut BufReader::new(stream))
}

/// The body of an HTTP message; `None` at the end.
fn body(reader: &mut impl BufRead) -> Option<String> {
    let mut length = 0;
    let mut started = false;
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
