//! A node between the server and a true one, that loses and changes what it hands on.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What becomes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It is answered truly.
    Honest,
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
    /// Nothing is answered.
    Down,
}

/// The node.
pub(crate) struct Proxy {
    pub(crate) url: String,
    mood: Arc<Mutex<Mood>>,
}

impl Proxy {
    pub(crate) fn start(truth: &str) -> Self {
        let truth = truth
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mood = Arc::new(Mutex::new(Mood::Honest));
        let shared = Arc::clone(&mood);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (truth, mood) = (truth.clone(), Arc::clone(&shared));
                thread::spawn(move || serve(stream, &truth, &mood));
            }
        });
        Self { url, mood }
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

fn serve(stream: TcpStream, truth: &str, mood: &Mutex<Mood>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(question) = body(&mut reader) {
        let mood = *mood.lock().unwrap();
        let sends = question.contains("eth_sendRawTransaction");
        if mood == Mood::Down || (sends && mood == Mood::LosesTransactions) {
            return;
        }
        let mut answer = ask(truth, &question);
        if sends && mood == Mood::LosesAnswers {
            return;
        }
        if mood == Mood::SaysReverts && question.contains("eth_estimateGas") {
            let asked: serde_json::Value = serde_json::from_str(&question).unwrap();
            let error =
                serde_json::json!({ "code": 3, "message": "execution reverted", "data": "0x" });
            answer = serde_json::json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error })
                .to_string();
        }
        if question.contains("eth_getTransactionReceipt") {
            answer = changed(&answer, mood);
        }
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        if write!(writer, "{head}: {}\r\n\r\n{answer}", answer.len()).is_err() {
            return;
        }
    }
}

fn changed(answer: &str, mood: Mood) -> String {
    let mut json: serde_json::Value = serde_json::from_str(answer).unwrap();
    match mood {
        Mood::SaysFailed if !json["result"].is_null() => json["result"]["status"] = "0x0".into(),
        Mood::SaysNothing => json["result"] = serde_json::Value::Null,
        _ => {}
    }
    json.to_string()
}

fn ask(truth: &str, question: &str) -> String {
    let mut stream = TcpStream::connect(truth).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {truth}\r\ncontent-type: application/json\r\ncontent-length"
    );
    write!(stream, "{head}: {}\r\n\r\n{question}", question.len()).unwrap();
    body(&mut BufReader::new(stream)).unwrap()
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
