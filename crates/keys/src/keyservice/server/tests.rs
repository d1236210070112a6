//! Both sides in one process, and peers that neither of them is.

use std::io::{Read, Write};
use std::net;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use bulla_core::{KeyService, WrappedKey};
use http::uri::PathAndQuery;
use secrecy::SecretSlice;
use tokio::runtime::Runtime;
use tonic::Code;
use tonic::transport::Endpoint;

use super::*;
use crate::age::{Age, AgeKey, generate};
use crate::environment::{AgeVariables, AskingVariables, Environment};
use crate::keyservice::{Address, Client};
use crate::remote::Remote;

/// A server that runs until it is dropped.
struct Running {
    dir: tempfile::TempDir,
    key: AgeKey,
    watch: Arc<Noted>,
    runtime: Runtime,
}

/// Allows or refuses everything, and writes down what it hears.
struct Noted {
    allows: bool,
    heard: Mutex<Vec<String>>,
}

impl Watch for Noted {
    fn allows(&self, _request: &Request) -> bool {
        self.allows
    }

    fn answered(&self, request: &Request, failure: Option<&KeyError>) {
        let how = failure.map_or("done", |error| error.reason.as_str());
        self.heard.lock().unwrap().push(format!("{:?} {}: {how}", request.operation, request.key));
    }

    fn turned_away(&self, user: u32) {
        self.heard.lock().unwrap().push(format!("user {user}"));
    }
}

impl Running {
    fn new(allows: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = generate();
        let age = AgeVariables { key: Some(key.identity.clone()), ..AgeVariables::default() };
        let keyring = Keyring::new().with(Age::new(Environment { age, ..Environment::default() }));
        let watch = Arc::new(Noted { allows, heard: Mutex::default() });
        let desk = Desk { keyring, watch: watch.clone(), room: Semaphore::new(AT_A_TIME) };
        let listening = Listening::unix(&dir.path().join("s")).unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(async move { listen(&listening, None, Arc::new(desk)).await.unwrap() });
        Self { dir, key, watch, runtime }
    }

    fn master_key(&self) -> MasterKey {
        MasterKey::Age { recipient: self.key.recipient.clone() }
    }

    fn socket(&self) -> std::path::PathBuf {
        self.dir.path().join("s")
    }

    fn client(&self) -> Client {
        client(Address::Unix(self.socket()))
    }

    /// A call that the client would not make.
    fn raw(&self, method: &'static str, asked: Asked) -> Status {
        let socket = self.socket();
        self.runtime.block_on(async move {
            let channel = Endpoint::from_shared(format!("unix:{}", socket.display()));
            let mut grpc = tonic::client::Grpc::new(channel.unwrap().connect_lazy());
            grpc.ready().await.unwrap();
            let codec = ProstCodec::<Asked, Answer>::default();
            let path = PathAndQuery::from_static(method);
            grpc.unary(Call::new(asked), path, codec).await.err().unwrap()
        })
    }
}

fn client(address: Address) -> Client {
    client_with(address, Duration::from_secs(10))
}

fn client_with(address: Address, timeout: Duration) -> Client {
    Client::new(address, &AskingVariables::default(), Remote::new(Some(timeout)))
}

fn secret() -> SecretSlice<u8> {
    SecretSlice::from(vec![7; 32])
}

#[test]
fn what_is_wrapped_through_a_service_is_unwrapped_through_it() {
    let running = Running::new(true);
    let client = running.client();
    let wrapped = client.wrap(&running.master_key(), &secret()).unwrap().unwrap();
    assert!(wrapped.enc.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"));
    assert_eq!(client.unwrap(&wrapped).unwrap().unwrap().expose_secret(), [7; 32]);
    let key = running.master_key();
    let heard = running.watch.heard.lock().unwrap().clone();
    assert_eq!(heard, [format!("Wrap {key}: done"), format!("Unwrap {key}: done")]);
}

#[test]
fn what_fails_at_the_service_is_told_with_its_kind() {
    let running = Running::new(true);
    let client = running.client();
    let stranger = MasterKey::Age { recipient: generate().recipient };
    let wrapped = client.wrap(&stranger, &secret()).unwrap().unwrap();
    let error = client.unwrap(&wrapped).unwrap_err();
    assert!(error.reason.ends_with(": the key service has no key that opens it"), "{error}");
    assert_eq!(error.kind, KeyErrorKind::Failed);

    let typo = MasterKey::Age { recipient: "age1typo".into() };
    let error = client.wrap(&typo, &secret()).unwrap_err();
    assert_eq!(error.kind, KeyErrorKind::Failed);
    let huawei = MasterKey::HcKms { key_id: "region:id".into() };
    let error = client.wrap(&huawei, &secret()).unwrap_err();
    assert!(error.reason.contains("cannot seal for keys of the kind hckms"), "{error}");

    let refusing = Running::new(false);
    let error = refusing.client().wrap(&refusing.master_key(), &secret()).unwrap_err();
    assert!(error.reason.ends_with(": the request was rejected"), "{error}");
    assert_eq!(error.kind, KeyErrorKind::Denied);
}

#[test]
fn a_request_that_is_none_harms_nobody() {
    let running = Running::new(true);
    assert_eq!(running.raw(DECRYPT, Asked::default()).code(), Code::NotFound);
    assert_eq!(running.raw(ENCRYPT, Asked::default()).code(), Code::NotFound);
    assert_eq!(running.raw("/KeyService/Nothing", Asked::default()).code(), Code::Unimplemented);
    let large =
        WrappedKey { key: running.master_key(), enc: "x".repeat(MESSAGE_LIMIT), created_at: None };
    let status = running.raw(DECRYPT, Asked::to_unwrap(&large).unwrap());
    assert_eq!(status.code(), Code::OutOfRange);
    let mut no_text = Asked::to_wrap(&running.master_key(), &[0xFF, 0xFE]).unwrap();
    assert_eq!(running.raw(DECRYPT, no_text).message(), "this is no wrapped key");
    no_text = Asked::to_wrap(&running.master_key(), b"no age file").unwrap();
    assert_eq!(running.raw(DECRYPT, no_text).code(), Code::FailedPrecondition);
    running.client().wrap(&running.master_key(), &secret()).unwrap();
}

#[test]
fn a_process_of_somebody_else_is_turned_away() {
    let (ours, _theirs) = UnixStream::pair_in_runtime();
    let watch = Noted { allows: true, heard: Mutex::default() };
    let own = rustix::process::geteuid().as_raw();
    assert!(is_of(own, &ours, &watch));
    assert!(watch.heard.lock().unwrap().is_empty());
    assert!(!is_of(own + 1, &ours, &watch));
    assert_eq!(*watch.heard.lock().unwrap(), [format!("user {own}")]);
}

trait PairInRuntime: Sized {
    fn pair_in_runtime() -> (io::Result<Self>, Self);
}

impl PairInRuntime for UnixStream {
    /// A pair, made where it has to be.
    fn pair_in_runtime() -> (io::Result<Self>, Self) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (ours, theirs) = runtime.block_on(async { UnixStream::pair().unwrap() });
        (Ok(ours), theirs)
    }
}

/// A listener that does this to whoever connects, until the sender is dropped.
fn peer(does: impl Fn(net::TcpStream) + Send + 'static) -> (Address, Sender<()>) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let (sender, ended) = channel::<()>();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        does(stream);
        // Until the test is over.
        let _ = ended.recv();
    });
    (Address::Tcp { authority }, sender)
}

#[test]
fn peers_that_are_no_key_service_end_in_one_error_each() {
    let key = MasterKey::Age { recipient: generate().recipient };
    let ask = |address, timeout| client_with(address, timeout).wrap(&key, &secret()).unwrap_err();
    let short = Duration::from_millis(200);

    let (address, _silent) = peer(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        std::mem::forget(stream);
    });
    let error = ask(address.clone(), short);
    assert_eq!(error.reason, format!("key service {address} did not answer within 0.2 s"));
    assert_eq!(error.kind, KeyErrorKind::Retryable);

    let (address, _garbage) = peer(|mut stream| {
        let _ = stream.write_all(&[b'x'; 10_000_000]);
    });
    let error = ask(address.clone(), Duration::from_secs(10));
    assert!(error.reason.starts_with(&format!("key service {address}")), "{error}");

    let nobody = Address::Unix(Path::new("/nonexistent/s").to_owned());
    let error = ask(nobody, Duration::from_secs(10));
    assert_eq!(
        error.reason,
        "key service unix:///nonexistent/s cannot be reached: no such file or directory"
    );
    assert_eq!(error.kind, KeyErrorKind::Retryable);
}

#[test]
fn a_service_is_reached_again_after_it_was_gone() {
    let running = Running::new(true);
    let (client, key, socket) = (running.client(), running.master_key(), running.socket());
    client.wrap(&key, &secret()).unwrap();
    let Running { runtime, dir, .. } = running;
    runtime.shutdown_timeout(Duration::from_secs(10));
    assert!(client.wrap(&key, &secret()).is_err());
    let again = Running::new(true);
    std::fs::hard_link(again.socket(), &socket).unwrap();
    client.wrap(&key, &secret()).unwrap();
    drop(dir);
}
