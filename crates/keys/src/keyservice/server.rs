//! Being a key service.

mod socket;

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bulla_core::{Attempt, Error, KeyError, KeyErrorKind, Keyring, MasterKey};
use secrecy::ExposeSecret;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::{TcpListenerStream, UnixListenerStream};
use tonic::body::Body;
use tonic::server::Grpc;
use tonic::transport::server::UdsConnectInfo;
use tonic::transport::{self, Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request as Call, Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;
use zeroize::Zeroizing;

use super::messages::{Answer, Asked};
use super::{DECRYPT, ENCRYPT, MESSAGE_LIMIT};
use socket::Listener;

pub use socket::Listening;

/// How many requests are worked on at a time; the others wait.
const AT_A_TIME: usize = 32;

/// How long a peer may take to show its certificate.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How much of a reason is sent: it goes into a header.
const REASON_LENGTH: usize = 1000;

/// What a server shows, and whom it believes.
pub struct ServerTls {
    /// Its certificate, with those that lead to its authority, in PEM.
    pub cert: Vec<u8>,
    /// Its private key, in PEM.
    pub key: Zeroizing<Vec<u8>>,
    /// Whose certificates are asked of clients, in PEM.
    pub client_ca: Vec<u8>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sealing a data key.
    Wrap,
    /// Opening one.
    Unwrap,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A process of this machine, of the same user.
    Process(Option<i32>),
    /// Somebody at this address.
    Network(Option<SocketAddr>),
}

/// A request to a key service.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub operation: Operation,
    /// With which key.
    pub key: MasterKey,
    /// By whom.
    pub peer: Peer,
}

/// Who decides about requests, and hears of them.
pub trait Watch: Send + Sync {
    /// Whether it may be answered. May take as long as somebody takes to think.
    fn allows(&self, request: &Request) -> bool;

    /// It was answered, or not because of that.
    fn answered(&self, request: &Request, failure: Option<&KeyError>);

    /// Somebody else's process wanted to connect, and was not let in.
    fn turned_away(&self, user: u32);
}

/// Serves until the process is interrupted or told to end.
///
/// `keyring` should be [forgetful](Keyring::forgetful), and ask no key service: one
/// might be this one.
///
/// # Errors
///
/// When the system gives no threads, or the certificates are none.
pub fn serve(
    listening: Listening,
    tls: Option<ServerTls>,
    keyring: Keyring<'static>,
    watch: Arc<dyn Watch>,
) -> io::Result<()> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let desk = Arc::new(Desk { keyring, watch, room: Semaphore::new(AT_A_TIME) });
    let served = runtime.block_on(async {
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut ended = signal(SignalKind::terminate())?;
        let serving = pin!(listen(&listening, tls, desk));
        tokio::select! {
            served = serving => served,
            _ = interrupted.recv() => Ok(()),
            _ = ended.recv() => Ok(()),
        }
    });
    // Somebody may still be thinking about a request.
    runtime.shutdown_background();
    served
}

async fn listen(listening: &Listening, tls: Option<ServerTls>, desk: Arc<Desk>) -> io::Result<()> {
    let mut server = Server::builder()
        .max_concurrent_streams(AT_A_TIME as u32)
        .http2_max_header_list_size(16 << 10);
    if let Some(tls) = tls {
        let config = ServerTlsConfig::new()
            .identity(Identity::from_pem(&tls.cert, &*tls.key))
            .client_ca_root(Certificate::from_pem(&tls.client_ca))
            .timeout(HANDSHAKE);
        server = server.tls_config(config).map_err(io::Error::other)?;
    }
    let own_desk = desk.clone();
    let service = service_fn(move |call| route(own_desk.clone(), call));
    let served = match &listening.listener {
        Listener::Unix(listener) => {
            let listener = UnixListener::from_std(listener.try_clone()?)?;
            let own = rustix::process::geteuid().as_raw();
            let streams = UnixListenerStream::new(listener);
            let streams = streams.filter(move |stream| is_of(own, stream, &*desk.watch));
            server.serve_with_incoming(service, streams).await
        }
        Listener::Tcp(listener) => {
            let listener = TcpListener::from_std(listener.try_clone()?)?;
            server.serve_with_incoming(service, TcpListenerStream::new(listener)).await
        }
    };
    served.map_err(|error: transport::Error| io::Error::other(error))
}

/// Whether a connection is that of a process of this user. The mode of the socket says
/// so already, where the system looks at it and nobody changed it.
fn is_of(own: u32, stream: &io::Result<UnixStream>, watch: &dyn Watch) -> bool {
    // An error is for whoever reads the stream.
    let Ok(stream) = stream else { return true };
    let Ok(user) = stream.peer_cred().map(|peer| peer.uid()) else { return false };
    if user != own {
        watch.turned_away(user);
    }
    user == own
}

/// One request to its method.
async fn route(
    desk: Arc<Desk>,
    call: http::Request<Body>,
) -> Result<http::Response<Body>, Infallible> {
    let operation = match call.uri().path() {
        ENCRYPT => Operation::Wrap,
        DECRYPT => Operation::Unwrap,
        _ => return Ok(Status::unimplemented("there is no such method").into_http()),
    };
    let codec = ProstCodec::<Answer, Asked>::default();
    let mut grpc = Grpc::new(codec).max_decoding_message_size(MESSAGE_LIMIT);
    let method = service_fn(move |call: Call<Asked>| desk.clone().answer(operation, call));
    Ok(grpc.unary(method, call).await)
}

/// What requests are answered with.
struct Desk {
    keyring: Keyring<'static>,
    watch: Arc<dyn Watch>,
    room: Semaphore,
}

impl Desk {
    fn answer(
        self: Arc<Self>,
        operation: Operation,
        call: Call<Asked>,
    ) -> impl Future<Output = Result<Response<Answer>, Status>> {
        let peer = Peer::of(&call);
        let asked = call.into_inner();
        async move {
            let Some(key) = asked.master_key() else {
                return Err(Status::not_found("the request names no key of a known kind"));
            };
            let request = Request { operation, key, peer };
            let closed = |_| Status::unavailable("the key service is about to end");
            let _place = self.room.acquire().await.map_err(closed)?;
            let desk = self.clone();
            let work = tokio::task::spawn_blocking(move || desk.work(&request, asked));
            let defect = |_| Status::internal("a defect of the key service");
            let answer = work.await.map_err(defect)?;
            answer.map(|bytes| Response::new(Answer::new(bytes)))
        }
    }

    /// The work of one request, on a thread of its own.
    fn work(&self, request: &Request, asked: Asked) -> Result<Vec<u8>, Status> {
        let done = if self.watch.allows(request) {
            self.transform(request, asked)
        } else {
            Err(KeyError::denied("the request was rejected"))
        };
        self.watch.answered(request, done.as_ref().err());
        done.map_err(|error| status(&error))
    }

    fn transform(&self, request: &Request, mut asked: Asked) -> Result<Vec<u8>, KeyError> {
        let key = &request.key;
        match request.operation {
            Operation::Wrap => match self.keyring.wrap_one(key, &asked.take_secret()) {
                Ok(wrapped) => Ok(wrapped.enc.into_bytes()),
                Err(Error::Wrap { error, .. }) => Err(error),
                Err(error) => Err(KeyError::new(error.to_string())),
            },
            Operation::Unwrap => {
                let wrapped = asked.take_wrapped(key.clone());
                let wrapped = wrapped.ok_or_else(|| KeyError::new("this is no wrapped key"))?;
                match self.keyring.unwrap_one(&wrapped) {
                    Ok(secret) => Ok(secret.expose_secret().to_vec()),
                    Err(Attempt { errors, .. }) => {
                        let nothing = || KeyError::new("the key service has no key that opens it");
                        Err(KeyError::joined(errors).unwrap_or_else(nothing))
                    }
                }
            }
        }
    }
}

/// An error as the protocol has it.
fn status(error: &KeyError) -> Status {
    let reason: String = error.reason.chars().take(REASON_LENGTH).collect();
    match error.kind {
        KeyErrorKind::Denied => Status::permission_denied(reason),
        KeyErrorKind::Retryable => Status::unavailable(reason),
        _ => Status::failed_precondition(reason),
    }
}

impl Peer {
    fn of<T>(call: &Call<T>) -> Self {
        match call.extensions().get::<UdsConnectInfo>() {
            Some(info) => Self::Process(info.peer_cred.and_then(|peer| peer.pid())),
            None => Self::Network(call.remote_addr()),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(Some(pid)) => write!(f, "process {pid}"),
            Self::Process(None) => f.write_str("a process"),
            Self::Network(Some(address)) => address.fmt(f),
            Self::Network(None) => f.write_str("somebody"),
        }
    }
}

#[cfg(test)]
mod tests;
