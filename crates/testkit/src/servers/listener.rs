//! A server that answers as it is told and keeps what it was sent.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Listens on a port of this machine. Each connection gets the same bytes, once its request has
/// come; what was sent is kept, for the tests in which nothing may be.
#[derive(Debug, Clone)]
pub struct Listener {
    port: u16,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Listener {
    /// Answers every request with a status line, headers and a body that are given as a whole.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream| {
            stream.write_all(&answer).ok();
        })
    }

    /// Takes connections and says nothing.
    pub fn silent() -> Self {
        Self::start(|stream| {
            thread::sleep(Duration::from_secs(120));
            drop(stream);
        })
    }

    fn start(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").expect("this machine has a port left");
        let port = socket.local_addr().expect("a bound socket has an address").port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (answer, kept) = (Arc::new(answer), received.clone());
        thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                let (answer, kept) = (answer.clone(), kept.clone());
                thread::spawn(move || {
                    keep_request(&stream, &kept);
                    answer(stream);
                });
            }
        });
        Self { port, received }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that was sent, by everybody, so far.
    pub fn received(&self) -> String {
        let received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&received).into_owned()
    }
}

/// Reads until a request seems whole: its head, and as much of a body as that announces.
fn keep_request(mut stream: &TcpStream, kept: &Mutex<Vec<u8>>) {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok();
    let (mut request, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut part) {
        kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&part[..read]);
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let announced = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let announced = announced.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        if body.len() >= announced {
            return;
        }
    }
}
