//! A node that hands on what another says, and changes it.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// A node between the test and a true one.
pub(crate) struct LyingNode {
    pub(crate) url: String,
}

impl LyingNode {
    /// Hands on every question; `lie` gets the question and the answer, and gives the answer that is told.
    pub(crate) fn start(truth: &str, lie: fn(&str, String) -> String) -> Self {
        let truth = truth
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let truth = truth.clone();
                thread::spawn(move || serve(stream, &truth, lie));
            }
        });
        Self { url }
    }
}

fn serve(stream: TcpStream, truth: &str, lie: fn(&str, String) -> String) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(question) = body(&mut reader) {
        let answer = lie(&question, ask(truth, &question));
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        if write!(writer, "{head}: {}\r\n\r\n{answer}", answer.len()).is_err() {
            return;
        }
    }
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
