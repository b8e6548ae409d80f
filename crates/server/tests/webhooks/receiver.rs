//! A receiver of webhooks: a real HTTP server that can be down, slow, endless or wrong.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use offpay_server::{testing::eventually, webhooks::verify};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// What it does when it is called.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// It answers so.
    Answers(u16),
    /// It answers so, and asks to be left alone for so many seconds.
    Later(u16, u64),
    /// It answers 200, after a while.
    Slow(Duration),
    /// It answers 200 with a body that never ends.
    Endless,
    /// It sends elsewhere.
    Redirects(String),
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.event()["kind"].as_str().unwrap().to_owned()
    }

    pub(crate) fn number(&self) -> u64 {
        self.event()["body"]["number"].as_u64().unwrap()
    }

    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        verify(
            secret,
            &self.signature,
            &self.id,
            &self.timestamp,
            &self.body,
        )
    }
}

#[derive(Clone)]
struct Shared {
    manner: Arc<Mutex<Manner>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// The receiver.
pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Shared,
    serving: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let shared = Shared {
            manner: Arc::new(Mutex::new(Manner::Answers(200))),
            calls: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = serve(listener, shared.clone());
        Self {
            address,
            shared,
            serving,
        }
    }

    /// Where it is called.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn is(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// Nobody listens any more.
    pub(crate) async fn goes_down(&mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
    }

    /// It listens again, at the same place.
    pub(crate) async fn comes_back(&mut self) {
        let address = self.address;
        let listener = eventually("the port is free", || async move {
            TcpListener::bind(address).await.ok()
        })
        .await;
        self.serving = serve(listener, self.shared.clone());
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Waits until it was called so often.
    pub(crate) async fn called(&self, times: usize) -> Vec<Call> {
        let what = format!("{times} calls");
        eventually(&what, || async {
            let calls = self.calls();
            (calls.len() >= times).then_some(calls)
        })
        .await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn serve(listener: TcpListener, shared: Shared) -> JoinHandle<()> {
    let router = Router::new().fallback(receive).with_state(shared);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| {
        let value = headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    shared.calls.lock().unwrap().push(Call {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        body: body.to_vec(),
    });
    let manner = shared.manner.lock().unwrap().clone();
    match manner {
        Manner::Answers(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Manner::Later(status, seconds) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Manner::Slow(time) => {
            tokio::time::sleep(time).await;
            StatusCode::OK.into_response()
        }
        Manner::Endless => {
            let chunk = Bytes::from(vec![b'a'; 64 * 1024]);
            let endless = futures_util::stream::repeat_with(move || {
                Ok::<_, std::convert::Infallible>(chunk.clone())
            });
            Body::from_stream(endless).into_response()
        }
        Manner::Redirects(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
    }
}
