//! `upshift-bare`: a function of `benches/compute` written in Rust, on hyper and one thread: what a server could reach.

#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::net::SocketAddr;

use anyhow::Context;
use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use upshift_bench::compute::{Function, function};

/// Answers every request with what the function gives for its body.
#[derive(Parser)]
struct Arguments {
    /// One of the functions of `benches/compute`.
    function: String,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let function = function(&arguments.function).with_context(|| format!("there is no {}", arguments.function))?;
    let listener = TcpListener::bind(arguments.listen).await?;
    println!("upshift-bare: http://{}", listener.local_addr()?);
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(function, request));
            let _ = hyper::server::conn::http1::Builder::new()
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(function: Function, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let answered = request.into_body().collect().await.ok().and_then(|body| {
        let args = serde_json::from_slice(&body.to_bytes()).ok()?;
        serde_json::to_vec(&function(&args)).ok()
    });
    Ok(match answered {
        Some(text) => Response::new(Full::new(Bytes::from(text))),
        None => {
            let mut refused = Response::new(Full::default());
            *refused.status_mut() = StatusCode::BAD_REQUEST;
            refused
        }
    })
}
