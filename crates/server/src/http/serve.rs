//! Connections: how many, how slow they may be, and how they end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::ServiceExt as _;

use crate::App;

/// How long to wait where the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Serves until `app.drain` is cancelled, then answers what it took, for as long as the configuration says.
///
/// HTTP/1.1 alone, which proxies speak to their upstreams: its parser has a limit on the time of a request's head from
/// the first moment on.
pub async fn serve(listener: TcpListener, app: App) {
    let config = app.config.http.clone();
    let router = super::router(&app);
    let room = Arc::new(Semaphore::new(config.connections));
    let connections = GracefulShutdown::new();
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(config.header_timeout));
    loop {
        let accepted = tokio::select! {
            () = app.drain.cancelled() => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let Some((stream, peer, place)) = accepted else {
            tokio::time::sleep(NO_ROOM).await;
            continue;
        };
        // Answers are small: they should not wait to be joined by others.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            Router::oneshot(router.clone(), request)
        });
        let connection = protocol.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A connection that ends early is the client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let limit = Duration::from_secs(config.shutdown_timeout);
    if tokio::time::timeout(limit, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections were cut: their requests took too long");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection was not accepted");
            None
        }
    }
}
