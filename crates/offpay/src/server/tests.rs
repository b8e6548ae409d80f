//! Servers that are none, or mean harm: the wallet says so, and goes on.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

use super::*;

/// Answers every request with the same bytes, and counts them.
fn answering(bytes: Vec<u8>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            // The reader may hang up in the middle.
            let _ = stream.write_all(&bytes);
        }
    });
    (address, asked)
}

fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn server(address: SocketAddr) -> Server {
    Server::new(ServerAddress::parse(&format!("http://{address}/")).unwrap()).unwrap()
}

async fn code(bytes: Vec<u8>) -> &'static str {
    let (address, _) = answering(bytes);
    let asked: Result<Value, ServerError> = server(address).get("v1/operator").await;
    asked.unwrap_err().code()
}

#[tokio::test]
async fn what_is_no_answer_is_an_error() {
    assert_eq!(
        code(http("200 OK", "", b"<html>")).await,
        "server_unreadable"
    );
    assert_eq!(
        code(http("502 Bad Gateway", "", b"down")).await,
        "server_unreadable"
    );
    assert_eq!(
        code(b"SSH-2.0-OpenSSH\r\n".to_vec()).await,
        "server_unreachable"
    );
    assert_eq!(
        code(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}".to_vec()).await,
        "server_unreachable"
    );
    // A megabyte more than any answer has, and the rest is not even read.
    let endless = vec![b' '; LONGEST_ANSWER + (1 << 20)];
    assert_eq!(
        code(http("200 OK", "", &endless)).await,
        "server_unreadable"
    );
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let (elsewhere, asked) = answering(http("200 OK", "", b"{}"));
    let location = format!("location: http://{elsewhere}/v1/payments\r\n");
    let (address, _) = answering(http("307 Temporary Redirect", &location, b""));
    let server = server(address);
    let posted: Result<Value, ServerError> = server.post("v1/payments", &"a payment").await;
    assert_eq!(posted.unwrap_err().code(), "server_unreadable");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_problem_is_passed_on() {
    let problem = Problem::new(offpay_api::Code::Overloaded, "come back later");
    let body = serde_json::to_vec(&problem).unwrap();
    let (address, _) = answering(http("503 Service Unavailable", "", &body));
    let asked: Result<Value, ServerError> = server(address).get("v1/operator").await;
    let error = asked.unwrap_err();
    assert_eq!(
        (error.code(), error.is_retryable()),
        ("server_refused", true)
    );
    assert!(error.to_string().contains("come back later"), "{error}");
}

#[tokio::test]
async fn who_does_not_answer_is_asked_once() {
    let (address, asked) = answering(b"nothing like HTTP".to_vec());
    let server = server(address);
    assert!(!server.is_silent());
    for _ in 0..3 {
        let answer: Result<Value, ServerError> = server.get("v1/operator").await;
        assert!(matches!(answer, Err(ServerError::Unreachable { .. })));
        assert!(server.is_silent());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
