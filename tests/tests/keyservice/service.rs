//! Running key services, and a repository to use them on.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::Duration;

use bulla_testkit::{Run, Sandbox, keys};

pub(crate) const MANIFEST: &str = "\
apiVersion: v1
kind: Secret
metadata:
    name: asked
stringData:
    token: hunter2-correct-horse
";

/// A program that serves until this is dropped.
pub(crate) struct Service {
    child: Child,
    /// As it is given to `--keyservice`.
    pub(crate) address: String,
    stderr: BufReader<ChildStderr>,
}

impl Service {
    /// `bulla keyservice` with these arguments and the test key.
    pub(crate) fn bulla(sandbox: &Sandbox, args: &[&str]) -> Self {
        let mut command = sandbox.bulla();
        command.env("SOPS_AGE_KEY", keys::age_identity());
        Self::of_bulla(command, args)
    }

    /// The same with whatever keys the command has.
    pub(crate) fn of_bulla(mut command: Command, args: &[&str]) -> Self {
        let mut service = Self::start(command.arg("keyservice").args(args), String::new());
        service.address = loop {
            let line = service.line().expect("it says where it listens");
            if let Some((_, address)) = line.split_once("SOPS_KEYSERVICE=") {
                break address.to_owned();
            }
        };
        service
    }

    /// The same, of which the first line is still to be read.
    pub(crate) fn of_warned(mut command: Command) -> Self {
        Self::start(&mut command, String::new())
    }

    /// `sops keyservice` with the test key, on a unix socket.
    pub(crate) fn sops(sandbox: &Sandbox, sops: &Path) -> Self {
        let path = sandbox.path("sops.sock");
        let mut command = sandbox.command(sops);
        let arguments = ["keyservice", "--network", "unix", "--address"];
        command.args(arguments).arg(&path).env("SOPS_AGE_KEY", keys::age_identity());
        let service = Self::start(&mut command, format!("unix://{}", path.display()));
        wait(|| UnixStream::connect(&path).is_ok());
        service
    }

    /// The same on a port.
    pub(crate) fn sops_tcp(sandbox: &Sandbox, sops: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let free = free.expect("a port is free").to_string();
        let mut command = sandbox.command(sops);
        command.args(["keyservice", "--address", &free]).env("SOPS_AGE_KEY", keys::age_identity());
        let service = Self::start(&mut command, format!("tcp://{free}"));
        wait(|| TcpStream::connect(&free).is_ok());
        service
    }

    fn start(command: &mut Command, address: String) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = child.spawn().expect("the program can be started");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, address, stderr }
    }

    /// The next line that it says.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stderr.read_line(&mut line).expect("standard error is text");
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// Tells it to end; its exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        // The shell's own, which is everywhere.
        let told = Command::new("sh").args(["-c", &format!("kill {}", self.child.id())]).status();
        assert!(told.expect("a shell can be started").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so, for as long as a slow machine may take.
fn wait(done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("it does not listen");
}

/// A sandbox with a manifest and rules that seal it for the test key, and no key.
pub(crate) fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    let recipient = keys::age_recipient();
    let rules = format!("creation_rules: [{{age: {recipient}, encrypted_regex: ^stringData$}}]\n");
    sandbox.write(".sops.yaml", rules);
    sandbox.write("plain.yaml", MANIFEST);
    sandbox
}

/// Runs a program that has no key.
#[track_caller]
pub(crate) fn run(sandbox: &Sandbox, mut program: Command, args: &[&str]) -> Run {
    sandbox.run(program.args(args))
}
