//! A server as a child process.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Sandbox;

/// How long a server may take until it listens; some machines are slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server with a home of its own.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Where it keeps its files.
    pub(super) sandbox: Sandbox,
}

impl Process {
    /// Starts a server and waits until it listens on all of `ports`.
    #[track_caller]
    pub(super) fn start(sandbox: Sandbox, command: &mut Command, ports: &[u16]) -> Self {
        let log = sandbox.root().join("server.log");
        let file = std::fs::File::create(&log).expect("the sandbox can be written");
        let other = file.try_clone().expect("an open file can be opened twice");
        let child = command.stdin(Stdio::null()).stdout(file).stderr(other).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let began = Instant::now();
        for port in ports {
            while !listens(*port) {
                let ended = child.try_wait().ok().flatten().is_some();
                if ended || began.elapsed() > PATIENCE {
                    child.kill().ok();
                    let said = std::fs::read_to_string(&log).unwrap_or_default();
                    panic!("{command:?} does not listen on {port}: {said}");
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        Self { child, sandbox }
    }

    /// What the server has written so far.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.sandbox.root().join("server.log")).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Ports that nobody has at the moment.
pub(super) fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("this machine has a port left")
    });
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address").port())
}

fn listens(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
}
