//! `bulla keyservice`

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bulla_core::KeyError;
use bulla_keys::keyservice::{Listening, Operation, Request, ServerTls, Watch, serve};
use bulla_keys::local_keyring;
use clap::ValueEnum;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, printable, reason, say};
use crate::input::read_bytes;
use crate::keyring::environment;

/// Open data keys for others, with the keys of this machine
///
/// Others are bulla and sops, with --keyservice or SOPS_KEYSERVICE. A unix socket is for processes
/// of the same user; over TCP, whoever connects may use every key, unless a certificate is asked for.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Where to listen
    #[arg(long, alias = "net", value_enum, default_value_t = Network::Unix)]
    network: Network,
    /// Path of the socket, or HOST:PORT; in XDG_RUNTIME_DIR, or 127.0.0.1:5000 without it
    #[arg(long, alias = "addr", value_name = "ADDRESS")]
    address: Option<String>,
    /// Ask on the terminal before each answer
    #[arg(long)]
    prompt: bool,
    /// Say what is answered
    #[arg(long)]
    verbose: bool,
    /// Certificate to show, in PEM
    #[arg(long, value_name = "FILE", requires_all = ["tls_key", "tls_client_ca"])]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Whose certificates clients have to show, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Network {
    Unix,
    Tcp,
}

/// A certificate or a key is a few kilobytes.
const PEM_LIMIT: u64 = 1 << 20;

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let tls = tls(args)?;
    if tls.is_some() && args.network == Network::Unix {
        let message = "TLS is for --network tcp; a unix socket is for processes of the same user";
        return Err(Failure::new(Code::Conflict, message));
    }
    let terminal = args.prompt.then(Terminal::open).transpose()?;
    let listening = listen(args)?;
    let scheme = match (args.network, tls.is_some()) {
        (Network::Unix, _) => "unix",
        (Network::Tcp, false) => "tcp",
        (Network::Tcp, true) => "tls",
    };
    if scheme == "tcp" {
        say(&warning(&listening));
    }
    say(&format!("bulla: listening; use it with SOPS_KEYSERVICE={scheme}://{listening}"));
    let keyring = local_keyring(&environment(global)).forgetful();
    let desk = Desk { terminal, verbose: args.verbose };
    serve(listening, tls, keyring, Arc::new(desk))
        .map_err(|error| Failure::other(format!("the key service ended: {}", reason(&error))))
}

fn listen(args: &Args) -> Result<Listening> {
    let (shown, bound) = match (args.network, &args.address) {
        (Network::Unix, address) => {
            let path = address.as_ref().map(PathBuf::from).map_or_else(socket_path, Ok)?;
            (path.display().to_string(), Listening::unix(&path))
        }
        (Network::Tcp, address) => {
            let address = address.as_deref().unwrap_or("127.0.0.1:5000");
            (address.to_owned(), Listening::tcp(address))
        }
    };
    bound.map_err(|error| {
        Failure::other(format!("{shown}: cannot listen there: {}", reason(&error)))
    })
}

/// In a directory that is the user's alone.
fn socket_path() -> Result<PathBuf> {
    let dir = env::var_os("XDG_RUNTIME_DIR").filter(|dir| Path::new(dir).is_absolute());
    let dir = dir.ok_or_else(|| {
        let message =
            "there is no XDG_RUNTIME_DIR to put the socket in; name a path with --address";
        Failure::other(message)
    })?;
    Ok(Path::new(&dir).join("bulla-keyservice.sock"))
}

fn warning(listening: &Listening) -> String {
    let who = match listening.is_reachable() {
        true => "whoever reaches this machine",
        false => "every user and program of this machine",
    };
    format!(
        "bulla: warning: {who} can use all of your keys at {listening}, and data keys are sent in the clear; ask for certificates with --tls-cert, or use a unix socket"
    )
}

fn tls(args: &Args) -> Result<Option<ServerTls>> {
    // clap sees to it that they come together.
    let (Some(cert), Some(key), Some(client_ca)) =
        (&args.tls_cert, &args.tls_key, &args.tls_client_ca)
    else {
        return Ok(None);
    };
    Ok(Some(ServerTls {
        cert: read_bytes(cert, PEM_LIMIT)?.to_vec(),
        key: read_bytes(key, PEM_LIMIT)?,
        client_ca: read_bytes(client_ca, PEM_LIMIT)?.to_vec(),
    }))
}

/// Decides about requests, and tells of them.
struct Desk {
    /// Whom to ask.
    terminal: Option<Terminal>,
    verbose: bool,
}

impl Watch for Desk {
    fn allows(&self, request: &Request) -> bool {
        self.terminal.as_ref().is_none_or(|terminal| terminal.asks(&described(request)))
    }

    fn answered(&self, request: &Request, failure: Option<&KeyError>) {
        if self.verbose {
            let how = failure.map_or("done".to_owned(), |error| error.reason.clone());
            say(&format!("bulla: {}: {how}", described(request)));
        }
    }

    fn turned_away(&self, user: u32) {
        say(&format!("bulla: a process of user {user} wanted to connect, and was not let in"));
    }
}

fn described(request: &Request) -> String {
    let verb = match request.operation {
        Operation::Wrap => "seal a data key for",
        Operation::Unwrap => "open a data key with",
    };
    let Request { key, peer, .. } = request;
    // The key is the peer's words.
    format!("{peer} wants to {verb} {} {}", key.kind(), key.to_string().replace('\n', " "))
}

/// The terminal, whatever standard input and output are; one question at a time.
struct Terminal(Mutex<BufReader<File>>);

impl Terminal {
    fn open() -> Result<Self> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
        let terminal = terminal.map_err(|_| {
            Failure::new(Code::Conflict, "--prompt needs a terminal to ask on, and there is none")
        })?;
        Ok(Self(Mutex::new(BufReader::new(terminal))))
    }

    /// Whether the answer is yes. Whoever goes away without one means no.
    fn asks(&self, what: &str) -> bool {
        let mut terminal = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match ask(&mut terminal, what) {
                Ok(Some(answer)) => return answer,
                Ok(None) => {}
                Err(_) => return false,
            }
        }
    }
}

/// `None`: neither yes nor no.
fn ask(terminal: &mut BufReader<File>, what: &str) -> io::Result<Option<bool>> {
    write!(terminal.get_mut(), "{}; answer? (y/n) ", printable(what))?;
    let mut line = String::new();
    if terminal.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(match line.trim() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    })
}
